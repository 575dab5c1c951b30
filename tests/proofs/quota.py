"""`python -m tests.proofs.quota`: a thousand calls at once against the server's fixed window of 240 a minute.

None may fail, and all together may take hardly longer than the quota makes necessary. Windows are scaled down, and
nothing else is.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass

from patchworks_core_client import PatchworksClient, PatchworksError
from patchworks_core_client._limits import Window

from .process import Server, sandbox_process

LIMIT = 240


@dataclass(frozen=True)
class Report:
    """The figures of a run."""

    calls: int
    window: float
    errors: list[PatchworksError]
    throttled: int
    seconds: float
    allowed: float

    @property
    def excess(self) -> float:
        """How much longer it took than the quota allows, as a share."""
        return self.seconds / self.allowed - 1

    def __str__(self) -> str:
        return (
            f"{self.calls:,} calls, {LIMIT} in a window of {self.window:g} s: {len(self.errors)} errors, "
            f"{self.throttled} answers 429, {self.seconds:.2f} s where the quota allows {self.allowed:.2f} s "
            f"({self.excess:+.1%})"
        )


async def spend(server: Server, calls: int, window: float, *, own_window: bool) -> Report:
    """Make `calls` calls at once.

    Args:
        server: The sandbox, whose throttle is set.
        calls: How many.
        window: Seconds that the windows of the server and of the client last.
        own_window: Whether the client counts, too; if not, it knows what the server's 429 say.
    """
    server.control("POST", "/throttle", {"limit": LIMIT, "window": window})
    errors: list[PatchworksError] = []

    async def call(client: PatchworksClient) -> None:
        try:
            await client.flow_versions.get(101, 1002)
        except PatchworksError as error:
            errors.append(error)

    client = PatchworksClient(
        base_url=server.base_url,
        api_key=server.api_key,
        quota=Window(LIMIT if own_window else None, window),
    )
    before = server.control("GET", "/counters")["throttled"]
    started = time.monotonic()
    async with client:
        await asyncio.gather(*(call(client) for _ in range(calls)))
    seconds = time.monotonic() - started
    throttled = server.control("GET", "/counters")["throttled"] - before
    return Report(calls, window, errors, throttled, seconds, (calls - 1) // LIMIT * window)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.quota", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--window", type=float, default=10.0, help="seconds, where the client counts (default: 10)")
    parser.add_argument(
        "--told", type=float, default=20.0, help="seconds, where it waits as it is told: in whole seconds (default: 20)"
    )
    arguments = parser.parse_args()
    kept = True
    with sandbox_process() as server:
        for window, own_window in ((arguments.window, True), (arguments.told, False)):
            report = asyncio.run(spend(server, arguments.calls, window, own_window=own_window))
            print("the client counts: " if own_window else "the server tells: ", report, sep="", flush=True)
            kept = kept and not report.errors and abs(report.excess) <= 0.05
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
