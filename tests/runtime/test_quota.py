"""One quota for many processes, with a real Redis; measured where it counts, at the server."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import logging
import pickle
import random
import sys
import time
import traceback
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from patchworks_core_client import ConfigurationError, PatchworksError, QuotaError, quota
from patchworks_core_client.quota import RedisQuota

from .redis_server import Redis, running_redis
from .servers import Server, connect, hang, item, reply, serve
from .test_limits import most_in_a_window, request_under


@pytest.fixture
def redis() -> Generator[Redis]:
    """A Redis that knows nothing yet."""
    with running_redis() as redis:
        yield redis


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> float:
    """A window that a test can wait for."""
    seconds = 1.0
    monkeypatch.setattr(quota, "_WINDOW", seconds)
    return seconds


@asynccontextmanager
async def worker(
    server: Server, redis: Redis, transport: str, *, per_minute: int, window: float, calls: int
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process that is ready to make its calls; `go` starts them."""
    arguments = (server.url, redis.url, per_minute, window, calls, transport)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.runtime.quota_worker", *map(str, arguments)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    process.stdin.write(b"go\n")
    await process.stdin.drain()


async def errors(process: asyncio.subprocess.Process) -> str:
    """What its calls raised, when they are done."""
    assert process.stdout
    return (await process.stdout.readline()).decode().strip()


async def seen(server: Server, number: int) -> None:
    """Wait until so many requests have arrived."""
    for _ in range(4000):
        if len(server.seen) >= number:
            return
        await asyncio.sleep(0.005)
    raise TimeoutError(f"{len(server.seen)} requests arrived, not {number}")


# -------------------------------------------------------------------------------------------------------- one window


@asynccontextmanager
async def four(
    server: Server, redis: Redis, transports: str = "httpx aiohttp httpx aiohttp", **options: Any
) -> AsyncGenerator[list[asyncio.subprocess.Process]]:
    async with AsyncExitStack() as stack:
        started = [stack.enter_async_context(worker(server, redis, each, **options)) for each in transports.split()]
        yield await asyncio.gather(*started)


@pytest.mark.slow
async def test_a_thousand_calls_of_four_processes_take_no_longer_than_they_must(redis: Redis, transport: str) -> None:
    window, per_minute = 4.0, 240
    async with (
        serve(item()) as server,
        four(server, redis, f"{transport} " * 4, per_minute=per_minute, window=window, calls=250) as workers,
    ):
        await asyncio.gather(*(go(each) for each in workers))
        assert [await errors(each) for each in workers] == ["[]"] * 4
        assert len(server.seen) == 1000
        assert most_in_a_window(server.seen, window) <= per_minute
        took = server.seen[-1].at - server.seen[0].at
        least = 999 // per_minute * window
        print(f"{took:.2f} s where {least:.2f} s is the least: {took / least - 1:.1%}")
        assert took <= least * 1.05


async def test_four_processes_share_one_window(redis: Redis) -> None:
    async with serve(item()) as server, four(server, redis, per_minute=20, window=1.0, calls=15) as workers:
        await asyncio.gather(*(go(each) for each in workers))
        assert [await errors(each) for each in workers] == ["[]"] * 4
        assert len(server.seen) == 60
        assert most_in_a_window(server.seen, 1.0) == 20


async def test_no_window_holds_more_whichever_processes_are_killed(redis: Redis) -> None:
    slow = reply(200, {"data": {}}, delay=0.1)
    async with serve(slow) as server, four(server, redis, per_minute=20, window=1.0, calls=100) as workers:
        await asyncio.gather(*(go(each) for each in workers))
        for number, victim in enumerate(workers[:3]):
            await seen(server, 10 + 22 * number)
            await asyncio.sleep(random.uniform(0, 0.1))
            victim.kill()
        await seen(server, 100)
        assert most_in_a_window(server.seen, 1.0) <= 20


