"""What is sent again, when, and what never is. What the server counted decides."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import random
import socket
import sys
import time
from contextlib import ExitStack
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from patchworks_core_client import (
    UNSET,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    InvalidArgumentError,
    PatchworksClient,
    PatchworksError,
    RateLimitError,
    ServerError,
    _retry,
)

from .servers import Action, connect, hang, item, message, reply, reset, send, serve, unused_url

RETRIED = {408, 429, 500, 502, 503, 504}
SAFE = ["GET", "PUT", "DELETE"]
UNSAFE = ["POST", "PATCH"]


pytestmark = pytest.mark.usefixtures("quick_retries")


async def attempts(method: str, *actions: Action, **options: Any) -> tuple[int, PatchworksError | None]:
    """How often the server saw a call, and how the call ended."""
    json = {"name": "x"} if method in ("POST", "PUT", "PATCH") else UNSET
    async with serve(*actions) as server, connect(server, **options) as client:
        try:
            await client.request(method, "/api/v1/things", json=json)
        except PatchworksError as error:
            return len(server.seen), error
        return len(server.seen), None


# ------------------------------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize("method", [*SAFE, *UNSAFE])
@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 409, 419, 422, 425, 429, 500, 501, 502, 503, 504, 505, 520]
)
async def test_statuses_that_are_retried(method: str, status: int) -> None:
    seen, error = await attempts(method, reply(status))
    again = status == 429 or (status in RETRIED and method in SAFE)
    assert seen == (3 if again else 1)
    assert isinstance(error, APIStatusError)
    assert error.status_code == status


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize(("status", "seen"), [(503, 2), (500, 1), (502, 1), (504, 1), (408, 1)])
async def test_post_is_sent_again_only_after_a_503_that_says_when(method: str, status: int, seen: int) -> None:
    actions = [reply(status, headers={"Retry-After": "0"}), item()]
    assert (await attempts(method, *actions))[0] == seen


@pytest.mark.parametrize("said", ["", "soon", "nan", "inf", "-", "Wed, 99 Foo 2020"])
async def test_a_503_that_says_nonsense_does_not_repeat_a_post(said: str) -> None:
    assert (await attempts("POST", reply(503, headers={"Retry-After": said})))[0] == 1


async def test_success_after_retries(transport: Any) -> None:
    seen, error = await attempts("GET", reply(500), reply(503), item(), transport=transport)
    assert (seen, error) == (3, None)


@pytest.mark.parametrize("max_retries", [0, 1, 4])
async def test_max_retries_of_the_client_and_of_a_call(max_retries: int) -> None:
    assert (await attempts("GET", reply(500), max_retries=max_retries))[0] == max_retries + 1
    async with serve(reply(500)) as server, connect(server) as client:
        with pytest.raises(ServerError):
            await client.packages.get(1, max_retries=max_retries)
        with pytest.raises(ServerError):
            await client.with_options(max_retries=max_retries).packages.get(1)
        assert len(server.seen) == 2 * (max_retries + 1)


@pytest.mark.parametrize("max_retries", [-1, 1.5, True, "2", None])
async def test_max_retries_out_of_bounds(max_retries: Any) -> None:
    client = PatchworksClient(api_key="x")
    kind = InvalidArgumentError if max_retries == -1 else TypeError
    with pytest.raises(kind, match="max_retries"):
        client.with_options(max_retries=max_retries)
    with pytest.raises(kind, match="max_retries"):
        await client.packages.get(1, max_retries=max_retries)
    with pytest.raises(PatchworksError, match="max_retries"):
        PatchworksClient(api_key="x", max_retries=max_retries)


# ------------------------------------------------------------------------------------------------ connections, timeouts


@pytest.mark.parametrize("method", [*SAFE, *UNSAFE])
async def test_a_connection_that_was_never_made_is_retried_for_all(method: str, transport: Any) -> None:
    delays: list[int] = []
    async with PatchworksClient(api_key="x", base_url=unused_url(), transport=transport) as client:
        original = _retry.backoff

        def counted(retries: int) -> float:
            delays.append(retries)
            return original(retries)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_retry, "backoff", counted)
            with pytest.raises(APIConnectionError) as caught:
                await client.request(method, "/x")
    assert delays == [0, 1]
    assert caught.value.delivered is False
    assert not isinstance(caught.value, APITimeoutError)


LOST: dict[str, Action] = {
    "reset once read": reset(),
    "closed once read": send(),
    "reset within the headers": reset(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "reset within the body": reset(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    "body cut short": send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    "chunks cut short": send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
    "no HTTP": send(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "no HTTP at all": send(b"\x00\x01\x02\r\n\r\n"),
    "broken header": send(b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n"),
    "broken length": send(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
    "two lengths": send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "endless header": send(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"),
    "broken gzip": send(message(200, b"not gzip", {"Content-Encoding": "gzip"})),
}


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_answer_is_asked_for_again_but_never_posted_again(lost: str, transport: Any) -> None:
    for method, expected in (("GET", 3), ("POST", 1), ("PATCH", 1), ("DELETE", 3)):
        seen, error = await attempts(method, LOST[lost], transport=transport)
        assert isinstance(error, APIConnectionError), method
        assert error.delivered is None
        assert not isinstance(error, APITimeoutError)
        assert seen == expected, method
        assert isinstance(error.__cause__, httpx.HTTPError)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_reset_before_anything_was_read(method: str, transport: Any) -> None:
    async with serve(item(), refusing=100) as server, connect(server, transport=transport) as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.request(method, "/x")
        # From here it looks like a server that read the request and died: a POST is not repeated.
        assert server.connections == (3 if method == "GET" else 1)
        assert caught.value.delivered is None
        server.refusing = 0
        await client.request(method, "/x")


SLOW: dict[str, Action] = {
    "headers": hang(),
    "half the headers": hang(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "body": hang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    "length too great": hang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    "drip": send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b" "] * 100, pause=0.03),
}


@pytest.mark.parametrize("slow", SLOW)
async def test_timeouts_cover_the_whole_attempt(slow: str, transport: Any) -> None:
    for method, expected in (("GET", 2), ("POST", 1)):
        started = time.monotonic()
        seen, error = await attempts(method, SLOW[slow], transport=transport, timeout=0.15, max_retries=1)
        assert isinstance(error, APITimeoutError)
        assert error.delivered is None
        assert "0.15 s" in str(error)
        assert seen == expected
        assert time.monotonic() - started < 0.15 * expected + 2


async def test_a_timeout_while_connecting_delivered_nothing(transport: Any) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):  # its queue is full: further handshakes are not answered
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        options: dict[str, Any] = {"timeout": 1.5, "max_retries": 0, "transport": transport}
        async with PatchworksClient(api_key="x", base_url=url, **options) as client:
            with pytest.raises(APITimeoutError) as caught:
                await client.packages.create(name="x")
        assert caught.value.delivered is False


async def test_why_nothing_was_sent(transport: Any) -> None:
    async with PatchworksClient(api_key="x", base_url=unused_url(), transport=transport, max_retries=0) as client:
        with pytest.raises(APIConnectionError, match=r"(?i)connect.*; nothing was sent"):
            await client.packages.get(1)


# ----------------------------------------------------------------------------------------------------------- the delays


def test_backoff_has_full_jitter_within_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "BACKOFF_FIRST", 0.5)
    random.seed(7)
    for retries, longest in enumerate([0.5, 1, 2, 4, 8, 8, 8]):
        delays = [_retry.backoff(retries) for _ in range(2000)]
        assert 0 <= min(delays) < longest * 0.02
        assert longest * 0.98 < max(delays) <= longest
        assert abs(sum(delays) / len(delays) - longest / 2) < longest * 0.05
    assert _retry.backoff(5000) <= 8


def test_the_first_delay_is_half_a_second() -> None:
    import importlib.util

    spec = importlib.util.find_spec("patchworks_core_client._retry")
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    assert (fresh.BACKOFF_FIRST, fresh.BACKOFF_LONGEST, fresh.LONGEST_WAIT) == (0.5, 8.0, 60.0)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3", 3.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-4", 0.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
        ("Fri Dec 31 23:59:59 1999", 0.0),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1, 2", None),
        ("99999999999999999999999999999999999 Dec", None),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after_in_every_form(said: str, seconds: float | None) -> None:
    assert _retry.retry_after(503, httpx.Headers({"Retry-After": said})) == seconds


def test_an_http_date_is_read_by_the_servers_clock() -> None:
    now = time.time() + 86400  # the server's clock is a day ahead
    headers = httpx.Headers({"Date": formatdate(now, usegmt=True), "Retry-After": formatdate(now + 7, usegmt=True)})
    assert _retry.retry_after(503, headers) == 7
    del headers["Date"]
    headers["Retry-After"] = formatdate(time.time() + 30, usegmt=True)
    said = _retry.retry_after(503, headers)
    assert said is not None
    assert 28 < said <= 30


def test_a_reset_time_is_read_by_the_servers_clock() -> None:
    now = int(time.time()) - 5000
    headers = httpx.Headers({"Date": formatdate(now, usegmt=True), "X-RateLimit-Reset": str(now + 12)})
    assert _retry.retry_after(429, headers) == 12
    assert _retry.retry_after(503, headers) is None
    said = httpx.Headers({"Date": formatdate(now, usegmt=True), "Retry-After": str(now + 12)})  # as some servers say
    assert _retry.retry_after(503, said) == 12
    assert (
        _retry.retry_after(429, httpx.Headers({"X-RateLimit-Reset": "9"})) == 9
    )  # seconds from now, as some servers say
    assert _retry.retry_after(429, httpx.Headers({"X-RateLimit-Reset": "later"})) is None
    assert _retry.retry_after(429, httpx.Headers({"X-RateLimit-Reset": "9", "Retry-After": "4"})) == 4


async def test_retry_after_wins_over_backoff() -> None:
    async with serve(reply(503, headers={"Retry-After": "0.3"}), item()) as server, connect(server) as client:
        await client.packages.get(1)
        first, second = server.seen
        assert 0.28 < second.at - first.at < 0.8


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("said", ["61", "3600", "1e9"])
async def test_a_wait_beyond_a_minute_raises_at_once(status: int, said: str) -> None:
    started = time.monotonic()
    seen, error = await attempts("GET", reply(status, headers={"Retry-After": said}))
    assert seen == 1
    assert time.monotonic() - started < 1
    assert isinstance(error, APIStatusError)
    assert error.retry_after == float(said)


# ------------------------------------------------------------------------------------------------------------------ 429


async def test_a_429_that_says_how_long_uses_no_retry(transport: Any) -> None:
    for method in ("GET", "POST"):
        actions = [*[reply(429, headers={"Retry-After": "0.01"})] * 5, reply(500 if method == "GET" else 429), item()]
        seen, error = await attempts(method, *actions, max_retries=1, transport=transport)
        assert (seen, error) == (7, None)


async def test_at_most_ten_such_waits_in_a_call() -> None:
    seen, error = await attempts("GET", reply(429, headers={"Retry-After": "0.01"}))
    assert seen == 11
    assert isinstance(error, RateLimitError)


async def test_with_max_retries_0_a_429_raises() -> None:
    seen, error = await attempts("GET", reply(429, headers={"Retry-After": "0.01"}), max_retries=0)
    assert seen == 1
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 0.01
    assert "try again in 0.01 s" in str(error)


async def test_a_429_that_says_nothing_is_retried_with_backoff() -> None:
    seen, error = await attempts("POST", reply(429))
    assert seen == 3
    assert isinstance(error, RateLimitError)
    assert error.retry_after is None


# ------------------------------------------------------------------------------------------------------------- the body


async def test_every_attempt_sends_the_same_bytes(transport: Any) -> None:
    actions = [reply(503, headers={"Retry-After": "0"}), reply(429), item()]
    async with serve(*actions) as server, connect(server, transport=transport) as client:
        notes = ["ä", {"x": 1.5}]
        body = {"name": "Käse", "notes": notes}

        call = asyncio.create_task(client.request("POST", "/x", json=body))
        await asyncio.sleep(0)
        notes.append("changed while the call runs")
        await call
        assert len(server.seen) == 3
        assert {seen.body for seen in server.seen} == {b'{"name":"K\xc3\xa4se","notes":["\xc3\xa4",{"x":1.5}]}'}
        assert len({tuple(sorted(seen.headers.items())) for seen in server.seen}) == 1
        assert len({seen.target for seen in server.seen}) == 1


# ---------------------------------------------------------------------------- what surely was not sent, and what may be


class Failing(httpx.AsyncHTTPTransport):
    """A caller's transport that sends, and then raises."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        await response.aread()
        raise self.error


