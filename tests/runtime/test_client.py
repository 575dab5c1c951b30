"""The client as an object: making it, its options, its own and the caller's connections, closing it."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import copy
import gc
import inspect
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any, assert_type

import httpx
import pytest

from patchworks_core_client import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    InvalidArgumentError,
    PatchworksClient,
    PatchworksError,
    Query,
    _retry,
)

from .servers import KEY, Action, Seen, Server, connect, hang, item, reply, serve

# ------------------------------------------------------------------------------------------------------------ making it


@pytest.mark.httpx_only
def test_every_argument_is_a_keyword_with_its_documented_default() -> None:
    parameters = inspect.signature(PatchworksClient).parameters
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters.values())
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    expected = {
        "max_retries": 2,
        "max_concurrency": 8,
        "requests_per_minute": 240,
        "transport": "httpx",
        "http_client": None,
        "api_key": None,
        "token": None,
        "username": None,
        "password": None,
        "auth": None,
        "base_url": None,
        "login_url": None,
    }
    assert defaults.items() >= expected.items()
    assert 0 < defaults["timeout"] < 600


async def test_the_documented_servers_are_the_default() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"token": "t" * 9, "data": {}})

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http,
        PatchworksClient(username="u", password="p" * 9, http_client=http) as client,
    ):
        await client.packages.get(1)
    assert [str(request.url) for request in sent] == [
        "https://app.wearepatchworks.com/fabric/api/login",
        "https://core.wearepatchworks.com/api/v1/packages/1",
    ]


@pytest.mark.parametrize(
    ("timeout", "kind"),
    [
        *((number, InvalidArgumentError) for number in (0, -1, float("nan"), float("inf"))),
        *((other, TypeError) for other in (True, "5")),
    ],
)
async def test_timeouts_out_of_bounds(timeout: Any, kind: type[Exception]) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        PatchworksClient(api_key=KEY, timeout=timeout)
    client = PatchworksClient(api_key=KEY)
    with pytest.raises(kind, match="timeout"):
        client.with_options(timeout=timeout)
    with pytest.raises(kind, match="timeout"):
        await client.packages.get(1, timeout=timeout)


async def test_a_timeout_may_be_a_number_of_another_kind() -> None:
    class Seconds(float):
        """As numpy's are."""

    async with serve(item()) as server, connect(server, timeout=Seconds(5)) as client:
        await client.packages.get(1, timeout=Seconds(2.5))


async def test_timeout_none_waits() -> None:
    async with serve(reply(200, {"data": {}}, delay=0.2)) as server, connect(server, timeout=0.05) as client:
        await client.packages.get(1, timeout=None)
        await client.with_options(timeout=None).packages.get(1)
        with pytest.raises(APITimeoutError):
            await client.packages.get(1, max_retries=0)


@pytest.mark.parametrize("path", ["", "/", "/own", "/own/path/", "/a%20b"])
async def test_base_url_may_have_a_path_of_its_own(path: str, transport: Any) -> None:
    async with serve(item()) as server:
        async with PatchworksClient(api_key=KEY, base_url=server.url + path, transport=transport) as client:
            await client.packages.get(1)
            await client.request("GET", "/api/v1/x")
        own = path.rstrip("/")
        assert [seen.target for seen in server.seen] == [f"{own}/api/v1/packages/1", f"{own}/api/v1/x"]


def test_an_unknown_transport_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="transport"):
        PatchworksClient(api_key=KEY, transport="requests")  # type: ignore[arg-type]


def test_aiohttp_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    monkeypatch.delitem(sys.modules, "patchworks_core_client._aiohttp", raising=False)
    with pytest.raises(ConfigurationError, match=r"patchworks_core_client\[aiohttp\]"):
        PatchworksClient(api_key=KEY, transport="aiohttp")


@pytest.mark.parametrize(("transport", "answering"), [("httpx", "httpcore"), ("aiohttp", "aiohttp")])
async def test_the_transport_is_the_one_asked_for(transport: str, answering: str) -> None:
    async with serve(item()) as server, connect(server, transport=transport) as client:
        assert await _answering(client) == answering


async def _answering(client: PatchworksClient) -> str:
    response = await client.request("GET", "/x")
    return "httpcore" if "network_stream" in response.extensions else "aiohttp"


