"""The one module that imports httpx: it creates the client, sends an HTTP request and translates errors."""

from __future__ import annotations

import asyncio
import os
import ssl
from base64 import b64decode
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import httpx

from . import _json
from ._reclaim import proxy_of, reclaim
from ._redact import Redactor, Secret
from ._request import Request
from .errors import APIConnectionError, APITimeoutError, ConfigurationError, InvalidArgumentError, PatchworksError

HTTPAuth: TypeAlias = httpx.Auth
HTTPClient: TypeAlias = httpx.AsyncClient
HTTPRequest: TypeAlias = httpx.Request
HTTPResponse: TypeAlias = httpx.Response
TransportName: TypeAlias = Literal["httpx", "aiohttp"]

# Errors that are raised before anything is sent, if the transport is one that we know.
_NOT_DELIVERED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# Headers that contain no credential.
_HARMLESS = frozenset(b"accept accept-encoding connection content-length content-type host user-agent".split())

# The share of the timeout that connecting may take. It must end before the attempt does, because only then is it known
# that nothing was delivered.
_CONNECT_SHARE = 0.9

# http:// is allowed only to this machine. A proxy from the environment would see the credential.
_DIRECT: dict[str, httpx.AsyncBaseTransport | None] = {"http://": None}

_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_TLS_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


