"""Keeps credentials out of errors, reprs and the HTTP libraries' logs."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import quote, quote_plus

from ._types import is_array, is_object

T = TypeVar("T")

# The response headers whose values may be logged.
LOGGED_HEADERS = ("content-type", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-request-id")

# Shorter secrets are not searched for: replacing every `key` in a server's message would garble it.
_SHORTEST = 8

_STARS = "***"


class Secret(Generic[T]):
    """Holds a credential until it is sent.

    Tools that show local variables slice a str and list the fields of an attrs class, so this is neither.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """The credential. Do not keep it in a variable, because an error report would show it."""
        return self._value

    def __repr__(self) -> str:
        return _STARS

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential is not pickled")


class Redactor:
    """Replaces the secrets of one request wherever its answer repeats them.

    Args:
        secrets: The credentials that the request was sent with.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        # The longest first, for one may be a part of another; of none, a pattern that nothing matches.
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def __call__(self, value: Any) -> Any:
        """A text or JSON data with its secrets replaced, also in keys."""
        if isinstance(value, str):
            return self._pattern.sub(_STARS, value)
        if is_array(value):
            return [self(item) for item in value]
        if is_object(value):
            return {self(key): self(item) for key, item in value.items()}
        return value


def _forms(secret: str) -> set[str]:
    """A secret in every encoding: URLs, forms, Python's repr, and JSON and HTML, also as PHP writes them."""
    forms = {secret, repr(secret.encode())[2:-1]}
    for in_url in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        forms |= {in_url, re.sub("%..", lambda code: code[0].lower(), in_url)}
    for in_json in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        forms |= {in_json[1:-1], in_json[1:-1].replace("/", "\\/")}
    return forms | {html.escape(secret), html.escape(secret).replace("&#x27;", "&#039;")}


_BYTES = r"""b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_NOT_LOGGED = "".join(rf"(?<!{name}', )" for name in LOGGED_HEADERS)
# Numbers and media types cannot be a credential that a server repeats.
_NOT_PLAIN = r"(?!b'[\d.]+'|b'[a-z]+/[a-z.+-]+(?:; ?charset=utf-8)?')"
_VALUES = re.compile(
    rf"(?<=[ =])(?:{_NOT_LOGGED}|{_NOT_PLAIN}){_BYTES}"  # of a header: its name stays, because it begins a tuple
    r'|("HTTP/\S+ \d+ ).*(?=")'  # a reason phrase in httpx's records
    r"|(exception=\w*).*"  # which may quote the answer
    r"|(?<=\?)\S+",  # the query of a URL, which an auth= may sign
    re.IGNORECASE | re.DOTALL,
)

_PARTS = ("connection", "http11", "http2", "proxy", "socks")
_HTTPCORE = tuple(f"{name}.{part}" for name in ("httpcore", "httpcore2") for part in _PARTS)
_LIBRARY_LOGGERS = ("httpx", "httpx2", *_HTTPCORE, "hpack.hpack", "hpack.table")


def _hide_values(record: logging.LogRecord) -> bool:
    """Remove header values, reason phrases and quoted answers from a record of the HTTP libraries.

    They may contain a credential, sent by the client or repeated by a server. Values of LOGGED_HEADERS stay.
    """
    record.msg, record.args = _VALUES.sub(rf"\1\2{_STARS}", record.getMessage()), None
    return True


def guard_library_logs() -> None:
    """Add the filter to the loggers of the HTTP libraries, once."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_hide_values)