def test_making_the_client_imports_what_the_first_call_needs() -> None:
    code = """
import asyncio, sys
from patchworks_core_client import PatchworksClient
import httpx
client = PatchworksClient(api_key="x" * 9, http_client=httpx.AsyncClient(
    transport=httpx.MockTransport(lambda request: httpx.Response(200, json={"data": {"id": 1}}))))
before = set(sys.modules)
asyncio.run(client.packages.get(1))
loaded = {name for name in set(sys.modules) - before if not name.startswith("patchworks_core_client")}
print(len(loaded), sorted(loaded))
assert not {name for name in loaded if name.split(".")[0] in ("httpx", "httpcore", "ssl", "dateutil", "attr", "anyio")}
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_environment_is_not_read_at_import() -> None:
    code = """
import os, patchworks_core_client
os.environ["PATCHWORKS_API_KEY"] = "x"
patchworks_core_client.PatchworksClient()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_client_is_not_pickled() -> None:
    client = PatchworksClient(api_key=KEY)
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(client)


# --------------------------------------------------------------------------------------------------------- with_options


async def test_with_options_shares_connections_limits_and_tokens() -> None:
    async with serve(item()) as server, connect(server, requests_per_minute=None, max_concurrency=1) as client:
        copies = [client.with_options(timeout=number + 1) for number in range(5)]
        await client.packages.get(1)
        for other in copies:
            await other.packages.get(1)
        assert server.connections == 1
        assert all(other._pipeline is client._pipeline for other in copies)


async def test_with_options_leaves_the_parent_as_it_was() -> None:
    async with serve(item()) as server, connect(server) as client:
        child = client.with_options(headers={"X-Team": "a", "accept": "text/plain"}, max_retries=0, timeout=3)
        grandchild = child.with_options(headers={"x-team": "b"})
        for one in (client, child, grandchild):
            await one.packages.get(1)
        assert [seen.headers.get("x-team") for seen in server.seen] == [None, "a", "b"]
        assert [seen.headers["accept"] for seen in server.seen] == ["application/json", "text/plain", "text/plain"]
        assert (client._max_retries, child._max_retries, grandchild._max_retries) == (2, 0, 0)
        assert (child._timeout, grandchild._timeout) == (3, 3)
        assert repr(grandchild) == repr(client)


async def test_with_options_holds_for_what_a_subclass_caches() -> None:
    class Shop(PatchworksClient):
        @cached_property
        def _release(self) -> Any:
            return self.packages

    async with serve(item()) as server, Shop(api_key=KEY, base_url=server.url) as client:
        assert_type(client.with_options(), Shop)
        await client._release.get(1)
        await client.with_options(headers={"X-Team": "a"})._release.get(1)
        assert [seen.headers.get("x-team") for seen in server.seen] == [None, "a"]


async def test_closing_a_copy_closes_all() -> None:
    async with serve(item()) as server:
        client = connect(server)
        async with client.with_options(timeout=1) as other:
            await other.packages.get(1)
        with pytest.raises(PatchworksError, match="closed"):
            await client.packages.get(1)


# -------------------------------------------------------------------------------------------------------------- closing


async def test_a_closed_client_raises_at_once() -> None:
    async with serve(item()) as server:
        async with connect(server, username="u", password="p", login_url=server.url) as client:
            pages = client.packages.list()
        await client.aclose()
        for call in (
            client.packages.get(1),
            client.request("GET", "/x"),
            client.with_options(timeout=1).packages.create(name="x"),
            pages.to_list(),
        ):
            with pytest.raises(PatchworksError, match="closed"):
                async with asyncio.timeout(0.5):
                    await call
        assert not server.seen


async def test_closing_ends_what_is_under_way(transport: Any) -> None:
    async with serve(hang()) as server:
        client = connect(server, max_concurrency=2, transport=transport)
        calls = [asyncio.create_task(client.packages.get(number)) for number in range(5)]
        await asyncio.sleep(0.1)
        await client.aclose()
        async with asyncio.timeout(5):
            results = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(result, PatchworksError) for result in results), results


async def test_closing_ends_what_waits_even_where_the_connections_stay_open() -> None:
    async with serve(reply(200, {"data": {}}, delay=0.1)) as server, httpx.AsyncClient() as http:
        client = connect(server, max_concurrency=1, http_client=http)
        calls = [asyncio.create_task(client.packages.get(number)) for number in range(4)]
        await asyncio.sleep(0.05)
        await client.aclose()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(result, PatchworksError) for result in results] == [False, True, True, True]
        assert len(server.seen) == 1