AFTERWARDS = [
    httpx.LocalProtocolError("the server sent a frame that does not fit"),  # as httpcore says over HTTP/2
    httpx.ConnectError("a second connection"),
    httpx.ConnectTimeout("a second connection"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("refused"),
    httpx.UnsupportedProtocol("what"),
    ValueError("a semaphore was released too many times"),
    UnicodeEncodeError("ascii", "ä", 0, 1, "ordinal not in range"),
    RuntimeError("anything"),
    TimeoutError("its own"),
    ExceptionGroup("several", [OSError("one"), OSError("two")]),
    PatchworksError("of another client, within"),
]


async def test_a_callers_transport_over_aiohttp_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    error = pytest.importorskip("aiohttp").ServerDisconnectedError()
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    monkeypatch.delitem(sys.modules, "patchworks_core_client._aiohttp", raising=False)
    async with serve(item()) as server, httpx.AsyncClient(transport=Failing(error)) as http:
        with pytest.raises(APIConnectionError, match="ReadError") as caught:
            await connect(server, http_client=http).packages.create(name="x")
    assert caught.value.delivered is None


async def test_a_callers_transport_may_have_a_pool_of_its_own_kind() -> None:
    class Own(httpx.MockTransport):
        _pool = SimpleNamespace(_proxy_url=None)

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("lost")

    async with httpx.AsyncClient(transport=Own(fail)) as http:
        with pytest.raises(APIConnectionError, match="ReadError") as caught:
            await PatchworksClient(api_key="x", http_client=http).packages.create(name="x")
    assert caught.value.delivered is None


@pytest.mark.parametrize("error", AFTERWARDS, ids=lambda error: type(error).__name__)
async def test_whatever_a_callers_transport_raises_may_have_been_delivered(error: Exception) -> None:
    for method, expected in (("POST", 1), ("PATCH", 1), ("GET", 3)):
        async with serve(item()) as server, httpx.AsyncClient(transport=Failing(error)) as http:
            client = connect(server, http_client=http)
            with pytest.raises(APIConnectionError) as caught:
                await client.request(method, "/x", json={})
            assert caught.value.delivered is None
            assert caught.value.__cause__ is error
            assert error.__traceback__ is None
            assert len(server.seen) == expected


async def test_an_answer_that_aiohttp_cannot_pass_on_is_not_posted_again(transport: Any) -> None:
    answer = send(b'HTTP/1.1 201 Sch\xf6n\r\nContent-Length: 12\r\n\r\n{"data": {}}')
    seen, error = await attempts("POST", answer, transport=transport)
    assert seen == 1
    if transport == "aiohttp":
        assert isinstance(error, APIConnectionError)
        assert error.delivered is None
        assert isinstance(error.__cause__, UnicodeEncodeError)
    else:
        assert error is None


async def test_a_callers_own_httpx_transport_is_known(quick_retries: None) -> None:
    async with httpx.AsyncClient() as http:
        client = PatchworksClient(api_key="x", base_url=unused_url(), http_client=http)
        with pytest.raises(APIConnectionError, match="nothing was sent") as caught:
            await client.request("POST", "/x", json={})
        assert caught.value.delivered is False
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1)) as http, serve(hang()) as server:
        client = connect(server, http_client=http, timeout=3, max_retries=0)
        first = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.1)
        with pytest.raises(APITimeoutError) as waited:  # for a place in the pool
            await client.with_options(timeout=1).packages.create(name="x")
        assert waited.value.delivered is False
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


