"""Whether and when a failed attempt is retried. The waiting itself is in _pipeline.py."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from attrs import define

from .errors import APIConnectionError, APIError, APIStatusError, RateLimitError

BACKOFF_FIRST: Final = 0.5
BACKOFF_LONGEST: Final = 8.0
# If the server asks for a longer wait, the error is raised at once, with `retry_after`.
LONGEST_WAIT: Final = 60.0
# A wait that the server asks for lasts at least a random time between these. Laravel says 0 in the last second of its
# window and still refuses, and calls that were refused together should not return together.
TOLD_AT_LEAST: Final = (0.5, 1.0)
MOST_TOLD_WAITS: Final = 10

# Methods that may be retried even if the server acted.
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_EPOCH_AT_LEAST = 1e8


@define
class Retries:
    """The retries of one call.

    Args:
        most: How many may be made.
        safe: Whether the request may be sent again when the server may have acted on it.
    """

    most: int
    safe: bool
    made: int = 0
    told_waits: int = 0

    def wait_after(self, error: APIError) -> float | None:
        """Seconds to wait before the next attempt, or None if the error must be raised."""
        told = error.retry_after if isinstance(error, APIStatusError) else None
        if told is not None and told > LONGEST_WAIT:
            return None
        if told is not None and isinstance(error, RateLimitError):  # waited out without using up a retry
            self.told_waits += 1
            return told_wait(told) if self.most and self.told_waits <= MOST_TOLD_WAITS else None
        if self.made >= self.most or not self._may_repeat(error, told):
            return None
        self.made += 1
        return backoff(self.made - 1) if told is None else told_wait(told)

    def _may_repeat(self, error: APIError, told: float | None) -> bool:
        if isinstance(error, APIConnectionError):
            return self.safe or error.delivered is False
        if not isinstance(error, APIStatusError) or error.status_code not in _RETRIED_STATUSES:
            return False
        return self.safe or error.status_code == 429 or (error.status_code == 503 and told is not None)


def backoff(retries_made: int) -> float:
    """Seconds to wait before the next retry: exponential, with full jitter."""
    return random.uniform(0, min(BACKOFF_LONGEST, BACKOFF_FIRST * 2.0 ** min(retries_made, 9)))


def told_wait(seconds: float) -> float:
    """Seconds to wait if the server asks for this many."""
    return max(seconds, random.uniform(*TOLD_AT_LEAST))


def retry_after(status_code: int, headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks to wait, given as a number or a date. None if there is no such header.

    After a 429, also by X-RateLimit-Reset, a number of seconds from now or of the epoch.
    """
    said = headers.get("retry-after", "")
    seconds, then = number(said), _epoch(said)
    if status_code == 429 and seconds is None and then is None:
        seconds = number(headers.get("x-ratelimit-reset", ""))
        if seconds is not None and seconds >= _EPOCH_AT_LEAST:
            then = seconds
    if then is not None:  # by the server's clock if it sends one, because ours may be off
        seconds = then - (_epoch(headers.get("date", "")) or time.time())
    return None if seconds is None else max(0.0, seconds)


def quota_pause(status_code: int, headers: Mapping[str, str]) -> float | None:
    """Seconds during which nothing should be sent because the quota is used up, or None."""
    remaining = 0.0 if status_code == 429 else number(headers.get("x-ratelimit-remaining", "1"))
    if remaining is None or remaining > 0:  # it is below 0 where many are refused at once
        return None
    wait = retry_after(429, headers)
    return None if wait is None or wait > LONGEST_WAIT else max(wait, TOLD_AT_LEAST[0])


def number(text: str) -> float | None:
    """A finite number, or None if the text is something else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _epoch(text: str) -> float | None:
    """An HTTP date in any of its three forms. Without a zone it is in UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
