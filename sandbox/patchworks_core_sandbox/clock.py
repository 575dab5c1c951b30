"""The sandbox's time, which can be moved forward, and shown wrong to clients."""

import time
from datetime import UTC, datetime


class Clock:
    """The time by which tokens expire and rows are stamped.

    Attributes:
        skew: Seconds by which `Date` and `X-RateLimit-Reset` are off, as a server with a wrong clock would have them.
    """

    def __init__(self) -> None:
        self.skew = 0.0
        self._advanced = 0.0

    def time(self) -> float:
        return time.time() + self._advanced

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC).replace(microsecond=0)

    def advance(self, seconds: float) -> None:
        """Move the time forward, so that a test does not have to wait for a token to expire."""
        self._advanced += seconds

    def reset(self) -> None:
        self.skew = 0.0
        self._advanced = 0.0
