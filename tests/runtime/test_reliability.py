"""Bad days: many calls at once, cancellation at every await, one event loop after the other."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import httpx
import pytest

from patchworks_core_client import APITimeoutError, PatchworksClient, PatchworksError, ServerError, _retry
from patchworks_core_client._reclaim import reclaim

from .servers import Action, Seen, Server, connect, item, message, reply, reset, send, serve

Use: TypeAlias = Callable[[PatchworksClient], Awaitable[Any]]


pytestmark = pytest.mark.usefixtures("quick_retries")


# --------------------------------------------------------------------------------------------------------- many at once


@pytest.mark.untraced
async def test_a_thousand_calls_at_once(transport: Any) -> None:
    def choose(seen: Seen) -> Action:
        return reply(200, {"data": {"id": int(seen.target.rpartition("/")[2])}})

    async with (
        serve(choose=choose) as server,
        connect(server, requests_per_minute=None, max_concurrency=16, transport=transport) as client,
    ):
        before = asyncio.all_tasks()
        packages = await asyncio.gather(*(client.packages.get(number) for number in range(1000)))
        assert [package.id for package in packages] == list(range(1000))
        assert len(server.seen) == 1000
        assert server.most <= 16
        assert server.connections <= 16
        assert not ours(before)
        whole(client, 16)


@pytest.mark.untraced
async def test_a_thousand_calls_of_which_many_fail(transport: Any) -> None:
    bad: list[Action] = [reply(500), reset(), reply(503, headers={"Retry-After": "0"}), send(), reply(502, b"<html>")]

    def choose(seen: Seen) -> Action:
        first = seen.target not in answered
        answered.add(seen.target)
        number = int(seen.target.rpartition("/")[2])
        return bad[number % 35 // 7] if first and number % 7 == 0 else item()

    answered: set[str] = set()
    async with (
        serve(choose=choose) as server,
        connect(server, requests_per_minute=None, max_concurrency=16, transport=transport) as client,
    ):
        await asyncio.gather(*(client.packages.get(number) for number in range(1000)))
        whole(client, 16)


async def test_more_slots_than_a_pool_usually_has(transport: Any) -> None:
    async with (
        serve(reply(200, {"data": {}}, delay=0.3)) as server,
        connect(server, requests_per_minute=None, max_concurrency=150, timeout=10, transport=transport) as client,
    ):
        await asyncio.gather(*(client.packages.get(number) for number in range(150)))
        assert server.most == 150


# --------------------------------------------------------------------------------------------------------- cancellation


def ours(before: set[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    """Tasks that are there now and were not before, but for the server's."""
    return {task for task in asyncio.all_tasks() - before if not _is_servers(task)}


def _is_servers(task: asyncio.Task[Any]) -> bool:
    return task.get_name() == "test-server" or "_accept_connection" in repr(task.get_coro())


def whole(client: PatchworksClient, slots: int) -> None:
    """Assert that no slot, quota or login is held."""
    window: Any = client._pipeline._quota
    assert client._pipeline._slots._value == slots
    assert window._in_flight == 0
    flight = getattr(client._pipeline._credential, "_flight", None)
    assert flight is None or flight.done()


def busy(client: PatchworksClient) -> list[Any]:
    """The connections that the pool holds for a request: none, where no call is under way."""
    sender: Any = client._pipeline._http._client._transport
    if isinstance(sender, httpx.AsyncHTTPTransport):
        return [one for one in sender._pool.connections if not one.is_idle() and not one.is_closed()]
    return list(sender.client.connector._acquired) if hasattr(sender.client, "connector") else []


async def cancelled_after(steps: int, use: Awaitable[Any]) -> bool:
    """Run for so many steps of the event loop, then cancel; whether it was still running."""

    task = asyncio.ensure_future(use)
    for _ in range(steps):
        await asyncio.sleep(0)
        if task.done():
            break
    running = not task.done()
    task.cancel()
    await asyncio.wait([task])
    return running


