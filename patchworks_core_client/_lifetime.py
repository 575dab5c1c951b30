"""When the calls of a client may run: in one event loop, and until the client is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from .errors import PatchworksError


class Lifetime:
    """Refuses calls of a closed client and of another event loop, and ends what waits when the client is closed."""

    def __init__(self) -> None:
        self.closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[asyncio.Timeout] = set()

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

    @asynccontextmanager
    async def until_closed(self) -> AsyncGenerator[asyncio.Timeout]:
        """A block that close() ends with a TimeoutError, as its own deadline does if one is set."""
        self.check()
        async with asyncio.timeout(None) as deadline:
            self._open.add(deadline)
            try:
                yield deadline
            finally:
                self._open.discard(deadline)

    def let_finish(self, deadline: asyncio.Timeout) -> None:
        """Let close() leave this block alone."""
        self._open.discard(deadline)

    async def sleep(self, seconds: float) -> None:
        """Wait; raises a PatchworksError at once when the client is closed."""
        try:
            async with self.until_closed():
                await asyncio.sleep(seconds)
        except TimeoutError:
            pass
        self.check()

    def close(self) -> bool:
        """End every block, and let no other begin. False where this runs in another event loop, and can end none."""
        self.closed = True
        if self._loop not in (None, asyncio.get_running_loop()):
            return False
        for deadline in self._open:
            if not deadline.expired():
                deadline.reschedule(0)
        return True
