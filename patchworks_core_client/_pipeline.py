"""From a prepared request to an answer or an error: credential, limits and attempts."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _json, _retry, errors
from ._auth import HINTS, Credential, ExpiredError, Login
from ._http import HTTP, HTTPRequest, HTTPResponse, origin, redactor
from ._lifetime import Lifetime
from ._limits import Window
from ._redact import LOGGED_HEADERS
from ._request import Request
from ._retry import Retries

if TYPE_CHECKING:
    from .quota import Quota

logger = logging.getLogger("patchworks_core_client")

# What comes of one HTTP request.
Outcome: TypeAlias = HTTPResponse | errors.APIConnectionError | TimeoutError

# The quota of requests to other servers.
_UNLIMITED = Window(None)


class Pipeline:
    """What a client shares with its with_options copies: connections, credential and limits.

    Args:
        http: Sends one HTTP request.
        credential: Identifies the client.
        base_url: Requests to its origin count against the quota.
        slots: The most requests in flight.
        quota: Decides when a request may be sent.
    """

    def __init__(self, http: HTTP, credential: Credential, base_url: str, slots: int, quota: Quota) -> None:
        self._http = http
        self._credential = credential
        self._origin = origin(base_url)
        self._slots = asyncio.Semaphore(slots)
        self._quota = quota
        self._lifetime = Lifetime()

    async def send(self, request: Request) -> HTTPResponse:
        """Send a request and return its 2xx answer.

        Raises:
            APIStatusError: The answer, after all retries, is not a 2xx.
            APIConnectionError: There is no answer.
            QuotaError: The quota is unreachable, so nothing was sent.
            PatchworksError: The client is closed, or belongs to another event loop.
        """
        retries = Retries(request.max_retries, safe=request.method in _retry.SAFE_METHODS)
        return await self._until_done(request, self._credential, retries)

    async def aclose(self) -> None:
        """Close the connections and wake everyone who waits. Later calls are refused."""
        self._lifetime.close()
        for close in (self._http.aclose, self._quota.aclose):
            with suppress(Exception):  # a connection of another event loop can be dropped, but not closed in good order
                await close()

    async def _until_done(self, request: Request, credential: Credential, retries: Retries) -> HTTPResponse:
        """Make attempts until one succeeds or no further one is allowed."""
        self._lifetime.check()
        started, number, renewed = time.monotonic(), 1, False
        while True:
            await credential.ready(started, self._log_in)
            try:
                return await self._attempt(request, credential, number)
            except ExpiredError:  # while the request waited
                continue
            except errors.APIError as error:
                failure = error
            number += 1
            if isinstance(failure, errors.AuthenticationError) and isinstance(credential, Login) and not renewed:
                renewed = True
                continue
            wait = None if self._lifetime.closed else retries.wait_after(failure)
            if wait is None:
                raise failure
            reason = getattr(failure, "status_code", type(failure).__name__)
            logger.info("%s is retried in %.1f s: %s", request.operation, wait, reason)
            await self._lifetime.sleep(wait)

    async def _attempt(self, request: Request, credential: Credential, number: int) -> HTTPResponse:
        """Make one attempt: one HTTP request, or as many as the caller's auth= needs."""
        sent = self._http.build(request)
        answer: HTTPResponse | None = None
        if credential.auth is None:
            answer = await self._exchange(request, sent, credential, number)
        else:
            async with aclosing(credential.auth.async_auth_flow(sent)) as flow:
                while (signed := await self._http.next_signed(flow, answer, sent, request)) is not None:
                    answer = await self._exchange(request, signed, credential, number)
            if answer is None:
                raise errors.ConfigurationError("auth= sends no request: its flow must yield one")
        if answer.is_success:
            return answer
        if answer.status_code == 401:
            credential.refuse(sent)
        raise _status_error(request, answer, credential)

    async def _exchange(self, request: Request, sent: HTTPRequest, credential: Credential, number: int) -> HTTPResponse:
        """The answer to one HTTP request, whatever its status."""
        quota = self._quota if origin(sent.url) == self._origin else _UNLIMITED
        began, used = 0.0, False
        outcome: Outcome | None = None
        with suppress(TimeoutError):
            async with self._lifetime.until_closed() as deadline, self._slots:
                place = await quota.enter(request.operation)
                try:
                    self._lifetime.check()
                    credential.sign(sent)
                    began, used = time.perf_counter(), True
                    if not self._http.owned:
                        self._lifetime.let_finish(deadline)
                    if request.timeout is not None:
                        deadline.reschedule(asyncio.get_running_loop().time() + request.timeout)
                    outcome = await self._http.send(sent, request)
                except (errors.APIConnectionError, TimeoutError) as error:  # a TimeoutError of the caller's hook
                    outcome, used = error, getattr(error, "delivered", None) is None
                finally:
                    quota.leave(place, sent=used)
        if not began:
            self._lifetime.check()
        if outcome is None:
            why = " because the client was closed" if self._lifetime.closed else ""
            outcome = self._http.no_answer(sent, request, why)
        if logger.isEnabledFor(logging.DEBUG):
            _log(request, sent, number, began, outcome)
        if isinstance(outcome, Exception):
            raise outcome
        if quota is self._quota and (wait := _retry.quota_pause(outcome.status_code, outcome.headers)) is not None:
            quota.pause(wait)
        return outcome

    async def _log_in(self, request: Request) -> Any:
        """The answer to the login request. Logging in twice is harmless, so any failure may be retried."""
        retries = Retries(request.max_retries, safe=True)
        return decode(request, await self._until_done(request, Credential("login"), retries))