async def test_a_killed_process_gives_its_places_back_within_one_window(redis: Redis) -> None:
    window = 2.0
    async with (
        serve(hang()) as server,
        worker(server, redis, "httpx", per_minute=4, window=window, calls=4) as victim,
        worker(server, redis, "aiohttp", per_minute=4, window=window, calls=4) as heir,
    ):
        await go(victim)
        await seen(server, 4)
        await asyncio.sleep(0.7)
        await go(heir)
        await asyncio.sleep(0.1)
        victim.kill()
        killed = time.monotonic()
        await seen(server, 8)
        assert most_in_a_window(server.seen, window) == 4
        assert server.seen[7].at - killed <= window + 1


async def test_a_request_counts_for_as_long_as_it_takes_and_a_window_longer(redis: Redis, window: float) -> None:
    async with (
        serve(reply(200, {"data": {}}, delay=2.5 * window), item()) as server,
        connect(server, quota=RedisQuota(redis.url, per_minute=1)) as one,
        connect(server, quota=RedisQuota(redis.url, per_minute=1)) as other,
    ):
        first = asyncio.create_task(one.packages.get(1))
        await seen(server, 1)
        await other.packages.get(2)
        await first
        assert 3.5 * window <= server.seen[1].at - server.seen[0].at <= 4 * window


async def test_a_request_that_ends_between_renewals_counts_from_its_end(
    redis: Redis, window: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "_RENEWALS", 4)
    shared = RedisQuota(redis.url, per_minute=1)
    async with request_under(shared):
        await asyncio.sleep(0.22 * window)
    ended = time.monotonic()
    async with request_under(shared):
        assert time.monotonic() - ended >= window
    await shared.aclose()


async def test_a_request_that_reaches_the_server_late_counts_although_its_process_is_killed(
    redis: Redis, window: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "_RENEWALS", 4)
    killed, heir = RedisQuota(redis.url, per_minute=1), RedisQuota(redis.url, per_minute=1)
    async with request_under(killed):
        assert killed._keeper is not None
        killed._keeper.cancel()
        await asyncio.sleep(0.1 * window)
        arrived = time.monotonic()
        async with request_under(heir):
            assert time.monotonic() - arrived >= window
        await heir.aclose()
    await killed.aclose()


async def test_names_keep_quotas_apart(redis: Redis) -> None:
    async with (
        serve(item()) as server,
        connect(server, quota=RedisQuota(redis.url, per_minute=1, name="one")) as one,
        connect(server, quota=RedisQuota(redis.url, per_minute=1, name="other")) as other,
        asyncio.timeout(3),
    ):
        await one.packages.get(1)
        await other.packages.get(2)


async def test_a_quota_that_was_lowered_holds_for_all(redis: Redis, window: float) -> None:
    async with (
        serve(item()) as server,
        connect(server, quota=RedisQuota(redis.url, per_minute=6)) as one,
        connect(server, quota=RedisQuota(redis.url, per_minute=2)) as other,
    ):
        await asyncio.gather(*(one.packages.get(number) for number in range(6)))
        await asyncio.gather(*(other.packages.get(number) for number in range(3)))
        times = [each.at for each in server.seen]
        assert times[6] - times[4] >= window
        assert times[8] - times[6] >= window


async def test_a_call_that_is_cancelled_while_it_waits_takes_no_place(redis: Redis, window: float) -> None:
    async with serve(item()) as server, connect(server, quota=RedisQuota(redis.url, per_minute=2)) as client:
        await asyncio.gather(client.packages.get(1), client.packages.get(2))
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.packages.get(3), random.uniform(0, window / 5))
        await asyncio.gather(client.packages.get(4), client.packages.get(5))
        times = [each.at for each in server.seen]
        assert len(times) == 4
        assert window <= times[3] - times[0] <= window * 1.5


async def test_calls_cancelled_at_any_moment_before_they_are_sent_take_no_place(redis: Redis) -> None:
    shared = RedisQuota(redis.url, per_minute=2)
    entered = 0

    async def enter() -> None:
        nonlocal entered
        async with request_under(shared):
            entered += 1

    for _ in range(100):
        call = asyncio.create_task(enter())
        await asyncio.sleep(random.uniform(0, 0.002))
        if entered:
            break
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    async with asyncio.timeout(3):
        while entered < 2:
            await enter()
    await shared.aclose()


