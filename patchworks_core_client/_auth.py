"""Credentials: which one was given, where it may be sent, and the login that gets tokens for a password."""

from __future__ import annotations

import asyncio
import copy
import math
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, TypeAlias, TypeGuard
from urllib.parse import urlsplit

from . import _json
from ._http import HTTPAuth, HTTPRequest
from ._redact import Secret
from ._request import Request
from ._retry import number
from ._types import is_object
from .errors import APIConnectionError, ConfigurationError, PatchworksError

DEFAULT_BASE_URL = "https://core.wearepatchworks.com"
DEFAULT_LOGIN_URL = "https://app.wearepatchworks.com/fabric/api/login"

# Sends a login request and returns the decoded answer.
Post: TypeAlias = Callable[[Request], Awaitable[Any]]

_HOW = (
    "Give PatchworksClient exactly one of api_key=, token=, username= with password=, or auth=; "
    "or set PATCHWORKS_API_KEY, PATCHWORKS_TOKEN, or PATCHWORKS_USERNAME with PATCHWORKS_PASSWORD."
)
# What to check after a 401, by the kind of credential.
HINTS = {
    "api_key": "the key is sent as it is: does it begin with Bearer? Then give what follows as token=",
    "token": "check token=: it is sent after the word Bearer, and may have expired",
    "login": "check username=, password= and identity_field=",
    "auth": "check what auth= sends",
}


class ExpiredError(Exception):
    """The token expired while the request waited. The call gets another one."""


class Credential:
    """What identifies the client. This one never changes: an API key, a token, or the caller's auth=.

    Args:
        kind: `api_key`, `token`, `login` or `auth`.
        header: The Authorization header. None if auth= signs requests, and for the login request itself.
        auth: The caller's auth=.
    """

    def __init__(self, kind: str, header: Secret[str] | None = None, auth: HTTPAuth | None = None) -> None:
        self.kind = kind
        self.auth = auth
        self._header = header

    async def ready(self, started: float, post: Post) -> None:
        """Get a credential if there is none yet.

        Args:
            started: When the call began, by time.monotonic().
            post: Sends a login request.
        """

    def sign(self, sent: HTTPRequest) -> None:
        """Add the credential to a request that is about to be sent."""
        if self._header is not None:
            sent.headers["Authorization"] = self._header.reveal()

    def refuse(self, sent: HTTPRequest) -> None:
        """Note that the server refused the credential of this request."""


class Login(Credential):
    """Tokens for a username and password: one login for all tasks that wait, renewed before expiry.

    Args:
        username: The username.
        password: The password, sent only to login_url.
    """

    _request: Request
    _failure: Exception

    def __init__(self, username: Secret[str], password: Secret[str]) -> None:
        super().__init__("login")
        self._username = username
        self._password = password
        self._renew_at = -math.inf
        self._failed_at = -math.inf
        self._flight: asyncio.Task[None] | None = None
        self._waiting = 0

    def prepare(
        self, url: str, identity_field: str, headers: Mapping[str, str], timeout: float | None, max_retries: int
    ) -> None:
        """Encode the login request, with the username under the key identity_field."""
        body = _json.dumps({identity_field: self._username.reveal(), "password": self._password.reveal()})
        self._request = Request("POST", url, urlsplit(url).path, headers, Secret(body), timeout, max_retries, "login")

    async def ready(self, started: float, post: Post) -> None:
        """Log in unless there is a fresh token.

        A failed login fails every call that began before, so one wrong password is tried once. A cancelled call leaves
        the login to the others that wait; when the last one is cancelled, the login ends.
        """
        while time.monotonic() >= self._renew_at:
            if started <= self._failed_at:
                if isinstance(self._failure, PatchworksError):  # a copy, because raising adds to the traceback
                    raise copy.copy(self._failure) from self._failure.__cause__
                raise self._failure  # of the caller's hook
            if self._flight is None or self._flight.done():
                self._flight = asyncio.create_task(self._log_in(post))
            await self._wait_for(self._flight)

    def sign(self, sent: HTTPRequest) -> None:
        """Add the newest token to the request.

        Raises:
            ExpiredError: There is none, or it is about to expire.
        """
        if time.monotonic() >= self._renew_at:
            raise ExpiredError
        super().sign(sent)

    def refuse(self, sent: HTTPRequest) -> None:
        """Use this request's token no more, but keep a newer one."""
        if self._header is not None and sent.headers.get("Authorization") == self._header.reveal():
            self._renew_at = -math.inf

    async def _wait_for(self, flight: asyncio.Task[None]) -> None:
        self._waiting += 1
        try:
            await asyncio.wait([flight])
        finally:
            self._waiting -= 1
            if not self._waiting and not flight.done():
                flight.cancel()
                await asyncio.wait([flight])

    async def _log_in(self, post: Post) -> None:
        """Note the token or the failure. Does not raise, because nobody may be left to see it."""
        try:
            self._header, lifetime = _read_token(await post(self._request))
            if self._header is None:
                raise PatchworksError("the answer to the login has no usable token: check login_url")
        except Exception as error:
            if isinstance(error, APIConnectionError):
                error.delivered = False  # the call that needs the token was not sent
            self._failure, self._failed_at = error, time.monotonic()
        else:
            self._failed_at = -math.inf
            self._renew_at = time.monotonic() + lifetime - min(60.0, lifetime / 10)


