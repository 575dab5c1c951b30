"""The errors and warnings of this package.

Every error can be pickled and copied. None contains a credential. httpx's own error is the `__cause__`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ._contract import ERROR_CLASSES
from ._types import is_array, is_object

if TYPE_CHECKING:
    from .query import Query

_LONGEST_TEXT = 2000


class PatchworksWarning(UserWarning):
    """Something looks wrong, but the call continues: for instance an undocumented name in a query."""


class PaginationWarning(PatchworksWarning):
    """The list changed while it was read, so items may be missing. Read it again if it must be complete."""


class PatchworksError(Exception):
    """Base class of all errors of this package.

    Attributes:
        page: The page that failed, if the error was raised while listing. Otherwise None.
        query: The query to continue with, if the error was raised while listing: `list(query=error.query)` resumes at
            that page, with the same filter and page size. Otherwise None.
    """

    page: int | None = None
    query: Query | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Without a call of __init__, whose arguments differ from class to class.
        return type(self).__new__, (type(self), *self.args), self.__dict__


class ConfigurationError(PatchworksError):
    """The arguments or environment variables of the client are wrong. The message says what to set."""


class InvalidArgumentError(PatchworksError, ValueError):
    """An argument is invalid, and nothing was sent. The message says what to pass instead."""


class QuotaError(PatchworksError):
    """The shared quota is unreachable, so nothing was sent."""


class PaginationError(PatchworksError):
    """The server's pages are inconsistent: reading on would never end or would lose items."""


class APIError(PatchworksError):
    """Base class of the errors of a call.

    Attributes:
        method: The HTTP method.
        path: The path, without the query.
    """

    def __init__(self, message: str, *, method: str, path: str) -> None:
        super().__init__(_escaped(f"{method} {path}: {message}"))
        self.method = method
        self.path = path


class APIConnectionError(APIError):
    """There was no answer.

    Attributes:
        delivered: False if the server certainly did not get the request. None if it may have acted on it: check
            before you repeat it.
    """

    def __init__(self, message: str, *, method: str, path: str, delivered: bool | None) -> None:
        super().__init__(message, method=method, path=path)
        self.delivered = delivered


class APITimeoutError(APIConnectionError):
    """There was no answer in time. `timeout=` sets the limit."""


class ResponseDecodeError(APIError):
    """A 2xx answer is not the documented JSON: it is a proxy's page or empty, for instance.

    Attributes:
        status_code: The HTTP status.
        content_type: The Content-Type header, or an empty text.
        body: The start of the body, as text.
    """

    def __init__(self, message: str, *, method: str, path: str, status_code: int, content_type: str, body: str) -> None:
        super().__init__(message, method=method, path=path)
        self.status_code = status_code
        self.content_type = content_type
        self.body = _cut(body)


class APIStatusError(APIError):
    """The server answered with a status other than 2xx.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the answer, without cookies; names in lower case.
        body: The decoded JSON, or the start of the text.
        message: The server's message; the start of the body if that is text; or an empty text.
        errors: The messages by field, as a 422 has them; empty if the server sent none.
        requested: The names that the server rejects, if it lists them, as a 400 for an unknown filter does.
        allowed: The filters, sorts or includes that it allows, if it lists them.
        request_id: The X-Request-Id header, or None. Quote it when you contact the vendor.
        retry_after: Seconds after which to try again, if the server says so. Otherwise None.
    """

    def __init__(
        self,
        *,
        method: str,
        path: str,
        status_code: int,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        retry_after: float | None = None,
        hint: str = "",
    ) -> None:
        self.status_code = status_code
        self.headers = {name.lower(): value for name, value in (headers or {}).items() if name.lower() != "set-cookie"}
        self.body = _cut(body) if isinstance(body, str) else body
        self.message = _server_message(self.body)
        self.request_id = self.headers.get("x-request-id")
        self.retry_after = retry_after
        self.errors = _field_errors(body)
        self.requested = _quoted_names(self.message, "Requested")
        self.allowed = _quoted_names(self.message, "Allowed")
        fields = (f"{field}: {' '.join(said)}" for field, said in self.errors.items())
        said = _cut("; ".join([self.message or _summary(status_code, body), *fields]))
        wait = "" if retry_after is None else f"try again in {retry_after:g} s"
        request = f"request id {self.request_id}" if self.request_id else ""
        text = "; ".join(filter(None, (said, wait, hint, request)))
        super().__init__(f"{status_code} {text}".rstrip(), method=method, path=path)


class BadRequestError(APIStatusError):
    """400: the server rejected the request, for instance an unknown filter. See `requested` and `allowed`."""


class AuthenticationError(APIStatusError):
    """401: the credential is wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the credential may not do this. Some operations need an administrator's token instead of an API key."""


class NotFoundError(APIStatusError):
    """404: the object does not exist, or the credential may not see it."""


class ConflictError(APIStatusError):
    """409: the request conflicts with the current state of the object."""


class UnprocessableEntityError(APIStatusError):
    """422: the server rejected fields of the body. See `errors`."""


class RateLimitError(APIStatusError):
    """429: too many requests, and waiting did not help or was turned off. See `retry_after`."""


class ServerError(APIStatusError):
    """5xx: the server or a proxy in front of it failed."""


_PHRASES = {status.value: status.phrase for status in HTTPStatus}

_BY_STATUS: dict[int, type[APIStatusError]] = {status: globals()[name] for status, name in ERROR_CLASSES.items()}


def status_error_class(status_code: int) -> type[APIStatusError]:
    """The error class for a status; APIStatusError if there is none for it."""
    return _BY_STATUS.get(status_code, ServerError if 500 <= status_code <= 599 else APIStatusError)


def _server_message(body: Any) -> str:
    """The text of `message`, or of a body that is plain text."""
    text = body.get("message") if is_object(body) else body
    return text.strip() if isinstance(text, str) and text.lstrip()[:1] != "<" else ""


def _summary(status_code: int, body: Any) -> str:
    """What to say where the server's answer has no message."""
    if 300 <= status_code < 400:
        return "is a redirect, which is not followed: check base_url"
    if isinstance(body, str) and body.strip():
        return "with an HTML page, probably from a proxy: check base_url and the network"
    return _PHRASES.get(status_code, "")


def _field_errors(body: Any) -> dict[str, list[str]]:
    """Laravel's messages by field."""
    errors = body.get("errors") if is_object(body) else None
    fields = errors.items() if is_object(errors) else ()
    return {field: [str(one) for one in (said if is_array(said) else [said])] for field, said in fields}


def _quoted_names(message: str, start: str) -> list[str]:
    """The names that spatie's query builder puts in backticks after "Requested …" or "Allowed …"."""
    found = re.search(rf"{start}[^.`]{{0,40}}`([^`]*)`", message)
    return re.findall(r"[^,\s]+", found[1]) if found else []


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _escaped(text: str) -> str:
    """Escape control characters, so that a server's message cannot rewrite a terminal or a log."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
