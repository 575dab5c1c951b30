"""One request, encoded and checked before anything is sent: every attempt sends the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, unquote

from attrs import frozen

from ._types import ExtraHeaders

_NOT_YOURS = frozenset({"authorization", "proxy-authorization", "host", "content-length", "transfer-encoding"})
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LONGEST_TIMEOUT = 1e9


@frozen(eq=False, repr=False)
class Request:
    """What is sent. No tuple: tools that show local variables look into those.

    Attributes:
        method: The HTTP method.
        url: The absolute URL with its query.
        path: The path alone, for errors and logs.
        headers: All headers; each attempt adds Authorization.
        content: The body; not shown, for a login's holds the password.
        timeout: Seconds for one attempt; None waits for ever.
        max_retries: Retries after the first attempt.
    """

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    timeout: float | None
    max_retries: int

    def __repr__(self) -> str:
        return f"<Request: {self.method} {self.path}>"


def merged_headers(headers: Mapping[str, str], more: ExtraHeaders | None) -> dict[str, str]:
    """Headers with others added, which replace those of the same name.

    Raises:
        ValueError: A name or a value could break out of its line, or is one that the client itself must set.
    """
    merged = dict(headers)
    for name, value in (more or {}).items():
        if not name or not _TOKEN_CHARACTERS.issuperset(name):
            raise ValueError(f"{name!r} is no header name")
        if name.lower() in _NOT_YOURS:
            hint = "use auth= for other credentials" if name.lower() == "authorization" else "the client sets it"
            raise ValueError(f"{name} cannot be an extra header: {hint}")
        if not isinstance(cast(object, value), str) or not (value.isascii() and value.isprintable()):
            raise ValueError(f"the value of header {name} holds line breaks or characters that no header can hold")
        merged = {present: kept for present, kept in merged.items() if present.lower() != name.lower()}
        merged[name] = value
    return merged


def checked_path(path: str) -> str:
    """A path that stays below base_url, percent-encoded.

    Raises:
        ValueError: It would lead elsewhere.
    """
    if not path.startswith("/") or path.startswith("//") or not path.isprintable() or set(path) & set("\\?#"):
        raise ValueError(f"path must start with one slash and hold no host, query or backslash: {path!r}; use query=")
    if any(segment in (".", "..") for segment in unquote(path).replace("\\", "/").split("/")):
        raise ValueError(f"path must not lead out of base_url: {path!r}")
    return quote(path, safe="/%:@!$&'()*+,;=~")


def checked_timeout(timeout: Any) -> float | None:
    """Seconds above 0, or None to wait for ever."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= _LONGEST_TIMEOUT:
        raise ValueError(f"timeout must be a number of seconds above 0, or None to wait for ever, not {timeout!r}")
    return float(timeout)


def checked_int(name: str, value: Any, least: int) -> int:
    """A whole number that is large enough."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} must be an int of at least {least}, not {value!r}")
    return value