@asynccontextmanager
async def waiting_call(kind: str, transport: str) -> AsyncGenerator[tuple[PatchworksClient, asyncio.Task[Any], Server]]:
    """A call that waits for what its kind says, and would wait for half a minute."""
    options: dict[str, Any] = {"transport": transport}
    actions: list[Action] = [item()]
    if kind == "slot":
        actions, options["max_concurrency"] = [hang()], 1
    elif kind == "quota":
        options["requests_per_minute"] = 1
    elif kind == "pause":
        actions = [reply(200, {"data": {}}, {"X-RateLimit-Remaining": "0", "Retry-After": "30"})]
    elif kind == "told wait":
        actions = [item(), reply(503, headers={"Retry-After": "30"})]
    elif kind == "backoff":
        actions = [item(), reply(500)]
    elif kind == "login":
        actions, options = [hang()], {**options, "username": "u", "password": "p" * 9}
    elif kind == "login of the next":
        answer = reply(200, {"token": "t" * 9, "expires_in": 1, "data": {}})
        actions, options = [answer, answer, hang()], {**options, "username": "u", "password": "p" * 9}
    async with serve(*actions) as server:
        client = connect(server, **options, **({"login_url": server.url} if "username" in options else {}))
        if kind in ("slot", "login"):
            in_flight = asyncio.create_task(client.packages.get(0))
        else:
            in_flight = None
            await client.packages.get(0)
        await asyncio.sleep(1.1 if kind == "login of the next" else 0.1)
        waiting = asyncio.create_task(client.packages.create(name="x") if kind == "pause" else client.packages.get(1))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        yield client, waiting, server
        if in_flight is not None:
            await asyncio.gather(in_flight, return_exceptions=True)


WAITS = ["slot", "quota", "pause", "told wait", "backoff", "login", "login of the next"]


@pytest.mark.parametrize("kind", WAITS)
async def test_closing_wakes_everyone_who_waits_and_nothing_is_sent_any_more(
    kind: str, transport: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_retry, "backoff", lambda _: 30)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    async with waiting_call(kind, transport) as (client, waiting, server):
        sent = len(server.seen)
        await client.aclose()
        async with asyncio.timeout(1):
            with pytest.raises(PatchworksError, match="closed") as caught:
                await waiting
        assert not isinstance(caught.value, APIConnectionError) or caught.value.delivered is False
        await asyncio.sleep(0.1)
        assert len(server.seen) == sent


async def test_a_request_in_flight_ends_as_perhaps_delivered(transport: Any) -> None:
    async with serve(hang()) as server:
        client = connect(server, transport=transport)
        calls = [asyncio.create_task(client.packages.get(1)), asyncio.create_task(client.packages.create(name="x"))]
        await asyncio.sleep(0.1)
        await client.aclose()
        async with asyncio.timeout(1):
            results = await asyncio.gather(*calls, return_exceptions=True)
        for result in results:
            assert isinstance(result, APIConnectionError)
            assert result.delivered is None
        assert len(server.seen) == 2


async def test_a_closed_client_posts_no_password_after_a_401() -> None:
    def choose(seen: Seen) -> Action:
        if seen.target == "/login":
            return reply(200, {"token": "t" * 9})
        return reply(401, {"message": "no"}, delay=0.2)

    async with serve(choose=choose) as server, httpx.AsyncClient() as http:
        client = connect(server, username="u", password="p" * 9, login_url=server.url + "/login", http_client=http)
        call = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.1)
        await client.aclose()
        with pytest.raises(PatchworksError):
            await call
        assert [seen.target for seen in server.seen].count("/login") == 1


# ---------------------------------------------------------------------------------------------------------- event loops


@pytest.fixture
def threaded_server() -> Iterator[Server]:
    """A server in an event loop of its own, which outlives those of the test."""
    started, done = threading.Event(), threading.Event()
    servers: list[Server] = []

    async def run() -> None:
        async with serve(item()) as server:
            servers.append(server)
            started.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait(5)
    yield servers[0]
    done.set()
    thread.join(5)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_belongs_to_the_event_loop_of_its_first_call(threaded_server: Server, transport: Any) -> None:
    client = connect(threaded_server, transport=transport)

    async def call() -> Any:
        return await client.packages.get(1)

    assert asyncio.run(call()).id == 1
    for _ in range(2):
        with pytest.raises(PatchworksError, match="another event loop"):
            asyncio.run(call())
    assert len(threaded_server.seen) == 1
    asyncio.run(client.aclose())
    with pytest.raises(PatchworksError, match="closed"):
        asyncio.run(call())
    gc.collect()
    deadline = time.monotonic() + 2
    while threaded_server.tasks and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not threaded_server.tasks, "a connection is still open"


