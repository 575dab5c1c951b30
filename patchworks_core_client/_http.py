"""The one module that imports httpx: making its client, sending one request, and telling its errors apart."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from base64 import b64decode
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from functools import cache
from typing import Any, Literal, TypeAlias

import httpx

from ._reclaim import MARK, reclaim
from ._request import Request
from .errors import APIConnectionError, APITimeoutError, ConfigurationError, InvalidArgumentError, PatchworksError

HTTPAuth: TypeAlias = httpx.Auth
HTTPClient: TypeAlias = httpx.AsyncClient
HTTPResponse: TypeAlias = httpx.Response
TransportName: TypeAlias = Literal["httpx", "aiohttp"]
Outcome: TypeAlias = httpx.Response | APIConnectionError
"""What came of an attempt: the answer, whatever its status, or the error for want of one, not raised."""

_NOT_DELIVERED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_HARMLESS = frozenset(
    (b"accept", b"accept-encoding", b"connection", b"content-length", b"content-type", b"host", b"user-agent")
)
"""Headers that hold no credential."""

_CONNECT_SHARE = 0.9
"""Part of the timeout that connecting may take: it must end before the whole attempt does, for only then is it known
that nothing was delivered."""


_DIRECT: dict[str, httpx.AsyncBaseTransport | None] = {"http://": None}
"""http:// is allowed to this machine alone: a proxy, which the environment may name, would see the credential."""


@cache
def _tls_context(*environment: str | None) -> ssl.SSLContext:
    # Made once in a process, unless the environment names other certificates: reading them takes some 20 ms.
    return httpx.create_ssl_context()


class HTTP:
    """An httpx.AsyncClient, our own or the caller's, behind the few things that are needed of it.

    Args:
        client: The caller's client, which its owner closes; None makes one.
        transport: What the one that is made sends through.
    """

    def __init__(self, client: httpx.AsyncClient | None, transport: TransportName) -> None:
        self._owned = client is None
        self._client = _make_client(transport) if client is None else client

    async def send(self, request: Request, auth: httpx.Auth | None) -> Outcome:
        """Send one request and read the whole answer.

        Args:
            request: What is sent; its timeout is for all of it.
            auth: What signs the request; None where its headers already do.
        """
        if self._client.is_closed:
            raise PatchworksError("the httpx client is closed")
        sent = self._make_request(request)
        try:
            async with asyncio.timeout(request.timeout):
                return await self._send(sent, auth)
        except httpx.HTTPStatusError as error:  # an event hook of the caller's client calls raise_for_status
            return _closed_answer(error.response)
        except Exception as error:
            failure = _as_httpx(error)
            if failure is None:
                raise
        if isinstance(failure, httpx.RequestError):  # whose request, perhaps one of auth='s own, holds credentials
            failure.request = httpx.Request(sent.method, sent.url.join("/"))
        return _connection_error(failure, request)

    async def _send(self, request: httpx.Request, auth: httpx.Auth | None) -> httpx.Response:
        try:
            return await self._client.send(request, auth=auth, follow_redirects=False)
        except BaseException:
            sender = self._client._transport_for_url(request.url)  # pyright: ignore[reportPrivateUsage]
            await reclaim(sender, request.extensions.get(MARK))
            raise

    def _make_request(self, request: Request) -> httpx.Request:
        timeout = request.timeout
        connect = None if timeout is None else timeout * _CONNECT_SHARE
        phases = {"connect": connect, "read": timeout, "write": timeout, "pool": connect}
        extensions = {"timeout": phases, MARK: object()}
        try:
            made = httpx.Request(
                request.method, request.url, headers=request.headers, content=request.content, extensions=extensions
            )
        except httpx.InvalidURL as error:
            raise InvalidArgumentError(f"this makes no URL: {error}") from error
        if not self._owned:
            self._add_owners(made)
        return made

    def _add_owners(self, request: httpx.Request) -> None:
        """What the caller's client adds to its requests; as its build_request does, in a third of the time."""
        client = self._client
        ours = {b"content-length", b"transfer-encoding", *(name.lower() for name, _ in request.headers.raw)}
        theirs = [pair for pair in client.headers.raw if pair[0].lower() not in ours]
        request.headers = httpx.Headers([*request.headers.raw, *theirs])
        if client.params:
            request.url = request.url.copy_with(params=client.params.merge(request.url.params))
        if client.cookies.jar:
            client.cookies.set_cookie_header(request)

    async def aclose(self) -> None:
        """Close the client, unless it is the caller's."""
        if self._owned:
            await self._client.aclose()


def _make_client(transport: TransportName) -> httpx.AsyncClient:
    # No limits: the slots cap what is in flight, and so what is kept. (httpcore closes idle connections where all
    # together, not the idle ones, are more than max_keepalive_connections.)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    tls = _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    if transport == "httpx":
        return httpx.AsyncClient(verify=tls, limits=limits, mounts=_DIRECT)
    if transport != "aiohttp":
        raise ConfigurationError(f'transport must be "httpx" or "aiohttp", not {transport!r}')
    try:
        import aiohttp  # type: ignore[import-not-found, unused-ignore]
        from httpx_aiohttp import (  # type: ignore[import-not-found, unused-ignore]
            AiohttpTransport,
            HttpxAiohttpClient,
        )
    except ImportError as error:
        raise ConfigurationError(
            'transport="aiohttp" needs the extra of that name: pip install "patchworks_core_client[aiohttp]"'
        ) from error

    def make_session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, ssl=tls)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        return session

    client: httpx.AsyncClient = HttpxAiohttpClient(verify=tls, mounts=_DIRECT)
    senders: list[Any] = [client._transport, *client._mounts.values()]  # pyright: ignore[reportPrivateUsage]
    for sender in senders:
        if isinstance(sender, AiohttpTransport):
            sender.client = make_session  # in place of one that keeps cookies and sends again on its own
    return client