# ------------------------------------------------------------------------------------------------------------ pauses


async def test_what_the_server_tells_one_process_pauses_all(redis: Redis, transport: str) -> None:
    async with (
        serve(reply(429, {}, {"Retry-After": "1"}), item()) as server,
        connect(server, quota=RedisQuota(redis.url), transport=transport) as one,
        worker(server, redis, transport, per_minute=240, window=60, calls=8) as other,
    ):
        told = asyncio.create_task(one.packages.get(1))
        await seen(server, 1)
        await asyncio.sleep(0.1)
        await go(other)
        await told
        assert await errors(other) == "[]"
        assert min(each.at for each in server.seen[1:]) - server.seen[0].at >= 1


# ------------------------------------------------------------------------------------------------------------ errors


async def test_without_redis_nothing_is_sent(redis: Redis, transport: str) -> None:
    redis.stop()
    async with serve(item()) as server, connect(server, quota=RedisQuota(redis.url), transport=transport) as client:
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(QuotaError, match=rf"127\.0\.0\.1:{redis.port}.*nothing was sent") as caught:
                await client.packages.create(name="x")
            assert time.monotonic() - started < 5
            assert isinstance(caught.value, PatchworksError)
        assert not server.seen


async def test_a_redis_that_does_not_answer_is_not_waited_for(redis: Redis) -> None:
    redis.freeze()
    async with serve(item()) as server, connect(server, quota=RedisQuota(redis.url)) as client:
        started = time.monotonic()
        with pytest.raises(QuotaError, match="TimeoutError"):
            await client.packages.get(1)
        assert time.monotonic() - started < 5
        assert not server.seen
    assert time.monotonic() - started < 10


async def test_redis_is_lost_while_calls_run_and_wait(redis: Redis, transport: str) -> None:
    slow = reply(200, {"data": {}}, delay=0.5)
    async with (
        serve(slow) as server,
        connect(server, quota=RedisQuota(redis.url, per_minute=3), transport=transport) as client,
    ):
        running = [asyncio.create_task(client.packages.get(number)) for number in range(3)]
        waiting = [asyncio.create_task(client.packages.get(number)) for number in range(3)]
        await seen(server, 3)
        redis.stop()
        lost = time.monotonic()
        await asyncio.gather(*running)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in outcomes] == [QuotaError] * 3
        assert time.monotonic() - lost < 10
        assert len(server.seen) == 3


async def test_a_redis_that_lost_its_data_lets_nobody_send_too_much(redis: Redis, window: float) -> None:
    async with serve(item()) as server:
        clients = [connect(server, quota=RedisQuota(redis.url, per_minute=4)) for _ in range(2)]
        await asyncio.gather(*(client.packages.get(1) for client in clients for _ in range(2)))
        redis.stop()
        redis.start()
        await asyncio.gather(*(client.packages.get(1) for client in clients for _ in range(2)))
        assert most_in_a_window(server.seen, window) == 4
        assert server.seen[7].at - server.seen[0].at < 4 * window
        for client in clients:
            await client.aclose()


async def test_closing_the_client_wakes_who_waits(redis: Redis, transport: str) -> None:
    async with serve(item()) as server:
        client = connect(server, quota=RedisQuota(redis.url, per_minute=1), transport=transport)
        await client.packages.get(1)
        waiting = [asyncio.create_task(client.packages.get(number)) for number in range(20)]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await client.aclose()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert time.monotonic() - started < 1
        assert all(type(each) is PatchworksError and "closed" in str(each) for each in outcomes)
        assert len(server.seen) == 1
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "patchworks-quota"]


async def test_a_quota_is_closed_with_its_client(redis: Redis) -> None:
    shared = RedisQuota(redis.url)
    async with serve(item()) as server:
        async with connect(server, quota=shared) as client:
            await client.with_options(timeout=5).packages.get(1)
        await client.aclose()
        async with connect(server, quota=shared) as another:
            with pytest.raises(PatchworksError, match="RedisQuota"):
                await another.packages.get(2)
        assert len(server.seen) == 1


