"""How many calls run at once, and how many are sent in a minute: the limits that the tasks of one client share."""

from __future__ import annotations

import asyncio
import time
from collections import deque


class Limits:
    """Slots for calls in flight, a sliding window over what was sent, and a pause when the server asks for one.

    A request stands in the window from its start until one window after its end. So the rule holds wherever in between
    the server counts it, and by the server's clock too. (A leaky bucket would let nearly twice the quota through in the
    first minute.)

    Args:
        max_concurrency: Requests in flight at most.
        per_window: Requests in any window at most; None for no such limit.
        window: The window's length in seconds.
    """

    def __init__(self, max_concurrency: int, per_window: int | None, window: float = 60.0) -> None:
        # Never more slots than quota: a full window then holds an ended request, whose leaving can be waited for.
        self._slots = asyncio.Semaphore(max_concurrency if per_window is None else min(max_concurrency, per_window))
        self._per_window = per_window
        self._window = window
        self._in_flight = 0
        self._ended: deque[float] = deque()
        self._resume_at = 0.0

    async def __aenter__(self) -> None:
        """Wait for a slot, then for quota."""
        await self._slots.acquire()
        try:
            delay = self._delay(time.monotonic())
            while delay > 0:
                await asyncio.sleep(delay)
                delay = self._delay(time.monotonic())
        except BaseException:
            self._slots.release()
            raise
        self._in_flight += 1

    async def __aexit__(self, *_: object) -> None:
        self._in_flight -= 1
        if self._per_window is not None:
            self._ended.append(time.monotonic())
        self._slots.release()

    def pause(self, seconds: float) -> None:
        """Send nothing for so long; a pause under way is only ever made longer."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def _delay(self, now: float) -> float:
        delay = self._resume_at - now
        if self._per_window is not None:
            while self._ended and self._ended[0] + self._window <= now:
                self._ended.popleft()
            if self._in_flight + len(self._ended) >= self._per_window:
                delay = max(delay, self._ended[0] + self._window - now)
        return delay
