"""What stands on the wire, and what stands in the log."""

from __future__ import annotations

import gc
import logging
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from patchworks_core_client import APIConnectionError, NotFoundError, PatchworksClient, _retry

from .servers import KEY, connect, item, reply, reset, serve

# -------------------------------------------------------------------------------------------------------------- headers


async def test_the_headers_of_every_request(transport: Any) -> None:
    async with serve(item()) as server, connect(server, transport=transport) as client:
        await client.packages.get(1)
        await client.packages.create(name="x")
        for seen in server.seen:
            assert seen.headers["accept"] == seen.headers["content-type"] == "application/json"
            assert seen.headers["user-agent"].startswith("patchworks_core_client/")
            assert seen.authorization == KEY
            assert set(seen.headers["accept-encoding"].split(", ")) <= {"gzip", "deflate"}  # what every httpx can read
            assert len(seen.headers) == len(seen.raw_headers), "a header stands there twice"


async def test_extra_headers_replace_ours_whatever_their_case() -> None:
    async with serve(item()) as server, connect(server) as client:
        await client.packages.get(1, extra_headers={"ACCEPT": "text/plain", "X-Own": "1"})
        seen = server.seen[0]
        assert seen.headers["accept"] == "text/plain"
        assert seen.headers["x-own"] == "1"
        assert len(seen.headers) == len(seen.raw_headers)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Authorization": "x"}, "auth="),
        ({"authorization": "x"}, "auth="),
        ({"AUTHORIZATION": "x"}, "auth="),
        ({"Host": "evil.example"}, "Host"),
        ({"Content-Length": "0"}, "Content-Length"),
        ({"Transfer-Encoding": "chunked"}, "Transfer-Encoding"),
        ({"Proxy-Authorization": "x"}, "Proxy"),
        ({"X-A": "1\r\nX-Evil: 2"}, "X-A"),
        ({"X-A": "1\n"}, "X-A"),
        ({"X-A": "\x00"}, "X-A"),
        ({"X-A": "ä"}, "X-A"),
        ({"X-A": " 1"}, "X-A"),
        ({"X-A": "1 "}, "X-A"),
        ({"X-A": None}, "X-A"),
        ({"X-A\r\nX-Evil": "2"}, "header name"),
        ({"X A": "2"}, "header name"),
        ({"X-A:": "2"}, "header name"),
        ({"": "2"}, "header name"),
    ],
)
async def test_headers_that_are_refused_before_anything_is_sent(headers: Any, said: str) -> None:
    async with serve(item()) as server, connect(server) as client:
        for attempt in (
            lambda: client.packages.get(1, extra_headers=headers),
            lambda: client.request("GET", "/x", extra_headers=headers),
        ):
            with pytest.raises(ValueError, match=said):
                await attempt()
        with pytest.raises(ValueError, match=said):
            client.with_options(headers=headers)
        with pytest.raises(ValueError, match=said):
            client.packages.list(extra_headers=headers)
        assert not server.seen


# ---------------------------------------------------------------------------------------------------------------- paths

SEGMENTS = [
    "a/b",
    "a?b",
    "a#b",
    "%2e%2e",
    "..%2f",
    "a b",
    "ä/ö",
    "a\\b",
    "a;b",
    "a:b",
    "...",
    "+",
    "日本",
    "a\r\nb",
    "~-_.",
]


@pytest.mark.parametrize("identifier", SEGMENTS)
async def test_an_identifier_is_one_segment(identifier: str, transport: Any) -> None:
    async with serve(item()) as server, connect(server, transport=transport) as client:
        await client.packages.compare(identifier, 7)
        parts = server.seen[0].target.split("/")
        assert parts[:4] == ["", "api", "v1", "packages"]
        assert parts[5:] == ["compare", "7"]
        assert unquote(parts[4]) == identifier
        assert not set(parts[4]) & set("?#\\ ")


