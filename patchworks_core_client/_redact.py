"""Keeps credentials out of what is shown: errors, and the log records of the libraries below."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from ._json import is_array, is_object

_SHORTEST = 8
"""Shorter secrets are not searched for: replacing every `key` in a server's message would garble it."""

_STARS = "***"

_LIBRARY_LOGGERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))


class Redactor:
    """Knows the secrets of one client and replaces them wherever the server echoes them."""

    def __init__(self) -> None:
        self._secrets: list[str] = []
        _redactors.add(self)

    def learn(self, secret: str) -> None:
        """Replace this text from now on."""
        if len(secret) >= _SHORTEST and secret not in self._secrets:
            escaped = secret.replace("/", "\\/")  # as PHP writes it into JSON
            self._secrets += [escaped, secret] if escaped != secret else [secret]
            self._secrets.sort(key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _STARS)
        return text

    def json(self, value: Any) -> Any:
        """JSON data without secrets, in keys as well."""
        if isinstance(value, str):
            return self.text(value)
        if is_array(value):
            return [self.json(item) for item in value]
        if is_object(value):
            return {self.text(key): self.json(item) for key, item in value.items()}
        return value

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers without secrets."""
        return {name: self.text(value) for name, value in headers.items()}


_redactors: WeakSet[Redactor] = WeakSet()


class _LibraryLogFilter(logging.Filter):
    """httpcore logs response headers at DEBUG, in which a server may echo a credential."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = message
        for redactor in _redactors:
            redacted = redactor.text(redacted)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


_filter = _LibraryLogFilter()


def guard_library_logs() -> None:
    """Put the filter on the loggers of httpx and httpcore; once, however often called."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_filter)