async def test_closing_from_another_event_loop_while_calls_run(transport: Any) -> None:
    async with serve(hang()) as server:
        client = connect(server, transport=transport, timeout=1, max_retries=0)
        call = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(lambda: asyncio.run(client.aclose()))
        with pytest.raises(PatchworksError, match="closed"):
            await client.packages.get(2)
        with pytest.raises(APIConnectionError):
            await call


# ------------------------------------------------------------------------------------------------------ the environment


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NO_PROXY", "fd00::/8"),
        ("no_proxy", "fd00::/8"),
        ("HTTPS_PROXY", "http://proxy.example:port"),
        ("HTTPS_PROXY", "http://user:canary-pass@proxy.example:99999"),
        ("ALL_PROXY", "socks5://proxy.example:1080"),
        ("ALL_PROXY", "ftp://proxy.example"),
        ("SSL_CERT_FILE", "/nowhere/at-all.pem"),
        ("SSL_CERT_FILE", __file__),
    ],
)
def test_an_environment_that_cannot_be_used_is_named(
    variable: str, value: str, transport: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable.lower() == "no_proxy" and httpx.__name__ != "httpx":
        pytest.skip("httpx2 reads this")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, value)
    if variable == "no_proxy":
        monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    with pytest.raises(ConfigurationError, match=variable) as caught:
        PatchworksClient(api_key=KEY, transport=transport)
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None


async def test_a_client_that_never_called_can_be_closed(transport: Any) -> None:
    await PatchworksClient(api_key=KEY, transport=transport).aclose()


async def test_an_error_within_async_with_closes_and_goes_on() -> None:
    async with serve(item()) as server:
        client = connect(server)
        with pytest.raises(LookupError):
            async with client:
                raise LookupError
        with pytest.raises(PatchworksError, match="closed"):
            await client.packages.get(1)


# --------------------------------------------------------------------------------------------------------- http_client=


async def test_the_callers_client_is_closed_by_its_owner() -> None:
    async with serve(item()) as server, httpx.AsyncClient() as http:
        async with connect(server, http_client=http) as client:
            await client.packages.get(1)
        assert not http.is_closed
        with pytest.raises(PatchworksError, match="closed"):
            await client.packages.get(1)
        async with connect(server, http_client=http) as client:
            await http.aclose()
            with pytest.raises(PatchworksError, match="closed"):
                await client.packages.get(1)


async def test_the_callers_client_keeps_its_headers_cookies_and_params() -> None:
    async with (
        serve(reply(200, {"data": []})) as server,
        httpx.AsyncClient(
            base_url="https://elsewhere.example",
            headers={"X-Team": "theirs", "User-Agent": "theirs", "Accept": "text/html", "Authorization": "theirs"},
            cookies={"session": "abc"},
            params={"tenant": "t 1"},
            auth=("their", "auth"),
        ) as http,
        connect(server, http_client=http) as client,
    ):
        await client.packages.list(filter={"name": "a"})
        await client.with_options(headers={"X-Team": "ours"}).packages.get(1)
        first, second = server.seen
        assert first.headers["x-team"] == "theirs"
        assert second.headers["x-team"] == "ours"
        assert first.headers["cookie"] == "session=abc"
        assert first.authorization == KEY
        assert first.headers["accept"] == "application/json"
        assert first.headers["user-agent"].startswith("patchworks_core_client/")
        assert httpx.URL(first.target).params == httpx.QueryParams({"filter[name]": "a", "tenant": "t 1"})
        assert first.target.startswith("/api/v1/packages?")
        assert len(first.raw_headers) == len(first.headers), "a header stands there twice"


async def test_a_call_has_its_say_before_the_callers_client() -> None:
    async with (
        serve(reply(200, {"data": []})) as server,
        httpx.AsyncClient(headers={"Content-Length": "3"}, params={"page": "9", "x": "1"}) as http,
        connect(server, http_client=http) as client,
    ):
        await client.packages.list(page=2, extra_query={"y": ["2", "3"]})
        sent = httpx.URL(server.seen[0].target).params.multi_items()
        assert sorted(sent) == [("page", "2"), ("x", "1"), ("y", "2"), ("y", "3")]