async def cancel_at_every_step(make: Callable[[], PatchworksClient], use: Use, slots: int = 2, most: int = 400) -> None:
    """Cancel after 0, 1, 2, … steps until it ends by itself; the same client must go on working, whole, every time."""
    async with make() as client:
        before = asyncio.all_tasks()
        steps, finished = 0, 0
        while finished < 3 and steps < most:
            finished += not await cancelled_after(steps, use(client))
            assert not ours(before), f"a task is left after step {steps}"
            assert not busy(client), f"a connection is lost after step {steps}"
            whole(client, slots)
            steps += 1 if steps < 60 else 7
        async with asyncio.timeout(5):
            await asyncio.gather(*(use(client) for _ in range(4)))
        whole(client, slots)
        assert not busy(client)
    gc.collect()
    assert steps > 5


@asynccontextmanager
async def api() -> AsyncGenerator[Server]:
    """Logs in, lists three pages, fails every fifth time, and answers in two pieces."""
    count = 0

    def choose(seen: Seen) -> Action:
        nonlocal count
        count += 1
        if seen.target.startswith("/login"):
            return reply(200, {"token": f"token-{count}", "expires_in": 100})
        if count % 5 == 0:
            return reply(503, headers={"Retry-After": "0"})
        page = int(httpx.URL(seen.target).params.get("page", "1"))
        meta = {"current_page": page, "last_page": 3, "per_page": 1, "total": 3}
        listed = seen.method == "GET" and seen.target.partition("?")[0].endswith("packages")
        data = {"data": [{"id": page}], "meta": meta} if listed else {}
        whole_answer = message(200, data)

        async def in_pieces(_: Seen, writer: asyncio.StreamWriter) -> None:
            for piece in (whole_answer[:20], whole_answer[20:-3], whole_answer[-3:]):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)

        return in_pieces

    async with serve(choose=choose) as server:
        yield server


async def get(client: PatchworksClient) -> None:
    await client.packages.get(1)


async def create(client: PatchworksClient) -> None:
    await client.packages.create(name="x")


async def listing(client: PatchworksClient) -> None:
    async for _ in client.packages.list(prefetch=2):
        pass


@pytest.mark.parametrize("use", [get, create, listing])
async def test_cancellation_at_every_await(use: Use, transport: Any) -> None:
    async with api() as server:
        options = {"max_concurrency": 2, "requests_per_minute": None, "transport": transport, "max_retries": 9}
        await cancel_at_every_step(lambda: connect(server, **options), use)


@pytest.mark.parametrize("use", [get, listing])
async def test_cancellation_at_every_await_of_a_call_that_logs_in(use: Use) -> None:
    async with api() as server:
        options: dict[str, Any] = {"max_concurrency": 2, "requests_per_minute": None, "max_retries": 9}
        options |= {"username": "u", "password": "p", "login_url": server.url + "/login"}

        async def anew(client: PatchworksClient) -> None:
            login: Any = client._pipeline._credential
            login._renew_at = 0.0
            await use(client)

        await cancel_at_every_step(lambda: connect(server, **options), anew)


async def test_cancellation_at_every_await_with_a_small_pool_of_the_callers() -> None:
    async with api() as server, httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as http:
        options: dict[str, Any] = {"max_concurrency": 2, "requests_per_minute": None, "max_retries": 9, "timeout": 3}
        await cancel_at_every_step(lambda: connect(server, http_client=http, **options), listing)


async def test_a_call_that_waits_for_the_callers_only_connection_gets_it_when_another_is_cancelled() -> None:
    async with api() as server, httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as http:
        client = connect(server, http_client=http, requests_per_minute=None, max_retries=9, timeout=2)
        for steps in range(50):
            cancelled = asyncio.ensure_future(get(client))
            await asyncio.sleep(0)
            waiting = asyncio.ensure_future(get(client))
            await cancelled_after(steps, cancelled)
            async with asyncio.timeout(1):
                await waiting


async def test_timeouts_lose_no_connection() -> None:
    async with api() as server, connect(server, requests_per_minute=None, max_retries=9) as client:
        for microseconds in range(200, 5000, 100):
            with suppress(APITimeoutError, ServerError):
                await client.packages.get(1, timeout=microseconds / 1e6, max_retries=0)
            assert not busy(client)
        await client.packages.get(1)