@pytest.mark.parametrize("identifier", ["", ".", ".."])
async def test_identifiers_that_would_lead_elsewhere_are_refused(identifier: str) -> None:
    async with serve(item()) as server, connect(server) as client:
        for attempt in (
            lambda: client.packages.get(identifier),
            lambda: client.packages.delete(identifier),
            lambda: client.packages.compare(1, identifier),
        ):
            with pytest.raises(ValueError, match="identifier"):
                await attempt()
        assert not server.seen


@pytest.mark.parametrize("identifier", [None, True, 1.5, b"a", ["a"]])
async def test_identifiers_of_other_types_are_refused(identifier: Any) -> None:
    async with PatchworksClient(api_key=KEY) as client:
        with pytest.raises(TypeError, match="identifier"):
            await client.packages.get(identifier)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "api/v1/packages",
        "https://evil.example/",
        "HTTP://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "@evil.example",
        ":80/x",
        ".evil.example/",
        "/a/../b",
        "/..",
        "/.",
        "/./x",
        "/a/..",
        "/%2e%2e/admin",
        "/a/%2E./b",
        "/%2e%2e%2fadmin",
        "/a%2f..%2f..%2fb",
        "/a/..%5cb",
        "/a%5c..%5cb",
        "/a\r\nX-Evil: 1",
        "/a\nb",
        "/a\x00b",
        "/a\tb",
        "/a?b=c",
        "/a#b",
    ],
)
async def test_paths_that_request_refuses(path: str) -> None:
    async with serve(item()) as server:
        async with PatchworksClient(api_key=KEY, base_url=server.url + "/own") as client:
            with pytest.raises(ValueError, match="path"):
                await client.request("GET", path)
        assert not server.connections


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/x", "/api/v1/x"),
        ("/", "/"),
        ("/a//b/", "/a//b/"),
        ("/a b", "/a%20b"),
        ("/ä", "/%C3%A4"),
        ("/a%2Fb", "/a%2Fb"),
        ("/x...y/..z", "/x...y/..z"),
        ("/a:b@c", "/a:b@c"),
        ("/%252e%252e/x", "/%252e%252e/x"),
    ],
)
async def test_paths_that_request_sends(path: str, target: str, transport: Any) -> None:
    async with serve(item()) as server, connect(server, transport=transport) as client:
        await client.request("GET", path)
        assert server.seen[0].target == target


async def test_a_url_that_is_too_long_is_a_value_error() -> None:
    async with PatchworksClient(api_key=KEY) as client:
        with pytest.raises(ValueError, match="URL"):
            await client.packages.get("x" * 70_000)


async def test_a_query_means_the_same_over_both_transports(transport: Any) -> None:
    values = "a b+c&d=e%20f#g?h/ä;[x]:@$!'()*~"
    async with serve(reply(200, {"data": []})) as server, connect(server, transport=transport) as client:
        await client.packages.list(filter={"name": values}, extra_query={"k[0]": values})
        pairs = httpx.URL(server.seen[0].target).params.multi_items()
        assert pairs == [("filter[name]", values), ("k[0]", values)]


# --------------------------------------------------------------------------------------------------------------- bodies


class Colour(Enum):
    RED = "red"


async def test_what_a_body_becomes() -> None:
    zone = timezone(timedelta(hours=2))
    body = {
        "date-time": datetime(2025, 5, 1, 10, tzinfo=UTC),
        "offset": datetime(2025, 5, 1, 10, tzinfo=zone),
        "date": date(2025, 5, 1),
        "enum": Colour.RED,
        "tuple": (1, 2),
        "null": None,
        "text": 'ä "',
        "nested": {"a": [{"b": True}]},
        "big": 2**70,
    }
    async with serve(item()) as server, connect(server) as client:
        await client.request("POST", "/x", json=body)
        assert server.seen[0].json() == {
            "date-time": "2025-05-01T10:00:00Z",
            "offset": "2025-05-01T08:00:00Z",
            "date": "2025-05-01",
            "enum": "red",
            "tuple": [1, 2],
            "null": None,
            "text": 'ä "',
            "nested": {"a": [{"b": True}]},
            "big": 2**70,
        }