def credential_of(
    api_key: str | None, token: str | None, username: str | None, password: str | None, auth: HTTPAuth | None
) -> Credential:
    """The one credential in the arguments or the environment.

    Args:
        api_key: As the caller passed it.
        token: As the caller passed it. Sent after Bearer.
        username: As the caller passed it, with password.
        password: As the caller passed it, with username.
        auth: The caller's auth=, already checked.

    Raises:
        ConfigurationError: There is none, there are several kinds, or it cannot be put into a header.
    """
    given = {"api_key": api_key, "token": token, "username": username, "password": password}
    if auth is None and all(value is None for value in given.values()):
        given = {name: _setting(name) for name in given}
    secrets = {name: _checked(name, value) for name, value in given.items() if value is not None}
    match [*secrets, *([] if auth is None else ["auth"])]:
        case ["auth"]:
            return Credential("auth", auth=auth)
        case ["api_key" | "token" as kind]:
            scheme = "Bearer " if kind == "token" else ""
            return Credential(kind, Secret(f"{scheme}{secrets[kind].reveal()}"))
        case ["username", "password"]:
            return Login(secrets["username"], secrets["password"])
        case names:
            raise ConfigurationError(f"{_HOW} Found: {', '.join(names) or 'none of them'}.")


def checked_url(name: str, given: str | None, default: str) -> str:
    """A URL that credentials may be sent to: the argument, the environment variable or the default.

    Raises:
        ConfigurationError: It is not an absolute URL, contains a credential, or is http:// to another machine, where
            credentials would travel in the clear.
    """
    url = (_setting(name) or default) if given is None else given
    with suppress(ValueError, TypeError, AttributeError):
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        safe = parts.scheme == "https" or host == "localhost" or ip_address(host).is_loopback
        whole = parts.scheme in ("http", "https") and host and parts.port != 0
        if safe and whole and url.isprintable() and not set(url) & set(" \\@?#"):
            return url
    rule = "an absolute https:// URL without user, password, query or fragment (http:// to this machine alone)"
    raise ConfigurationError(f"{name} is missing or invalid: give {name}= or set PATCHWORKS_{name.upper()} to {rule}")


def _read_token(answer: Any) -> tuple[Secret[str] | None, float]:
    """The Authorization header and the token's lifetime.

    If that is not told, or so short that every attempt would log in first, the token lasts until the server refuses it.
    """
    token = answer.get("token") if is_object(answer) else None
    if not _fits_header(token):
        return None, math.inf
    seconds = number(str(answer.get("expires_in"))) or 0.0
    return Secret(f"Bearer {token}"), seconds if seconds >= 1 else math.inf


def _setting(name: str) -> str | None:
    """The environment variable of an argument, or None if it is unset or empty."""
    return os.environ.get(f"PATCHWORKS_{name.upper()}") or None


def _checked(name: str, value: Any) -> Secret[str]:
    if not isinstance(value, str) or not value or (name in ("api_key", "token") and not _fits_header(value)):
        raise ConfigurationError(f"{name} must be text; a key or token also fits a header: ASCII, no outer blanks")
    return Secret(value)


def _fits_header(text: Any) -> TypeGuard[str]:
    return isinstance(text, str) and text.isascii() and text.isprintable() and text == text.strip() != ""
