"""One request, checked and encoded before anything is sent: every attempt sends the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from math import isfinite
from pathlib import PurePath
from typing import Any, TypeGuard, cast
from urllib.parse import quote, unquote, urlencode

from attrs import frozen

from . import _json
from ._contract import BodyType
from ._redact import Secret
from ._types import UNSET, ExtraHeaders, Identifier
from .errors import InvalidArgumentError

_NOT_YOURS = frozenset({"authorization", "proxy-authorization", "host", "content-length", "transfer-encoding"})
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LONGEST_TIMEOUT = 1e9
_CONTENT_TYPES: Mapping[BodyType, str] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
    "binary": "application/octet-stream",
}


@frozen(eq=False, repr=False)
class Request:
    """What is sent. Not a tuple: tools that show local variables look into those.

    Attributes:
        method: The HTTP method.
        url: The absolute URL with its query.
        path: The path alone, for errors and logs.
        headers: All headers but those of the credential, which is added when the request goes out.
        content: The body; a login's is kept as a Secret, because tools list the fields of attrs classes.
        timeout: Seconds for one attempt; None waits for ever.
        max_retries: Retries after the first attempt.
        operation: The name of what is called, as `packages.list`, for logs.
    """

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    content: bytes | Secret[bytes] | None
    timeout: float | None
    max_retries: int
    operation: str

    def __repr__(self) -> str:
        return f"<Request: {self.method} {self.path}>"


# Values ---------------------------------------------------------------------------------------------------------------


def scalar_text(name: str, value: Any) -> str:
    """One value as the text that a query or a header holds: true and false in lower case, datetimes in UTC.

    Raises:
        InvalidArgumentError: It is None, NaN, an infinity or a datetime without a zone.
        TypeError: It is not a single value.
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise InvalidArgumentError(f"{name!r} is None: leave it out where nothing is to be asked for")
    if isinstance(value, float) and not isfinite(value):
        raise InvalidArgumentError(f"{name!r}: {value!r} cannot be sent")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        try:
            return cast(str, _json.to_json(value))
        except ValueError as error:
            raise InvalidArgumentError(f"{name!r}: {error}") from None
    raise TypeError(f"{name!r} takes str, int, float, bool, date, datetime, Enum or a sequence of those, not {value!r}")


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether it is a sequence of values: texts are values."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def path_segment(identifier: Identifier, path: str) -> str:
    """One identifier, percent-encoded as one segment of the path.

    Raises:
        InvalidArgumentError: It is empty, `.` or `..`, and would address another endpoint.
        TypeError: It is neither int nor str, nor an Enum of those.
    """
    value: Any = identifier.value if isinstance(identifier, Enum) else identifier
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"an identifier in {path} must be an int or a str, not {type(identifier).__name__}")
    if isinstance(value, int):
        return str(value)
    if value in ("", ".", ".."):
        raise InvalidArgumentError(f"{value!r} cannot be an identifier in {path}: it would address another endpoint")
    return url_quoted(value, safe="")


def url_quoted(text: str, safe: str) -> str:
    """A text, percent-encoded."""
    try:
        return quote(text, safe)
    except UnicodeEncodeError:
        raise InvalidArgumentError(f"{text!r} holds half a character (a lone surrogate) and cannot be sent") from None


def checked_path(path: str) -> str:
    """A path that stays below base_url, percent-encoded.

    Raises:
        InvalidArgumentError: It would lead elsewhere.
    """
    if not path.startswith("/") or path.startswith("//") or not path.isprintable() or set(path) & set("\\?#"):
        raise InvalidArgumentError(
            f"path must start with one slash and hold no host, query or backslash: {path!r}; use query="
        )
    if any(segment in (".", "..") for segment in unquote(path).replace("\\", "/").split("/")):
        raise InvalidArgumentError(f"path must not lead out of base_url: {path!r}")
    return url_quoted(path, safe="/%:@!$&'()*+,;=~")


def checked_timeout(timeout: Any) -> float | None:
    """Seconds above 0, or None to wait for ever."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= _LONGEST_TIMEOUT:
        raise InvalidArgumentError(
            f"timeout must be a number of seconds above 0, or None to wait for ever, not {timeout!r}"
        )
    return float(timeout)


def checked_int(name: str, value: Any, least: int) -> int:
    """A whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgumentError(f"{name} must be an int of at least {least}, not {value!r}")
    return value


# Headers --------------------------------------------------------------------------------------------------------------