async def test_bodies_that_cannot_be_sent_are_refused_before() -> None:
    loop: list[Any] = []
    loop.append(loop)
    async with serve(item()) as server, connect(server) as client:
        worthless: list[Any] = [float("nan"), {"a": float("inf")}, loop, "\ud800"]
        for body in worthless:
            with pytest.raises(ValueError):  # noqa: PT011
                await client.request("POST", "/x", json=body)
        unknown: list[Any] = [object(), {"a": b"bytes"}, {"a": 1j}]
        for body in unknown:
            with pytest.raises(TypeError):
                await client.request("POST", "/x", json=body)
        assert not server.seen


async def test_unset_is_not_sent_and_none_sends_null() -> None:
    async with serve(item()) as server, connect(server) as client:
        await client.packages.create(name="x")
        await client.packages.create(name="x", notes=None)
        assert [seen.json() for seen in server.seen] == [{"name": "x"}, {"name": "x", "notes": None}]


async def test_compressed_answers_are_read(transport: Any) -> None:
    import gzip
    import zlib

    body = b'{"data": {"id": 5}}'
    for encoding, content in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        async with (
            serve(reply(200, content, {"Content-Encoding": encoding})) as server,
            connect(server, transport=transport) as client,
        ):
            assert (await client.packages.get(1)).id == 5


# -------------------------------------------------------------------------------------------------------------- logging


async def test_one_line_for_each_attempt(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_retry, "BACKOFF_FIRST", 0.001)
    caplog.set_level(logging.DEBUG, "patchworks_core_client")
    headers = {"X-Request-Id": "r-1", "X-RateLimit-Remaining": "7", "Set-Cookie": "secret=1", "X-Other": "hidden"}
    async with serve(reply(500), reset(), reply(404, None, headers)) as server, connect(server) as client:
        with pytest.raises(NotFoundError):
            await client.packages.get("a b", include="createdBy")
    ours = [record for record in caplog.records if record.name == "patchworks_core_client"]
    lines = [record.getMessage() for record in ours if record.levelno == logging.DEBUG]
    assert len(lines) == 3
    assert len(ours) == 5, "two retries are told at INFO"
    for number, (line, outcome) in enumerate(zip(lines, ("500", "APIConnectionError", "404"), strict=True), 1):
        assert line.startswith(f"GET /api/v1/packages/a%20b attempt {number}: {outcome} after 0.")
        assert "include" not in line
    assert "r-1" in lines[2]
    assert "'7'" in lines[2]
    assert "secret" not in lines[2]
    assert "hidden" not in lines[2]


async def test_nothing_is_logged_above_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "patchworks_core_client")
    async with serve(reset()) as server, connect(server, max_retries=0) as client:
        with pytest.raises(APIConnectionError):
            await client.packages.get(1)
    assert not [record for record in caplog.records if record.name.startswith("patchworks_core_client")]


# --------------------------------------------------------------------------------------------------------------- memory


async def test_reference_counts_free_a_call() -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": {"id": 1}}))
    async with (
        httpx.AsyncClient(transport=answer) as http,
        PatchworksClient(api_key=KEY, http_client=http) as client,
    ):
        await client.packages.get(1)
        gc.collect()
        gc.disable()
        try:
            for number in range(20):
                await client.packages.get(number)
            assert gc.collect() == 0, "calls leave work to the garbage collector"
        finally:
            gc.enable()


async def test_headers_that_the_owner_changes_are_sent() -> None:
    async with serve(item()) as server, httpx.AsyncClient(headers={"X-Trace": "1"}) as http:
        async with connect(server, http_client=http) as client:
            await client.packages.get(1)
            http.headers["X-Trace"] = "2"
            await client.packages.get(1)
            del http.headers["X-Trace"]
            await client.packages.get(1, extra_headers={"X-Own": "3"})
            await client.packages.get(1)
        assert [seen.headers.get("x-trace") for seen in server.seen] == ["1", "2", None, None]
        assert [seen.headers.get("x-own") for seen in server.seen] == [None, None, "3", None]
