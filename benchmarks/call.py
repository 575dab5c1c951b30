"""One call after the other through an in-memory transport: what a client adds to httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from time import process_time

import httpx

from .clients import HTTPX, HTTPX2, Call, Opened, in_memory, openai, openapi_generator, ours_in_memory, raw, stock
from .measure import (
    OPENAI,
    OPENAPI_GENERATOR,
    OURS,
    STOCK,
    Row,
    Target,
    hand_over,
    interleave_async,
    quick_asked,
    usable_of,
)
from .peers import OPENAPI_GENERATOR_MODULE, STOCK_MODULE, peer

OWN = f"{OURS}, its own client"
GIVEN = f"{OURS}, http_client="
CALLS = 200
BASE_URL = "http://127.0.0.1"


def subjects() -> dict[str, Opened]:
    found: dict[str, Opened] = {
        HTTPX: raw(httpx, BASE_URL, in_memory(httpx)),
        OWN: ours_in_memory(own=True),
        GIVEN: ours_in_memory(own=False),
    }
    if peer("httpx2"):
        found[HTTPX2] = raw(peer("httpx2"), BASE_URL, in_memory(peer("httpx2")))
    if peer(STOCK_MODULE):
        found[STOCK] = stock(BASE_URL, in_memory(httpx))
    if peer(OPENAPI_GENERATOR_MODULE):
        found[OPENAPI_GENERATOR] = openapi_generator(BASE_URL, in_memory(httpx))
    if peer("openai") and peer("httpx2"):
        found[OPENAI] = openai(BASE_URL, in_memory(peer("httpx2")))
    return found


def timed(call: Call) -> Callable[[], Awaitable[float]]:
    """Microseconds a call."""

    async def run() -> float:
        started = process_time()
        for _ in range(CALLS):
            await call()
        return (process_time() - started) / CALLS * 1e6

    return run


async def measure(rounds: int) -> Row:
    async with AsyncExitStack() as stack:
        calls = {name: await stack.enter_async_context(client) for name, client in subjects().items()}
        runs, missing = await usable_of({name: timed(call) for name, call in calls.items()})
        found = await interleave_async(runs, rounds)
    notes = [
        "Counted is processor time: nothing waits here.",
        "httpx by hand: one client, `get`, `raise_for_status`, `json`. All others also make their model of the answer.",
        "With `http_client=` the caller's client merges its own headers, cookies and base URL into each request.",
        "openai-python brings httpx2, which is the quicker httpx; its figure is over httpx like the others'.",
    ]
    targets = [Target(OWN, HTTPX, "<=", 1.2), Target(GIVEN, HTTPX, "<=", 1.2)]
    return Row(
        "call", "One call, in-memory transport, over raw httpx", "µs a call", found, HTTPX, targets, notes, missing
    )


def main() -> None:
    hand_over([asyncio.run(measure(10 if quick_asked() else 25))])


if __name__ == "__main__":
    main()
