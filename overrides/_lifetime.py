"""When the calls of a client may run: in one event loop, and until the client is closed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from weakref import WeakSet

from .errors import PatchworksError


class Lifetime:
    """Refuses calls of a closed client and of another event loop, and ends what waits when the client is closed."""

    def __init__(self) -> None:
        self.closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deadlines: WeakSet[asyncio.Timeout] = WeakSet()

    def check(self) -> None:
        """Raise a PatchworksError unless a call may run now; the first call decides on the event loop."""
        if self.closed:
            raise PatchworksError("the client is closed: make a new one, or keep this one open for longer")
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if loop is not self._loop:
            raise PatchworksError(
                "the client belongs to another event loop, in which its first call was made: make one client for each "
                "loop, for instance within the function that asyncio.run() is given"
            )

    def end_at_close(self, deadline: asyncio.Timeout) -> None:
        """Let close() end the block of this deadline, with a TimeoutError, whenever its own time is up."""
        self.check()
        self._deadlines.add(deadline)

    def let_finish(self, deadline: asyncio.Timeout) -> None:
        """Let close() leave the block of this deadline alone."""
        self._deadlines.discard(deadline)

    async def sleep(self, seconds: float) -> None:
        """Wait; raises a PatchworksError at once when the client is closed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as deadline:
                self.end_at_close(deadline)
                await asyncio.sleep(seconds)
        self.check()

    def close(self) -> bool:
        """End what waits, and let nothing else begin. False where this runs in another event loop, and can end none."""
        self.closed = True
        if self._loop not in (None, asyncio.get_running_loop()):
            return False
        for deadline in self._deadlines:
            with suppress(RuntimeError):  # its block has ended already
                deadline.reschedule(0)
        return True