async def test_the_callers_client_keeps_cookies_that_ours_does_not(transport: Any) -> None:
    cookie = reply(200, {"data": {}}, {"Set-Cookie": "session=abc; Path=/"})
    async with serve(cookie) as server, httpx.AsyncClient() as http:
        async with connect(server, http_client=http) as client:
            await client.packages.get(1)
            await client.packages.get(1)
        assert server.seen[-1].headers["cookie"] == "session=abc"
    async with serve(cookie) as server:
        server.url = server.url.replace("127.0.0.1", "localhost")  # some cookie jars keep none of an address
        async with connect(server, transport=transport) as client:
            await client.packages.get(1)
            await client.packages.get(1)
        assert "cookie" not in server.seen[-1].headers


async def test_the_callers_client_does_not_follow_redirects_here() -> None:
    def choose(seen: Seen) -> Any:
        return reply(302, None, {"Location": "/elsewhere"})

    async with (
        serve(choose=choose) as server,
        httpx.AsyncClient(follow_redirects=True) as http,
        connect(server, http_client=http) as client,
    ):
        with pytest.raises(APIStatusError):
            await client.packages.get(1)
        assert len(server.seen) == 1


async def test_the_callers_timeout_is_not_used() -> None:
    async with (
        serve(reply(200, {"data": {}}, delay=0.2)) as server,
        httpx.AsyncClient(timeout=0.05) as http,
        connect(server, http_client=http, timeout=5) as client,
    ):
        await client.packages.get(1)


async def test_hooks_of_the_callers_client() -> None:
    async def raise_for_status(response: httpx.Response) -> None:
        response.raise_for_status()

    async def read_and_raise(response: httpx.Response) -> None:
        await response.aread()
        response.raise_for_status()

    for hook, message in ((raise_for_status, ""), (read_and_raise, "No.")):
        async with (
            serve(reply(404, {"message": "No."})) as server,
            httpx.AsyncClient(event_hooks={"response": [hook]}) as http,
            connect(server, http_client=http) as client,
        ):
            with pytest.raises(APIStatusError) as caught:
                await client.packages.get(1)
            assert caught.value.status_code == 404
            assert caught.value.message == message


def test_only_an_async_client_is_taken() -> None:
    with httpx.Client() as http, pytest.raises(ConfigurationError, match="AsyncClient"):
        PatchworksClient(api_key=KEY, http_client=http)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------- client.request


async def test_request_returns_any_2xx_as_it_is(transport: Any) -> None:
    async with serve(reply(202, b"accepted", {"Content-Type": "text/plain"})) as server:
        async with connect(server, transport=transport) as client:
            answer = await client.request(
                "post", "/api/v1/anything", query={"a": 1, "b": ["x", "y"]}, json=None, extra_headers={"X-A": "1"}
            )
        assert isinstance(answer, httpx.Response)
        assert (answer.status_code, answer.text) == (202, "accepted")
        seen = server.seen[0]
        assert (seen.method, seen.target) == ("POST", "/api/v1/anything?a=1&b=x&b=y")
        assert seen.body == b"null"
        assert seen.headers["x-a"] == "1"
        assert seen.authorization == KEY


async def test_request_takes_pairs_and_a_query() -> None:
    async with serve(item()) as server, connect(server) as client:
        await client.request("GET", "/x", query=[("a", 1), ("a", "ä &=#")])
        await client.request("GET", "/x", query=Query(filter={"name": "a b"}, page=2))
        assert [httpx.URL(seen.target).params.multi_items() for seen in server.seen] == [
            [("a", "1"), ("a", "ä &=#")],
            [("filter[name]", "a b"), ("page", "2")],
        ]
        assert server.seen[0].body == b""


async def test_every_operation_takes_the_four_options() -> None:
    async with serve(reply(200, {"data": []})) as server, connect(server) as client:
        options: dict[str, Any] = {"timeout": 5, "max_retries": 1, "extra_headers": {"X-A": "1"}}
        await client.packages.list(**options, extra_query={"q": ["1", "2"]})
        await client.packages.create(name="x", **options, extra_query=[("q", "1"), ("q", "2")])
        for seen in server.seen:
            assert seen.headers["x-a"] == "1"
            assert seen.target == "/api/v1/packages?q=1&q=2"


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\nX: 1", "GÉT", "G:"])
async def test_methods_that_are_none(method: str) -> None:
    async with PatchworksClient(api_key=KEY) as client:
        with pytest.raises(ValueError, match="method"):
            await client.request(method, "/x")