async def test_an_idle_client_leaves_no_task(redis: Redis) -> None:
    async with serve(item()) as server, connect(server, quota=RedisQuota(redis.url)) as client:
        await client.packages.get(1)
        await asyncio.sleep(0.1)
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "patchworks-quota"]


async def test_waiting_asks_redis_seldom(redis: Redis, window: float) -> None:
    shared = RedisQuota(redis.url, per_minute=4)
    async with serve(item()) as server, connect(server, quota=shared) as client:
        await asyncio.gather(*(client.packages.get(number) for number in range(4)))
        before = await calls_of_the_script(shared)
        await asyncio.gather(*(client.packages.get(number) for number in range(4)))
        assert await calls_of_the_script(shared) - before <= 12


async def calls_of_the_script(shared: RedisQuota) -> int:
    commands = await shared._redis.info("commandstats")
    return int(commands["cmdstat_evalsha"]["calls"])


# ----------------------------------------------------------------------------------------------------------- secrets


async def test_the_password_is_shown_nowhere(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = redis.url.replace("canary-redis", "canary-wrong")
    async with serve(item()) as server:
        for url in (redis.url, wrong):
            shared = RedisQuota(url, per_minute=100)
            async with connect(server, quota=shared) as client:
                if url == redis.url:
                    await client.packages.get(1)
                    redis.freeze()
                cancelled = asyncio.create_task(client.packages.get(1))
                await asyncio.sleep(0.05)
                cancelled.cancel()
                outcome = (await asyncio.gather(cancelled, return_exceptions=True))[0]
                assert isinstance(outcome, BaseException)
                with pytest.raises(QuotaError) as caught:
                    await client.packages.get(1)
                shows_no_password(
                    shared, client, vars(shared), *everything_about(outcome), *everything_about(caught.value)
                )
                with pytest.raises(TypeError):
                    pickle.dumps(shared)
            redis.stop()
            redis.start()
    assert len(server.seen) == 1
    shows_no_password(caplog.text)


def everything_about(error: BaseException) -> list[Any]:
    """What an error collector may show of it, and of what lies behind it."""
    shown: list[Any] = []
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop()
        if each is not None:
            frames = [
                frame for frame, _ in traceback.walk_tb(each.__traceback__) if frame.f_code.co_filename != __file__
            ]
            shown += [repr(each), str(each), each.args, vars(each), *(frame.f_locals for frame in frames)]
            if isinstance(each, PatchworksError):
                shown.append(pickle.dumps(each))
            pending += [each.__cause__, each.__context__]
    return shown


def shows_no_password(*shown: Any) -> None:
    for each in shown:
        text = each if isinstance(each, str) else repr(each)
        assert "canary-redis" not in text
        assert "canary-wrong" not in text


@pytest.mark.parametrize(
    "url",
    [
        "http://:canary-wrong@localhost",
        "redis://:canary-wrong/x@localhost",
        "redis://:canary-wrong@localhost:port",
        "redis://:canary-wrong@[localhost",
        "",
        None,
        6379,
    ],
)
def test_a_url_that_is_none(url: Any) -> None:
    pytest.importorskip("redis")
    with pytest.raises(ConfigurationError, match="redis://") as caught:
        RedisQuota(url)
    shows_no_password(*everything_about(caught.value))


@pytest.mark.parametrize("per_minute", [0, -1, 1.5, True, "240", None])
def test_a_quota_that_is_none(per_minute: Any) -> None:
    pytest.importorskip("redis")
    with pytest.raises(ConfigurationError, match="per_minute"):
        RedisQuota("redis://localhost", per_minute=per_minute)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"patchworks_core_client\[redis\]"):
        RedisQuota("redis://localhost")


def test_a_socket_is_a_url_too() -> None:
    pytest.importorskip("redis")
    shown = repr(RedisQuota("unix:///run/redis.sock?password=canary-wrong", per_minute=7, name="key one"))
    assert "/run/redis.sock" in shown
    assert "7" in shown
    assert "key one" in shown
    assert "canary" not in shown
