"""How many calls run at once, and how many are sent in a minute: the limits that the tasks of one client share."""

from __future__ import annotations

import asyncio
import time
from collections import deque

_MARGIN = 1.002
"""The window is kept a little longer than asked: two requests may reach the server closer together than they left."""


class Limits:
    """Slots for calls in flight, a sliding window over what was sent, and a pause when the server asks for one.

    The window is a log of the last sends, not a leaky bucket: a bucket lets nearly twice the quota through in the
    first minute, and the server's throttle counts whole windows.

    Args:
        max_concurrency: Requests in flight at most.
        per_window: Requests in any window at most; None for no such limit.
        window: The window's length in seconds.
    """

    def __init__(self, max_concurrency: int, per_window: int | None, window: float = 60.0) -> None:
        self._slots = asyncio.Semaphore(max_concurrency)
        self._per_window = per_window
        self._window = window * _MARGIN
        self._sent: deque[float] = deque(maxlen=per_window)
        self._resume_at = 0.0

    async def __aenter__(self) -> None:
        """Wait for a slot, then for quota; what follows is sent at once, so the order keeps the window true."""
        await self._slots.acquire()
        try:
            while (delay := self._delay(time.monotonic())) > 0:  # noqa: ASYNC110 - time passes, nobody signals
                await asyncio.sleep(delay)
        except BaseException:
            self._slots.release()
            raise
        if self._per_window is not None:
            self._sent.append(time.monotonic())

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()

    def pause(self, seconds: float) -> None:
        """Send nothing for so long; a pause under way is only ever made longer."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def _delay(self, now: float) -> float:
        delay = self._resume_at - now
        if self._per_window is not None and len(self._sent) == self._per_window:
            delay = max(delay, self._sent[0] + self._window - now)
        return delay