class HTTP:
    """Wraps an httpx.AsyncClient, our own or the caller's.

    Args:
        client: The caller's client, which its owner closes, or None to create one.
        transport: The transport of the client that is created.

    Attributes:
        owned: Whether we created the client.
    """

    def __init__(self, client: httpx.AsyncClient | None, transport: TransportName) -> None:
        self.owned = client is None
        self._client = _make_client(transport) if client is None else client
        self._encoded: tuple[object, object, httpx.Headers] = (None, None, httpx.Headers())

    def build(self, request: Request) -> httpx.Request:
        """The httpx request, without the credential: what build_request makes, in two thirds of its time."""
        client, url, headers, body = self._client, _parsed(request.url), self._headers(request.headers), request.content
        built = httpx.Request(
            request.method, url, headers=headers, content=body.reveal() if isinstance(body, Secret) else body
        )
        if client.params:
            built.url = built.url.copy_with(params=client.params.merge(built.url.params))
        if client.cookies.jar and not self.owned:
            client.cookies.set_cookie_header(built)
        return built

    async def send(self, sent: httpx.Request, request: Request) -> httpx.Response:
        """Send one HTTP request and read the whole answer.

        Args:
            sent: The built and signed `request`, or one that the caller's auth= yielded.
            request: The request that it belongs to.

        Raises:
            APIConnectionError: There is no answer. The transport's error is the cause, without its traceback, because
                the libraries' frames hold the headers.
            asyncio.CancelledError: The task was cancelled. It is a new error, for the same reason.
        """
        client = self._client
        if client.is_closed:
            raise PatchworksError("the httpx client is closed")
        connect = None if request.timeout is None else request.timeout * _CONNECT_SHARE
        phases = {"connect": connect, "read": request.timeout, "write": request.timeout, "pool": connect}
        sent.extensions = {**sent.extensions, "timeout": phases}
        try:
            answer = await client.send(sent, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:  # a hook of the caller's client calls raise_for_status
            answer = error.response
            if answer.is_stream_consumed:
                return answer
            return httpx.Response(answer.status_code, headers=answer.headers, request=sent, content=b"")
        except Exception as error:
            if not isinstance(error, httpx.HTTPError) and self._raised_by_hook(error):
                raise
            failure: BaseException = self.no_answer(sent, request, cause=error)
        except BaseException as error:
            cancelled = isinstance(error, asyncio.CancelledError)
            failure = asyncio.CancelledError(*error.args) if cancelled else error.with_traceback(None)
        else:
            answer.extensions.pop("reason_phrase", None)  # it may repeat the credential, and a response's repr shows it
            answer.stream = sent.stream  # httpx's own refers to the answer: only the garbage collector would free both
            return answer
        await reclaim(self._sender(sent), sent.extensions)
        raise failure

    def no_answer(
        self, sent: httpx.Request, request: Request, why: str = "", cause: Exception | None = None
    ) -> APIConnectionError:
        """The error for a request without an answer. If no reason and no cause is given, its timeout is the reason."""
        hide, sender, delivered = redactor(sent, request), self._sender(sent), None
        if cause is not None:
            cause = _without_frames(_as_httpx(cause), sent, hide)
            if isinstance(cause, _NOT_DELIVERED) and (self.owned or type(sender) is httpx.AsyncHTTPTransport):
                delivered = False
            if not isinstance(cause, TimeoutError | httpx.TimeoutException):
                # Only what was said before anything was sent is quoted: later errors quote the answer.
                why = f": {(delivered is False and str(cause)) or type(cause).__name__}"
        kind = APIConnectionError if why else APITimeoutError
        if not why:
            why = " in time" if request.timeout is None else f" within {request.timeout:g} s; timeout= allows more"
        if proxy := proxy_of(sender):
            why = f" through the proxy {proxy}{why}"
        end = "nothing was sent" if delivered is False else "the server may have acted on the request"
        if request.operation == "login":  # which may be repeated, and the call has not been sent
            end = "the call was not sent"
        said = f"no answer from {sent.url.netloc.decode()}{why}; {end}"
        failure = kind(said, method=request.method, path=hide(request.path), delivered=delivered)
        failure.__cause__ = cause
        return failure

    async def next_signed(
        self, flow: AsyncGenerator[httpx.Request, httpx.Response], answer: Any, sent: httpx.Request, request: Request
    ) -> httpx.Request | None:
        """The next request of an auth= flow, which gets the answer to the one before. None at its end."""
        try:
            return await flow.asend(answer)
        except StopAsyncIteration:
            return None
        except httpx.HTTPError as error:  # as of httpx.DigestAuth, where the server's challenge is malformed
            failure = self.no_answer(sent, request, cause=error)
        raise failure

    async def aclose(self) -> None:
        """Close the client unless it is the caller's."""
        if self.owned:
            await self._client.aclose()

    def _headers(self, ours: Mapping[str, str]) -> httpx.Headers:
        """The headers of a call, and those that only the caller's client has. Those of the last call are kept."""
        theirs = [] if self.owned else self._client.headers.raw
        if self._encoded[:2] != (ours, theirs):
            encoded = httpx.Headers(ours).raw
            taken = {b"host", b"content-length", b"transfer-encoding", *(name.lower() for name, _ in encoded)}
            # httpx adds keep-alive to every client, and it is the default anyway.
            encoded += [pair for pair in theirs if pair[0].lower() not in taken and pair[1] != b"keep-alive"]
            self._encoded = ours, theirs, httpx.Headers(encoded)
        return self._encoded[2]

    def _raised_by_hook(self, error: Exception) -> bool:
        """Whether an event hook of the caller's client raised the error."""
        hooks = [hook for hooks in self._client.event_hooks.values() for hook in hooks]
        codes = {getattr(hook, "__code__", None) or getattr(type(hook).__call__, "__code__", None) for hook in hooks}
        return any(frame.f_code in codes for frame, _ in walk_tb(error.__traceback__))

    def _sender(self, sent: httpx.Request) -> Any:
        return self._client._transport_for_url(sent.url)  # pyright: ignore[reportPrivateUsage]


def _make_client(transport: TransportName) -> httpx.AsyncClient:
    if transport not in ("httpx", "aiohttp"):
        raise ConfigurationError(f'transport must be "httpx" or "aiohttp", not {transport!r}')
    try:
        if authorities := os.environ.get("SSL_CERT_FILE"):
            Path(authorities).stat()  # older releases of httpx ignore a missing file
        tls = _tls_context(*(os.environ.get(name) for name in _TLS_VARIABLES))
        if transport == "aiohttp":
            from ._aiohttp import make_client

            client = make_client(tls, _DIRECT)
        else:
            # No limits: the slots cap what is in flight, and so what is kept. (httpcore closes idle connections where
            # all together, not the idle ones, are more than max_keepalive_connections.)
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
            client = httpx.AsyncClient(verify=tls, limits=limits, mounts=_DIRECT)
        for sender in client._mounts.values():  # pyright: ignore[reportPrivateUsage]
            urlsplit(f"//{proxy_of(sender)}").port  # noqa: B018  (raises a ValueError where it is out of range)
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        # No value is shown: a proxy's may contain a password.
        variables = _TLS_VARIABLES if isinstance(error, OSError) else _PROXY_VARIABLES
        names = [name for known in variables for name in (known, known.lower()) if name in os.environ]
        said = str(error) if isinstance(error, ImportError) else type(error).__name__  # SOCKS needs a package
        raise ConfigurationError(f"httpx cannot use {' or '.join(names)} of the environment: {said}") from None
    return client


@cache
def _tls_context(*environment: str | None) -> ssl.SSLContext:
    # Made once per process, unless the environment names other certificates: reading them takes about 20 ms.
    return httpx.create_ssl_context()


def _as_httpx(error: Exception) -> Exception:
    """The error itself, or an httpx error for one of aiohttp's, because those hold the request's headers."""
    if not any(type(one).__module__.startswith("aiohttp") for one in (error, error.__cause__)):
        return error
    from ._aiohttp import as_httpx

    return as_httpx(error)


def _without_frames(error: Exception, sent: httpx.Request, hide: Redactor) -> Exception:
    """The error without traceback, cause and context, and with the credential removed from its message.

    Tracebacks, causes and contexts are cut off and not followed, because they may lead to the caller's exceptions.
    """
    error.__traceback__ = error.__cause__ = error.__context__ = None
    error.args = tuple(hide(arg) for arg in error.args)
    if isinstance(error, httpx.RequestError):
        error.request = httpx.Request(sent.method, sent.url.join("/"))
    for one in getattr(error, "exceptions", ()):  # of a group
        _without_frames(one, sent, hide)
    return error


def redactor(sent: httpx.Request, request: Request) -> Redactor:
    """A Redactor for the credential that a request was sent with."""
    return Redactor(_credentials(sent, request))


def _credentials(sent: httpx.Request, request: Request) -> Iterator[str]:
    """Every value that may be a credential: headers that the call did not set, and the values in a login's body."""
    own = {value.encode() for value in request.headers.values()}
    for name, value in sent.headers.raw:
        if name.lower() not in _HARMLESS and value not in own:
            text = value.decode("latin-1")
            credential = text.rpartition(" ")[2]
            yield from (text, credential)
            with suppress(ValueError):  # user and password, where it is Basic
                yield b64decode(credential, validate=True).decode().partition(":")[2]
    if len(request.url) < len(str(sent.url)):  # an auth= may sign the URL, or http_client= have params=
        yield from set(sent.url.params.values()) - set(_parsed(request.url).params.values())
    if isinstance(request.content, Secret):
        yield from _json.loads(request.content.reveal()).values()


def origin(url: httpx.URL | str) -> tuple[str, bytes]:
    """The origin of a URL, for comparison."""
    parsed = _parsed(url)
    return parsed.scheme, parsed.netloc


def _parsed(url: httpx.URL | str) -> httpx.URL:
    try:
        return url if isinstance(url, httpx.URL) else httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidArgumentError(f"httpx cannot use the URL: {error}") from None


def forget_credentials(request: httpx.Request, url: str) -> None:
    """Remove what may be a credential from a sent request, because answers and errors keep a reference to it."""
    request.url = _parsed(url)
    request.headers = httpx.Headers([(name, value) for name, value in request.headers.raw if name.lower() in _HARMLESS])


def check_type(name: str, given: object, kind: type[object]) -> None:
    """Raise a ConfigurationError unless the argument is None or an httpx object of that type."""
    if not isinstance(given, kind | None):
        raise ConfigurationError(f"{name}= takes an httpx.{kind.__name__}, not {type(given).__name__}")


def encode_multipart(fields: list[tuple[str, Any]]) -> tuple[bytes, str]:
    """A multipart body and its Content-Type. Fields are texts, or files as (name, content, type)."""
    parts = [(name, (None, value) if isinstance(value, str) else value) for name, value in fields]
    request = httpx.Request("POST", "http://localhost", files=parts)
    return request.read(), request.headers["content-type"]
