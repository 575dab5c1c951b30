"""Many calls at once over loopback, client and server in two processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from .clients import HTTPX, OURS_AIOHTTP, Call, Opened, over_network
from .measure import OURS, Row, Target, hand_over, interleave_async, quick_asked, usable_of
from .server import Settings, running

CALLS = 2_000
TASKS = 100
WARM_UP = 20


def timed(open_client: Callable[[str], Opened], base_url: str) -> Callable[[], Awaitable[float]]:
    """Calls a second of a new client."""

    async def run() -> float:
        async with open_client(base_url) as call:
            await asyncio.gather(*(call() for _ in range(WARM_UP)))
            started = perf_counter()
            await asyncio.gather(*(_worker(call, CALLS // TASKS) for _ in range(TASKS)))
            return CALLS / (perf_counter() - started)

    return run


async def _worker(call: Call, calls: int) -> None:
    for _ in range(calls):
        await call()


async def measure(rounds: int) -> Row:
    with running(Settings()) as base_url:
        runs, missing = await usable_of({name: timed(client, base_url) for name, client in over_network().items()})
        found = await interleave_async(runs, rounds)
    targets = [Target(OURS, HTTPX, ">=", 1.7)]
    if OURS_AIOHTTP in found:
        targets.append(Target(OURS_AIOHTTP, HTTPX, ">=", 4.5))
    title = f"{CALLS:,} calls from {TASKS} tasks over loopback, over raw httpx"
    notes = ["Raw httpx and the peers have their default limits: they send all 100 at once."]
    return Row("throughput", title, "calls a second", found, HTTPX, targets, notes, missing, more_is_better=True)


def main() -> None:
    hand_over([asyncio.run(measure(3 if quick_asked() else 7))])


if __name__ == "__main__":
    main()