def decode(request: Request, answer: HTTPResponse) -> Any:
    """The JSON of a 2xx answer.

    Raises:
        ResponseDecodeError: It is empty, or not JSON.
    """
    with suppress(ValueError, RecursionError):
        return _json.loads(answer.content)
    # Without a cause, which would hold the whole answer.
    raise undecodable(request, answer, "it is not JSON, or it nests too deeply")


def undecodable(request: Request, answer: HTTPResponse, fault: str) -> errors.ResponseDecodeError:
    """The error for a 2xx answer that is not as documented."""
    body = "" if request.operation == "login" else text_of(answer)  # a login's may contain a new token
    quoted = [request.path, answer.headers.get("content-type", ""), body]
    path, content_type, body = redactor(answer.request, request)(quoted)
    about = f"{answer.status_code} answered with {content_type or 'no content type'}: {fault}"
    if "html" in content_type:
        about += "; an HTML page mostly comes from a proxy, or base_url is wrong"
    status = answer.status_code
    return errors.ResponseDecodeError(
        about, method=request.method, path=path, status_code=status, content_type=content_type, body=body
    )


def _status_error(request: Request, answer: HTTPResponse, credential: Credential) -> errors.APIStatusError:
    hide = redactor(answer.request, request)
    try:
        body = hide(_json.loads(answer.content))
    except (ValueError, RecursionError):
        body = hide(text_of(answer))
    return errors.status_error_class(answer.status_code)(
        method=request.method,
        path=hide(request.path),
        status_code=answer.status_code,
        headers=hide(dict(answer.headers)),
        body=body,
        retry_after=_retry.retry_after(answer.status_code, answer.headers),
        hint=HINTS[credential.kind] if answer.status_code == 401 else "",
    )


def _log(request: Request, sent: HTTPRequest, number: int, began: float, outcome: Outcome) -> None:
    """Log one line per HTTP request at DEBUG, with a few harmless headers."""
    seconds, hide = time.perf_counter() - began, redactor(sent, request)
    what, headers = type(outcome).__name__, dict[str, str]()
    if isinstance(outcome, HTTPResponse):
        what = str(outcome.status_code)
        headers = {name: outcome.headers[name] for name in LOGGED_HEADERS if name in outcome.headers}
    line, path = "%s %s attempt %d: %s after %.3f s %s", hide(request.path)
    logger.debug(line, request.method, path, number, what, seconds, hide(headers))


def text_of(answer: HTTPResponse) -> str:
    """The body as text, whatever charset the answer names."""
    with suppress(Exception):  # the parser of the header and the codecs raise errors of many kinds
        return answer.content.decode(answer.charset_encoding or "utf-8", "replace")
    return answer.content.decode("utf-8", "replace")
