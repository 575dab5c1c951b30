"""From a prepared request to an answer: credentials, limits, one attempt after the other, and the errors in the end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from attrs import evolve

from . import _json, _retry
from ._http import HTTP, HTTPResponse, Outcome, WatchedAuth
from ._limits import Quota
from ._redact import Redactor
from ._request import Request
from .auth import Credentials, Login
from .errors import APIConnectionError, PatchworksError, ResponseDecodeError, status_error_class

logger = logging.getLogger("patchworks_core_client")

_LOGGED_HEADERS = ("content-type", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-request-id")

Attempt: TypeAlias = Callable[[Request, int], Awaitable[Outcome]]


class Transport:
    """What a client and its with_options copies share: connections, credentials, limits.

    Args:
        http: Sends one request.
        credentials: Who calls.
        login: The login request, where the credentials are a username and a password.
        slots: One for each request in flight.
        quota: What may be sent when.
    """

    def __init__(
        self, http: HTTP, credentials: Credentials, login: Request | None, slots: asyncio.Semaphore, quota: Quota
    ) -> None:
        self.closed = False
        self.redactor = Redactor()
        for secret in credentials.secrets:
            self.redactor.learn(secret)
        self._http = http
        self._header = credentials.header
        self._auth = None if credentials.auth is None else WatchedAuth(credentials.auth, self.redactor.learn)
        self._slots = slots
        self._quota = quota
        self._login = None if login is None else Login(lambda: self._log_in(login), self.redactor.learn)

    async def send(self, request: Request) -> HTTPResponse:
        """The 2xx answer to a request.

        Raises:
            APIStatusError: The answer, after all retries, is no 2xx.
            APIConnectionError: There is none.
            PatchworksError: The client is closed.
        """
        self._check_open()
        return await self._until_done(request, self._attempt, request.method, renewals=0 if self._login is None else 1)

    async def _until_done(self, request: Request, attempt: Attempt, method: str, *, renewals: int) -> HTTPResponse:
        """One attempt after the other, until one succeeds or none may follow.

        Args:
            request: What is sent.
            attempt: Makes one attempt.
            method: By which it is judged whether the request may be sent again.
            renewals: How often a 401 is answered with a new token.
        """
        number = retries = quota_waits = 0
        while True:
            number += 1
            outcome = await attempt(request, number)
            wait = None
            if isinstance(outcome, APIConnectionError):
                if retries >= request.max_retries or not _retry.may_repeat_unanswered(method, outcome.delivered):
                    raise outcome
                retries += 1
            elif outcome.is_success:
                return outcome
            elif outcome.status_code == 401 and renewals:
                renewals -= 1
                continue
            else:
                status, wait = outcome.status_code, _wait_told(outcome)
                if status == 429 and wait is not None:
                    may_repeat = request.max_retries > 0 and quota_waits < _retry.MOST_QUOTA_WAITS
                    quota_waits += 1
                else:
                    may_repeat = retries < request.max_retries and _retry.may_repeat_answered(method, status, wait)
                    retries += 1
                if not may_repeat or (wait is not None and wait > _retry.LONGEST_WAIT):
                    raise self._status_error(request, outcome)
            await asyncio.sleep(_retry.backoff(retries - 1) if wait is None else wait)

    async def aclose(self) -> None:
        """Close the connections; calls that come later are refused."""
        self.closed = True
        if self._login is not None:
            await self._login.aclose()
        await self._http.aclose()
        await self._quota.aclose()

    def _check_open(self) -> None:
        if self.closed:
            raise PatchworksError("the client is closed: make a new one, or keep this one open for longer")

    async def _attempt(self, request: Request, number: int) -> Outcome:
        """One attempt, within the limits and with the credential."""
        if self._login is not None:
            await self._login.header()  # for all who call now, so that a login that fails is not tried slot by slot
        async with self._slots, self._quota.place(request.path) as place:
            self._check_open()
            place.sent = True
            header = self._header if self._login is None else await self._login.header()
            if header is not None:
                request = evolve(request, headers={**request.headers, "Authorization": header})
            outcome = await self._send_logged(request, number)
            if not isinstance(outcome, APIConnectionError):
                await self._observe_quota(outcome)
                if outcome.status_code == 401 and self._login is not None and header is not None:
                    self._login.forget(header)
            return outcome

    async def _send_logged(self, request: Request, number: int) -> Outcome:
        started = time.perf_counter()
        outcome = await self._http.send(request, self._auth)
        if isinstance(outcome, APIConnectionError):
            outcome.path = self.redactor.text(outcome.path)
            self.redactor.error(outcome)
        elif "reason_phrase" in outcome.extensions:  # it stands in the response's repr
            reason = self.redactor.text(outcome.extensions["reason_phrase"].decode("latin-1"))
            outcome.extensions["reason_phrase"] = reason.encode("latin-1")
        if logger.isEnabledFor(logging.DEBUG):
            seconds = time.perf_counter() - started
            what, shown = type(outcome).__name__, ""
            if not isinstance(outcome, APIConnectionError):
                found = {name: outcome.headers[name] for name in _LOGGED_HEADERS if name in outcome.headers}
                what, shown = str(outcome.status_code), f" {self.redactor.json(found)}"
            line = "%s %s attempt %d: %s after %.3f s%s"
            logger.debug(line, request.method, self.redactor.text(request.path), number, what, seconds, shown)
        return outcome

    async def _observe_quota(self, answer: HTTPResponse) -> None:
        """Pause every task of the client where the server says that its quota is used up, and until when."""
        if answer.status_code == 429 or _retry.quota_exhausted(answer.headers):
            wait = _retry.quota_wait(answer.headers)
            if wait is not None and wait <= _retry.LONGEST_WAIT:
                await self._quota.pause(wait)

    async def _log_in(self, request: Request) -> Any:
        """The answer to the login request; it uses no slot, for the calls that wait for it hold them."""
        # Logging in twice does no harm, so it is judged like a PUT.
        answer = await self._until_done(request, self._send_logged, "PUT", renewals=0)
        try:
            return self.decode(request, answer)
        except ResponseDecodeError as error:
            error.body = ""  # a token may stand in it
            raise

    def decode(self, request: Request, answer: HTTPResponse) -> Any:
        """The JSON of a 2xx answer.

        Raises:
            ResponseDecodeError: It is empty, or no JSON.
        """
        try:
            return _json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            fault = "it is no JSON" if isinstance(error, ValueError) else "it nests too deeply"
        raise self.undecodable(request, answer, fault)  # without a cause, which would hold the whole answer

    def undecodable(self, request: Request, answer: HTTPResponse, fault: str) -> ResponseDecodeError:
        """The error for a 2xx answer that is not what it should be."""
        content_type = self.redactor.text(answer.headers.get("content-type", ""))
        about = f"{answer.status_code} answered with {content_type or 'no content type'}: {fault}"
        if "html" in content_type:
            about += "; an HTML page mostly comes from a proxy, or base_url is wrong"
        return ResponseDecodeError(
            about,
            method=request.method,
            path=self.redactor.text(request.path),
            status_code=answer.status_code,
            content_type=content_type,
            body=self.redactor.text(_text_of(answer)),
        )

    def _status_error(self, request: Request, answer: HTTPResponse) -> PatchworksError:
        try:
            body = self.redactor.json(_json.loads(answer.content))
        except (ValueError, RecursionError):
            body = self.redactor.text(_text_of(answer))
        return status_error_class(answer.status_code)(
            method=request.method,
            path=self.redactor.text(request.path),
            status_code=answer.status_code,
            headers=self.redactor.json(dict(answer.headers)),
            body=body,
            retry_after=_wait_told(answer),
        )


def _wait_told(answer: HTTPResponse) -> float | None:
    return (_retry.quota_wait if answer.status_code == 429 else _retry.retry_after)(answer.headers)


def _text_of(answer: HTTPResponse) -> str:
    return answer.content.decode("utf-8", "replace")
