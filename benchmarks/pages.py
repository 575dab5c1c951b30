"""Reading a whole list from a server that takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from math import ceil
from time import perf_counter
from typing import Any

import httpx

from patchworks_core_client import PatchworksClient

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
from .peers import OPENAPI_GENERATOR_MODULE, STOCK_MODULE, list_of, peer, pydantic_model
from .server import Settings, running

ITEMS = 10_000
LATENCY = 0.05
LARGEST_PAGE = 100
DEFAULT_PAGE = 15
PREFETCH = 4

LOOP = "httpx, a loop, 100 a page"
DEFAULT_LOOP = "httpx, a loop, the server's 15 a page"
IDEAL = f"the ideal of prefetch={PREFETCH}"

Walk = AsyncIterator[int]


async def by_hand(base_url: str, per_page: int | None, last: int | None = None) -> Walk:
    """One page after the other until the last; yields how many items each had."""
    async with httpx.AsyncClient(base_url=base_url, headers={"Authorization": "k"}) as client:
        number = 1
        while True:
            params = {"page": number} | ({} if per_page is None else {"per_page": per_page})
            response = await client.get("/api/v1/packages", params=params)
            response.raise_for_status()
            payload = response.json()
            yield len(payload["data"])
            if number == (last or payload["meta"]["last_page"]):
                return
            number += 1


async def ours(base_url: str, prefetch: int | None, concurrency: int = 8) -> Walk:
    """This project's client, with all its defaults where prefetch is None."""
    async with PatchworksClient(api_key="k", base_url=base_url, max_concurrency=concurrency) as client:
        packages = client.packages.list() if prefetch is None else client.packages.list(prefetch=prefetch)
        async for _ in packages:
            yield 1


async def stock(base_url: str) -> Walk:
    """openapi-python-client's output has no pagination: a loop around its operation."""
    get = import_module(f"{STOCK_MODULE}.api.packages.packages_list").asyncio
    async with peer(STOCK_MODULE).AuthenticatedClient(base_url=base_url, token="k", prefix="") as client:
        number = last = 1
        while number <= last:
            answer = await get(client=client, page=number, per_page=LARGEST_PAGE)
            last = answer.meta.last_page
            yield len(answer.data)
            number += 1


async def openapi_generator(base_url: str) -> Walk:
    """openapi-generator's client has no pagination: a loop around its operation."""
    module = peer(OPENAPI_GENERATOR_MODULE)
    async with module.ApiClient(module.Configuration(host=base_url)) as client:
        number = last = 1
        while number <= last:
            answer = await module.PackagesApi(client).packages_list(page=number, per_page=LARGEST_PAGE)
            last = answer.meta.last_page
            yield len(answer.data)
            number += 1


async def openai(base_url: str) -> Walk:
    """openai-python's own page iteration, told how our pages are numbered."""
    module, pages = peer("openai"), peer("openai._base_client")
    model = pydantic_model("Package", module.BaseModel)

    def items_of(page: Any) -> Any:
        return page.data

    def next_page_info(page: Any) -> Any:
        current, last = page.meta["current_page"], page.meta["last_page"]
        return pages.PageInfo(params={"page": current + 1}) if current < last else None

    fields: dict[str, Any] = {"data": (list_of(model), ...), "meta": (dict[str, Any], ...)}
    page_class = peer("pydantic").create_model("NumberedPage", __base__=pages.BaseAsyncPage, **fields)
    page_class._get_page_items = items_of
    page_class.next_page_info = next_page_info
    async with module.AsyncOpenAI(api_key="k", base_url=base_url) as client:
        options = {"params": {"page": 1, "per_page": LARGEST_PAGE}}
        async for _ in client.get_api_list("/api/v1/packages", model=model, page=page_class, options=options):
            yield 1


def timed(walk: Callable[[], Walk], expected: int = ITEMS) -> Callable[[], Awaitable[float]]:
    """Seconds for the whole list."""

    async def run() -> float:
        started = perf_counter()
        seen = 0
        async for items in walk():
            seen += items
        assert seen == expected, f"{seen} items instead of {expected}"
        return perf_counter() - started

    return run


def subjects(base_url: str) -> dict[str, Callable[[], Walk]]:
    found: dict[str, Callable[[], Walk]] = {
        LOOP: lambda: by_hand(base_url, LARGEST_PAGE),
        OURS: lambda: ours(base_url, None),
        f"{OURS}, prefetch=0": lambda: ours(base_url, 0),
        f"{OURS}, prefetch=8": lambda: ours(base_url, 8),
        f"{OURS}, prefetch=16, max_concurrency=16": lambda: ours(base_url, 16, 16),
    }
    if peer(STOCK_MODULE):
        found[f"{STOCK}, a loop"] = lambda: stock(base_url)
    if peer(OPENAPI_GENERATOR_MODULE):
        found[f"{OPENAPI_GENERATOR}, a loop"] = lambda: openapi_generator(base_url)
    if peer("openai"):
        found[OPENAI] = lambda: openai(base_url)
    return found


async def default_size(base_url: str, *, quick: bool) -> float:
    """Seconds of the loop with the server's page size; quick: of its first tenth, times ten."""
    pages = ceil(ITEMS / DEFAULT_PAGE)
    if not quick:
        return await timed(lambda: by_hand(base_url, None))()
    part = pages // 10
    seconds = await timed(lambda: by_hand(base_url, None, part), part * DEFAULT_PAGE)()
    return seconds * pages / part


async def measure(rounds: int, *, quick: bool) -> Row:
    with running(Settings(latency=LATENCY, items=ITEMS)) as base_url:
        whole = subjects(base_url)
        if quick:
            whole = {name: walk for name, walk in whole.items() if name in (LOOP, OURS)}
        runs, missing = {name: timed(walk) for name, walk in whole.items()}, dict[str, str]()
        if not quick:
            runs, missing = await usable_of(runs)
        found = await interleave_async(runs, rounds)
        slowest = await default_size(base_url, quick=quick)
    found[DEFAULT_LOOP] = [slowest] * rounds
    batches = 1 + ceil((ITEMS / LARGEST_PAGE - 1) / PREFETCH)
    found[IDEAL] = [batches * LATENCY] * rounds
    targets = [
        Target(OURS, LOOP, ">=", 3.3, inverse=True),
        Target(OURS, DEFAULT_LOOP, ">=", 20, inverse=True),
        Target(OURS, IDEAL, "<=", 1.15, best=True),
    ]
    notes = [
        f"The ideal of prefetch={PREFETCH} is one page, then {PREFETCH} at once: {batches} times the latency.",
        "Nothing disturbs an ideal, so our best round is compared with it.",
        "The loop with 15 a page is measured once" + (", over a tenth of the list, times ten." if quick else "."),
        "Every line of ours keeps the default quota of 240 requests a minute: 100 pages do not reach it.",
    ]
    title = f"{ITEMS:,} items at {LATENCY * 1000:.0f} ms latency, over a sequential loop"
    return Row("pages", title, "s", found, LOOP, targets, notes, missing)


def main() -> None:
    quick = quick_asked()
    hand_over([asyncio.run(measure(1 if quick else 4, quick=quick))])


if __name__ == "__main__":
    main()
