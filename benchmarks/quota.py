"""More requests than a fixed window of the server's quota lets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

from patchworks_core_client import PatchworksClient
from patchworks_core_client._limits import Window  # pyright: ignore[reportPrivateUsage]

from .clients import AIOHTTP, HTTPX2, HTTPX_AIOHTTP, OURS_AIOHTTP, Call, Opened, ours, over_network
from .measure import OURS, Row, Target, hand_over, quick_asked
from .server import Settings, running

REQUESTS = 1_000
TASKS = 100
QUOTA = 240
FAILED = f"{OURS}, requests that failed"
LEAST = "the least possible time"
UNLIMITED = f"{OURS}, requests_per_minute=None"
_SAME_AS_HTTPX = (AIOHTTP, HTTPX2, HTTPX_AIOHTTP, OURS_AIOHTTP)


@asynccontextmanager
async def scaled(base_url: str, window: float) -> AsyncGenerator[Call, None]:
    """This project's client with its defaults, but for a minute as long as the server's."""
    async with PatchworksClient(api_key="k", base_url=base_url) as client:
        client._pipeline._quota = Window(QUOTA, window)  # pyright: ignore[reportPrivateUsage]
        yield lambda: client.packages.get(1)


async def run(open_client: Callable[[str], Opened], window: float) -> tuple[float, int]:
    """Seconds for all requests, and how many of them ended in an error."""
    errors = 0

    async def worker(call: Call) -> None:
        nonlocal errors
        for _ in range(REQUESTS // TASKS):
            try:
                await call()
            except Exception:
                errors += 1

    with running(Settings(quota=QUOTA, window=window)) as base_url:
        async with open_client(base_url) as call:
            started = perf_counter()
            await asyncio.gather(*(worker(call) for _ in range(TASKS)))
            return perf_counter() - started, errors


async def measure(rounds: int, window: float, *, alone: bool) -> Row:
    clients: dict[str, Callable[[str], Opened]] = {OURS: lambda url: scaled(url, window)}
    if not alone:
        others = over_network()
        clients[UNLIMITED] = others.pop(OURS)
        clients |= {name: client for name, client in others.items() if name not in _SAME_AS_HTTPX}
    found: dict[str, list[float]] = {name: [] for name in clients}
    failed: dict[str, list[int]] = {name: [] for name in clients}
    for _ in range(rounds):
        for name, client in clients.items():
            seconds, errors = await run(client, window)
            found[name].append(seconds)
            failed[name].append(errors)
    least = (REQUESTS - 1) // QUOTA * window
    found[LEAST] = [least] * rounds
    errors_said = [f"{name}: {max(errors)} of {REQUESTS:,} requests failed" for name, errors in failed.items()]
    notes = [
        (
            f"Scaled: a window of {window:g} s stands for the minute, in the server, in its "
            "Retry-After and (`Window(seconds=…)`) in the client. "
            f"{REQUESTS:,} requests need {(REQUESTS - 1) // QUOTA} whole windows before the last {REQUESTS % QUOTA} "
            f"may be sent: {least:g} s here, {least / window:g} minutes in earnest. What the requests themselves take "
            "does not scale, so the ratio is worse here than in earnest."
        ),
        "; ".join(errors_said) + ".",
        "A client that ends early ended with errors; it did not do the work.",
    ]
    found[FAILED] = [float(errors) for errors in failed[OURS]]
    title = f"{REQUESTS:,} requests under a fixed window of {QUOTA}"
    return Row("quota", title, "s", found, LEAST, _targets(), notes)


async def in_earnest() -> Row:
    """Four real minutes: nothing scaled, nothing replaced."""
    seconds, errors = await run(lambda url: ours(url, requests_per_minute=QUOTA), 60.0)
    found = {OURS: [seconds], LEAST: [(REQUESTS - 1) // QUOTA * 60.0], FAILED: [float(errors)]}
    title = f"{REQUESTS:,} requests under {QUOTA} a minute, unscaled"
    notes = ["The client with its defaults, once, against a fixed window of a whole minute."]
    return Row("quota-minute", title, "s", found, LEAST, _targets(), notes)


def _targets() -> list[Target]:
    return [
        Target(OURS, LEAST, "<=", 1.05),
        Target(FAILED, None, "<=", 0, label="requests of ours that failed"),
    ]


def main() -> None:
    quick = quick_asked()
    rows = [asyncio.run(measure(1 if quick else 2, 2.0 if quick else 5.0, alone=quick))]
    if not quick:
        rows.append(asyncio.run(in_earnest()))
    hand_over(rows)


if __name__ == "__main__":
    main()