async def test_cancellation_while_waiting_for_a_slot_for_quota_and_in_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "backoff", lambda _: 30)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    async with (
        serve(reply(500), reply(429, headers={"Retry-After": "30"}), item()) as server,
        connect(server, max_concurrency=1) as client,
    ):
        in_backoff = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.05)
        in_pause = asyncio.create_task(client.packages.get(2))
        await asyncio.sleep(0.05)
        without_slot = asyncio.create_task(client.packages.get(3))
        await asyncio.sleep(0.05)
        for task in (in_backoff, in_pause, without_slot):
            assert not task.done()
            task.cancel()
        results = await asyncio.gather(in_backoff, in_pause, without_slot, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        whole(client, 1)


async def test_a_timeout_of_the_caller_is_the_callers(transport: Any) -> None:
    async with (
        serve(reply(200, {"data": {}}, delay=5), item()) as server,
        connect(server, max_concurrency=1, transport=transport) as client,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.packages.get(1)
        await client.packages.get(1)
        whole(client, 1)


async def test_a_task_group_around_a_failing_call(transport: Any) -> None:
    async with (
        serve(reply(404), reply(200, {"data": {}}, delay=5), item()) as server,
        connect(server, transport=transport, max_concurrency=4) as client,
    ):

        async def all_or_none() -> None:
            async with asyncio.TaskGroup() as group:
                for number in range(6):
                    group.create_task(client.packages.get(number))

        with pytest.raises(ExceptionGroup):
            await all_or_none()
        whole(client, 4)
        await client.packages.get(1)


# ---------------------------------------------------------------------------------------------------------- event loops


def test_two_event_loops_one_after_the_other(transport: Any) -> None:
    made_outside = [PatchworksClient(api_key="k" * 9, base_url="http://127.0.0.1:1") for _ in range(2)]

    async def use() -> list[int]:
        async with serve(item()) as server:
            client = made_outside.pop()
            client._base_url = server.url
            async with client, connect(server, transport=transport) as other:
                await asyncio.gather(*(client.packages.get(number) for number in range(20)))
                await asyncio.gather(*(other.packages.get(number) for number in range(20)))
        return [len(server.seen)]

    assert [asyncio.run(use()), asyncio.run(use())] == [[40], [40]]
    gc.collect()


# ----------------------------------------------------------------------------------------------- after every bad answer


BAD: dict[str, Action] = {
    "reset": reset(),
    "closed": send(),
    "half a head": send(b"HTTP/1.1 200 O"),
    "half a body": send(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"),
    "length too small": send(message(200, {"data": {"id": 1}}, {"Content-Length": "3"})),
    "rubbish behind the answer": send(message(200, {"data": {}}) + b"HTTP/1.1 999 rubbish"),
    "html": reply(200, b"<html>", {"Content-Type": "text/html"}),
    "empty": reply(200, b""),
    "redirect": reply(301, None, {"Location": "https://elsewhere.example/"}),
    "continue first": send(b"HTTP/1.1 100 Continue\r\n\r\n" + message(200, {"data": {}})),
    "early hints first": send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + message(200, {"data": {}})),
    "an upgrade": send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    "HTTP/1.0 without a length": send(b'HTTP/1.0 200 OK\r\n\r\n{"data": {}}'),
    "HTTP/2": send(b"HTTP/2 200 OK\r\n\r\n{}"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_the_client_works_after_every_bad_answer(bad: str, transport: Any) -> None:
    async with (
        serve(BAD[bad], BAD[bad], item()) as server,
        connect(server, max_concurrency=1, max_retries=0, timeout=1, transport=transport) as client,
    ):
        while len(server.seen) < 2:
            with suppress(PatchworksError):  # any other would fail the test
                await client.packages.get(1)
        assert (await client.packages.get(1, max_retries=1)).id == 1
        whole(client, 1)


# ------------------------------------------------------------------------------------------------ pools of another kind


@pytest.mark.parametrize(
    "insides",
    [
        {},
        {"_requests": [], "_connections": []},
        {"_requests": [object()], "_connections": [object()], "_assign_requests_to_connections": list},
        {"_requests": None, "_connections": []},
    ],
    ids=["nothing", "no assigning", "other requests", "none"],
)
async def test_a_pool_with_other_insides_is_left_alone(insides: dict[str, Any]) -> None:
    pool = type("Pool", (), dict(insides))()
    transport: Any = type("Transport", (), {"_pool": pool})()
    await reclaim(transport, {})
    await reclaim(object(), {})
    assert {name: getattr(pool, name) for name in insides if name != "_assign_requests_to_connections"} == {
        name: value for name, value in insides.items() if name != "_assign_requests_to_connections"
    }
