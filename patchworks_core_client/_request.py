"""A request, checked and encoded before anything is sent, so that every attempt sends the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from math import inf, isfinite
from typing import Any, TypeGuard
from urllib.parse import quote, unquote

from attrs import frozen

from . import _json
from ._contract import BodyType
from ._redact import Secret
from ._types import UNSET, Identifier, Unset, is_array, is_object
from .errors import InvalidArgumentError

_NOT_YOURS = frozenset({"authorization", "proxy-authorization", "host", "content-length", "transfer-encoding"})
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CONTENT_TYPES: Mapping[BodyType, str] = {
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
    "binary": "application/octet-stream",
}


@frozen(eq=False, repr=False)
class Request:
    """What is sent. Not a tuple, because tools that show local variables look into tuples.

    Attributes:
        method: The HTTP method.
        url: The absolute URL with its query.
        path: The path alone, for errors and logs.
        headers: All headers except the credential, which is added just before the request is sent.
        content: The body. A login's is a Secret, because tools list the fields of attrs classes.
        timeout: Seconds for one attempt. None means no limit.
        max_retries: Retries after the first attempt.
        operation: The name of the operation, such as `packages.list`, for logs.
    """

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    content: bytes | Secret[bytes] | None
    timeout: float | None
    max_retries: int
    operation: str


# Values ---------------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """The value itself, or the value of an Enum member."""
    return value.value if isinstance(value, Enum) else value


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether a value is a sequence of values. A text is a single value."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a value maps names to values."""
    return isinstance(value, Mapping)


def texts_of(name: str, value: Any) -> list[str]:
    """The texts of a value, or of each value of a sequence, for a query, a header or a form.

    Booleans become `true` and `false`, datetimes are in UTC.

    Raises:
        InvalidArgumentError: A value is None, NaN, an infinity or a datetime without a time zone.
        TypeError: A value is not a single value.
    """
    return [_text_of(name, plain(one)) for one in (value if is_sequence(value) else (value,))]


def _text_of(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or (isinstance(value, float) and not isfinite(value)):
        raise InvalidArgumentError(f"{name!r} is {value!r}, which cannot be sent: leave it out")
    if not isinstance(value, str | int | float | date):
        raise TypeError(f"{name!r} takes str, int, float, bool, date, datetime, Enum or a sequence of those: {value!r}")
    return str(_json.to_json(value))


def url_quoted(text: str, safe: str = "/") -> str:
    """Percent-encode a text."""
    try:
        return quote(text, safe)
    except UnicodeEncodeError:
        raise InvalidArgumentError(f"{text!r} holds a lone surrogate, which cannot be sent") from None


def url_encoded(params: Iterable[tuple[str, str]]) -> str:
    """Encode pairs as the query of a URL."""
    return "&".join([f"{url_quoted(name)}={url_quoted(text)}" for name, text in params])


def path_segment(identifier: Identifier, path: str) -> str:
    """Percent-encode an identifier as one segment of a path.

    Raises:
        InvalidArgumentError: It is empty, `.` or `..`, so it would address another endpoint.
        TypeError: It is neither an int nor a str, nor an Enum of those.
    """
    value = plain(identifier)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"an identifier in {path} must be an int or a str, not {type(identifier).__name__}")
    if value in ("", ".", ".."):
        raise InvalidArgumentError(f"{value!r} cannot be an identifier in {path}: it would address another endpoint")
    return url_quoted(value, safe="")


def checked_path(path: str) -> str:
    """Percent-encode a path below base_url.

    Raises:
        InvalidArgumentError: The path leads elsewhere.
    """
    if not path.startswith("/") or path.startswith("//") or not path.isprintable() or set(path) & set("\\?#"):
        raise InvalidArgumentError(f"path must be /a/path without host, backslash or query (use query=): {path!r}")
    if any(segment in (".", "..") for segment in unquote(path).replace("\\", "/").split("/")):
        raise InvalidArgumentError(f"path must not lead out of base_url: {path!r}")
    return url_quoted(path, safe="/%:@!$&'()*+,;=~")


