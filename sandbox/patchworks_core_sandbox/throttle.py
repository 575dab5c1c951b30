"""Laravel's rate limiter: a fixed window for each caller, which begins with the caller's first request."""

import math
from dataclasses import dataclass

from .clock import Clock
from .errors import Refusal


@dataclass
class Window:
    ends_at: float
    used: int = 0


class Throttle:
    """Counts requests.

    Attributes:
        limit: Requests in a window; None counts nothing.
        window: Seconds a window lasts.
        refused: Requests that were answered 429.
    """

    def __init__(self, clock: Clock, limit: int | None, window: float) -> None:
        self.limit = limit
        self.window = window
        self.refused = 0
        self._clock = clock
        self._start = (limit, window)
        self._windows: dict[str, Window] = {}

    def hit(self, caller: str) -> dict[str, str]:
        """Count a request of `caller`; gives the headers for its answer.

        Raises:
            Refusal: A 429: the window is used up.
        """
        if self.limit is None:
            return {}
        now = self._clock.time()
        window = self._windows.get(caller)
        if window is None or window.ends_at <= now:
            window = self._windows[caller] = Window(now + self.window)
        if window.used >= self.limit:
            self.refused += 1
            raise self._too_many(self.limit, window.ends_at - now)
        window.used += 1
        return {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(self.limit - window.used)}

    def _too_many(self, limit: int, seconds: float) -> Refusal:
        return Refusal(
            429,
            "Too Many Attempts.",
            headers={
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": "0",
                "Retry-After": str(math.ceil(seconds)),
                "X-RateLimit-Reset": str(math.ceil(self._clock.time() + seconds + self._clock.skew)),
            },
        )

    def clear(self) -> None:
        """Forget who has asked for what."""
        self.refused = 0
        self._windows.clear()

    def reset(self) -> None:
        self.limit, self.window = self._start
        self.clear()
