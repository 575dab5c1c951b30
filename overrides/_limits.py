"""The rate limit that the tasks of a client share. A quota of `quota.py` may replace it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque

logger = logging.getLogger("patchworks_core_client")

# Seconds over which waiting tasks resume after a pause, each at a random time and not all at once.
SPREAD = 0.5


def announce_wait(operation: str, seconds: float, reason: str) -> None:
    """Log a wait of a second or more before it begins."""
    if seconds >= 1:
        logger.info("%s waits %.1f s: %s", operation, seconds, reason)


class Window:
    """The quota of one client: a sliding window over the requests, and a pause when the server asks for one.

    A request counts from its start until one window after its end. So the limit holds whenever the server counts the
    request, also by the server's clock. (A leaky bucket would let nearly twice the quota through in the first minute.)

    Args:
        most: The most requests in any window, or None for no limit. No more than that may run at the same time.
        seconds: The window's length.
    """

    def __init__(self, most: int | None, seconds: float = 60.0) -> None:
        self._most = most
        self._seconds = seconds
        self._in_flight = 0
        self._ended: deque[float] = deque()
        self._resume_at = 0.0

    async def enter(self, operation: str) -> str:
        """Wait for a place in the window, and for the end of a pause."""
        while wait := self._wait():
            announce_wait(operation, *wait)
            await asyncio.sleep(wait[0])
        self._in_flight += 1
        return ""

    def leave(self, place: str, *, sent: bool) -> None:
        """End a request. If it was sent, it counts for one more window."""
        self._in_flight -= 1
        if sent and self._most is not None:
            self._ended.append(time.monotonic())

    def pause(self, seconds: float) -> None:
        """Let no request be sent for this long."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    async def aclose(self) -> None:
        """Do nothing: no connection is open."""

    def _wait(self) -> tuple[float, str] | None:
        """Seconds to wait before the next check, and the reason; None if a request may be sent now."""
        now = time.monotonic()
        if self._resume_at > now:
            return self._resume_at - now + random.uniform(0, SPREAD), "the server asks for a pause"
        if self._most is None:
            return None
        while self._ended and self._ended[0] + self._seconds <= now:
            self._ended.popleft()
        if self._in_flight + len(self._ended) < self._most:
            return None
        return self._ended[0] + self._seconds - now, f"the quota is {self._most} requests in {self._seconds:g} s"
