"""The one module that imports httpx: making its client, sending one request, and telling its errors apart."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias

import httpx

from .errors import APIConnectionError, APITimeoutError, ConfigurationError, PatchworksError

HTTPAuth: TypeAlias = httpx.Auth
HTTPClient: TypeAlias = httpx.AsyncClient
HTTPResponse: TypeAlias = httpx.Response
TransportName: TypeAlias = Literal["httpx", "aiohttp"]

_NOT_DELIVERED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
_CONNECT_SHARE = 0.9
"""Part of the timeout that connecting may take: it must end before the whole attempt does, for only then is it known
that nothing was delivered."""


@cache
def _tls_context() -> ssl.SSLContext:
    # Made once in a process: reading the certificates takes some 20 ms.
    return httpx.create_ssl_context()


class HTTP:
    """An httpx.AsyncClient, our own or the caller's, behind the few things that are needed of it.

    Args:
        client: The caller's client, which its owner closes; None makes one.
        transport: What the one that is made sends through.
        connections: How many connections are kept open.
    """

    def __init__(self, client: httpx.AsyncClient | None, transport: TransportName, connections: int) -> None:
        self._owned = client is None
        self._client = _make_client(transport, connections) if client is None else client

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        timeout: float | None,
        auth: httpx.Auth | None,
        path: str,
    ) -> httpx.Response:
        """Send one request and read the whole answer.

        Args:
            method: The HTTP method.
            url: The absolute URL.
            headers: All headers that are ours to set.
            content: The encoded body.
            timeout: Seconds for the whole attempt; None waits for ever.
            auth: What signs the request; None where the headers already do.
            path: The path, for errors.

        Raises:
            APITimeoutError: No complete answer in time.
            APIConnectionError: No complete answer.
        """
        if self._client.is_closed:
            raise PatchworksError("the httpx client is closed")
        connect = None if timeout is None else timeout * _CONNECT_SHARE
        phases = {"connect": connect, "read": timeout, "write": timeout, "pool": connect}
        extensions = {"timeout": phases}
        # Our own client has nothing to merge in: a request made directly is cheaper, and never carries cookies.
        make = httpx.Request if self._owned else self._client.build_request
        request = make(method, url, headers=headers, content=content, extensions=extensions)
        try:
            async with asyncio.timeout(timeout):
                return await self._client.send(request, auth=auth, follow_redirects=False)
        except TimeoutError as error:
            raise APITimeoutError(_too_long(timeout), method=method, path=path, delivered=None) from error
        except httpx.HTTPStatusError as error:  # an event hook of the caller's client calls raise_for_status
            await error.response.aread()
            return error.response
        except httpx.HTTPError as error:
            raise _connection_error(error, method, path, timeout) from error

    async def aclose(self) -> None:
        """Close the client, unless it is the caller's."""
        if self._owned:
            await self._client.aclose()


def _make_client(transport: TransportName, connections: int) -> httpx.AsyncClient:
    # No upper limit: the slots cap what is in flight, and a connection whose opening was cancelled stays in
    # httpcore's pool, where it would use up a limited one.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=connections)
    if transport == "httpx":
        return httpx.AsyncClient(verify=_tls_context(), limits=limits)
    if transport != "aiohttp":
        raise ConfigurationError(f'transport must be "httpx" or "aiohttp", not {transport!r}')
    try:
        from httpx_aiohttp import HttpxAiohttpClient
    except ImportError as error:
        raise ConfigurationError(
            'transport="aiohttp" needs the extra of that name: pip install "patchworks_core_client[aiohttp]"'
        ) from error
    return HttpxAiohttpClient(verify=_tls_context(), limits=limits)


def _connection_error(error: httpx.HTTPError, method: str, path: str, timeout: float | None) -> APIConnectionError:
    delivered = False if isinstance(error, _NOT_DELIVERED) else None
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(_too_long(timeout), method=method, path=path, delivered=delivered)
    fate = "nothing was sent" if delivered is False else "the server may have acted on the request"
    return APIConnectionError(
        f"no answer ({type(error).__name__}); {fate}", method=method, path=path, delivered=delivered
    )


def _too_long(timeout: float | None) -> str:
    return "no answer in time" if timeout is None else f"no answer within {timeout:g} s; timeout= allows more"


def check_auth(auth: Any) -> httpx.Auth:
    """The caller's auth=, if it is one."""
    if not isinstance(auth, httpx.Auth):
        raise ConfigurationError(f"auth= takes an httpx.Auth, not {type(auth).__name__}")
    return auth


def check_client(client: Any) -> httpx.AsyncClient | None:
    """The caller's http_client=, if it is one."""
    if client is not None and not isinstance(client, httpx.AsyncClient):
        raise ConfigurationError(f"http_client= takes an httpx.AsyncClient, not {type(client).__name__}")
    return client


def encode_body(body_type: str, body: Any) -> tuple[bytes, str]:
    """A body that is no JSON, encoded once, and its Content-Type."""
    if body_type in ("text", "binary"):
        content = body.encode() if isinstance(body, str) else bytes(body)
        return content, "text/plain; charset=utf-8" if body_type == "text" else "application/octet-stream"
    fields = {name: value for name, value in body.items() if not _is_file(value)}
    files = {name: value for name, value in body.items() if _is_file(value)}
    if body_type == "multipart" and not files:
        files, fields = {name: (None, str(value)) for name, value in fields.items()}, {}
    request = httpx.Request("POST", "http://localhost", data=fields, files=files or None)
    return request.read(), request.headers["content-type"]


def _is_file(value: Any) -> bool:
    return isinstance(value, bytes | tuple) or hasattr(value, "read")
