"""A list endpoint in memory: pages as Laravel sends them, and whatever a test makes of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from patchworks_core_client import PatchworksClient

Answer = dict[str, Any] | list[Any] | httpx.Response | Exception


class ListServer:
    """Serves `rows`, and records what it is asked for.

    Attributes:
        cap: The most items that a page may have; a server that allows more than 100 gives so many by default.
        rows: The items; a test may change them while they are read.
        asked: The page numbers asked for, in the order of their arrival.
        requests: The requests.
        in_flight: How many requests are being answered now.
        most_in_flight: How many were at most.
        gates: Events that requests for a page wait for.
        answers: What a page is answered with instead.
        change: Called with page number and answer; returns what is really answered.
        before: Called before each answer, with the page number.
    """

    def __init__(self, count: int = 0, cap: int = 100) -> None:
        self.cap = cap
        self.rows: list[Any] = [{"id": number, "name": f"package {number}"} for number in range(1, count + 1)]
        self.asked: list[int] = []
        self.requests: list[httpx.Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.gates: dict[int, asyncio.Event] = {}
        self.answers: dict[int, Answer] = {}
        self.change: Callable[[int, dict[str, Any]], Answer] | None = None
        self.before: Callable[[int], None] | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 1))
        per_page = min(self.cap, int(request.url.params.get("per_page", 15 if self.cap <= 100 else self.cap)))
        self.asked.append(page)
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if page in self.gates:
                await self.gates[page].wait()
            else:
                await asyncio.sleep(0)
            if self.before is not None:
                self.before(page)
            answer: Answer = self.answers.get(page) or self.page(page, per_page)
            if self.change is not None and isinstance(answer, dict):
                answer = self.change(page, answer)
        finally:
            self.in_flight -= 1
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    def page(self, page: int, per_page: int) -> dict[str, Any]:
        start = (page - 1) * per_page
        last_page = max(1, -(-len(self.rows) // per_page))
        rows = self.rows[start : start + per_page]
        url = "http://elsewhere.example/api/v1/packages?page="  # as seen: http, and without the query
        return {
            "data": rows,
            "links": {
                "first": f"{url}1",
                "last": f"{url}{last_page}",
                "prev": f"{url}{page - 1}" if page > 1 else None,
                "next": f"{url}{page + 1}" if page < last_page else None,
            },
            "meta": {
                "current_page": page,
                "from": start + 1 if rows else None,
                "last_page": last_page,
                "path": "http://elsewhere.example/api/v1/packages",
                "per_page": per_page,
                "to": start + len(rows) if rows else None,
                "total": len(self.rows),
            },
        }


def without_last_page(_: int, answer: dict[str, Any]) -> dict[str, Any]:
    """As simplePaginate answers: no total, no last page, only whether there is a next one."""
    meta = {key: value for key, value in answer["meta"].items() if key not in ("last_page", "total")}
    return {**answer, "meta": meta}


@asynccontextmanager
async def client_of(server: ListServer, **options: Any) -> AsyncGenerator[PatchworksClient, None]:
    """A client of that server, which neither waits nor retries unless told to."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as http:
        settings: dict[str, Any] = {"max_retries": 0, "requests_per_minute": None, **options}
        async with PatchworksClient(api_key="a-key-of-the-tests", http_client=http, **settings) as client:
            yield client


async def settled() -> None:
    """Let everything run that can run now."""
    for _ in range(50):
        await asyncio.sleep(0)


def other_tasks() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
