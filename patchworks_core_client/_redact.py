"""Keeps credentials out of what is shown: errors and their causes, and the log records of the libraries below."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus
from weakref import WeakSet

from ._json import is_array, is_object

_SHORTEST = 8
"""Shorter secrets are not searched for: replacing every `key` in a server's message would garble it."""

_MOST = 50
"""Of tokens that change, so many are remembered."""

_STARS = "***"

_HTTPCORE = (f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))
_LIBRARY_LOGGERS = ("httpx", *_HTTPCORE, "hpack.hpack", "hpack.table", "aiohttp.client", "asyncio")


class Secret(str):
    """A credential that tools which show local variables do not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"'{_STARS}'"


class Redactor:
    """Knows the secrets of one client and replaces them wherever the server echoes them."""

    def __init__(self) -> None:
        self._secrets: list[str] = []
        self.forms: set[str] = set()
        self._pattern = _any_of(self.forms)
        _redactors.add(self)

    def learn(self, secret: str) -> None:
        """Replace this text from now on."""
        if len(secret) < _SHORTEST or secret in self._secrets:
            return
        if len(self._secrets) == _MOST:
            del self._secrets[1]  # the first is the client's own
        self._secrets.append(secret)
        self.forms = {form for known in self._secrets for form in _forms(known)}
        self._pattern = _any_of(self.forms)

    def text(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(_STARS, text)

    def json(self, value: Any) -> Any:
        """JSON data without secrets, in keys as well."""
        if isinstance(value, str):
            return self.text(value)
        if is_array(value):
            return [self.json(item) for item in value]
        if is_object(value):
            return {self.text(key): self.json(item) for key, item in value.items()}
        return value

    def error(self, error: BaseException) -> None:
        """Take the secrets out of an error and what lies behind it: texts that quote an answer, frames, requests."""
        pending: list[BaseException | None] = [error]
        seen: set[int] = set()
        while pending:
            each = pending.pop()
            if each is None or id(each) in seen:
                continue
            seen.add(id(each))
            each.__traceback__ = None
            each.args = tuple(self.text(arg) if isinstance(arg, str) else arg for arg in each.args)
            pending += [each.__cause__, each.__context__]
            pending += getattr(each, "exceptions", ())  # of a group


def _forms(secret: str) -> set[str]:
    """A secret as JSON, HTML (both PHP's, too), URLs, forms and Python's repr write it."""
    escaped = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    quoted = [quote(secret, safe=""), quote(secret), quote_plus(secret)]
    return {
        secret,
        *escaped,
        *(form.replace("/", "\\/") for form in escaped),
        html.escape(secret),
        html.escape(secret).replace("&#x27;", "&#039;"),
        *quoted,
        *(re.sub("%..", lambda code: code[0].lower(), form) for form in quoted),
        repr(secret.encode())[2:-1],
    }


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    """The longest first, for one may be a part of another; of none, what nothing matches."""
    return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)")


_redactors: WeakSet[Redactor] = WeakSet()


class _LibraryLogFilter(logging.Filter):
    """httpcore logs response headers at DEBUG, in which a server may echo a credential."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        # All at once: a part that one client knows must not hide from another's search the whole that it stands in.
        redacted = _any_of(form for redactor in _redactors for form in redactor.forms).sub(_STARS, message)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


_filter = _LibraryLogFilter()


def guard_library_logs() -> None:
    """Put the filter on the loggers of the HTTP libraries and of asyncio; once, however often called."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_filter)
