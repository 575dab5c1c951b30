"""Slots, the window and the pause; measured where it counts, at the server."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from email.utils import formatdate
from itertools import pairwise
from typing import Any

import httpx
import pytest

from patchworks_core_client import (
    APIConnectionError,
    ConfigurationError,
    PatchworksClient,
    PatchworksError,
    QuotaError,
    RateLimitError,
    ServerError,
    _retry,
)
from patchworks_core_client._limits import Window
from patchworks_core_client.quota import Quota

from .servers import Seen, Server, connect, hang, item, reply, reset, serve, unused_url


def limit(client: PatchworksClient, slots: int, per_window: int | None, window: float) -> PatchworksClient:
    """The same client with a window that a test can wait for."""
    client._pipeline._quota = Window(per_window, window)
    client._pipeline._slots = asyncio.Semaphore(slots if per_window is None else min(slots, per_window))
    return client


@asynccontextmanager
async def request_under(quota: Quota, *, sent: bool = True) -> AsyncGenerator[None]:
    """A request as the client makes it."""
    place = await quota.enter("x")
    try:
        yield
    finally:
        quota.leave(place, sent=sent)


def most_in_a_window(seen: list[Seen], window: float) -> int:
    """The most requests that the server read within any window of that length."""
    times = sorted(one.at for one in seen)
    return max(sum(1 for at in times if start <= at < start + window) for start in times)


def gaps(server: Server) -> list[float]:
    times = [seen.at for seen in server.seen]
    return [later - earlier for earlier, later in pairwise(times)]


# ---------------------------------------------------------------------------------------------------------------- slots


@pytest.mark.parametrize("slots", [1, 3, 8])
async def test_no_more_in_flight_than_max_concurrency(slots: int) -> None:
    async with (
        serve(reply(200, {"data": {}}, delay=0.01)) as server,
        connect(server, max_concurrency=slots, requests_per_minute=None) as client,
    ):
        copies = [client, client.with_options(timeout=5), client.with_options(headers={"X-Copy": "2"})]
        await asyncio.gather(*(copies[number % 3].packages.get(number) for number in range(40)))
        assert server.most == slots
        assert len(server.seen) == 40
        assert server.connections <= slots


async def test_a_call_in_backoff_holds_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "backoff", lambda _: 0.3)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    async with serve(reply(500), item()) as server, connect(server, max_concurrency=1) as client:
        failing = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(0.2):
            await client.packages.get(2)
        await failing
        assert [seen.target.rpartition("/")[2] for seen in server.seen] == ["1", "2", "1"]


async def test_waiting_for_a_slot_is_not_counted_in_the_timeout() -> None:
    async with (
        serve(reply(200, {"data": {}}, delay=0.1)) as server,
        connect(server, max_concurrency=1, timeout=0.25, max_retries=0) as client,
    ):
        await asyncio.gather(*(client.packages.get(number) for number in range(5)))


async def test_waiting_for_quota_is_not_counted_in_the_timeout() -> None:
    async with serve(item()) as server, connect(server, timeout=0.15, max_retries=0) as client:
        limit(client, 8, 2, 0.3)
        await asyncio.gather(*(client.packages.get(number) for number in range(5)))
        assert len(server.seen) == 5


@pytest.mark.parametrize("slots", [0, -1, 1.5, True, "8", None])
def test_max_concurrency_out_of_bounds(slots: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        PatchworksClient(api_key="x", max_concurrency=slots)


# --------------------------------------------------------------------------------------------------------------- window


async def test_no_window_holds_more_than_the_quota() -> None:
    async with serve(item()) as server, connect(server) as client:
        limit(client, 8, 12, 0.4)
        await asyncio.gather(*(client.packages.get(number) for number in range(40)))
        assert len(server.seen) == 40
        assert most_in_a_window(server.seen, 0.4) == 12
        assert server.seen[-1].at - server.seen[0].at < 2.5


async def test_the_window_holds_where_requests_arrive_late() -> None:
    # The first ones are read long after they left: a window over the sending times would let too many arrive together.
    waits = [0.0, 0.25, 0.25, 0.0]

    async def late(_: Any, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(waits.pop(0) if waits else 0)
        arrived.append(time.monotonic())
        await item()(_, writer)

    arrived: list[float] = []
    async with serve(late) as server, connect(server) as client:
        limit(client, 4, 4, 0.3)
        await asyncio.gather(*(client.packages.get(number) for number in range(16)))
    arrived.sort()
    assert all(arrived[index + 4] - arrived[index] >= 0.3 for index in range(len(arrived) - 4))


async def test_the_window_counts_what_with_options_copies_send_and_every_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_retry, "BACKOFF_FIRST", 0.001)
    async with serve(reply(500), reply(500), item()) as server, connect(server) as client:
        limit(client, 8, 3, 0.3)
        copy = client.with_options(timeout=9)
        await client.packages.get(1)  # three attempts
        started = time.monotonic()
        await copy.packages.get(2)
        assert time.monotonic() - started > 0.2
        assert most_in_a_window(server.seen, 0.3) == 3


async def test_a_quota_smaller_than_the_slots() -> None:
    async with serve(reply(200, {"data": {}}, delay=0.02)) as server, connect(server) as client:
        limit(client, 8, 1, 0.1)
        await asyncio.gather(*(client.packages.get(number) for number in range(4)))
        assert server.most == 1
        assert min(gaps(server)) >= 0.1


async def test_without_a_window() -> None:
    async with serve(item()) as server, connect(server, requests_per_minute=None, max_concurrency=32) as client:
        async with asyncio.timeout(30):
            await asyncio.gather(*(client.packages.get(number) for number in range(260)))
        assert len(server.seen) == 260


async def test_the_documented_quota_is_the_default() -> None:
    async with serve(item()) as server, connect(server, max_concurrency=32) as client:
        calls = [asyncio.create_task(client.packages.get(number)) for number in range(260)]
        try:
            async with asyncio.timeout(20):
                await asyncio.gather(*calls[:240])
            await asyncio.sleep(0.2)
            assert len(server.seen) == 240
        finally:
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("quota", [0, -1, 1.5, True, "240"])
def test_requests_per_minute_out_of_bounds(quota: Any) -> None:
    with pytest.raises(ConfigurationError, match="requests_per_minute"):
        PatchworksClient(api_key="x", requests_per_minute=quota)


# ---------------------------------------------------------------------------------------------------------------- pause


async def test_one_429_pauses_all_tasks_once() -> None:
    async with serve(reply(429, headers={"Retry-After": "0.4"}), item()) as server, connect(server) as client:
        first = asyncio.create_task(client.packages.get(0))
        await asyncio.sleep(0.1)
        copy = client.with_options(timeout=30)
        await asyncio.gather(first, *(copy.packages.get(number) for number in range(1, 20)))
        waited = [seen.at - server.seen[0].at for seen in server.seen[1:]]
        assert len(waited) == 20
        assert min(waited) >= 0.39
        assert max(waited) < 1.4  # they go on within half a second, not all at once


def _seconds_ahead(seconds: float, skew: float) -> dict[str, str]:
    now = int(time.time() + skew)
    return {"Date": formatdate(now, usegmt=True), "X-RateLimit-Reset": str(int(now + seconds))}


async def test_an_exhausted_quota_pauses_until_its_reset_whatever_the_clocks_say() -> None:
    async def pause_after(status: int, skew: float) -> float:
        headers = {"X-RateLimit-Remaining": "0", **_seconds_ahead(1, skew)}
        async with serve(reply(status, {"data": {}}, headers), item()) as server, connect(server) as client:
            await client.packages.get(1)
            await asyncio.gather(client.packages.get(2), client.packages.get(3))
            return gaps(server)[0]

    pauses = await asyncio.gather(*(pause_after(status, skew) for status in (200, 429) for skew in (0, 7200, -7200)))
    assert all(0.95 < pause < 2 for pause in pauses)


async def test_an_exhausted_quota_without_a_time_makes_nobody_wait() -> None:
    async with (
        serve(reply(200, {"data": {}}, {"X-RateLimit-Remaining": "0"}), item()) as server,
        connect(server) as client,
    ):
        await client.packages.get(1)
        await client.packages.get(2)
        assert gaps(server)[0] < 0.3


async def test_a_quota_that_is_left_pauses_nobody() -> None:
    headers = {"X-RateLimit-Remaining": "1", **_seconds_ahead(30, 0)}
    async with serve(reply(200, {"data": {}}, headers), item()) as server, connect(server) as client:
        await client.packages.get(1)
        await client.packages.get(2)
        assert gaps(server)[0] < 0.3


async def test_a_503_holds_its_own_call_only() -> None:
    async with serve(reply(503, headers={"Retry-After": "0.4"}), item()) as server, connect(server) as client:
        failing = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.05)
        await asyncio.gather(*(client.packages.get(2) for _ in range(5)))
        assert server.seen[-1].at - server.seen[0].at < 0.3
        await failing
        assert server.seen[-1].at - server.seen[0].at >= 0.39


async def test_max_retries_0_still_pauses_the_others() -> None:
    async with serve(reply(429, headers={"Retry-After": "0.3"}), item()) as server, connect(server) as client:
        with pytest.raises(RateLimitError):
            await client.packages.get(1, max_retries=0)
        await client.packages.get(2)
        assert gaps(server)[0] >= 0.29


async def test_a_429_that_asks_for_more_than_a_minute_pauses_nobody() -> None:
    async with serve(reply(429, headers={"Retry-After": "61"}), item()) as server, connect(server) as client:
        with pytest.raises(RateLimitError):
            await client.packages.get(1)
        async with asyncio.timeout(1):
            await client.packages.get(2)


# --------------------------------------------------------------------------------------------------------- nothing lost


async def test_cancelled_waiters_give_back_slot_and_quota() -> None:
    window, slots = Window(3, 0.2), asyncio.Semaphore(2)

    async def use() -> None:
        async with slots, request_under(window):
            await asyncio.sleep(0.01)

    for after in (0, 0.005, 0.015, 0.05, 0.1):
        tasks = [asyncio.create_task(use()) for _ in range(12)]
        await asyncio.sleep(after)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert slots._value == 2
    assert window._in_flight == 0
    async with asyncio.timeout(2):
        await asyncio.gather(*(use() for _ in range(6)))


async def test_failures_give_back_their_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "BACKOFF_FIRST", 0.001)
    async with serve(reply(500)) as server, connect(server, max_concurrency=2) as client:
        for _ in range(5):
            with pytest.raises(ServerError):
                await client.packages.get(1)
        assert client._pipeline._slots._value == 2


async def test_the_log_of_the_window_stays_small() -> None:
    window = Window(5, 0.01)
    for _ in range(200):
        async with request_under(window):
            pass
    assert len(window._ended) <= 5
    unlimited = Window(None)
    async with request_under(unlimited):
        pass
    assert not unlimited._ended


async def test_a_place_that_was_not_used_is_given_back() -> None:
    window = Window(1, 60)
    async with asyncio.timeout(1):
        for _ in range(3):
            async with request_under(window, sent=False):
                pass


async def test_a_hanging_call_does_not_stop_the_others() -> None:
    async with serve(hang(), item()) as server, connect(server, max_concurrency=2, timeout=0.5) as client:
        hanging = asyncio.create_task(client.packages.get(1, max_retries=0))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(0.3):
            await client.packages.get(2)
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


# ------------------------------------------------------------------------------------------------- what the server asks


async def test_a_told_wait_is_at_least_half_a_second_and_comes_back_at_random_times(transport: Any) -> None:
    def choose(seen: Seen) -> Any:
        again = seen.target in refused
        refused.add(seen.target)
        return item() if again else reply(429, headers={"Retry-After": "0"})

    refused: set[str] = set()
    async with serve(choose=choose) as server, connect(server, transport=transport) as client:
        await asyncio.gather(*(client.packages.get(number) for number in range(8)))
        last_refusal = max(seen.at for seen in server.seen[:8])
        waits = sorted(seen.at - last_refusal for seen in server.seen[8:])
        assert len(waits) == 8
        assert waits[0] > 0.4
        assert waits[-1] < 2
        assert waits[-1] - waits[0] > 0.05, "they all come back together"


async def test_a_told_wait_of_one_call_is_at_least_half_a_second(transport: Any) -> None:
    async with (
        serve(reply(503, headers={"Retry-After": "0"}), item()) as server,
        connect(server, transport=transport) as client,
    ):
        await client.packages.create(name="x")
        assert 0.49 < gaps(server)[0] < 1.5


async def test_a_remaining_quota_below_zero_is_exhausted() -> None:
    headers = {"X-RateLimit-Remaining": "-3", **_seconds_ahead(1, 0)}
    async with serve(reply(200, {"data": {}}, headers), item()) as server, connect(server) as client:
        await client.packages.get(1)
        await client.packages.get(2)
        assert gaps(server)[0] > 0.5


# ----------------------------------------------------------------------------------------------------- what is counted


class TwoRequests(httpx.Auth):
    """Asks for a token of its own before every request."""

    def __init__(self, url: str) -> None:
        self.url = url

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        yield httpx.Request("GET", self.url + "/own-token")
        yield request


async def test_every_request_of_an_auth_flow_is_counted_at_this_server_and_none_at_another(transport: Any) -> None:
    async with serve(item()) as server, serve(item()) as elsewhere:
        for url, least in ((server.url, 0.9), (elsewhere.url, 0.0)):
            del server.seen[:]
            options: dict[str, Any] = {"quota": Window(4, 0.5), "max_concurrency": 2, "transport": transport}
            async with connect(server, auth=TwoRequests(url), **options) as client:
                started = time.monotonic()
                await asyncio.gather(*(client.packages.get(number) for number in range(4 if least == 0 else 6)))
                assert time.monotonic() - started >= least
                assert most_in_a_window(server.seen, 0.5) <= 4


async def test_a_login_at_this_server_is_counted() -> None:
    async with serve(choose=lambda seen: reply(200, {"token": "t" * 9, "data": {}})) as server:
        options = {"username": "u", "password": "p" * 9, "login_url": server.url + "/login"}
        async with connect(server, quota=Window(2, 0.5), max_concurrency=2, **options) as client:
            await client.packages.get(1)
            await client.packages.get(2)
        assert server.seen[0].target == "/login"
        assert most_in_a_window(server.seen, 0.5) == 2


async def test_the_timeout_is_for_each_request_of_a_flow(transport: Any) -> None:
    slow = reply(200, {"data": {}}, delay=0.3)
    async with serve(slow) as server:
        auth = TwoRequests(server.url)
        async with connect(server, auth=auth, timeout=0.5, max_retries=0, transport=transport) as client:
            await client.packages.get(1)
            assert len(server.seen) == 2


async def test_the_next_request_of_a_flow_does_not_wait_in_a_closed_client() -> None:
    async with serve(reply(200, {"data": {}}, delay=0.2)) as server, httpx.AsyncClient() as http:
        client = connect(server, auth=TwoRequests(server.url), http_client=http, quota=Window(1, 60))
        call = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.1)
        await client.aclose()
        async with asyncio.timeout(2):
            with pytest.raises(PatchworksError, match="closed"):
                await call
        assert len(server.seen) == 1


async def test_a_call_that_was_not_sent_takes_no_place() -> None:
    async with (
        serve(reply(401, {"message": "Wrong password."})) as server,
        connect(server, username="u", password="p" * 9, login_url=server.url + "/login", quota=Window(4, 60)) as client,
    ):
        await asyncio.gather(*(client.packages.get(number) for number in range(20)), return_exceptions=True)
        assert len(server.seen) == 1
        async with asyncio.timeout(2):
            await asyncio.gather(*(client.packages.get(1) for _ in range(2)), return_exceptions=True)
        assert len(server.seen) == 2


async def test_calls_that_send_nothing_do_not_make_others_wait_for_the_window() -> None:
    client = PatchworksClient(api_key="x", base_url=unused_url(), max_retries=0, requests_per_minute=2)
    async with client, asyncio.timeout(5):
        failed = await asyncio.gather(*(client.packages.get(number) for number in range(9)), return_exceptions=True)
    assert {type(one) for one in failed} == {APIConnectionError}


async def test_a_connection_that_was_never_made_takes_no_place(quick_retries: None) -> None:
    async with serve(item()) as server:
        window = Window(2, 60)
        async with PatchworksClient(api_key="x", base_url=unused_url(), quota=window, max_concurrency=2) as client:
            with pytest.raises(APIConnectionError):
                await client.packages.get(1)
        async with connect(server, quota=window, max_concurrency=2) as client, asyncio.timeout(2):
            await asyncio.gather(client.packages.get(1), client.packages.get(2))


# ---------------------------------------------------------------------------------------------- another quota in place


class Unreachable:
    """A quota that nobody can reach."""

    closed = False

    async def enter(self, operation: str) -> str:
        raise QuotaError(f"{operation} has no place: the quota cannot be reached")

    def leave(self, place: str, *, sent: bool) -> None:
        """Nobody has entered."""

    def pause(self, seconds: float) -> None:
        """There is nobody to tell."""

    async def aclose(self) -> None:
        self.closed = True


async def test_nothing_is_sent_where_the_quota_cannot_be_reached() -> None:
    quota = Unreachable()
    async with serve(item()) as server:
        async with connect(server, quota=quota) as client:
            with pytest.raises(QuotaError, match=r"packages\.get has no place"):
                await client.packages.get(1)
            with pytest.raises(QuotaError):
                await client.packages.list()
        assert not server.connections
        assert quota.closed


# ------------------------------------------------------------------------------------------------- what waiting says


def informed(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        one.getMessage() for one in caplog.records if (one.name, one.levelname) == ("patchworks_core_client", "INFO")
    ]


async def test_every_retry_is_told(caplog: pytest.LogCaptureFixture, quick_retries: None) -> None:
    caplog.set_level(logging.INFO, "patchworks_core_client")
    async with serve(reply(503), reset(), item()) as server, connect(server) as client:
        await client.packages.get(1)
    assert len(server.seen) == 3
    first, second = informed(caplog)
    assert re.fullmatch(r"packages\.get is retried in 0\.\d s: 503", first)
    assert re.fullmatch(r"packages\.get is retried in 0\.\d s: APIConnectionError", second)


async def test_a_wait_of_a_second_or_more_is_told_before_it_begins(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "patchworks_core_client")
    async with serve(item()) as server, connect(server, requests_per_minute=1) as client:
        await client.packages.get(1)
        waiting = asyncio.create_task(client.packages.list().first())
        await asyncio.sleep(0.1)
        assert informed(caplog) == ["packages.list waits 60.0 s: the quota is 1 requests in 60 s"]
        waiting.cancel()
    caplog.clear()
    exhausted = reply(200, {"data": {}}, {"X-RateLimit-Remaining": "0", "Retry-After": "30"})
    async with serve(exhausted) as server, connect(server) as client:
        await client.packages.get(1)
        waiting = asyncio.create_task(client.packages.get(2))
        await asyncio.sleep(0.1)
        assert re.fullmatch(r"packages\.get waits (29|30)\.\d s: the server asks for a pause", informed(caplog)[0])
        waiting.cancel()
