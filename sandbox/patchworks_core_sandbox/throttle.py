"""Laravel's rate limiter with a Redis cache: a fixed window for each caller, which begins with the first request."""

import asyncio
import math
from dataclasses import dataclass

from .clock import Clock
from .errors import Refusal


@dataclass
class Window:
    """The cache forgets a window when it ends, but what callers are told is in whole seconds and may be earlier."""

    ends_at: float
    told_end: float
    used: int = 0


class Throttle:
    """Counts requests.

    Attributes:
        limit: Requests in a window; None counts nothing.
        window: Seconds a window lasts.
        delay: Seconds between looking at the count and adding to it. Requests that come within them are let through
            together, and `X-RateLimit-Remaining` falls below zero.
        refused: Requests that were answered 429.
    """

    def __init__(self, clock: Clock, limit: int | None, window: float) -> None:
        self.limit = limit
        self.window = window
        self.delay = 0.0
        self.refused = 0
        self._clock = clock
        self._start = (limit, window)
        self._windows: dict[str, Window] = {}

    async def hit(self, caller: str) -> dict[str, str]:
        """Count a request of `caller`; gives the headers for its answer.

        Raises:
            Refusal: A 429: the window is used up.
        """
        limit = self.limit
        if limit is None:
            return {}
        window = self._current(caller)
        if window.used >= limit:
            self.refused += 1
            raise self._too_many(limit, window)
        await asyncio.sleep(self.delay)
        window.used += 1
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(limit - window.used)}

    def _current(self, caller: str) -> Window:
        now = self._clock.time()
        window = self._windows.get(caller)
        if window is None or window.ends_at <= now:
            window = self._windows[caller] = Window(now + self.window, math.floor(now) + self.window)
        return window

    def _too_many(self, limit: int, window: Window) -> Refusal:
        """In the last fraction of a window the wait is 0 seconds, and still the answer is 429."""
        now = math.floor(self._clock.time())
        wait = max(0, math.floor(window.told_end - now))
        return Refusal(
            429,
            "Too Many Attempts.",
            headers={
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": "0",
                "Retry-After": str(wait),
                "X-RateLimit-Reset": str(now + wait + math.floor(self._clock.skew)),
            },
        )

    def clear(self) -> None:
        """Forget who has asked for what."""
        self.refused = 0
        self._windows.clear()

    def reset(self) -> None:
        """Limit, window and counts as they were at the start."""
        self.limit, self.window = self._start
        self.delay = 0.0
        self.clear()