def _as_httpx(error: Exception) -> Exception | None:
    """The error as one of httpx's; None if it is no failure of a request.

    aiohttp's own stay out of the chain: they hold the request's headers and show them in their repr.
    """
    # Those that are no HTTPError: of a redirect to an address that is none, of a body read twice, of the cookies.
    if isinstance(error, TimeoutError | httpx.InvalidURL | httpx.StreamError | httpx.CookieConflict):
        return error
    if not isinstance(error, httpx.HTTPError):
        return httpx.RemoteProtocolError(type(error).__name__) if _is_aiohttps(error) else None
    cause = error.__cause__
    if not _is_aiohttps(cause):
        return error
    # httpx-aiohttp calls any lost connection a ConnectTimeout, even where the request was sent.
    aiohttp = sys.modules["aiohttp"]
    connecting = isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    timed_out = isinstance(cause, TimeoutError)
    if connecting:
        return (httpx.ConnectTimeout if timed_out else httpx.ConnectError)(str(cause))
    return (httpx.ReadTimeout if timed_out else httpx.ReadError)(type(cause).__name__)


def _is_aiohttps(error: BaseException | None) -> bool:
    return type(error).__module__.partition(".")[0] == "aiohttp"


def _connection_error(failure: Exception, request: Request) -> APIConnectionError:
    delivered = False if isinstance(failure, _NOT_DELIVERED) else None
    kind = APIConnectionError
    if isinstance(failure, TimeoutError | httpx.TimeoutException):
        kind = APITimeoutError
        in_time = "in time" if request.timeout is None else f"within {request.timeout:g} s; timeout= allows more"
        said = f"no answer {in_time}"
    elif delivered is False:  # then the text comes from this side, and quotes no answer
        said = f"no answer: {str(failure) or type(failure).__name__}; nothing was sent"
    else:
        said = f"no answer: {type(failure).__name__}; the server may have acted on the request"
    error = kind(said, method=request.method, path=request.path, delivered=delivered)
    error.__cause__ = failure
    return error


def _closed_answer(answer: httpx.Response) -> httpx.Response:
    """An answer that was perhaps closed before its body was read: then it has none."""
    try:
        answer.content  # noqa: B018
    except httpx.ResponseNotRead:
        return httpx.Response(answer.status_code, headers=answer.headers, request=answer.request, content=b"")
    return answer


def forget_credentials(request: httpx.Request) -> None:
    """Take what may be a credential out of a request that was sent, for answers and errors hold on to it."""
    request.headers = httpx.Headers([(name, value) for name, value in request.headers.raw if name.lower() in _HARMLESS])


def check_auth(auth: Any) -> httpx.Auth:
    """The caller's auth=, if it is one."""
    if not isinstance(auth, httpx.Auth):
        raise ConfigurationError(f"auth= takes an httpx.Auth, not {type(auth).__name__}")
    return auth


class WatchedAuth(httpx.Auth):
    """The caller's auth=, with an eye on what it puts into headers.

    Args:
        auth: What signs the requests.
        learn: Told each header's value that it sets, so that it is never shown.
    """

    def __init__(self, auth: httpx.Auth, learn: Callable[[str], None]) -> None:
        self._auth = auth
        self._learn = learn

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The flow of the caller's auth."""
        before = {value for _, value in request.headers.raw}
        answer: Any = None
        async with aclosing(self._auth.async_auth_flow(request)) as flow:
            with suppress(StopAsyncIteration):
                while True:
                    signed = await flow.asend(answer)
                    for name, value in signed.headers.raw:
                        if name.lower() not in _HARMLESS and value not in before:
                            scheme, _, credential = value.decode("latin-1").rpartition(" ")
                            self._learn(f"{scheme} {credential}".lstrip())
                            self._learn(credential)
                            with suppress(ValueError):  # user and password, where it is Basic
                                self._learn(b64decode(credential).decode().partition(":")[2])
                    answer = yield signed


def check_client(client: Any) -> httpx.AsyncClient | None:
    """The caller's http_client=, if it is one."""
    if client is not None and not isinstance(client, httpx.AsyncClient):
        raise ConfigurationError(f"http_client= takes an httpx.AsyncClient, not {type(client).__name__}")
    return client


def encode_multipart(fields: list[tuple[str, Any]]) -> tuple[bytes, str]:
    """A multipart body and its Content-Type; fields are texts, or files as (name, content, type)."""
    parts = [(name, (None, value) if isinstance(value, str) else value) for name, value in fields]
    request = httpx.Request("POST", "http://localhost", files=parts)
    return request.read(), request.headers["content-type"]
