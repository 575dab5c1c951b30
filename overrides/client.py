"""The client: create one, share it between tasks, make every call from it."""
# pyright: reportPrivateUsage=false
# (_prepare reads the pairs of a Query, and with_options sets the parts of another client)

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from ._auth import DEFAULT_BASE_URL, DEFAULT_LOGIN_URL, Login, checked_url, credential_of
from ._call import Call, Operation, with_query
from ._http import HTTP, HTTPAuth, HTTPClient, HTTPResponse, TransportName, check_type, forget_credentials
from ._limits import Window
from ._pipeline import Pipeline
from ._redact import guard_library_logs
from ._request import Request, checked_int, checked_path, checked_timeout, encode_body, merged_headers
from ._resources import Resources
from ._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, Timeout, Unset
from ._version import __version__
from .drift import DriftCallback
from .errors import ConfigurationError, InvalidArgumentError, PatchworksError
from .pagination import T
from .query import Query, combine, extra_params

if TYPE_CHECKING:
    from .quota import Quota

DEFAULT_TIMEOUT = 60.0

_JSON = "application/json"
_HEADERS: dict[str, str] = {
    "Accept": _JSON,
    "Content-Type": _JSON,
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"patchworks_core_client/{__version__}",
}


class PatchworksClient(Resources):
    """An async client for the Patchworks Core API.

        async with PatchworksClient() as client:                 # the credential comes from the environment
            package = await client.packages.create(name="Checkout")
            async for package in client.packages.list(filter={"name": "Check"}, sort="-name"):
                print(package.id, package.created_at)

    Share one client between all tasks of an event loop. Creating it does the slow work (imports, certificates), so
    that the first call does not.

    Args:
        api_key: An API key. It does not expire and has a manager's rights. Environment: PATCHWORKS_API_KEY.
        token: A bearer token. Environment: PATCHWORKS_TOKEN.
        username: With password: the client logs in, once for all tasks, and again before the token expires.
            Environment: PATCHWORKS_USERNAME, PATCHWORKS_PASSWORD.
        password: See username.
        auth: Any httpx.Auth, for other kinds of credentials.
        base_url: The address of the server; it may have a path. Environment: PATCHWORKS_BASE_URL.
        login_url: Where to send username and password. Required with them if base_url is not the default. Environment:
            PATCHWORKS_LOGIN_URL.
        identity_field: The key of the username in the login request; `email` on older installations.
        timeout: Seconds for one attempt, more than 0. None means no limit. Time spent waiting for a slot, for the rate
            limit or between attempts does not count.
        max_retries: Retries after the first attempt, 0 or more. A POST or PATCH that the server may have acted on is
            never retried.
        max_concurrency: The most requests in flight, 1 or more. No more than requests_per_minute are in flight.
        requests_per_minute: The most requests in any 60 seconds, 1 or more. Defaults to the documented limit of 240.
            None means no limit.
        quota: A rate limit shared by several processes, instead of requests_per_minute. Closed with the client.
        transport: `httpx`, or `aiohttp` (needs the extra of that name) for many calls at once.
        http_client: Your own httpx.AsyncClient. You close it.
        on_drift: Called with a Drift wherever an answer differs from the documentation.

    Raises:
        ConfigurationError: There is no credential, or more than one kind, or a URL or a number is invalid.
    """

    _shown = "not made"

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
        quota: Quota | None = None,
        transport: TransportName = "httpx",
        http_client: HTTPClient | None = None,
        on_drift: DriftCallback | None = None,
    ) -> None:
        try:
            self._base_url = checked_url("base_url", base_url, DEFAULT_BASE_URL).rstrip("/")
            self._timeout = checked_timeout(timeout)
            self._max_retries = checked_int("max_retries", max_retries, 0)
            slots = checked_int("max_concurrency", max_concurrency, 1)
            if quota is None and requests_per_minute is not None:
                # Never more slots than quota: a full window then contains a request that has ended, whose expiry tells
                # how long to wait.
                slots = min(slots, checked_int("requests_per_minute", requests_per_minute, 1))
            self._headers: Mapping[str, str] = _HEADERS
            self._on_drift = on_drift
            check_type("auth", auth, HTTPAuth)
            check_type("http_client", http_client, HTTPClient)
            credential = credential_of(api_key, token, username, password, auth)
            if isinstance(credential, Login):
                # The vendor's login must not get the password of another server.
                default = DEFAULT_LOGIN_URL if self._base_url == DEFAULT_BASE_URL else ""
                url = checked_url("login_url", login_url, default)
                credential.prepare(url, identity_field, _HEADERS, self._timeout, self._max_retries)
            http = HTTP(http_client, transport)
            self._pipeline = Pipeline(http, credential, self._base_url, slots, quota or Window(requests_per_minute))
            self._shown = f"{self._base_url}, {credential.kind}"
        except (PatchworksError, ValueError, TypeError) as error:
            fault, cause = str(error), error.__cause__
        else:
            guard_library_logs()
            return
        # Raised here, where no local variable holds a credential: error collectors show local variables.
        del api_key, token, username, password, auth, base_url, login_url
        raise ConfigurationError(fault) from cause

    def with_options(
        self, *, timeout: Timeout = UNSET, max_retries: int | Unset = UNSET, headers: ExtraHeaders | None = None
    ) -> Self:
        """Return a client with other defaults that shares connections, limits and tokens with this one.

        Args:
            timeout: Seconds for one attempt, more than 0. None means no limit.
            max_retries: Retries after the first attempt, 0 or more.
            headers: Headers to add to every call.

        Raises:
            InvalidArgumentError: A number is invalid, or a header is malformed or is Authorization (use auth=).
        """
        other = object.__new__(type(self))
        # Not all of __dict__: the resources that are cached there make their calls from this client.
        for shared in ("_base_url", "_pipeline", "_on_drift", "_shown"):
            setattr(other, shared, getattr(self, shared))
        other._timeout = self._timeout if timeout is UNSET else checked_timeout(timeout)
        other._max_retries = self._max_retries if max_retries is UNSET else checked_int("max_retries", max_retries, 0)
        other._headers = merged_headers(self._headers, headers)
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
        """Send any request, with the same authentication, limits, retries and errors as the documented calls.

        Args:
            method: The HTTP method.
            path: The path after base_url, beginning with a slash.
            query: A Query, a mapping or pairs.
            json: The body. Left out, no body is sent; None sends null.
            timeout: Seconds for one attempt. Defaults to the client's.
            max_retries: Retries after the first attempt. Defaults to the client's.
            extra_headers: Headers to add.

        Returns:
            The httpx.Response, for any 2xx.

        Raises:
            InvalidArgumentError: The path leads away from base_url, or an argument is invalid.
            APIStatusError: The answer is not a 2xx.
            APIConnectionError: There is no answer.
        """
        if not method.isalpha() or not method.isascii():
            raise InvalidArgumentError(f"{method!r} is not an HTTP method")
        operation: Operation[Any] = Operation("request", method.upper(), checked_path(path), "any")
        call = self._prepare(
            operation,
            body=json,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=query.to_params() if isinstance(query, Query) else query,
            extra_headers=extra_headers,
        )
        answer = await self._pipeline.send(call.request)
        forget_credentials(answer.request, call.request.url)
        return answer

    async def aclose(self) -> None:
        """Close the connections of this client and its with_options copies. Later calls raise a PatchworksError."""
        await self._pipeline.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<PatchworksClient: {self._shown}>"

    def _prepare(
        self,
        operation: Operation[T],
        identifiers: tuple[Identifier, ...] = (),
        *,
        query: Query | None = None,
        body: Any = UNSET,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
        **parts: Any,
    ) -> Call[T]:
        """Check and encode the arguments of one call before anything is sent.

        Args:
            operation: The operation to call.
            identifiers: The parameters of its path, in order.
            query: The caller's Query, if any.
            body: The body. UNSET sends none.
            params: Documented query parameters that are not part of a Query.
            headers: Documented header parameters.
            timeout: Seconds for one attempt. UNSET means the client's.
            max_retries: Retries after the first attempt. UNSET means the client's.
            extra_query: More query parameters.
            extra_headers: More headers.
            parts: filter, include, sort, page and per_page, which replace those of the query.
        """
        path = operation.path_for(identifiers)
        operation.check_dates(body, params, headers)
        asked = combine(operation.known_names, query, parts)
        rest = extra_params(params, extra_query, operation.repeat) if params or extra_query else []
        content = None
        added: dict[str, Any] = {} if operation.accept == _JSON else {"Accept": operation.accept}
        if body is not UNSET:
            content, added["Content-Type"] = encode_body(operation.body_type, body, operation.content_type)
        merged = merged_headers(self._headers, headers, added, extra_headers)
        url = with_query(self._base_url + path, [*asked._params, *rest])
        seconds = self._timeout if timeout is UNSET else checked_timeout(timeout)
        retries = self._max_retries if max_retries is UNSET else checked_int("max_retries", max_retries, 0)
        request = Request(operation.method, url, path, merged, content, seconds, retries, operation.name)
        return Call(self, operation, request, asked, asked.page, asked.per_page, asked.per_page)
