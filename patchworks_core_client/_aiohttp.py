"""What is peculiar to transport="aiohttp": the client that sends through aiohttp, and aiohttp's errors as httpx's."""

from __future__ import annotations

import ssl
from importlib import import_module
from typing import Any

import httpx

# Not as import statements: type checkers would find fault with this file wherever the extra is not installed.
aiohttp: Any = import_module("aiohttp")
httpx_aiohttp: Any = import_module("httpx_aiohttp")

_BEFORE_SENDING = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


def make_client(tls: ssl.SSLContext, mounts: Any) -> httpx.AsyncClient:
    """An httpx client that sends through aiohttp, keeps no cookies and sends nothing again on its own."""

    def make_session() -> Any:
        connector = aiohttp.TCPConnector(limit=0, ssl=tls)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        session._retry_connection = False
        return session

    client: httpx.AsyncClient = httpx_aiohttp.HttpxAiohttpClient(verify=tls, mounts=mounts)
    senders: list[Any] = [client._transport, *client._mounts.values()]  # pyright: ignore[reportPrivateUsage]
    for sender in senders:
        if isinstance(sender, httpx_aiohttp.AiohttpTransport):
            sender.client = make_session  # in place of one that keeps cookies and sends again on its own
            if sender.proxy is not None and not sender.proxy.url.scheme.startswith("http"):
                raise ValueError("aiohttp sends through http:// proxies only")
    return client


def as_httpx(error: Any) -> httpx.RequestError:
    """An error of httpx that says what one of aiohttp's says, and does not hold the request's headers as that does."""
    said = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError):
        said = f"{said}: {error.os_error}"
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        said = f"{said}: {error.status} {error.message}"
        return httpx.ProxyError(said)
    timed_out = isinstance(error, TimeoutError)
    if isinstance(error, _BEFORE_SENDING):
        return httpx.ConnectTimeout(said) if timed_out else httpx.ConnectError(said)
    return httpx.ReadTimeout(said) if timed_out else httpx.ReadError(said)
