"""Keeps credentials out of errors, reprs and the HTTP libraries' logs."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterable
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import quote, quote_plus

from ._json import is_array, is_object

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
    """A secret in every encoding: JSON and HTML (also as PHP writes them), URLs, forms and Python's repr."""
    in_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    in_url = [quote(secret, safe=""), quote(secret), quote_plus(secret)]
    in_html = html.escape(secret)
    return {
        secret,
        *in_json,
        *(form.replace("/", "\\/") for form in in_json),
        *in_url,
        *(re.sub("%..", lambda code: code[0].lower(), form) for form in in_url),
        in_html,
        in_html.replace("&#x27;", "&#039;"),
        repr(secret.encode())[2:-1],
    }


_BYTES = r"""b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_HEADER = re.compile(rf"\(({_BYTES}), ({_BYTES})\)")
_REASON = re.compile(rf"(\b\d{{3}}, ){_BYTES}")
_EXCEPTION = re.compile(r"(exception=\w+)\(.*", re.DOTALL)

# Numbers and media types, among which a credential that a server repeats cannot be.
_PLAIN_VALUE = re.compile(r"[\d.]+|[a-z]+/[a-z.+-]+(?:; ?charset=utf-8)?", re.IGNORECASE)

_PARTS = ("connection", "http11", "http2", "proxy", "socks")
_HTTPCORE = tuple(f"{name}.{part}" for name in ("httpcore", "httpcore2") for part in _PARTS)
_LIBRARY_LOGGERS = ("httpx", "httpx2", *_HTTPCORE, "hpack.hpack", "hpack.table")


def _hide_values(record: logging.LogRecord) -> bool:
    """Remove header values, reason phrases and quoted answers from a record of the HTTP libraries.

    They may contain a credential, sent by the client or repeated by a server. Values of LOGGED_HEADERS stay.
    """
    args = record.args if isinstance(record.args, tuple) else ()
    if record.name.startswith("httpcore"):  # which logs text
        message = _HEADER.sub(_without_value, _EXCEPTION.sub(rf"\1({_STARS})", record.getMessage()))
        record.msg, record.args = _REASON.sub(rf"\1{_STARS}", message), None
    elif record.name.startswith("hpack"):  # which logs sizes, and names and values of headers
        record.args = tuple(arg if isinstance(arg, int) else _STARS for arg in args)
    elif len(args) == 5:  # httpx: method, URL (which an auth= may sign), version, status, reason
        record.args = (args[0], str(args[1]).partition("?")[0], *args[2:4], "")
    return True


def _without_value(header: re.Match[str]) -> str:
    name, value = (text[2:-1] for text in header.groups())
    shown = name.lower() in LOGGED_HEADERS and _PLAIN_VALUE.fullmatch(value)
    return header[0] if shown else f"({header[1]}, {_STARS})"


def guard_library_logs() -> None:
    """Add the filter to the loggers of the HTTP libraries, once."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_hide_values)