def proxied(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", url)


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses_has_delivered_nothing(
    status: int, transport: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = send(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
    async with serve(refusal) as proxy:
        # Older httpx-aiohttp cannot pass a proxy's password on.
        user = "user:canary-pass@" if transport == "httpx" else ""
        proxied(monkeypatch, proxy.url.replace("http://", f"http://{user}"))
        async with PatchworksClient(api_key="x", base_url="https://core.example", transport=transport) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.packages.create(name="x")
        assert caught.value.delivered is False
        assert [seen.method for seen in proxy.seen] == ["CONNECT"] * 3
        said = str(caught.value)
        assert "no answer from core.example through the proxy " + proxy.url.removeprefix("http://") in said
        assert str(status) in said
        assert "canary" not in said


async def test_a_proxy_that_nobody_runs_is_named(transport: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = unused_url()
    proxied(monkeypatch, proxy)
    async with PatchworksClient(api_key="x", base_url="https://core.example", transport=transport) as client:
        with pytest.raises(APIConnectionError, match=proxy.removeprefix("http://")) as caught:
            await client.packages.create(name="x", max_retries=0)
    assert caught.value.delivered is False


async def test_the_host_is_named(transport: Any) -> None:
    url = unused_url()
    async with PatchworksClient(api_key="x", base_url=url, transport=transport, max_retries=0) as client:
        with pytest.raises(APIConnectionError, match="no answer from " + url.removeprefix("http://")):
            await client.packages.get(1)
    async with serve(reset()) as server, connect(server, transport=transport, max_retries=0) as client:
        with pytest.raises(APIConnectionError, match="no answer from " + server.url.removeprefix("http://")):
            await client.packages.get(1)
    async with serve(hang()) as server, connect(server, transport=transport, max_retries=0, timeout=0.1) as client:
        with pytest.raises(APITimeoutError, match="no answer from " + server.url.removeprefix("http://")):
            await client.packages.get(1)


# ------------------------------------------------------------------------------------------------------------ the clock


@pytest.mark.parametrize("said", ["Fri Dec 31 23:59:59 2027", "Fri, 31 Dec 2027 23:59:59 -0000"])
def test_a_date_without_a_zone_is_in_utc(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = httpx.Headers({"Date": "Fri, 31 Dec 2027 23:59:49 GMT", "Retry-After": said})
    try:
        for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert _retry.retry_after(503, headers) == 10
    finally:
        monkeypatch.undo()
        time.tzset()
