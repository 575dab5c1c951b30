"""Credentials: which ones the caller gave, where they may go, and the login that turns a password into tokens."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
import math
import os
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._json import is_object
from ._redact import Secret
from .errors import APIConnectionError, ConfigurationError, PatchworksError

if TYPE_CHECKING:
    from ._http import HTTPAuth

DEFAULT_BASE_URL = "https://core.wearepatchworks.com"
DEFAULT_LOGIN_URL = "https://app.wearepatchworks.com/fabric/api/login"

_HOW = (
    "Give PatchworksClient exactly one of api_key=, token=, username= with password=, or auth=; "
    "or set PATCHWORKS_API_KEY, PATCHWORKS_TOKEN, or PATCHWORKS_USERNAME with PATCHWORKS_PASSWORD."
)
_RENEW_BEFORE = 60.0
_RENEW_SHARE = 0.1


class Credentials:
    """The one credential that a client has; never shown.

    Raises:
        ConfigurationError: There is none, there are several kinds, or it could not stand in a header.
    """

    def __init__(
        self, api_key: str | None, token: str | None, username: str | None, password: str | None, auth: HTTPAuth | None
    ) -> None:
        given = {"api_key": api_key, "token": token, "username": username, "password": password}
        if auth is None and not any(value is not None for value in given.values()):
            given = {name: setting(f"PATCHWORKS_{name.upper()}") for name in given}
        secrets = {name: _checked(name, value) for name, value in given.items() if value is not None}
        kinds = {"login" if name in ("username", "password") else name for name in secrets}
        kinds |= set() if auth is None else {"auth"}
        if len(kinds) != 1:
            raise ConfigurationError(f"{'More than one kind of' if kinds else 'No'} credential. {_HOW}")
        self.kind = kinds.pop()
        if self.kind == "login" and len(secrets) == 1:
            missing = "password" if "username" in secrets else "username"
            raise ConfigurationError(f"{missing} is missing: a login needs username and password. {_HOW}")
        self.auth = auth
        self.username, self.password = secrets.pop("username", None), secrets.get("password")
        self.secrets = list(secrets.values())
        """What must never be shown."""
        self.header = secrets.get("api_key")
        """The Authorization header of a credential that never changes: an API key is sent raw, a token as Bearer."""
        if "token" in secrets:
            self.header = Secret(f"Bearer {secrets['token']}")

    def __repr__(self) -> str:
        return f"<Credentials: {self.kind}>"

    def __reduce__(self) -> Any:
        raise TypeError("credentials are not pickled")


class Login:
    """Tokens from a username and a password: one login however many tasks wait, renewed before expiry.

    Args:
        post: Sends the login request and returns the decoded answer.
        on_token: Told each new token, so that it is never shown.
    """

    def __init__(self, post: Callable[[], Awaitable[Any]], on_token: Callable[[str], None]) -> None:
        self._post = post
        self._on_token = on_token
        self._header: Secret | None = None
        self._renew_at = 0.0
        self._flight: asyncio.Task[Secret] | None = None
        self._waiting = 0

    async def header(self) -> Secret:
        """The Authorization header; logs in where there is no fresh token.

        A login that fails fails for all who wait for it. One who is cancelled while waiting leaves it to the others;
        with the last of them it ends.
        """
        if self._header is not None and time.monotonic() < self._renew_at:
            return self._header
        if self._flight is None:
            self._flight = asyncio.create_task(self._log_in())
        flight = self._flight
        self._waiting += 1
        try:
            await asyncio.wait([flight])
        finally:
            self._waiting -= 1
            if flight.done() or not self._waiting:
                await self._end(flight)
        if flight.cancelled():
            raise PatchworksError("the client was closed during its login")
        failure = flight.exception()
        if isinstance(failure, PatchworksError):
            # One error object for each who waits: raising adds to its traceback.
            raise copy.copy(failure) from failure.__cause__
        return flight.result()

    def forget(self, header: str) -> None:
        """Do not use this header again; a newer one stays."""
        if self._header == header:
            self._header = None

    async def aclose(self) -> None:
        """Cancel a login under way."""
        if self._flight is not None:
            await self._end(self._flight)

    async def _end(self, flight: asyncio.Task[Secret]) -> None:
        if self._flight is flight:
            self._flight = None
        if not flight.done():
            flight.cancel()
            await asyncio.wait([flight])
        if not flight.cancelled():
            flight.exception()  # seen, even where all who waited were cancelled

    async def _log_in(self) -> Secret:
        started = time.monotonic()
        try:
            answer = await self._post()
        except APIConnectionError as error:
            error.delivered = False  # the call that needs the token was not sent
            raise
        token = answer.get("token") if is_object(answer) else None
        if not isinstance(token, str) or not _fits_header(token):
            raise PatchworksError("the login was answered without a token that a header can hold: check login_url")
        self._on_token(token)
        lifetime = _seconds(answer.get("expires_in"))
        self._renew_at = started + lifetime - min(_RENEW_BEFORE, lifetime * _RENEW_SHARE)
        self._header = Secret(f"Bearer {token}")
        return self._header


def _seconds(value: Any) -> float:
    """A lifetime; one that is not told lasts until the server refuses the token."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.inf
    return seconds if seconds > 0 else math.inf


def setting(name: str) -> str | None:
    """An environment variable; an empty one is none."""
    return os.environ.get(name) or None


def checked_url(name: str, given: str | None, variable: str, default: str) -> str:
    """A URL that credentials may be sent to: the one given, or of the environment, or the default.

    Raises:
        ConfigurationError: It is no absolute http(s) URL, holds a credential, or is http:// to another machine.
    """
    url = (setting(variable) or default) if given is None else given
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        absolute = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except (ValueError, TypeError, AttributeError):
        absolute, host, parts = False, "", urlsplit("")
    if not absolute or not url.isprintable() or set(url) & set(" \\"):
        raise ConfigurationError(f"{name} must be an absolute URL such as {default}")
    if set(url) & set("@?#"):
        raise ConfigurationError(f"{name} must have no user, password, query or fragment")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(f"{name} is http:// to {host}: credentials would travel in the clear; use https://")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked(name: str, value: Any) -> Secret:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a text that is not empty. {_HOW}")
    if name in ("api_key", "token") and not _fits_header(value):
        raise ConfigurationError(f"{name} holds spaces at its ends, line breaks or characters that no header can hold")
    return Secret(value)


def _fits_header(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip() != ""
