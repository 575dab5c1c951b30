"""Many calls at once over loopback, client and server in two processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Literal

from .clients import HTTPX, OURS_AIOHTTP, Call, Opened, ours, over_network
from .measure import OURS, Row, Target, hand_over, interleave_async, quick_asked, usable_of
from .server import Settings, running

CALLS = 2_000
TASKS = 100
WARM_UP = 20
SLOW_CALLS = 400
LATENCY = 0.05
BASELINE = "httpx, max_concurrency=8"


def timed(open_client: Callable[[str], Opened], base_url: str, calls: int = CALLS) -> Callable[[], Awaitable[float]]:
    """Calls a second of a new client."""

    async def run() -> float:
        async with open_client(base_url) as call:
            await asyncio.gather(*(call() for _ in range(WARM_UP)))
            started = perf_counter()
            await asyncio.gather(*(_worker(call, calls // TASKS) for _ in range(TASKS)))
            return calls / (perf_counter() - started)

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


async def measure_concurrency(rounds: int) -> Row:
    """How max_concurrency and transport matter where the server takes its time."""
    with running(Settings(latency=LATENCY)) as base_url:
        runs = {
            f"{transport}, max_concurrency={slots}": timed(_client(transport, slots), base_url, SLOW_CALLS)
            for transport in ("httpx", "aiohttp")
            for slots in (4, 8, 16, 32, 64, 100)
        }
        found = await interleave_async(runs, rounds)
    title = f"{SLOW_CALLS} calls from {TASKS} tasks, the server takes {LATENCY * 1000:.0f} ms"
    notes = ["Our client alone, without a quota, with both transports."]
    return Row("concurrency", title, "calls a second", found, BASELINE, [], notes, more_is_better=True)


def _client(transport: Literal["httpx", "aiohttp"], slots: int) -> Callable[[str], Opened]:
    return lambda url: ours(url, transport=transport, max_concurrency=slots)


def main() -> None:
    quick = quick_asked()
    rows = [asyncio.run(measure(3 if quick else 7))]
    if not quick:
        rows.append(asyncio.run(measure_concurrency(3)))
    hand_over(rows)


if __name__ == "__main__":
    main()