def header_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Documented header parameters as text; UNSET ones are left out, sequences joined with commas."""
    return {
        name: ",".join([scalar_text(name, one) for one in (value if is_sequence(value) else (value,))])
        for name, value in values.items()
        if value is not UNSET
    }


def merged_headers(headers: Mapping[str, str], more: ExtraHeaders) -> dict[str, str]:
    """Headers with others added, which replace those of the same name.

    Raises:
        InvalidArgumentError: A name or a value could break out of its line, or is one that the client itself must set.
    """
    merged = dict(headers)
    for name, value in more.items():
        if not name or not _TOKEN_CHARACTERS.issuperset(name):
            raise InvalidArgumentError(f"{name!r} is not a header name")
        lowered = name.lower()
        if lowered in _NOT_YOURS:
            hint = "use auth= for other credentials" if lowered == "authorization" else "the client sets it"
            raise InvalidArgumentError(f"{name} cannot be an extra header: {hint}")
        if not isinstance(cast(object, value), str) or not value.isascii() or not value.isprintable():
            raise InvalidArgumentError(
                f"the value of header {name} holds line breaks or characters that no header can hold"
            )
        if value != value.strip():
            raise InvalidArgumentError(f"the value of header {name} begins or ends with a blank")
        for present in [present for present in merged if present.lower() == lowered]:
            del merged[present]
        merged[name] = value
    return merged


# Bodies ---------------------------------------------------------------------------------------------------------------


def encode_body(body_type: BodyType, body: Any, content_type: str | None = None) -> tuple[bytes, str]:
    """A body as bytes, and its Content-Type.

    Args:
        body_type: How it is encoded.
        body: JSON data, a mapping of fields, a text, or bytes.
        content_type: What is documented, where it is not the usual one.

    Raises:
        InvalidArgumentError: It holds a value that has no such form: NaN, a datetime without a zone, itself.
        TypeError: It has a type that cannot be sent so.
    """
    try:
        if body_type == "json":
            content = _json.dumps(body)
        elif body_type in ("text", "binary"):
            content = _bytes_of(body)
        else:
            fields = [pair for name, value in body.items() for pair in _form_fields(name, value)]
            if body_type == "multipart" and fields:
                from ._http import encode_multipart

                return encode_multipart(fields)
            body_type = "form"
            content = urlencode([(name, _form_text(name, value)) for name, value in fields]).encode()
    except ValueError as error:
        raise InvalidArgumentError(f"the body cannot be sent: {error}") from None
    return content, content_type or _CONTENT_TYPES[body_type]


def _form_fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of one argument, named as PHP reads them: `a[b]`, `a[]`, and `a[0][b]` for mappings in a sequence.

    Values are texts, or files as (name, content, type). None and an empty container become an empty text, which Laravel
    turns into null.
    """
    if isinstance(value, Enum):
        value = value.value
    value = value.to_dict() if hasattr(value, "to_dict") else value
    if value is UNSET:
        return
    whole = value  # of type Any, where isinstance makes a type with unknown parts
    if isinstance(value, Mapping) and whole:
        for key, item in whole.items():
            yield from _form_fields(f"{name}[{_json.to_json(key)}]", item)
    elif isinstance(value, list | set | frozenset) or (is_sequence(value) and not _is_file(value)):
        items = list(cast("Sequence[Any]", value))
        numbered = any(isinstance(item, Mapping | list) or hasattr(item, "to_dict") for item in items)
        for index, item in enumerate(items):
            yield from _form_fields(f"{name}[{index if numbered else ''}]", item)
        if not items:
            yield name, ""
    elif _is_file(value):
        yield name, _file(value)
    elif isinstance(value, bool):
        yield name, "1" if value else "0"
    else:
        yield name, "" if value is None or value == {} else scalar_text(name, value)


def _form_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name!r} is a file, which only a multipart body can hold")
    return value


def _is_file(value: Any) -> bool:
    """Whether it is bytes, an open file, or (name, content) or (name, content, type) of one."""
    match value:
        case (str(), content) | (str(), content, _) if isinstance(value, tuple):
            return _is_file(content)
        case _:
            return isinstance(value, bytes | bytearray) or hasattr(value, "read")


def _file(value: Any) -> tuple[str, bytes, str | None]:
    match value:
        case (name, content):
            return name, _bytes_of(content), None
        case (name, content, content_type):
            return name, _bytes_of(content), content_type
        case _:
            path = getattr(value, "name", None)
            return PurePath(path).name if isinstance(path, str) else "upload", _bytes_of(value), None


def _bytes_of(value: Any) -> bytes:
    """The bytes of a text, of bytes, or of an open file, which is read from where it stands."""
    content = value.read() if hasattr(value, "read") else value
    if isinstance(content, str):
        return content.encode()
    if not isinstance(content, bytes | bytearray):
        raise TypeError(f"a body takes a text, bytes or an open file, not {type(value).__name__}")
    return bytes(content)
