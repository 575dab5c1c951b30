"""Corners that no other test noticed: what `make mutants` and reviews of the whole showed."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest

from patchworks_core_client import (
    UNSET,
    APIConnectionError,
    APIStatusError,
    ConfigurationError,
    FlowVersionDeployment,
    Package,
    PaginationError,
    PaginationWarning,
    PatchworksClient,
    ResponseDecodeError,
)
from patchworks_core_client._request import merged_headers
from patchworks_core_client.model import date_time

from .servers import Action, Seen, connect, item, reply, serve


@pytest.mark.parametrize("name", ["max_retries", "max_concurrency", "requests_per_minute"])
def test_a_number_just_out_of_bounds_is_refused(name: str) -> None:
    least = 0 if name == "max_retries" else 1
    PatchworksClient(api_key="key", **{name: least})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=name):
        PatchworksClient(api_key="key", **{name: least - 1})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["timeout", "max_retries", "max_concurrency", "requests_per_minute"])
def test_a_number_is_not_left_out_with_unset(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        PatchworksClient(api_key="key", **{name: UNSET})  # type: ignore[arg-type]


def test_seconds_beyond_all_bounds_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        PatchworksClient(api_key="key", timeout=10**400)


def test_a_model_that_was_empty_can_be_replaced() -> None:
    deployment = FlowVersionDeployment.from_dict({"id": 1, "package": {}})
    filled = attrs.evolve(deployment, package=Package(name="Checkout"))
    assert filled.to_dict() == {"id": 1, "package": {"name": "Checkout"}}
    emptied = attrs.evolve(filled, package=Package())
    assert emptied.to_dict() == {"id": 1, "package": {}}


def test_an_extra_header_replaces_the_one_of_its_name_however_it_is_written() -> None:
    assert merged_headers({"Accept": "a", "X-A": "1"}, {"accept": "b"}) == {"X-A": "1", "accept": "b"}


def test_a_model_has_no_room_for_weak_references() -> None:
    assert not hasattr(Package.from_dict({}), "__weakref__"), "eight bytes a model"


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Proxy-Authorization"])
def test_why_a_header_cannot_be_given(name: str) -> None:
    with pytest.raises(ValueError, match="the client sets it"):
        merged_headers({}, {name: "x"})
    with pytest.raises(ValueError, match="use auth= for other credentials"):
        merged_headers({}, {"authorization": "x"})


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (409, "Conflict"),
        (429, "Too Many Requests"),
        (503, "Service Unavailable"),
    ],
)
async def test_a_status_without_a_message_is_explained(status: int, said: str) -> None:
    async with serve(reply(status, b"")) as server, connect(server, max_retries=0) as client:
        with pytest.raises(APIStatusError, match=f"{status} {said}"):
            await client.request("GET", "/x")


async def test_an_answer_that_is_no_json_is_named_with_its_type() -> None:
    async with serve(reply(200, b"x", {"Content-Type": "text/plain"})) as server, connect(server) as client:
        with pytest.raises(ResponseDecodeError, match="200 answered with text/plain: it is not JSON"):
            await client.packages.get(1)


async def test_a_429_that_says_when_the_quota_is_renewed_uses_up_no_retry() -> None:
    refused = reply(429, {}, {"X-RateLimit-Reset": "0"})
    async with serve(refused, refused, refused, item()) as server, connect(server, max_retries=1) as client:
        assert (await client.packages.get(1)).id == 1


async def test_other_statuses_have_nothing_to_do_with_the_quota() -> None:
    async with serve(reply(404, {}, {"X-RateLimit-Reset": "30"})) as server, connect(server) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.packages.get(1)
        assert caught.value.retry_after is None


def test_a_date_that_only_dateutil_reads() -> None:
    assert date_time("2025/05/01 22:00:00 +0200") == datetime(2025, 5, 1, 20, tzinfo=UTC)
    assert date_time("2025/13/01 22:00:00 +0200") == "2025/13/01 22:00:00 +0200"


@pytest.mark.parametrize(
    ("row", "numbered"), [({"id": 1}, True), ({"name": "x"}, False)], ids=["ids", "without ids and numbers"]
)
async def test_a_next_page_that_repeats_this_one_is_refused(row: dict[str, Any], numbered: bool) -> None:
    def choose(seen: Seen) -> Action:
        meta = {"last_page": 3, "current_page": 2 if "page=2" in seen.target else 1}
        return reply(200, {"data": [row], "meta": meta if numbered else {"last_page": 3}})

    async with serve(choose=choose) as server, connect(server) as client:
        page = await client.packages.list()
        with pytest.raises(PaginationError, match="page 2 has no new item"):
            await page.next()


async def test_a_limit_larger_than_the_integers_that_python_keeps() -> None:
    def choose(seen: Seen) -> Action:
        page = int(re.findall(r"[?&]page=(\d+)", seen.target + "&page=1")[0])
        rows = [{"id": number} for number in range(page * 100, page * 100 + 100)]
        return reply(200, {"data": rows, "meta": {"last_page": 9, "current_page": page, "total": 900}})

    async with serve(choose=choose) as server, connect(server) as client:
        assert len(await client.packages.list().to_list(limit=350)) == 350


def of_ten_pages(seen: Seen) -> Action:
    """Ten pages of two were promised; from the fifth on they are empty."""
    page = int(re.findall(r"[?&]page=(\d+)", seen.target + "&page=1")[0])
    rows = [{"id": page * 2}, {"id": page * 2 + 1}] if page < 5 else []
    return reply(200, {"data": rows, "meta": {"last_page": 10, "current_page": page, "per_page": 2, "total": 20}})


@pytest.mark.parametrize(("page", "said"), [(None, "got 8 of 20 items"), (3, "got 4 of 16 items")])
async def test_a_list_that_ends_early_is_told_wherever_it_was_begun(page: int | None, said: str) -> None:
    async with serve(choose=of_ten_pages) as server, connect(server) as client:
        with pytest.warns(PaginationWarning, match=said):
            await client.packages.list(page=page).to_list()


@pytest.mark.parametrize("prefetch", [0, 1, 2, 4])
async def test_a_slow_consumer_holds_no_more_pages_than_it_said(prefetch: int) -> None:
    async with serve(choose=of_ten_pages) as server, connect(server) as client:
        pages = client.packages.list(prefetch=prefetch).pages()
        await anext(pages)
        await asyncio.sleep(0.1)
        assert len(server.seen) == max(1, prefetch)
        await pages.aclose()


@pytest.mark.parametrize("prefetch", [-1, 1.5, True, "4", None])
def test_how_many_pages_to_hold_is_a_number(prefetch: Any) -> None:
    with pytest.raises(ValueError if prefetch == -1 else TypeError, match=r"prefetch must be (an int|at least 0)"):
        PatchworksClient(api_key="key").packages.list(prefetch=prefetch)


@pytest.mark.parametrize("answer", [b"", b"null", b"{}", b"[]"])
async def test_a_delete_may_be_answered_with_nothing(answer: bytes) -> None:
    async with serve(reply(200, answer)) as server, connect(server) as client:
        assert (await client.packages.delete(1)).message is None


@pytest.mark.parametrize("error", [httpx.StreamConsumed(), httpx.StreamClosed(), httpx.CookieConflict("two")])
async def test_errors_of_httpx_that_are_no_http_errors_do_not_escape(error: Exception) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http:
        client = PatchworksClient(api_key="key", http_client=http, max_retries=0)
        with pytest.raises(APIConnectionError) as caught:
            await client.packages.get(1)
        assert caught.value.__cause__ is error
        assert caught.value.delivered is None
