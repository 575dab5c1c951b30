"""What can go wrong, in terms one can act on.

Every error pickles and copies. None holds a credential, and none is an httpx error (that is the `__cause__`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._contract import ERROR_CLASSES
from ._json import is_array, is_object

if TYPE_CHECKING:
    from .query import Query

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "InvalidArgumentError",
    "NotFoundError",
    "PaginationError",
    "PaginationWarning",
    "PatchworksError",
    "PatchworksWarning",
    "PermissionDeniedError",
    "QuotaError",
    "RateLimitError",
    "ResponseDecodeError",
    "ServerError",
    "UnprocessableEntityError",
]

_BODY_START = 2000
_MESSAGE_START = 1000


class PatchworksWarning(UserWarning):
    """Something looks wrong, and the call goes on: an undocumented name in a query, say."""


class PaginationWarning(PatchworksWarning):
    """The list changed while it was read: items may be missing. Read it again where completeness matters."""


class PatchworksError(Exception):
    """Base of every error of this package.

    Attributes:
        page: While listing, the page that failed. None otherwise.
        query: While listing, what was asked for: `list(query=error.query)` goes on from there with the same filter and
            page size. None otherwise.
    """

    page: int | None = None
    query: Query | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[PatchworksError], args: tuple[Any, ...], state: dict[str, Any]) -> PatchworksError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(PatchworksError):
    """The client cannot be made of these arguments or environment variables; the message says what to set."""


class InvalidArgumentError(PatchworksError, ValueError):
    """An argument that the client refuses before it sends anything; the message says what to pass instead."""


class QuotaError(PatchworksError):
    """The shared quota cannot be reached, so nothing was sent."""


class PaginationError(PatchworksError):
    """The server's pages make no sense, and going on would never end or would lose items."""

    def __init__(self, message: str, *, page: int | None = None) -> None:
        super().__init__(message)
        self.page = page


class APIError(PatchworksError):
    """A call that failed.

    Attributes:
        method: The HTTP method.
        path: The path, without the query.
    """

    def __init__(self, message: str, *, method: str, path: str) -> None:
        super().__init__(_escaped(f"{method} {path}: {message}"))
        self.method = method
        self.path = path


class APIConnectionError(APIError):
    """No answer came.

    Attributes:
        delivered: False: the server surely did not see the request. None: it may have acted on it, so check before
            doing it again.
    """

    def __init__(self, message: str, *, method: str, path: str, delivered: bool | None) -> None:
        super().__init__(message, method=method, path=path)
        self.delivered = delivered


class APITimeoutError(APIConnectionError):
    """No answer came in time; `timeout=` sets the seconds."""


class ResponseDecodeError(APIError):
    """A 2xx answer that is not the JSON it should be: a proxy's page, say, or an empty body.

    Attributes:
        status_code: The HTTP status.
        content_type: The Content-Type header, or an empty text.
        body: The start of the body, as text.
    """

    def __init__(
        self, message: str, *, method: str, path: str, status_code: int, content_type: str = "", body: str = ""
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.status_code = status_code
        self.content_type = content_type
        self.body = body[:_BODY_START]


class APIStatusError(APIError):
    """The server answered with a status that is no 2xx.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the answer, without cookies; names in lower case.
        body: The decoded JSON, or the start of the text.
        message: The server's own message, or an empty text; the start of it where the body is text.
        request_id: The X-Request-Id header: name it when you ask the vendor. None where there is none.
        retry_after: Seconds after which the server says to try again. None where it does not say.
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
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
        self.headers.pop("set-cookie", None)
        self.body = body[:_BODY_START] if isinstance(body, str) else body
        self.message = _server_message(body)
        self.request_id = self.headers.get("x-request-id")
        self.retry_after = retry_after
        super().__init__(self._explain(hint), method=method, path=path)

    def _explain(self, hint: str) -> str:
        said = _cut(self.message, _MESSAGE_START) or self._summary()
        details = _cut("; ".join(self._details()), _BODY_START)
        request_id = f"request id {self.request_id}" if self.request_id else ""
        return "; ".join(part for part in (f"{self.status_code} {said}".rstrip(), details, hint, request_id) if part)

    def _summary(self) -> str:
        if 300 <= self.status_code < 400:
            return "is a redirect, which is not followed: check base_url"
        if isinstance(self.body, str) and self.body.lstrip()[:1] == "<":
            return "with an HTML page, probably from a proxy: check base_url and the network"
        return _SUMMARIES.get(self.status_code, "")

    def _details(self) -> list[str]:
        return []


class BadRequestError(APIStatusError):
    """400: the server refuses the query.

    Attributes:
        requested: The names that it does not allow, where it lists them.
        allowed: The filters, sorts or includes that it allows, where it lists them.
    """

    @property
    def requested(self) -> list[str]:
        """Names that were asked for and are not allowed."""
        return _quoted_list(self.message, "Requested")

    @property
    def allowed(self) -> list[str]:
        """Names that are allowed."""
        return _quoted_list(self.message, "Allowed")


class AuthenticationError(APIStatusError):
    """401: the credential is wrong, or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the credential may not do this; some operations need an administrator's token in place of an API key."""


class NotFoundError(APIStatusError):
    """404: there is no such thing, or none that the credential may see."""


class ConflictError(APIStatusError):
    """409: it does not fit the state that the server is in."""


class UnprocessableEntityError(APIStatusError):
    """422: the server refuses the fields of the body.

    Attributes:
        errors: What is wrong, by field.
    """

    @property
    def errors(self) -> dict[str, list[str]]:
        """The messages by field; empty where the server gives none."""
        errors = self.body.get("errors") if is_object(self.body) else None
        return {field: _texts(said) for field, said in errors.items()} if is_object(errors) else {}

    def _details(self) -> list[str]:
        return [f"{field}: {' '.join(said)}" for field, said in self.errors.items()]


class RateLimitError(APIStatusError):
    """429: too many requests, and waiting was not enough or not wanted; see `retry_after`."""

    def _details(self) -> list[str]:
        return [] if self.retry_after is None else [f"try again in {self.retry_after:g} s"]


class ServerError(APIStatusError):
    """5xx: the server, or a proxy before it, failed."""


_SUMMARIES: dict[int, str] = {
    401: "the credential is wrong or expired",
    403: "the credential may not do this",
    404: "not found",
    409: "conflict",
    419: "the session has expired",
    429: "too many requests",
    503: "the server is not available",
}

_BY_STATUS: dict[int, type[APIStatusError]] = {status: globals()[name] for status, name in ERROR_CLASSES.items()}


def status_error_class(status_code: int) -> type[APIStatusError]:
    """The error class of a status; one without a class of its own is an APIStatusError."""
    if 500 <= status_code <= 599:
        return ServerError
    return _BY_STATUS.get(status_code, APIStatusError)


def _server_message(body: Any) -> str:
    if is_object(body):
        said = body.get("message")
        return said if isinstance(said, str) else ""
    if isinstance(body, str) and body.lstrip()[:1] != "<":
        return _cut(body.strip(), _MESSAGE_START)
    return ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _escaped(text: str) -> str:
    """The text with control characters written out: a server's message must not rewrite a terminal or a log."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _quoted_list(message: str, start: str) -> list[str]:
    """The names that spatie's query builder puts in backticks behind "Requested …" or "Allowed …"."""
    about, _, rest = message.partition(start)[2].partition("`")
    names, end, _ = rest.partition("`")
    if "." in about or not end:
        return []
    return [name.strip() for name in names.split(",") if name.strip()]


def _texts(said: Any) -> list[str]:
    return [str(one) for one in said] if is_array(said) else [str(said)]
