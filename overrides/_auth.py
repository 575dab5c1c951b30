"""Credentials: which one was given, where it may be sent, and the login that gets tokens for a password."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
import math
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from . import _json
from ._json import is_object
from ._redact import Secret
from ._request import Request
from ._retry import number
from .errors import APIConnectionError, ConfigurationError, PatchworksError

if TYPE_CHECKING:
    from ._http import HTTPAuth, HTTPRequest

DEFAULT_BASE_URL = "https://core.wearepatchworks.com"
DEFAULT_LOGIN_URL = "https://app.wearepatchworks.com/fabric/api/login"

# Sends a login request and returns the decoded answer.
Post: TypeAlias = Callable[[Request], Awaitable[Any]]

_HOW = (
    "Give PatchworksClient exactly one of api_key=, token=, username= with password=, or auth=; "
    "or set PATCHWORKS_API_KEY, PATCHWORKS_TOKEN, or PATCHWORKS_USERNAME with PATCHWORKS_PASSWORD."
)
_HINTS = {
    "api_key": "the key is sent as it is: does it begin with Bearer? Then give what follows as token=",
    "token": "check token=: it is sent after the word Bearer, and may have expired",
    "login": "check username=, password= and identity_field=",
    "auth": "check what auth= sends",
}
_RENEW_BEFORE = 60.0
_RENEW_SHARE = 0.1
# A new token is used for at least so many seconds: with a short lifetime, every attempt would log in first.
_USED_AT_LEAST = 1.0


class ExpiredError(Exception):
    """The token expired while the request waited. The call gets another one."""


class Credential:
    """What identifies the client. This one never changes: an API key, a token, or the caller's auth=.

    Args:
        kind: `api_key`, `token`, `login` or `auth`.
        header: The Authorization header. None if auth= signs requests, and for the login request itself.
        auth: The caller's auth=.

    Attributes:
        hint: What to check after a 401.
    """

    def __init__(self, kind: str, header: Secret[str] | None = None, auth: HTTPAuth | None = None) -> None:
        self.kind = kind
        self.hint = _HINTS[kind]
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

    def __init__(self, username: Secret[str], password: Secret[str]) -> None:
        super().__init__("login")
        self._username = username
        self._password = password
        self._renew_at = 0.0
        self._flight: asyncio.Task[None] | None = None
        self._waiting = 0
        self._failure: Exception | None = None
        self._failed_at = 0.0

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
        while not self._is_fresh():
            if self._failure is not None and started <= self._failed_at:
                raise _for_one_call(self._failure)
            if self._flight is None or self._flight.done():
                self._flight = asyncio.create_task(self._log_in(post))
            await self._wait_for(self._flight)

    def sign(self, sent: HTTPRequest) -> None:
        """Add the newest token to the request.

        Raises:
            ExpiredError: There is none, or it is about to expire.
        """
        if not self._is_fresh():
            raise ExpiredError
        super().sign(sent)

    def refuse(self, sent: HTTPRequest) -> None:
        """Forget this request's token, but keep a newer one."""
        if self._header is not None and sent.headers.get("Authorization") == self._header.reveal():
            self._header = None

    def _is_fresh(self) -> bool:
        return self._header is not None and time.monotonic() < self._renew_at

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
        started = time.monotonic()
        try:
            self._header, lifetime = _read_token(await post(self._request))
            if self._header is None:
                raise PatchworksError("the answer to the login has no usable token: check login_url")
        except Exception as error:
            if isinstance(error, APIConnectionError):
                error.delivered = False  # the call that needs the token was not sent
            self._failure, self._failed_at = error, time.monotonic()
        else:
            self._failure = None
            early = min(_RENEW_BEFORE, lifetime * _RENEW_SHARE)
            self._renew_at = max(started + lifetime - early, time.monotonic() + _USED_AT_LEAST)


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
    if auth is None and not any(value is not None for value in given.values()):
        given = {name: setting(f"PATCHWORKS_{name.upper()}") for name in given}
    secrets = {name: _checked(name, value) for name, value in given.items() if value is not None}
    match [*secrets, *(() if auth is None else ("auth",))]:
        case ["auth"]:
            return Credential("auth", auth=auth)
        case ["api_key"]:
            return Credential("api_key", secrets["api_key"])
        case ["token"]:
            return Credential("token", Secret(f"Bearer {secrets['token'].reveal()}"))
        case ["username", "password"]:
            return Login(secrets["username"], secrets["password"])
        case ["username"] | ["password"]:
            fault = "A login needs username and password"
        case []:
            fault = "No credential"
        case _:
            fault = "More than one kind of credential"
    raise ConfigurationError(f"{fault}. {_HOW}")


def _for_one_call(failure: Exception) -> Exception:
    """A copy of our error, because raising adds to its traceback; an error of the caller's hook unchanged."""
    if not isinstance(failure, PatchworksError):
        return failure
    copied = copy.copy(failure)
    copied.__cause__ = failure.__cause__
    return copied


def _read_token(answer: Any) -> tuple[Secret[str] | None, float]:
    """The Authorization header and the token's lifetime; one that is not told lasts until the server refuses it."""
    token = answer.get("token") if is_object(answer) else None
    if not isinstance(token, str) or not _fits_header(token):
        return None, math.inf
    seconds = number(str(answer.get("expires_in"))) or 0.0
    return Secret(f"Bearer {token}"), seconds if seconds > 0 else math.inf


def setting(name: str) -> str | None:
    """An environment variable, or None if it is unset or empty."""
    return os.environ.get(name) or None


def login_url_of(given: str | None, base_url: str) -> str:
    """Where the password may be sent.

    Raises:
        ConfigurationError: The URL is invalid, or only base_url was given. The vendor's login is then the wrong one and
            must not get the password.
    """
    url = checked_url("login_url", given, "PATCHWORKS_LOGIN_URL", DEFAULT_LOGIN_URL)
    if given is None and setting("PATCHWORKS_LOGIN_URL") is None and base_url != DEFAULT_BASE_URL:
        why = f"base_url is {base_url}, and the password must not go to {DEFAULT_LOGIN_URL}"
        raise ConfigurationError(f"login_url is missing: {why}; give login_url= or set PATCHWORKS_LOGIN_URL")
    return url


def checked_url(name: str, given: str | None, variable: str, default: str) -> str:
    """A URL that credentials may be sent to: the argument, the environment variable or the default.

    Raises:
        ConfigurationError: It is not an absolute http(s) URL, contains a credential, or is http:// to another machine.
    """
    url = (setting(variable) or default) if given is None else given
    name = variable if given is None else name
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        absolute = parts.scheme in ("http", "https") and host and parts.port != 0
        if not absolute or not url.isprintable() or set(url) & set(" \\@?#"):
            raise ValueError
    except (ValueError, TypeError, AttributeError):
        rule = f"an absolute URL such as {default}, without a user, password, query or fragment"
        raise ConfigurationError(f"{name} must be {rule}") from None
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(f"{name} is http:// to {host}: credentials would travel in the clear; use https://")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(name: str, value: Any) -> Secret[str]:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a text that is not empty. {_HOW}")
    if name in ("api_key", "token") and not _fits_header(value):
        raise ConfigurationError(f"{name} holds spaces at its ends, line breaks or characters that no header can hold")
    return Secret(value)


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip() != ""
