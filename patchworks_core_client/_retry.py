"""Whether and when a failed attempt is retried. The waiting itself is in _pipeline.py."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from attrs import define

from .errors import APIConnectionError, APIError, APIStatusError, RateLimitError

BACKOFF_FIRST = 0.5
BACKOFF_LONGEST = 8.0
# If the server asks for a longer wait, the error is raised at once, with `retry_after`.
LONGEST_WAIT = 60.0
# A wait that the server asks for lasts at least a random time between these. Laravel says 0 in the last second of its
# window and still refuses, and calls that were refused together should not return together.
TOLD_AT_LEAST = (0.5, 1.0)
MOST_TOLD_WAITS = 10

# Methods that may be retried even if the server acted.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
# A larger number is a moment, not a duration: seconds of the epoch, here in 2017.
_LONGEST_DURATION = 1.5e9


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
        if isinstance(error, APIStatusError):
            surely_refused = error.status_code == 429 or (error.status_code == 503 and told is not None)
            return surely_refused or (self.safe and error.status_code in _RETRIED_STATUSES)
        return isinstance(error, APIConnectionError) and (self.safe or error.delivered is False)


def backoff(retries_made: int) -> float:
    """Seconds to wait before the next retry: exponential, with full jitter."""
    return random.uniform(0, min(BACKOFF_LONGEST, BACKOFF_FIRST * 2.0 ** min(retries_made, 9)))


def told_wait(seconds: float) -> float:
    """Seconds to wait if the server asks for this many."""
    return max(seconds, random.uniform(*TOLD_AT_LEAST))


def retry_after(status_code: int, headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait by Retry-After, or after a 429 by X-RateLimit-Reset. None if it does not."""
    told = _seconds_until(headers, "retry-after")
    return _seconds_until(headers, "x-ratelimit-reset") if told is None and status_code == 429 else told


def quota_pause(status_code: int, headers: Mapping[str, str]) -> float | None:
    """Seconds during which nothing should be sent because the quota is used up, or None."""
    # Remaining is below 0 where many are refused at once.
    exhausted = status_code == 429 or headers.get("x-ratelimit-remaining", "").startswith(("0", "-"))
    wait = retry_after(429, headers) if exhausted else None
    return None if wait is None or wait > LONGEST_WAIT else max(wait, TOLD_AT_LEAST[0])


def _seconds_until(headers: Mapping[str, str], name: str) -> float | None:
    """Seconds until what a header says: a number of seconds from now or of the epoch, or an HTTP date."""
    said = headers.get(name, "")
    seconds = number(said)
    moment = _epoch(said) if seconds is None else seconds
    if moment is not None and (seconds is None or seconds > _LONGEST_DURATION):
        # By the server's clock if it sends one, because ours may be off.
        seconds = moment - (_epoch(headers.get("date", "")) or time.time())
    return None if seconds is None else max(0.0, seconds)


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
