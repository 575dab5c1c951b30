"""Lists: pages and items, read ahead, in order, without loss in silence and without going on for ever."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import pickle
import warnings
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from patchworks_core_client import (
    APIConnectionError,
    NotFoundError,
    Package,
    Page,
    PaginationError,
    PaginationWarning,
    PatchworksClient,
    PatchworksError,
    Query,
    ResponseDecodeError,
    ServerError,
    pagination,
)
from patchworks_core_sandbox import Seed
from tests.contract import CheckedSandbox

from .cases import cases
from .list_server import ListServer, client_of, other_tasks, settled, without_last_page


@pytest.fixture
def server() -> ListServer:
    return ListServer(1000)


@pytest.fixture
async def client(server: ListServer) -> AsyncGenerator[PatchworksClient, None]:
    async with client_of(server) as client:
        yield client


def params(server: ListServer) -> list[dict[str, str]]:
    return [dict(request.url.params) for request in server.requests]


def ids(items: list[Package]) -> list[int | None]:
    return [item.id for item in items]


def counted(count: int) -> list[int]:
    return list(range(1, count + 1))


class TestOnePage:
    async def test_nothing_is_asked_for_before_it_is_awaited(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        pending = client.packages.list()
        await settled()
        assert server.asked == []
        assert repr(pending) == "<Paginator of packages.list: await it for a page, or iterate over it>"

    async def test_awaiting_asks_once_for_what_the_caller_said(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        await client.packages.list()
        await client.packages.list(per_page=50)
        await client.packages.list(page=3, filter={"name": "x"})
        assert params(server) == [{}, {"per_page": "50"}, {"filter[name]": "x", "page": "3"}]

    async def test_what_a_page_has(self, server: ListServer, client: PatchworksClient) -> None:
        page = await client.packages.list(page=2, per_page=50)
        assert isinstance(page, Page)
        assert (page.number, page.total, page.last_page, page.has_next, len(page)) == (2, 1000, 20, True, 50)
        assert page.items == list(page)
        assert page[0].id == 51
        assert isinstance(page.items[0], Package)
        assert page.meta is not None
        assert (page.meta.current_page, page.meta.from_, page.meta.to) == (2, 51, 100)
        assert repr(page) == "<Page 2 of 20: 50 items, 1000 in all>"

    async def test_next_asks_in_the_same_way_and_is_none_after_the_last(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        page: Page[Package] | None = await client.packages.list(
            page=19, per_page=50, sort="-name", extra_headers={"X-Trace": "7"}, extra_query={"debug": 1}
        )
        assert page is not None
        page = await page.next()
        assert page is not None
        assert page.number == 20
        assert not page.has_next
        assert await page.next() is None
        assert len(server.requests) == 2
        assert params(server)[1] == {"sort": "-name", "page": "20", "per_page": "50", "debug": "1"}
        assert server.requests[1].headers["x-trace"] == "7"

    async def test_next_says_when_the_list_moved(self, server: ListServer, client: PatchworksClient) -> None:
        page = await client.packages.list(per_page=50)
        server.rows.insert(0, {"id": 5000})
        with pytest.warns(PaginationWarning, match="total 1000, then 1001"):
            await page.next()

    async def test_next_refuses_a_repetition(self, server: ListServer, client: PatchworksClient) -> None:
        page = await client.packages.list(per_page=50)
        server.answers[2] = {"data": server.rows[:50], "meta": {"last_page": 20, "total": 1000}}
        with pytest.raises(PaginationError, match="page 2 has no new item") as caught:
            await page.next()
        assert caught.value.page == 2
        assert caught.value.query == Query(page=2, per_page=50)

    @pytest.mark.parametrize("number", [1, 2])
    async def test_a_repetition_can_be_gone_on_from(
        self, server: ListServer, client: PatchworksClient, number: int
    ) -> None:
        page = await client.packages.list()
        server.answers[2] = {"data": server.rows[:15], "meta": {"current_page": number, "last_page": 67, "total": 1000}}
        with pytest.raises(PaginationError) as caught:
            await page.next()
        server.answers.clear()
        assert caught.value.query == Query(page=2, per_page=15)
        assert ids(await client.packages.list(query=caught.value.query).to_list()) == counted(1000)[15:]

    async def test_an_error_of_next_names_its_page(self, server: ListServer, client: PatchworksClient) -> None:
        page = await client.packages.list(per_page=50)
        server.answers[2] = httpx.Response(500)
        with pytest.raises(ServerError) as caught:
            await page.next()
        assert caught.value.page == 2

    async def test_another_page_than_the_one_asked_for_is_refused(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        server.answers[3] = server.page(1, 15)
        with pytest.raises(PaginationError, match="page 3 was requested, but page 1 was returned") as caught:
            await client.packages.list(page=3)
        assert caught.value.page == 3

    async def test_every_list_takes_page_and_per_page_and_sends_them_only_if_given(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        await client.flow_versions.list_metrics(7)
        await client.flow_versions.list_metrics(7, page=1, per_page=2)
        await client.flow_version_deployments.list_for_flow_version(7).to_list(limit=1)
        assert params(server) == [{}, {"page": "1", "per_page": "2"}, {"per_page": "100"}]

    @pytest.mark.parametrize("given", [{"page": 0}, {"per_page": 101}, {"per_page": 0}, {"prefetch": -1}])
    async def test_bounds_are_checked_before_anything_is_sent(
        self, server: ListServer, client: PatchworksClient, given: dict[str, Any]
    ) -> None:
        with pytest.raises(ValueError, match=next(iter(given))):
            client.packages.list(**given)
        with pytest.raises(ValueError, match="limit"):
            await client.packages.list().to_list(limit=-1)
        assert server.asked == []


class TestForms:
    """What a list may be answered with."""

    async def listed(self, answer: Any) -> list[Package]:
        server = ListServer()
        server.answers = {1: answer}
        async with client_of(server) as client:
            return await client.packages.list().to_list()

    @pytest.mark.parametrize(
        "answer",
        [
            [{"id": 1}, {"id": 2}],
            {"data": [{"id": 1}, {"id": 2}]},
            {"data": [{"id": 1}, {"id": 2}], "meta": None, "links": None},
            {"data": [{"id": 1}, {"id": 2}], "meta": []},
            {"data": [{"id": 1}, {"id": 2}], "meta": "none", "links": "none"},
            {"data": [{"id": 1}, {"id": 2}], "meta": {"current_page": 1, "last_page": None, "total": None}},
            {"data": {"0": {"id": 1}, "4": {"id": 2}}, "meta": {"last_page": 1}},
            {"data": [{"id": 1}, {"id": 2}], "meta": {"current_page": "1", "last_page": "1", "total": "2"}},
            {"data": [{"id": 1}, {"id": 2}], "meta": {"current_page": 1.0, "last_page": 1.0, "total": 2.0}},
            {"data": [{"id": 1}, {"id": 2}], "meta": {"current_page": "¹", "last_page": "²", "total": "9" * 5000}},
            {"data": [{"id": 1}, {"id": 2}], "meta": {"current_page": True, "last_page": {}, "total": [2]}},
            {"current_page": 1, "data": [{"id": 1}, {"id": 2}], "last_page": 1, "next_page_url": None, "total": 2},
        ],
    )
    async def test_one_page(self, answer: Any) -> None:
        assert ids(await self.listed(answer)) == [1, 2]

    @pytest.mark.parametrize("answer", [{"message": "hello"}, {"data": {"id": 1}}, {"data": "x"}, "text", 7, None])
    async def test_what_is_no_list(self, answer: Any) -> None:
        server = ListServer()
        server.answers = {1: httpx.Response(200, content=json.dumps(answer))}
        async with client_of(server) as client:
            with pytest.raises(ResponseDecodeError, match="it is not a list") as caught:
                await client.packages.list()
        assert caught.value.page == 1

    async def test_a_filter_is_encoded_once_for_all_pages(self) -> None:
        class Counted(str):
            __slots__ = ()
            trimmed = 0

            def strip(self, chars: str | None = None, /) -> str:
                Counted.trimmed += 1
                return super().strip(chars)

        server = ListServer(count=350)
        async with client_of(server) as client:
            await client.packages.list(filter={"name": Counted("pack")}).to_list()
        assert [request.url.params["filter[name]"] for request in server.requests] == ["pack"] * 4
        assert Counted.trimmed == 1

    async def test_numbers_as_text_lose_no_page(self) -> None:
        server = ListServer(count=250)

        def as_text(page: int, answer: dict[str, Any]) -> dict[str, Any]:
            meta = {key: str(answer["meta"][key]) for key in ("current_page", "last_page", "per_page", "total")}
            return {"data": answer["data"], "meta": meta}

        server.change = as_text
        async with client_of(server) as client:
            assert len(await client.packages.list().to_list()) == 250

    async def test_a_page_far_behind_the_end_is_empty(self) -> None:
        server = ListServer(count=3)
        async with client_of(server) as client:
            assert await client.packages.list(page=1500).to_list() == []

    async def test_an_empty_list(self) -> None:
        server = ListServer()
        async with client_of(server) as client:
            assert await client.packages.list().to_list() == []
            assert await client.packages.list().first() is None
            assert await client.packages.list().count() == 0
            assert not (await client.packages.list()).has_next

    @pytest.mark.parametrize("told", [True, "²", "9" * 5000, -0.5, [7], {}, None])
    async def test_a_total_that_is_no_number_is_none(self, told: Any) -> None:
        server = ListServer(2)
        server.change = lambda page, _: {
            **server.page(page, 1),
            "meta": {"total": told, "last_page": told, "current_page": told},
        }
        async with client_of(server) as client:
            page = await client.packages.list()
        assert (page.total, page.last_page, page.has_next) == (None, None, True)  # the link says so
        assert page.meta is not None
        assert page.meta.total == told

    async def test_a_flat_paginator_of_many_pages(self) -> None:
        server = ListServer(250)
        server.change = lambda _, answer: {"data": answer["data"], **answer["meta"]}
        async with client_of(server) as client:
            assert ids(await client.packages.list().to_list()) == counted(250)
            page = await client.packages.list()
        assert page.meta is not None
        assert "data" not in page.meta

    async def test_a_flat_simple_paginator_follows_the_promise_of_a_next_page(self) -> None:
        server = ListServer(250)
        server.change = lambda page, answer: {
            "data": answer["data"],
            "current_page": page,
            "next_page_url": answer["links"]["next"],
        }
        async with client_of(server) as client:
            assert ids(await client.packages.list().to_list()) == counted(250)

    async def test_a_simple_paginator(self) -> None:
        server = ListServer(250)
        server.change = without_last_page
        async with client_of(server) as client:
            assert ids(await client.packages.list().to_list()) == counted(250)
        assert server.asked == [1, 2, 3]
        assert server.most_in_flight == 1

    async def test_numbers_as_text(self) -> None:
        server = ListServer(250)

        def as_text(_: int, answer: dict[str, Any]) -> dict[str, Any]:
            meta = {key: str(value) for key, value in answer["meta"].items()}
            return {**answer, "meta": meta}

        server.change = as_text
        async with client_of(server) as client:
            assert ids(await client.packages.list().to_list()) == counted(250)
            assert await client.packages.list().count() == 250


class TestIterating:
    async def test_every_item_of_every_page_in_order(self, server: ListServer, client: PatchworksClient) -> None:
        seen = [package.id async for package in client.packages.list()]
        assert seen == counted(1000)

    async def test_a_hundred_a_page_unless_told_otherwise(self, server: ListServer, client: PatchworksClient) -> None:
        await client.packages.list().to_list()
        assert {asked["per_page"] for asked in params(server)} == {"100"}
        server.requests.clear()
        await client.packages.list(per_page=250 // 5).to_list()
        assert {asked["per_page"] for asked in params(server)} == {"50"}
        server.requests.clear()
        await client.packages.list(query=Query(per_page=40)).to_list()
        assert {asked["per_page"] for asked in params(server)} == {"40"}

    async def test_each_page_is_asked_for_once(self, server: ListServer, client: PatchworksClient) -> None:
        await client.packages.list().to_list()
        assert sorted(server.asked) == counted(10)

    async def test_pages(self, server: ListServer, client: PatchworksClient) -> None:
        pages = [page async for page in client.packages.list().pages()]
        assert [page.number for page in pages] == counted(10)
        assert [len(page) for page in pages] == [100] * 10

    async def test_from_a_page_on(self, server: ListServer, client: PatchworksClient) -> None:
        assert ids(await client.packages.list(page=9).to_list()) == list(range(801, 1001))
        assert ids(await client.packages.list(page=90, per_page=11).to_list()) == list(range(980, 1001))
        assert await client.packages.list(page=11).to_list() == []

    async def test_a_paginator_can_be_used_again(self, server: ListServer, client: PatchworksClient) -> None:
        pending = client.packages.list()
        assert await pending.to_list() == await pending.to_list()
        assert len(await pending) == 15

    async def test_every_page_carries_the_same_query_headers_timeout_and_retries(self) -> None:
        server = ListServer(400)
        failed: set[int] = set()

        def fail_once(page: int, answer: dict[str, Any]) -> Any:
            if page in failed:
                return answer
            failed.add(page)
            return httpx.Response(503, headers={"Retry-After": "0"})

        server.change = fail_once
        async with client_of(server) as client:
            listing = client.packages.list(
                filter={"name": ["a", "b"]},
                include=["createdBy", "flowVersions.deployments"],
                sort="-name",
                extra_query={"debug": True},
                extra_headers={"X-Trace": "7"},
                timeout=12.5,
                max_retries=1,
            )
            assert len(await listing.to_list()) == 400
        assert len(server.requests) == 8
        for request in server.requests:
            asked = dict(request.url.params)
            asked.pop("page", None)
            assert asked == {
                "filter[name]": "a,b",
                "include": "createdBy,flowVersions.deployments",
                "sort": "-name",
                "per_page": "100",
                "debug": "true",
            }
            assert request.headers["x-trace"] == "7"
            assert request.extensions["timeout"]["read"] == 12.5

    async def test_links_are_never_followed(self, server: ListServer, client: PatchworksClient) -> None:
        server.change = without_last_page  # then the link decides whether there is a next page
        await client.packages.list().to_list()
        assert {(request.url.scheme, request.url.host) for request in server.requests} == {
            ("https", "core.wearepatchworks.com")
        }

    async def test_items_with_an_id_come_once(self) -> None:
        server = ListServer(150)
        server.rows += [{"id": 1}, {"id": "1"}, {"id": None}, {"id": None}, {"id": [1]}, {"id": True}, {}, "text"]
        with pytest.warns(PaginationWarning, match="157 of 158"):
            async with client_of(server) as client:
                items = [item async for item in client.packages.list()]
        assert len(items) == 157
        assert [getattr(item, "id", item) for item in items[150:]] == ["1", None, None, [1], True, None, "text"]

    async def test_first(self, server: ListServer, client: PatchworksClient) -> None:
        first = await client.packages.list(sort="name").first()
        assert first is not None
        assert first.id == 1
        assert params(server) == [{"sort": "name", "per_page": "1"}]

    async def test_first_of_a_page_is_that_pages_first(self, server: ListServer, client: PatchworksClient) -> None:
        first = await client.packages.list(page=3, per_page=20).first()
        assert first is not None
        assert first.id == 41
        first = await client.packages.list(page=3).first()
        assert first is not None
        assert first.id == 31

    async def test_count(self, server: ListServer, client: PatchworksClient) -> None:
        assert await client.packages.list(filter={"name": "x"}, page=4).count() == 1000
        assert params(server) == [{"filter[name]": "x", "page": "1", "per_page": "1"}]

    async def test_count_of_a_list_that_does_not_tell(self, server: ListServer, client: PatchworksClient) -> None:
        server.change = without_last_page
        assert await client.packages.list(page=4).count() == 1000

    async def test_to_list_asks_for_no_more_pages_than_the_limit_needs(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        assert await client.packages.list().to_list(limit=0) == []
        assert server.asked == []
        assert ids(await client.packages.list().to_list(limit=100)) == counted(100)
        assert server.asked == [1]
        assert ids(await client.packages.list().to_list(limit=250)) == counted(250)
        assert server.asked == [1, 1, 2, 3]
        assert len(await client.packages.list().to_list(limit=5000)) == 1000

    async def test_a_limit_leaves_the_size_of_pages_so_that_page_numbers_keep_their_meaning(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        await client.packages.list().to_list(limit=5)
        assert params(server) == [{"per_page": "100"}]


class TestReadingAhead:
    async def test_several_pages_are_fetched_at_once(self, server: ListServer, client: PatchworksClient) -> None:
        for page in counted(10)[1:]:
            server.gates[page] = asyncio.Event()
        listing = asyncio.create_task(client.packages.list().to_list())
        await settled()
        assert server.asked == [1, 2, 3, 4, 5]
        assert server.in_flight == 4
        server.gates[5].set()
        server.gates[3].set()
        await settled()
        assert server.asked == [1, 2, 3, 4, 5], "nothing more while page 2 is awaited"
        for gate in server.gates.values():
            gate.set()
        assert ids(await listing) == counted(1000), "in order, whichever came first"
        assert server.most_in_flight == 4

    @pytest.mark.parametrize(("prefetch", "at_once"), [(0, 1), (1, 1), (2, 2), (8, 8), (50, 9)])
    async def test_prefetch_says_how_many(self, prefetch: int, at_once: int) -> None:
        server = ListServer(1000)
        for page in counted(10)[1:]:
            server.gates[page] = asyncio.Event()
        async with client_of(server, max_concurrency=100) as client:
            listing = asyncio.create_task(client.packages.list(prefetch=prefetch).to_list())
            await settled()
            assert server.in_flight == at_once
            for gate in server.gates.values():
                gate.set()
            assert len(await listing) == 1000
        assert server.most_in_flight == at_once

    async def test_within_max_concurrency(self) -> None:
        server = ListServer(1000)
        async with client_of(server, max_concurrency=2) as client:
            assert len(await client.packages.list(prefetch=8).to_list()) == 1000
        assert server.most_in_flight == 2

    @pytest.mark.parametrize("prefetch", [2, 3, 4, 8])
    async def test_a_slow_consumer_holds_at_most_prefetch_pages(
        self, server: ListServer, client: PatchworksClient, prefetch: int
    ) -> None:
        async for page in client.packages.list(prefetch=prefetch).pages():
            await settled()
            assert max(server.asked) - (page.number - 1) <= prefetch
            assert max(server.asked) == min(10, page.number + prefetch - 1), "and it does read ahead meanwhile"

    async def test_pages_that_are_done_with_are_let_go(self, server: ListServer, client: PatchworksClient) -> None:
        def pages_alive() -> int:
            return sum(isinstance(thing, Page) for thing in gc.get_objects())

        gc.collect()
        before = pages_alive()
        async for page in client.packages.list(prefetch=3).pages():
            await settled()
            del page
            gc.collect()
            assert pages_alive() - before <= 3

    async def test_without_prefetch_each_page_is_read_when_it_is_wanted(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        async for page in client.packages.list(prefetch=0).pages():
            await settled()
            assert max(server.asked) == page.number


class TestLeaving:
    """Nothing is left behind: no task, no request in flight, no slot."""

    async def assert_nothing_is_left(self, server: ListServer, client: PatchworksClient) -> None:
        await settled()
        assert other_tasks() == set()
        assert server.in_flight == 0
        server.gates.clear()
        server.answers.clear()
        assert len(await client.packages.list(prefetch=8).to_list()) == 1000, "the client still works"

    @pytest.fixture
    def gated(self, server: ListServer) -> ListServer:
        for page in (3, 4, 5, 6):
            server.gates[page] = asyncio.Event()
        return server

    @pytest.mark.parametrize("wanted", [1, 100, 150, 200])
    async def test_break(self, gated: ListServer, client: PatchworksClient, wanted: int) -> None:
        async for package in client.packages.list():
            if package.id == wanted:
                break
        await self.assert_nothing_is_left(gated, client)

    async def test_break_from_pages(self, gated: ListServer, client: PatchworksClient) -> None:
        async for page in client.packages.list().pages():
            if page.number == 2:
                break
        await self.assert_nothing_is_left(gated, client)

    async def test_closed_at_once(self, gated: ListServer, client: PatchworksClient) -> None:
        async with aclosing(aiter(client.packages.list())) as items:
            async for _ in items:
                await settled()
                assert gated.in_flight
                break
        assert other_tasks() == set()
        await self.assert_nothing_is_left(gated, client)

    async def test_an_error_of_the_consumer(self, gated: ListServer, client: PatchworksClient) -> None:
        async def consume() -> None:
            async for _ in client.packages.list():
                _ = 1 / 0

        with pytest.raises(ZeroDivisionError):
            await consume()
        await self.assert_nothing_is_left(gated, client)

    async def test_an_error_of_a_page(self, gated: ListServer, client: PatchworksClient) -> None:
        gated.answers[2] = httpx.Response(500)
        with pytest.raises(ServerError):
            await client.packages.list().to_list()
        await self.assert_nothing_is_left(gated, client)

    async def test_an_error_of_on_progress(self, gated: ListServer, client: PatchworksClient) -> None:
        def fail(done: int, total: int | None) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await client.packages.list(on_progress=fail).to_list()
        await self.assert_nothing_is_left(gated, client)

    async def test_a_limit(self, gated: ListServer, client: PatchworksClient) -> None:
        assert len(await client.packages.list().to_list(limit=150)) == 150
        assert other_tasks() == set()
        await self.assert_nothing_is_left(gated, client)

    @pytest.mark.parametrize("steps", range(40))
    async def test_cancellation_at_every_moment(self, client: PatchworksClient, server: ListServer, steps: int) -> None:
        listing = asyncio.create_task(client.packages.list(per_page=100).to_list())
        for _ in range(steps):
            await asyncio.sleep(0)
        listing.cancel()
        outcome = await asyncio.gather(listing, return_exceptions=True)
        assert listing.cancelled() or len(outcome[0]) == 1000  # type: ignore[arg-type]
        assert other_tasks() == set()
        await self.assert_nothing_is_left(server, client)

    async def test_a_timeout_around_the_listing(self, gated: ListServer, client: PatchworksClient) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.packages.list().to_list()
        assert other_tasks() == set()
        await self.assert_nothing_is_left(gated, client)

    async def test_no_complaint_of_errors_that_nobody_saw(self, server: ListServer, client: PatchworksClient) -> None:
        complaints: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        for page in (3, 4):
            server.answers[page] = httpx.Response(500)
        async for package in client.packages.list():
            await asyncio.sleep(0)
            if package.id == 150:
                break
        await self.assert_nothing_is_left(server, client)
        gc.collect()
        await settled()
        assert complaints == []


class TestEnding:
    """A server that never comes to an end is left; a list that grows is followed."""

    async def failing(self, server: ListServer, match: str, **arguments: Any) -> PaginationError:
        async with client_of(server) as client:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PaginationWarning)
                with pytest.raises(PaginationError, match=match) as caught:
                    async with asyncio.timeout(20):
                        await client.packages.list(**arguments).to_list()
            await settled()
            assert other_tasks() == set()
        assert caught.value.page is not None
        return caught.value

    async def test_an_empty_page_ends_it(self) -> None:
        server = ListServer(250)
        server.change = lambda page, answer: {**answer, "meta": {"last_page": 1000, "total": 250}}
        async with client_of(server) as client:
            assert [len(page) async for page in client.packages.list().pages()] == [100, 100, 50]
            assert max(server.asked) <= 8
            beyond = await client.packages.list(page=900)
            assert (len(beyond), beyond.has_next) == (0, False)

    @pytest.mark.parametrize("prefetch", [0, 4])
    async def test_a_server_that_ignores_the_page(self, prefetch: int) -> None:
        server = ListServer(250)
        server.change = lambda page, _: server.page(1, 100)
        error = await self.failing(server, "page 2 was requested, but page 1 was returned", prefetch=prefetch)
        assert error.page == 2

    @pytest.mark.parametrize("meta", [{"last_page": 5}, {"last_page": 5, "total": 500}, {}])
    async def test_a_page_that_repeats_its_predecessor(self, meta: dict[str, Any]) -> None:
        server = ListServer(250)
        server.change = lambda page, _: {**server.page(1, 100), "meta": meta}
        error = await self.failing(server, "page 2 has no new item")
        assert error.page == 2

    async def test_the_last_page_again_and_again(self) -> None:
        server = ListServer(250)
        server.change = lambda page, _: {**server.page(min(page, 3), 100), "meta": {"last_page": page + 1}}
        await self.failing(server, "page 4 has no new item")

    async def test_the_last_page_again_and_again_of_a_total_that_grows(self) -> None:
        server = ListServer(250)
        server.change = lambda page, _: {
            **server.page(min(page, 3), 100),
            "meta": {"current_page": page, "last_page": page + 1, "total": 250 + page},
        }
        await self.failing(server, "page 4 has no new item")

    async def test_pages_in_a_circle(self) -> None:
        server = ListServer(300)
        server.change = lambda page, _: {
            **server.page((page - 1) % 3 + 1, 100),
            "meta": {"current_page": page, "last_page": page + 1},
        }
        error = await self.failing(server, "page 4 has no new item")
        assert error.page == 4

    async def test_pages_in_a_circle_of_a_simple_paginator(self) -> None:
        server = ListServer(300)
        server.change = lambda page, _: {**server.page((page - 1) % 2 + 1, 100), "meta": None}
        await self.failing(server, "page 3 has no new item")

    async def test_a_last_page_that_grows_on_the_way_is_followed(self) -> None:
        server = ListServer(250)

        def grow(page: int) -> None:
            if len(server.rows) < 850:
                start = len(server.rows) + 1
                server.rows += [{"id": number} for number in range(start, start + 100)]

        server.before = grow
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning, match="the list changed while it was read"):
                assert ids(await client.packages.list().to_list()) == counted(850)

    @pytest.mark.parametrize("prefetch", [0, 4])
    async def test_a_list_that_grows_for_ever(self, prefetch: int) -> None:
        server = ListServer(2)
        server.change = lambda page, _: {
            "data": [{"id": page * 10 + n} for n in range(2)],
            "meta": {"current_page": page, "last_page": page + 1, "total": page * 2 + 2},
        }
        await self.failing(server, "is far beyond the end", prefetch=prefetch)

    async def test_items_without_ids_are_told_apart_by_all_that_they_hold(self) -> None:
        server = ListServer()
        server.rows = [{"runs": number // 2, "values": [{"failed": 0}]} for number in range(250)]
        async with client_of(server) as client:
            assert await client.flow_versions.list_metrics(7).to_list() == server.rows, "alike ones on a page stay"
        server.rows = [{"runs": 0}] * 250
        await self.failing(server, "page 2 has no new item")

    async def test_items_without_ids_that_never_end(self) -> None:
        server = ListServer()
        server.rows = [{"runs": 0}] * 100
        server.change = lambda page, _: {
            **server.page(1, 100),
            "meta": {"current_page": page, "last_page": page + 1, "total": None},
        }
        await self.failing(server, "page 2 has no new item")

    async def test_no_meta_with_undocumented_paging_is_one_page(self) -> None:
        server = ListServer(30)
        server.change = lambda page, answer: {"data": answer["data"][:15]}
        async with client_of(server) as client:
            assert len(await client.flow_version_deployments.list_for_flow_version(7).to_list()) == 15
        assert server.asked == [1]


class TestMoving:
    """A list that changes while it is read: nothing is lost in silence."""

    async def test_an_insertion(self) -> None:
        server = ListServer(250)
        server.before = lambda page: server.rows.insert(0, {"id": 9000}) if page == 2 else None
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning, match="total 250, then 251"):
                items = await client.packages.list(prefetch=0).to_list()
        assert ids(items) == counted(250)

    async def test_a_deletion(self) -> None:
        server = ListServer(250)

        def delete(page: int) -> None:
            if page == 2:
                del server.rows[0]

        server.before = delete
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning, match="total 250, then 249"):
                items = await client.packages.list(prefetch=0).to_list()
        assert 101 not in ids(items)

    async def test_so_many_insertions_that_a_whole_page_comes_again(self) -> None:
        server = ListServer(5)
        server.before = lambda page: server.rows.insert(0, {"id": 9000}) if page == 2 else None
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning, match="total 5, then 6"):
                items = await client.packages.list(prefetch=0, per_page=1).to_list()
            with pytest.warns(PaginationWarning, match="total 6, then 7"):
                assert await (await client.packages.list(per_page=1)).next()
        assert ids(items) == counted(5)

    async def test_it_is_said_even_to_those_who_leave_early(self) -> None:
        server = ListServer(450)
        server.before = lambda page: server.rows.insert(0, {"id": 9000}) if page == 2 else None
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning, match="total 450, then 451"):
                await client.packages.list(prefetch=0).to_list(limit=150)

    async def test_it_is_said_once(self) -> None:
        server = ListServer(650)
        server.before = lambda page: server.rows.insert(0, {"id": 9000 + page})
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning) as caught:
                await client.packages.list(prefetch=0).to_list()
        assert len(caught) == 1

    async def test_it_is_said_where_the_list_is_read(self) -> None:
        server = ListServer(250)
        server.before = lambda page: server.rows.insert(0, {"id": 9000}) if page == 2 else None
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning) as caught:
                async for _ in client.packages.list(prefetch=0):
                    pass
            server.rows = server.rows[1:]
            with pytest.warns(PaginationWarning) as caught_by_page:
                async for _ in client.packages.list(prefetch=0).pages():
                    pass
        assert caught[0].filename == caught_by_page[0].filename == __file__

    async def test_fewer_items_than_the_total(self) -> None:
        server = ListServer(250)
        server.change = lambda page, answer: {**answer, "data": answer["data"][1:] if page == 2 else answer["data"]}
        async with client_of(server) as client:
            with pytest.warns(PaginationWarning, match="got 249 of 250 items"):
                assert len(await client.packages.list().to_list()) == 249

    async def test_a_list_that_stands_still_is_read_without_a_word(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        assert len(await client.packages.list().to_list()) == 1000
        assert len(await client.packages.list(page=4).to_list()) == 700
        assert len([page async for page in client.packages.list().pages()]) == 10


class TestErrors:
    FAULTS = (
        (httpx.Response(404), NotFoundError),
        (httpx.Response(500), ServerError),
        (httpx.Response(200, text="<html>"), ResponseDecodeError),
        (httpx.Response(200, json={"message": "x"}), ResponseDecodeError),
        (httpx.ReadError("gone"), APIConnectionError),
    )

    @pytest.mark.parametrize(("answer", "expected"), FAULTS)
    @pytest.mark.parametrize("page", [1, 4, 10])
    async def test_any_error_names_its_page(
        self, server: ListServer, client: PatchworksClient, page: int, answer: Any, expected: type[PatchworksError]
    ) -> None:
        server.answers[page] = answer
        with pytest.raises(expected) as caught:
            await client.packages.list().to_list()
        assert caught.value.page == page
        assert copy.copy(caught.value).page == page
        assert pickle.loads(pickle.dumps(caught.value)).page == page

    async def test_what_came_before_the_error_is_yielded_and_the_rest_follows_from_its_page(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        server.answers[6] = httpx.Response(500)
        server.answers[5] = httpx.Response(502)
        seen: list[int | None] = []
        page: int | None = 1
        while page:
            try:
                async for package in client.packages.list(page=page):
                    seen.append(package.id)  # noqa: PERF401 - what came before an error must be kept
                page = None
            except ServerError as error:
                page = error.page
                server.answers.pop(page or 0)
        assert seen == counted(1000)

    async def test_to_list_resumes_as_well(self, server: ListServer, client: PatchworksClient) -> None:
        server.answers[3] = httpx.Response(500)
        with pytest.raises(ServerError) as caught:
            await client.packages.list(per_page=30).to_list(limit=200)
        server.answers.clear()
        rest = await client.packages.list(per_page=30, page=caught.value.page).to_list()
        assert ids(rest) == list(range(61, 1001))

    async def test_an_error_outside_of_lists_has_no_page(self, server: ListServer, client: PatchworksClient) -> None:
        server.answers[1] = httpx.Response(500)
        with pytest.raises(ServerError) as caught:
            await client.packages.get(1)
        assert caught.value.page is None

    async def test_first_and_count_name_it_too(self, server: ListServer, client: PatchworksClient) -> None:
        server.answers[1] = httpx.Response(500)
        query = Query(filter={"name": "x"}, per_page=30)
        for call in (client.packages.list(query=query).first(), client.packages.list().count()):
            with pytest.raises(ServerError) as caught:
                await call
            assert caught.value.page == 1
        listing = client.packages.list(query=query)
        small = Query(filter={"name": "x"})
        first = client.packages.list(query=small).first
        for ask, resumed in ((first, small), (listing.first, query), (listing.count, query.replace(page=1))):
            with pytest.raises(ServerError) as caught:
                await ask()
            assert caught.value.query == resumed, "of the caller's page size, not of the one item that was asked for"

    @pytest.mark.parametrize(
        ("arguments", "resumed"),
        [
            ({}, Query(page=4, per_page=100)),
            ({"per_page": 30, "sort": "-name"}, Query(page=4, per_page=30, sort="-name")),
            ({"page": 2, "filter": {"name": ["a", "b"]}}, Query(page=4, per_page=100, filter={"name": ["a", "b"]})),
        ],
    )
    async def test_the_query_goes_on_where_it_broke_off(
        self, server: ListServer, client: PatchworksClient, arguments: Any, resumed: Query
    ) -> None:
        server.answers[4] = httpx.Response(500)
        seen: list[int | None] = []

        async def read() -> None:
            async for package in client.packages.list(**arguments):
                seen.append(package.id)

        with pytest.raises(ServerError) as caught:
            await read()
        assert caught.value.query == resumed
        assert pickle.loads(pickle.dumps(caught.value)).query == resumed
        server.answers.clear()
        seen += ids(await client.packages.list(query=caught.value.query).to_list())
        assert seen == [number for number in counted(1000) if number > 1000 - len(seen)]

    @pytest.mark.parametrize("cap", [5, 15, 60, 100])
    @pytest.mark.parametrize("given", [{}, {"per_page": 50}, {"page": 2}])
    @pytest.mark.parametrize("told", [True, False])
    async def test_the_query_of_a_next_page_keeps_the_size_of_the_pages_before(
        self, cap: int, given: Any, told: bool
    ) -> None:
        server = ListServer(1000, cap)
        if not told:
            server.change = lambda _, answer: {key: answer[key] for key in ("data", "links")}
        async with client_of(server) as client:
            page: Page[Package] | None = await client.packages.list(**given)
            assert page is not None
            seen = ids(page.items)
            page = await page.next()
            assert page is not None
            seen += ids(page.items)
            server.answers[page.number + 1] = httpx.Response(500)
            with pytest.raises(ServerError) as caught:
                await page.next()
            server.answers.clear()
            assert caught.value.query is not None
            assert caught.value.query.page == caught.value.page == page.number + 1
            seen += ids(await client.packages.list(query=caught.value.query).to_list())
            again = await client.packages.list(query=caught.value.query)
            assert again[0].id == page[len(page) - 1].id + 1
        assert seen == list(range(seen[0] or 0, 1001))

    async def test_a_size_that_cannot_be_asked_for_is_not(self) -> None:
        server = ListServer(1000, 200)
        async with client_of(server) as client:
            page = await client.packages.list()
            server.answers[2] = httpx.Response(500)
            with pytest.raises(ServerError) as caught:
                await page.next()
            server.answers.clear()
            assert caught.value.query == Query(page=2)
            assert (await client.packages.list(query=caught.value.query))[0].id == 201

    async def test_an_end_that_never_comes_can_be_gone_on_from(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pagination, "_PAGES_UNTOLD", 2)
        monkeypatch.setattr(pagination, "_PAGES_MORE", 3)
        server = ListServer(1000)
        server.change = without_last_page
        async with client_of(server) as client:
            with pytest.raises(PaginationError, match=r"continue with list\(query=error\.query\)") as caught:
                await client.packages.list().to_list()
            assert caught.value.query == Query(page=7, per_page=100)
            assert ids(await client.packages.list(query=caught.value.query).to_list()) == counted(1000)[600:]


class TestProgress:
    async def test_it_is_told_as_items_arrive(self, server: ListServer, client: PatchworksClient) -> None:
        told: list[tuple[int, int | None]] = []
        await client.packages.list(on_progress=lambda done, total: told.append((done, total))).to_list()
        assert told == [(100 * page, 1000) for page in counted(10)]

    async def test_before_the_items_of_the_page(self, server: ListServer, client: PatchworksClient) -> None:
        told: list[int] = []
        async for page in client.packages.list(on_progress=lambda done, _: told.append(done)).pages():
            assert told[-1] == page.number * 100

    async def test_without_a_total(self, server: ListServer, client: PatchworksClient) -> None:
        server.change = without_last_page
        told: list[tuple[int, int | None]] = []
        await client.packages.list(on_progress=lambda done, total: told.append((done, total))).to_list(limit=150)
        assert told == [(100, None), (200, None)]


@pytest.mark.httpx_only
@respx.mock
async def test_over_the_clients_own_connections() -> None:
    pages = ListServer(250)
    respx.get(url__startswith="https://core.wearepatchworks.com/api/v1/packages").mock(side_effect=pages)
    async with PatchworksClient(api_key="a-key-of-the-tests") as client:
        assert len(await client.packages.list().to_list()) == 250


Change = tuple[int, str, int]
changes = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(["insert", "delete", "append"]), st.integers(0, 40)), max_size=4
)
faults = st.dictionaries(
    st.integers(1, 10),
    st.sampled_from(["error", "empty", "repeat", "first", "no meta", "null meta", "text", "more", "fewer", "object"]),
    max_size=3,
)


class TestAnyServer:
    """Whatever the list does and whatever goes wrong."""

    def misbehave(self, server: ListServer, kind: str, page: int, answer: dict[str, Any], per_page: int) -> Any:
        meta = answer["meta"]
        answers: dict[str, Any] = {
            "error": httpx.Response(500),
            "empty": {**answer, "data": []},
            "repeat": {**answer, "data": server.page(max(1, page - 1), per_page)["data"]},
            "first": server.page(1, per_page),
            "no meta": {"data": answer["data"]},
            "null meta": {**answer, "meta": None},
            "text": {**answer, "meta": {key: str(value) for key, value in meta.items()}},
            "more": {**answer, "meta": {**meta, "last_page": meta["last_page"] + 1, "total": meta["total"] + 1}},
            "fewer": {**answer, "meta": {**meta, "last_page": meta["last_page"] - 1}},
            "object": {**answer, "data": {str(index): row for index, row in enumerate(answer["data"])}},
        }
        return answers[kind]

    @cases(600)
    @given(
        count=st.integers(0, 40),
        per_page=st.integers(1, 12),
        prefetch=st.integers(0, 5),
        moves=changes,
        faults=faults,
    )
    def test_it_ends_and_yields_once_and_loses_nothing_in_silence(
        self, count: int, per_page: int, prefetch: int, moves: list[Change], faults: dict[int, str]
    ) -> None:
        server = ListServer(count)
        stayed = set(counted(count))
        # One change before each answer at most: a deletion and an insertion at once leave the total where it was.
        planned = {number: (kind, place) for number, kind, place in moves}

        def move(_: int) -> None:
            kind, place = planned.pop(len(server.asked), (None, 0))
            if kind == "insert":
                server.rows.insert(place % (len(server.rows) + 1), {"id": 1000 + len(server.asked)})
            elif kind == "append":
                server.rows.append({"id": 1000 + len(server.asked)})
            elif kind == "delete" and server.rows:
                stayed.discard(server.rows.pop(place % len(server.rows))["id"])

        server.before = move
        server.change = lambda page, answer: (
            self.misbehave(server, faults[page], page, answer, per_page) if page in faults else answer
        )
        seen: list[int | None] = []
        raised: PatchworksError | None = None

        async def read() -> None:
            nonlocal raised
            async with client_of(server) as client, asyncio.timeout(20):
                try:
                    async for package in client.packages.list(per_page=per_page, prefetch=prefetch):
                        seen.append(package.id)  # noqa: PERF401 - what came before an error must be kept
                except PatchworksError as error:
                    raised = error
                await settled()
                assert other_tasks() == set()

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            asyncio.run(read())
        warned = [warning for warning in caught if warning.category is PaginationWarning]
        assert len(warned) == len(caught) <= 1
        assert len(seen) == len(set(seen)), "nothing comes twice"
        if raised is not None:
            assert raised.page is not None
        elif not warned and "no meta" not in faults.values() and "null meta" not in faults.values():
            assert stayed <= set(seen), "nothing is lost in silence"


@pytest.fixture(scope="module")
def sandbox() -> Generator[CheckedSandbox, None, None]:
    with CheckedSandbox.start_in_thread(seed=Seed(packages=750)) as sandbox:
        yield sandbox


@pytest.fixture
async def online(sandbox: CheckedSandbox) -> AsyncGenerator[PatchworksClient, None]:
    sandbox.reset()
    async with PatchworksClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        yield client
    assert sandbox.crashes == []
    assert sandbox.contract_violations == []


class TestOverHTTP:
    """Against the sandbox, over real connections."""

    def busy_connections(self, client: Any) -> list[Any]:
        pool = client._pipeline._http._client._transport._pool
        return [connection for connection in pool.connections if not (connection.is_idle() or connection.is_closed())]

    async def test_a_whole_list(self, online: PatchworksClient) -> None:
        packages = await online.packages.list(sort="-name").to_list()
        assert len({package.id for package in packages}) == 750 == await online.packages.list().count()
        assert packages[0].created_at is not None

    @pytest.mark.httpx_only
    @pytest.mark.parametrize(
        ("leave", "outcome"),
        [
            ("break", type(None)),
            ("error", ZeroDivisionError),
            ("timeout", TimeoutError),
            ("cancel", asyncio.CancelledError),
        ],
    )
    async def test_leaving_early_leaves_no_task_and_no_open_request(
        self, sandbox: CheckedSandbox, online: PatchworksClient, leave: str, outcome: type[object]
    ) -> None:
        sandbox.faults.add("latency=0.3", times=5, after=1)

        async def read() -> None:
            async for _ in online.packages.list(per_page=20, prefetch=6):
                if leave == "error":
                    raise ZeroDivisionError
                if leave == "break":
                    break
                async with asyncio.timeout(0.05 if leave == "timeout" else None):
                    await asyncio.sleep(1)

        task = asyncio.create_task(read())
        async with asyncio.timeout(2):
            while len(sandbox.requests) < 3:
                await asyncio.sleep(0.001)
                if task.done():
                    break
        if leave == "cancel":
            task.cancel()
        (left,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(left, outcome)
        async with asyncio.timeout(0.25):  # sooner than the answers under way would have come
            while other_tasks() or self.busy_connections(online):  # noqa: ASYNC110 - nobody signals it
                await asyncio.sleep(0.005)
        sandbox.faults.clear()
        assert len(await online.packages.list().to_list()) == 750

    async def test_resuming_after_an_error(self, sandbox: CheckedSandbox, online: PatchworksClient) -> None:
        sandbox.faults.add("status=500", after=4, times=3, path="/api/v1/packages")
        hasty = online.with_options(max_retries=0)
        with pytest.raises(ServerError) as caught:
            await hasty.packages.list().to_list()
        sandbox.faults.clear()
        assert caught.value.page is not None
        rest = await hasty.packages.list(query=caught.value.query).to_list()
        assert len(rest) == 750 - 100 * (caught.value.page - 1)

    async def test_resuming_after_an_error_of_a_next_page(self, sandbox: CheckedSandbox, transport: Any) -> None:
        sandbox.reset()
        async with PatchworksClient(
            api_key=sandbox.api_key, base_url=sandbox.url, transport=transport, max_retries=0
        ) as client:
            page = await client.packages.list(sort="name")
            sandbox.faults.add("status=500")
            with pytest.raises(ServerError) as caught:
                await page.next()
            rest = await client.packages.list(query=caught.value.query).to_list()
        assert len(page) == 15
        assert len({*ids(page.items), *ids(rest)}) == 15 + len(rest) == 750

    @pytest.mark.parametrize(
        ("fault", "outcome"),
        [
            ("same-page", PaginationError),
            ("list-grows=first", PaginationWarning),
            ("list-shrinks=first", PaginationWarning),
            ("no-meta", PaginationWarning),
        ],
    )
    async def test_a_list_that_misbehaves(
        self, sandbox: CheckedSandbox, online: PatchworksClient, fault: str, outcome: type[Exception]
    ) -> None:
        sandbox.faults.add(fault, times=1, after=2)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(outcome):
                await online.packages.list(prefetch=0).to_list()
