"""transport="aiohttp": creates the client and translates aiohttp's errors to httpx's."""

from __future__ import annotations

import ssl
from importlib import import_module
from typing import Any

import httpx

from .errors import ConfigurationError


def make_client(tls: ssl.SSLContext, mounts: Any) -> httpx.AsyncClient:
    """An httpx client that uses aiohttp, keeps no cookies and does not retry on its own."""
    if httpx.__name__ != "httpx":  # a copy of this package may use httpx2, which httpx-aiohttp does not support
        raise ConfigurationError(f'transport="aiohttp" needs httpx, and this client uses {httpx.__name__}')
    try:
        # Not import statements: type checkers would report errors in this file if the extra is not installed.
        aiohttp: Any = import_module("aiohttp")
        httpx_aiohttp: Any = import_module("httpx_aiohttp")
    except ModuleNotFoundError as missing:
        extra = 'pip install "patchworks_core_client[aiohttp]"'
        raise ConfigurationError(f'transport="aiohttp" needs the extra of that name: {extra}') from missing

    def make_session() -> Any:
        connector = aiohttp.TCPConnector(limit=0, ssl=tls)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        session._retry_connection = False
        return session

    client: httpx.AsyncClient = httpx_aiohttp.HttpxAiohttpClient(verify=tls, mounts=mounts)
    senders: list[Any] = [client._transport, *client._mounts.values()]  # pyright: ignore[reportPrivateUsage]
    for sender in senders:
        if isinstance(sender, httpx_aiohttp.AiohttpTransport):
            sender.client = make_session  # instead of one that keeps cookies and retries on its own
            if sender.proxy is not None and not sender.proxy.url.scheme.startswith("http"):
                raise ValueError("aiohttp sends through http:// proxies only")
    return client


def as_httpx(failure: BaseException) -> httpx.RequestError:
    """The httpx error for one of aiohttp's, or for what httpx-aiohttp made of it: both keep the request's headers.

    Works without the extra, too, because a caller's own transport may use aiohttp.
    """
    # Any: aiohttp may be missing where types are checked.
    aiohttp: Any = import_module("aiohttp")
    before_sending = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
    error: Any = failure.__cause__ if type(failure.__cause__).__module__.startswith("aiohttp") else failure
    said = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError):
        said = f"{said}: {error.os_error}"
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        said = f"{said}: {error.status} {error.message}"
        return httpx.ProxyError(said)
    timed_out = isinstance(error, TimeoutError)
    if isinstance(error, before_sending):
        return httpx.ConnectTimeout(said) if timed_out else httpx.ConnectError(said)
    return httpx.ReadTimeout(said) if timed_out else httpx.ReadError(said)