def checked_timeout(timeout: Any) -> float | None:
    """Check a number of seconds above 0, or None for no limit."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float | None):
        raise TypeError(f"timeout must be a number of seconds, or None to wait for ever, not {timeout!r}")
    if timeout is not None and not 0 < timeout <= 1e9:
        raise InvalidArgumentError(f"timeout must be above 0 and at most 1e9 seconds, or None, not {timeout!r}")
    return timeout


def checked_int(name: str, value: Any, least: int, most: float = inf) -> int:
    """Check an int and its bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not least <= value <= most:
        bounds = f"at least {least}" if most == inf else f"from {least} to {most}"
        raise InvalidArgumentError(f"{name} must be {bounds}, not {value}")
    return value


# Headers --------------------------------------------------------------------------------------------------------------


def merged_headers(headers: Mapping[str, str], *more: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Add headers to others and replace those of the same name; later ones win. UNSET ones are left out.

    Raises:
        InvalidArgumentError: A name or value could break out of its line, or the client itself must set the header.
        TypeError: A value is not a text and cannot be written as one.
    """
    merged: Mapping[str, str] = headers
    for name, given in [header for group in more if group for header in group.items() if header[1] is not UNSET]:
        value = ",".join(texts_of(name, given))
        if not name or not _TOKEN_CHARACTERS.issuperset(name):
            raise InvalidArgumentError(f"{name!r} is not a header name")
        if name.lower() in _NOT_YOURS:
            hint = "use auth= for other credentials" if name.lower() == "authorization" else "the client sets it"
            raise InvalidArgumentError(f"{name} cannot be an extra header: {hint}")
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise InvalidArgumentError(f"header {name} cannot hold line breaks, outer blanks or other than ASCII")
        merged = {**{other: kept for other, kept in merged.items() if other.lower() != name.lower()}, name: value}
    return merged


# Bodies ---------------------------------------------------------------------------------------------------------------


def encode_body(body_type: BodyType, body: Any, content_type: str | None = None) -> tuple[bytes, str | Unset]:
    """Encode a body to bytes, and return its Content-Type, too: UNSET for JSON, which is that of every request.

    Args:
        body_type: How to encode it.
        body: JSON data, a mapping of fields, a text, bytes or an open file.
        content_type: The documented media type, if it is not the usual one.

    Raises:
        InvalidArgumentError: It contains a value that cannot be encoded: NaN, a datetime without a time zone, itself.
        TypeError: It has a type that cannot be sent so.
    """
    try:
        if body_type == "json":
            content = _json.dumps(body)
        elif body_type in ("text", "binary"):
            content = _bytes_of(body)
        else:
            data = _json.to_json(body, _is_file)
            fields = [field for name, value in data.items() for field in _form_fields(name, value)]
            if body_type == "multipart" and fields:
                from ._http import encode_multipart  # imported here, because that module imports this one

                return encode_multipart(fields)
            if any(not isinstance(value, str) for _, value in fields):
                raise TypeError("a form cannot hold files")
            body_type, content = "form", url_encoded(fields).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"the body cannot be sent: {error}") from None
    return content, _CONTENT_TYPES.get(body_type, UNSET) if content_type is None else content_type


def _form_fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of JSON data and files, named as PHP reads them: `a[b]`, `a[]`, and `a[0][b]` where an array nests.

    Values are texts, or files as they were given. Booleans are 1 and 0. None and empty containers are an empty text,
    which Laravel reads as null.
    """
    if _is_file(value):
        yield name, value
    elif value in (None, {}, []):
        yield name, ""
    elif is_object(value):
        for key, item in value.items():
            yield from _form_fields(f"{name}[{key}]", item)
    elif is_array(value):
        numbered = any(is_object(item) or is_array(item) for item in value)
        for index, item in enumerate(value):
            yield from _form_fields(f"{name}[{index if numbered else ''}]", item)
    else:
        yield name, str(int(value)) if isinstance(value, bool) else _text_of(name, value)


def _is_file(value: Any) -> bool:
    """Whether a value is a file for httpx: bytes, an open file, or a tuple of a name, one of those, and a type."""
    is_named = is_sequence(value) and isinstance(value, tuple) and len(value) in (2, 3) and isinstance(value[0], str)
    content: Any = value[1] if is_named else value
    return isinstance(content, bytes) or hasattr(content, "read")


def _bytes_of(value: Any) -> bytes:
    """The bytes of a text, of bytes, or of an open file from its current position."""
    content = value.read() if hasattr(value, "read") else value
    return content.encode() if isinstance(content, str) else bytes(memoryview(content))
