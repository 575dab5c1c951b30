"""The lifetime of a client: one event loop, until the client is closed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from weakref import WeakSet

from .errors import PatchworksError


class Lifetime:
    """Refuses calls after the client was closed or from another event loop, and wakes what waits when it is closed."""

    def __init__(self) -> None:
        self.closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deadlines: WeakSet[asyncio.Timeout] = WeakSet()

    def check(self) -> None:
        """Raise a PatchworksError unless a call may run now. The first call determines the event loop."""
        if self.closed:
            raise PatchworksError("the client is closed: make a new one, or keep this one open for longer")
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if loop is not self._loop:
            raise PatchworksError("the client belongs to another event loop: make one client in each asyncio.run()")

    def until_closed(self) -> asyncio.Timeout:
        """A timeout, to be entered at once, whose block ends with a TimeoutError when the client is closed."""
        self.check()
        deadline = asyncio.timeout(None)
        self._deadlines.add(deadline)
        return deadline

    def let_finish(self, deadline: asyncio.Timeout) -> None:
        """Let the block of this deadline finish in spite of close()."""
        self._deadlines.discard(deadline)

    async def sleep(self, seconds: float) -> None:
        """Wait. Raises a PatchworksError as soon as the client is closed."""
        with suppress(TimeoutError):
            async with self.until_closed():
                await asyncio.sleep(seconds)
        self.check()

    def close(self) -> None:
        """Refuse new calls and wake what waits, unless this runs in another event loop, which cannot wake anything."""
        self.closed = True
        for deadline in self._deadlines if self._loop is asyncio.get_running_loop() else ():
            with suppress(RuntimeError):  # its block has ended already
                deadline.reschedule(0)
