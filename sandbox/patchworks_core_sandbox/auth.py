"""The API key, tokens, and the user behind each."""

import secrets
from dataclasses import dataclass

from . import credentials
from .clock import Clock
from .errors import Refusal, unauthenticated
from .state import State, User


@dataclass
class Token:
    user: User
    expires_at: float


class Auth:
    """Keys and tokens.

    Attributes:
        token_lifetime: Seconds a new token lives.
    """

    def __init__(self, state: State, clock: Clock, token_lifetime: float) -> None:
        self.token_lifetime = token_lifetime
        self._start = token_lifetime
        self._state = state
        self._clock = clock
        self._tokens: dict[str, Token] = {}

    def identify(self, authorization: str | None) -> User:
        """The user behind an `Authorization` header: a raw key, or `Bearer` and a token.

        Raises:
            Refusal: A 401.
        """
        if authorization == credentials.API_KEY:
            return next(user for user in self._state.users if user.name == "Company API key")
        scheme, _, value = (authorization or "").partition(" ")
        token = self._tokens.get(value.strip()) if scheme.lower() == "bearer" else None
        if token is None or token.expires_at <= self._clock.time():
            raise unauthenticated()
        return token.user

    def log_in(self, username: str, password: str) -> tuple[str, float]:
        """A new token and its lifetime.

        Raises:
            Refusal: A 401.
        """
        passwords = {
            credentials.USERNAME: credentials.PASSWORD,
            credentials.MANAGER_USERNAME: credentials.MANAGER_PASSWORD,
        }
        if username not in passwords or not secrets.compare_digest(passwords[username].encode(), password.encode()):
            raise Refusal(401, "These credentials do not match our records.")
        return self.issue_token(username), self.token_lifetime

    def issue_token(self, username: str = credentials.USERNAME, *, lifetime: float | None = None) -> str:
        user = next(user for user in self._state.users if user.email == username)
        token = secrets.token_urlsafe(24)
        expires_at = self._clock.time() + (self.token_lifetime if lifetime is None else lifetime)
        self._tokens[token] = Token(user, expires_at)
        return token

    def revoke_tokens(self) -> None:
        """Refuse every token issued so far."""
        self._tokens.clear()

    def reset(self) -> None:
        self.token_lifetime = self._start
        self.revoke_tokens()
