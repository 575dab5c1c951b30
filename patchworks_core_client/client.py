"""The client: one object for many tasks, from which every call is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

from . import _json
from ._call import Call
from ._http import (
    HTTP,
    HTTPAuth,
    HTTPClient,
    HTTPResponse,
    TransportName,
    check_auth,
    check_client,
    encode_body,
    forget_credentials,
)
from ._limits import Limits
from ._operation import Operation
from ._redact import guard_library_logs
from ._resources import Resources
from ._transport import Request, Transport
from ._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, Timeout, Unset
from ._version import __version__
from .auth import DEFAULT_BASE_URL, DEFAULT_LOGIN_URL, Credentials, checked_url
from .drift import DriftCallback
from .errors import ConfigurationError
from .query import Params, Query, extra_params

__all__ = ["PatchworksClient"]

T = TypeVar("T")

DEFAULT_TIMEOUT = 60.0

_HEADERS: dict[str, str] = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"patchworks_core_client/{__version__}",
}
_NOT_YOURS = frozenset({"authorization", "proxy-authorization", "host", "content-length", "transfer-encoding"})
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class PatchworksClient(Resources):
    """The Patchworks Core API, asynchronously.

        async with PatchworksClient() as client:                 # the credential comes from the environment
            package = await client.packages.create(name="Checkout")
            async for package in client.packages.list(filter={"name": "Check"}, sort="-name"):
                print(package.id, package.created_at)

    One client serves any number of tasks of one event loop. Making it does the slow work (imports, certificates).

    Args:
        api_key: An API key; never expires, and has a manager's rights. Environment: PATCHWORKS_API_KEY.
        token: A bearer token. Environment: PATCHWORKS_TOKEN.
        username: With password: logs in, once for all tasks, and again before the token expires. Environment:
            PATCHWORKS_USERNAME, PATCHWORKS_PASSWORD.
        password: See username.
        auth: Any httpx.Auth, for what the others cannot do.
        base_url: The server; may have a path. Environment: PATCHWORKS_BASE_URL.
        login_url: Where username and password are sent. Environment: PATCHWORKS_LOGIN_URL.
        identity_field: The name of the username in the login's body; `email` on older installations.
        timeout: Seconds for one attempt, more than 0; None waits for ever. Waiting for a slot, for quota or between
            attempts is not counted.
        max_retries: Retries after the first attempt, 0 or more; a POST or PATCH that the server may have acted on is
            never sent again.
        max_concurrency: Requests in flight at most, 1 or more.
        requests_per_minute: Requests in any 60 seconds at most, 1 or more; 240 is the documented quota. None: no limit.
        transport: `httpx`, or `aiohttp` (the extra of that name) for many calls at once.
        http_client: An httpx.AsyncClient to send through; its owner closes it.
        on_drift: Called with a Drift wherever an answer differs from the documentation.

    Raises:
        ConfigurationError: There is no credential, or more than one kind; a URL or a number is out of bounds.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        auth: HTTPAuth | None = None,
        base_url: str | None = None,
        login_url: str | None = None,
        identity_field: str = "username",
        timeout: float | None = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        max_concurrency: int = 8,
        requests_per_minute: int | None = 240,
        transport: TransportName = "httpx",
        http_client: HTTPClient | None = None,
        on_drift: DriftCallback | None = None,
    ) -> None:
        credentials = Credentials(api_key, token, username, password, None if auth is None else check_auth(auth))
        self._base_url = checked_url("base_url", base_url, "PATCHWORKS_BASE_URL", DEFAULT_BASE_URL).rstrip("/")
        self._timeout = _checked_timeout(timeout, ConfigurationError)
        self._max_retries = _checked_int("max_retries", max_retries, 0, ConfigurationError)
        self._headers = dict(_HEADERS)
        self._on_drift = on_drift
        limits = Limits(
            _checked_int("max_concurrency", max_concurrency, 1, ConfigurationError),
            None
            if requests_per_minute is None
            else _checked_int("requests_per_minute", requests_per_minute, 1, ConfigurationError),
        )
        login = None
        if credentials.username is not None:
            url = checked_url("login_url", login_url, "PATCHWORKS_LOGIN_URL", DEFAULT_LOGIN_URL)
            body = {identity_field: credentials.username, "password": credentials.password}
            login = Request(
                "POST", url, urlsplit(url).path, _HEADERS, _json.dumps(body), self._timeout, self._max_retries
            )
        http = HTTP(check_client(http_client), transport)
        self._transport = Transport(http, credentials, login, limits)
        self._shown = f"{self._base_url}, {credentials.kind}"
        guard_library_logs()

    def with_options(
        self,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        headers: ExtraHeaders | None = None,
    ) -> PatchworksClient:
        """A client with other defaults that shares connections, limits and tokens with this one.

        Args:
            timeout: Seconds for one attempt, more than 0; None waits for ever.
            max_retries: Retries after the first attempt, 0 or more.
            headers: Headers for every call, added to this client's.

        Raises:
            ValueError: A number is out of bounds; a header is malformed or is Authorization (use auth=).
        """
        other = object.__new__(type(self))
        other._base_url = self._base_url
        other._timeout = self._timeout if timeout is UNSET else _checked_timeout(timeout)
        other._max_retries = self._max_retries if max_retries is UNSET else _checked_int("max_retries", max_retries, 0)
        other._headers = merged_headers(self._headers, headers)
        other._on_drift = self._on_drift
        other._transport = self._transport
        other._shown = self._shown
        return other

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | ExtraQuery | None = None,
        json: Any = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_headers: ExtraHeaders | None = None,
    ) -> HTTPResponse:
        """Call what is not documented yet, with the same authentication, limits, retries and errors.

        Args:
            method: The HTTP method.
            path: The path behind base_url, from its first slash.
            query: A Query, a mapping or pairs.
            json: The body; not given sends none, None sends null.
            timeout: Seconds for one attempt; not given takes the client's.
            max_retries: Retries after the first attempt; not given takes the client's.
            extra_headers: More headers.

        Returns:
            The httpx.Response of any 2xx, as it is.

        Raises:
            ValueError: The path would lead away from base_url, or an argument is out of bounds.
            APIStatusError: The answer is no 2xx.
            APIConnectionError: There is no answer.
        """
        if not method.isalpha() or not method.isascii():
            raise ValueError(f"{method!r} is no HTTP method")
        pairs = query.to_params() if isinstance(query, Query) else extra_params(None, query)
        operation: Operation[Any] = Operation("request", method.upper(), _checked_path(path), kind="any")
        call = self._prepare(operation, (), None, None, timeout, max_retries, pairs, extra_headers, json)
        answer = await call.send_raw()
        forget_credentials(answer.request)
        return answer

    async def aclose(self) -> None:
        """Close the connections, of the with_options copies too; later calls raise a PatchworksError."""
        await self._transport.aclose()

    async def __aenter__(self) -> PatchworksClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<PatchworksClient: {self._shown}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds connections and credentials and is not pickled; make one where it is needed")

    def _prepare(
        self,
        operation: Operation[T],
        identifiers: tuple[Identifier, ...],
        params: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        timeout: Timeout,
        max_retries: int | Unset,
        extra_query: ExtraQuery | None,
        extra_headers: ExtraHeaders | None,
        body: Any,
    ) -> Call[T]:
        """Check and encode the arguments of one call, before anything is sent."""
        path = operation.path_for(identifiers)
        sent_headers = self._headers
        if headers is not None:
            sent_headers = merged_headers(sent_headers, _documented_headers(headers))
        content = None
        if body is not UNSET:
            if operation.body_type == "json":
                content = _json.dumps(body)
            else:
                content, content_type = encode_body(operation.body_type, body)
                sent_headers = {**sent_headers, "Content-Type": content_type}
        if extra_headers is not None:
            sent_headers = merged_headers(sent_headers, extra_headers)
        pairs: Params = extra_params(params, extra_query, operation.repeat) if params or extra_query else []
        request = Request(
            operation.method,
            self._base_url + path,
            path,
            sent_headers,
            content,
            self._timeout if timeout is UNSET else _checked_timeout(timeout),
            self._max_retries if max_retries is UNSET else _checked_int("max_retries", max_retries, 0),
        )
        return Call(self._transport, operation, request, pairs, self._on_drift)


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
        for present in [present for present in merged if present.lower() == name.lower()]:
            del merged[present]
        merged[name] = value
    return merged


def _documented_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    return dict(extra_params(headers, None))


def _checked_path(path: str) -> str:
    if not path.startswith("/") or path.startswith("//") or not path.isprintable() or set(path) & set("\\?#"):
        raise ValueError(f"path must start with one slash and hold no host, query or backslash: {path!r}; use query=")
    if any(segment in (".", "..") for segment in unquote(path).replace("\\", "/").split("/")):
        raise ValueError(f"path must not lead out of base_url: {path!r}")
    return quote(path, safe="/%:@!$&'()*+,;=~")


def _checked_timeout(timeout: Timeout, error: type[Exception] = ValueError) -> float | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise error(f"timeout must be a number of seconds above 0, or None to wait for ever, not {timeout!r}")
    return float(timeout)


def _checked_int(name: str, value: Any, least: int, error: type[Exception] = ValueError) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise error(f"{name} must be an int of at least {least}, not {value!r}")
    return value
