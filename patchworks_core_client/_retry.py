"""When a failed attempt is made again, and after how long. Pure functions: the loop is in _transport.py."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

BACKOFF_FIRST: Final = 0.5
BACKOFF_LONGEST: Final = 8.0
LONGEST_WAIT: Final = 60.0
"""A server that asks for a longer wait than this gets none: the error is raised at once, with `retry_after`."""

MOST_QUOTA_WAITS: Final = 10

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_EPOCH_AT_LEAST = 1e8


def may_repeat_unanswered(method: str, delivered: bool | None) -> bool:
    """Whether a request that got no answer may be sent again: POST and PATCH only if the server never saw it."""
    return delivered is False or method in _SAFE_METHODS


def may_repeat_answered(method: str, status_code: int, retry_after: float | None) -> bool:
    """Whether a request answered with this status may be sent again: POST and PATCH only if the server did not act."""
    if status_code not in _RETRIED_STATUSES:
        return False
    if method in _SAFE_METHODS or status_code == 429:
        return True
    return status_code == 503 and retry_after is not None


def backoff(retries_made: int) -> float:
    """Seconds to wait before the next retry: exponential, with full jitter."""
    return random.uniform(0, min(BACKOFF_LONGEST, BACKOFF_FIRST * 2.0 ** min(retries_made, 9)))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for, be it a number or an HTTP date; None where it does not say."""
    said = headers.get("retry-after")
    if said is None:
        return None
    seconds = _number(said)
    if seconds is None:
        then = _epoch(said)
        seconds = None if then is None else then - _server_now(headers)
    return None if seconds is None else max(0.0, seconds)


def quota_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the server has quota again, by Retry-After or X-RateLimit-Reset; None where it does not say."""
    said = retry_after(headers)
    if said is not None:
        return said
    reset = _number(headers.get("x-ratelimit-reset", ""))
    if reset is None:
        return None
    return max(0.0, reset - _server_now(headers) if reset >= _EPOCH_AT_LEAST else reset)


def quota_exhausted(headers: Mapping[str, str]) -> bool:
    """Whether the answer says that the next request would be refused."""
    return headers.get("x-ratelimit-remaining", "").strip() == "0"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _epoch(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _server_now(headers: Mapping[str, str]) -> float:
    """The server's clock where it tells: ours may be off."""
    return _epoch(headers.get("date", "")) or time.time()
