"""One call: its path, headers and body as the server gets them, and what becomes of each answer.

The operations are made by hand: the documented four pages have no other media types, forms or header parameters.
"""

from __future__ import annotations

import copy
import io
import json
import math
import pickle
from datetime import date, datetime, timedelta, timezone
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from patchworks_core_client import (
    UNSET,
    Drift,
    InvalidArgumentError,
    Message,
    Package,
    PatchworksClient,
    PatchworksError,
    ResponseDecodeError,
)
from patchworks_core_client._call import Operation, Resource

from .servers import Server, connect, reply, serve

ZONE = timezone(timedelta(hours=2))
MOMENT = datetime(2026, 7, 1, 12, tzinfo=ZONE)
NAIVE = MOMENT.replace(tzinfo=None)


class Id(str, Enum):  # noqa: UP042 - as people write it
    CHECKOUT = "check out"


class Number(IntEnum):
    SEVEN = 7


class Color(StrEnum):
    RED = "red"


class Other(Enum):
    TEXT = "text"
    WRONG = 1.5


def operation(kind: Any = "any", path: str = "/x", method: str = "POST", **more: Any) -> Operation[Any]:
    return Operation("things.do", method, path, kind=kind, **more)


def resource(client: PatchworksClient) -> Any:
    return Resource(client)


async def answered(operation: Operation[Any], body: bytes | Any, status: int = 200, content_type: str = "") -> Any:
    """What a call gives of an answer."""
    headers = {"Content-Type": content_type} if content_type else {}
    async with serve(reply(status, body, headers)) as server, connect(server) as client:
        return await resource(client)._call(operation)


async def sent(operation: Operation[Any], **arguments: Any) -> Server:
    """What the server sees of a call."""
    async with serve(reply(200, {})) as server, connect(server) as client:
        await resource(client)._call(operation, **arguments)
    return server


class TestAnswers:
    @pytest.mark.parametrize(
        ("kind", "accept", "content", "content_type", "result"),
        [
            ("bytes", "application/pdf", b"%PDF\xff\x00", "application/pdf", b"%PDF\xff\x00"),
            ("bytes", "application/zip", b"", "application/zip", b""),
            ("text", "text/csv", b"a,b\r\n\xc3\xa4,1", "text/csv", "a,b\r\nä,1"),
            ("text", "text/csv", b"\xe4", "text/csv; charset=latin-1", "ä"),
            ("text", "text/csv", b"\xc3\xa4", "text/csv; charset=hex", "ä"),
            ("text", "text/csv", b"\xc3\xa4", "text/csv; charset=punycode", "ä"),
            ("text", "text/csv", b"\xc3\xa4", "text/csv; charset*=utf-8''%00", "ä"),
            ("text", "text/csv", b"\xc3\xa4", "text/csv; charset*0*=a; charset*=b", "ä"),
            ("text", "text/plain", b"", "text/plain", ""),
        ],
    )
    async def test_another_media_type_is_asked_for_and_comes_as_it_is(
        self, kind: str, accept: str, content: bytes, content_type: str, result: Any, transport: Any
    ) -> None:
        answer = reply(200, content, {"Content-Type": content_type})
        async with serve(answer) as server, connect(server, transport=transport) as client:
            got = await resource(client)._call(operation(kind, method="GET", accept=accept))
        assert got == result
        assert type(got) is type(result)
        assert server.seen[0].headers["accept"] == accept

    async def test_json_is_asked_for_otherwise(self) -> None:
        server = await sent(operation())
        assert server.seen[0].headers["accept"] == "application/json"

    @pytest.mark.parametrize("kind", ["model", "plain"])
    @pytest.mark.parametrize(("status", "content"), [(200, b""), (200, b" \n"), (204, b"")])
    async def test_an_empty_answer_is_none_only_where_nothing_is_documented_beside_the_model(
        self, kind: str, status: int, content: bytes
    ) -> None:
        with pytest.raises(ResponseDecodeError, match="it is empty"):
            await answered(operation(kind, result=Package), content, status)
        assert await answered(operation(kind, result=Package, nullable=True), content, status) is None

    async def test_null_in_the_envelope_is_none_where_nothing_is_documented_beside_the_model(self) -> None:
        assert await answered(operation("model", result=Package, nullable=True), {"data": None}) is None
        with pytest.raises(ResponseDecodeError, match="it is not a Package"):
            await answered(operation("model", result=Package), {"data": None})

    @pytest.mark.parametrize("content", [b"", b" "])
    async def test_free_json_and_messages_may_be_empty(self, content: bytes) -> None:
        assert await answered(operation("any"), content) is None
        assert await answered(operation("message", result=Message), content) == Message.from_dict({})

    async def test_an_envelope_may_hold_more_than_data(self) -> None:
        whole = {"data": {"id": 1, "name": "A"}, "message": "Created.", "meta": {"took": 3}}
        assert await answered(operation("model", result=Package), whole) == Package.from_dict({"id": 1, "name": "A"})
        assert await answered(operation("plain", result=Message), whole) == Message.from_dict(whole)
        assert await answered(operation("any"), whole) == whole

    async def test_a_model_without_an_envelope_and_phps_empty_object(self) -> None:
        assert await answered(operation("model", result=Package), {"id": 1}) == Package.from_dict({"id": 1})
        assert await answered(operation("model", result=Package), {"data": []}) == Package.from_dict({})

    @pytest.mark.parametrize(
        "answer",
        [
            {"results": [{"id": 1}, {"id": 2}], "data": "other"},
            {"results": {"0": {"id": 1}, "7": {"id": 2}}},
            {"results": [{"id": 1}, {"id": 2}], "current_page": 1, "last_page": 1, "total": 2},
            [{"id": 1}, {"id": 2}],
        ],
    )
    async def test_a_list_under_another_key(self, answer: Any) -> None:
        listing = operation("list", method="GET", result=Package, items="results")
        async with serve(reply(200, answer)) as server, connect(server) as client:
            page = await resource(client)._list(listing)
        assert [package.id for package in page] == [1, 2]
        if "total" in answer:
            assert page.total == 2
            assert "results" not in page.meta

    async def test_a_list_is_not_searched_under_another_key_than_the_documented(self) -> None:
        async with serve(reply(200, {"data": [{"id": 1}]})) as server, connect(server) as client:
            with pytest.raises(ResponseDecodeError, match="it is not a list"):
                await resource(client)._list(operation("list", method="GET", items="results"))

    @pytest.mark.parametrize(
        ("kind", "answer", "pointer"),
        [
            ("model", {"data": {"new": 1}}, "/data/new"),
            ("model", {"new": 1}, "/new"),
            ("list", {"rows": [{}, {"new": 1}]}, "/rows/1/new"),
            ("list", {"rows": {"3": {"new": 1}}}, "/rows/3/new"),
            ("list", [{"new": 1}], "/0/new"),
        ],
    )
    async def test_drift_is_told_with_its_place(self, kind: str, answer: Any, pointer: str) -> None:
        told: list[Drift] = []
        asked = operation(kind, result=Package, items="rows")
        async with serve(reply(200, answer)) as server, connect(server, on_drift=told.append) as client:
            await (resource(client)._list(asked) if kind == "list" else resource(client)._call(asked))
        assert [(drift.operation, drift.pointer) for drift in told] == [("things.do", pointer)]


class TestPaths:
    @pytest.mark.parametrize(
        ("identifier", "segment"),
        [
            (Id.CHECKOUT, "check%20out"),
            (Number.SEVEN, "7"),
            (Color.RED, "red"),
            (Other.TEXT, "text"),
            (-3, "-3"),
            ("ü/..", "%C3%BC%2F.."),
        ],
    )
    async def test_an_identifier_is_one_segment_and_an_enum_its_value(self, identifier: Any, segment: str) -> None:
        server = await sent(operation(path="/a/{b}/c"), identifiers=(identifier,))
        assert server.seen[0].target == f"/a/{segment}/c"

    @pytest.mark.parametrize(
        ("identifier", "error"),
        [
            ("", InvalidArgumentError),
            (".", InvalidArgumentError),
            ("..", InvalidArgumentError),
            ("\ud800", InvalidArgumentError),
            (True, TypeError),
            (None, TypeError),
            (1.5, TypeError),
            (b"x", TypeError),
            (UUID(int=1), TypeError),
            (Other.WRONG, TypeError),
        ],
    )
    async def test_what_is_not_an_identifier(self, identifier: Any, error: type[Exception]) -> None:
        with pytest.raises(error):
            await sent(operation(path="/a/{b}"), identifiers=(identifier,))


class TestHeaders:
    async def test_parameters_in_headers(self) -> None:
        headers = {
            "X-Text": "a,b",
            "X-Flag": True,
            "X-Number": Number.SEVEN,
            "X-Moment": MOMENT,
            "X-List": ["a", 1],
            "X-Left-Out": UNSET,
        }
        server = await sent(operation(), headers=headers)
        seen = server.seen[0].headers
        assert {name: seen.get(name.lower()) for name in headers} == {
            "X-Text": "a,b",
            "X-Flag": "true",
            "X-Number": "7",
            "X-Moment": "2026-07-01T10:00:00Z",
            "X-List": "a,1",
            "X-Left-Out": None,
        }

    async def test_extra_headers_win(self) -> None:
        server = await sent(
            operation("bytes", accept="application/pdf"),
            headers={"X-A": "1"},
            extra_headers={"x-a": "2", "accept": "application/zip", "content-type": "x/y"},
        )
        names = [line.partition(":")[0].lower() for line in server.seen[0].raw_headers]
        assert len(names) == len(set(names))
        seen = server.seen[0].headers
        assert (seen["x-a"], seen["accept"], seen["content-type"]) == ("2", "application/zip", "x/y")

    @pytest.mark.parametrize("value", [" x", "x ", "\tx", "x\r\nY: 1", "ä", "x\0"])
    async def test_values_that_no_header_can_hold(self, value: str, transport: Any) -> None:
        async with serve(reply(200, {})) as server, connect(server, transport=transport) as client:
            for ask in (
                client.packages.get(1, extra_headers={"X-A": value}),
                client.request("GET", "/x", extra_headers={"X-A": value}),
            ):
                with pytest.raises(InvalidArgumentError, match="X-A"):
                    await ask
            with pytest.raises(InvalidArgumentError, match="X-A"):
                client.with_options(headers={"X-A": value})
            with pytest.raises(InvalidArgumentError, match="X-A"):
                await resource(client)._call(operation(), headers={"X-A": value})
        assert server.seen == []


def parts_of(content_type: str, body: bytes) -> list[tuple[str, str | None, str | None, bytes]]:
    """The parts of a multipart body: name, file name, content type, content."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found: list[tuple[str, str | None, str | None, bytes]] = []
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        name = str(part.get_param("name", header="content-disposition"))
        kind = part.get_content_type() if part["content-type"] else None
        found.append((name, part.get_filename(), kind, bytes(part.get_payload(decode=True))))
    return found


FIELDS: dict[str, Any] = {
    "text": "a b&c=ü",
    "left_out": UNSET,
    "nothing": None,
    "yes": True,
    "no": False,
    "number": 1.5,
    "moment": MOMENT,
    "day": date(2026, 7, 1),
    "color": Color.RED,
    "labels": ["a", 2, True],
    "empty": [],
    "deep": {"a": {"b": 1, "c": UNSET}, "d": [1, 2]},
    "rows": [{"id": 1}, {"id": 2, "tags": ["x"]}],
    "model": Package(name="Checkout"),
}
PAIRS = [
    ("text", "a b&c=ü"),
    ("nothing", ""),
    ("yes", "1"),
    ("no", "0"),
    ("number", "1.5"),
    ("moment", "2026-07-01T10:00:00Z"),
    ("day", "2026-07-01"),
    ("color", "red"),
    ("labels[]", "a"),
    ("labels[]", "2"),
    ("labels[]", "1"),
    ("empty", ""),
    ("deep[a][b]", "1"),
    ("deep[d][]", "1"),
    ("deep[d][]", "2"),
    ("rows[0][id]", "1"),
    ("rows[1][id]", "2"),
    ("rows[1][tags][]", "x"),
    ("model[name]", "Checkout"),
]


class TestBodies:
    async def test_json(self) -> None:
        body = {"a": UNSET, "b": None, "c": MOMENT, "d": [Color.RED, {"e": MOMENT.replace(microsecond=5)}]}
        seen = (await sent(operation(), body=body)).seen[0]
        assert seen.json() == {
            "b": None,
            "c": "2026-07-01T10:00:00Z",
            "d": ["red", {"e": "2026-07-01T10:00:00.000005Z"}],
        }
        assert seen.headers["content-type"] == "application/json"

    async def test_a_form_as_php_reads_it(self) -> None:
        seen = (await sent(operation(body_type="form"), body=FIELDS)).seen[0]
        assert parse_qsl(seen.body.decode(), keep_blank_values=True, strict_parsing=True) == PAIRS
        assert seen.headers["content-type"] == "application/x-www-form-urlencoded"

    async def test_parts_as_php_reads_them(self, tmp_path: Path, transport: Any) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("from disk")
        with path.open("rb") as opened:
            body = {
                **FIELDS,
                "raw": b"\x00\xff",
                "named": ("a.csv", b"\xff,b", "text/csv"),
                "guessed": ("b.pdf", io.BytesIO(b"%PDF")),
                "opened": opened,
                "many": [b"1", ("c.txt", b"2")],
            }
            async with serve(reply(200, {})) as server, connect(server, transport=transport) as client:
                await resource(client)._call(operation(body_type="multipart"), body=body)
        seen = server.seen[0]
        assert parts_of(seen.headers["content-type"], seen.body) == [
            *((name, None, None, text.encode()) for name, text in PAIRS),
            ("raw", "upload", "application/octet-stream", b"\x00\xff"),
            ("named", "a.csv", "text/csv", b"\xff,b"),
            ("guessed", "b.pdf", "application/pdf", b"%PDF"),
            ("opened", "notes.txt", "text/plain", b"from disk"),
            ("many[]", "upload", "application/octet-stream", b"1"),
            ("many[]", "c.txt", "text/plain", b"2"),
        ]

    async def test_parts_of_which_none_is_given(self) -> None:
        seen = (await sent(operation(body_type="multipart"), body={"a": UNSET})).seen[0]
        assert (seen.body, seen.headers["content-type"]) == (b"", "application/x-www-form-urlencoded")

    @pytest.mark.parametrize(
        ("body_type", "documented", "body", "content", "content_type"),
        [
            ("text", None, "ä", "ä".encode(), "text/plain; charset=utf-8"),
            ("text", "text/csv", "a,b", b"a,b", "text/csv"),
            ("binary", None, b"\0", b"\0", "application/octet-stream"),
            ("binary", "application/pdf", io.BytesIO(b"%PDF"), b"%PDF", "application/pdf"),
            ("binary", None, bytearray(b"x"), b"x", "application/octet-stream"),
            ("json", "application/vnd.api+json", {"a": 1}, b'{"a":1}', "application/vnd.api+json"),
        ],
    )
    async def test_other_media_types(
        self, body_type: Any, documented: str | None, body: Any, content: bytes, content_type: str
    ) -> None:
        server = await sent(operation(body_type=body_type, content_type=documented), body=body)
        assert (server.seen[0].body, server.seen[0].headers["content-type"]) == (content, content_type)

    @pytest.mark.parametrize("body_type", ["json", "form", "multipart", "binary"])
    async def test_every_attempt_sends_the_same_bytes(
        self, body_type: Any, transport: Any, quick_retries: None
    ) -> None:
        body: Any = io.BytesIO(b"content") if body_type == "binary" else {"a": "1", "day": date(2026, 7, 1)}
        if body_type == "multipart":
            body["file"] = io.BytesIO(b"content")
        failing = reply(503, {}, {"Retry-After": "0"})
        async with serve(failing, failing, reply(200, {})) as server, connect(server, transport=transport) as client:
            await resource(client)._call(operation(method="PUT", body_type=body_type), body=body)
        assert len(server.seen) == 3
        assert len({(seen.body, seen.headers["content-type"]) for seen in server.seen}) == 1
        assert server.seen[0].body

    @pytest.mark.parametrize(
        ("body_type", "body", "error"),
        [
            ("json", {"a": NAIVE}, InvalidArgumentError),
            ("json", {"a": math.nan}, InvalidArgumentError),
            ("json", "\ud800", InvalidArgumentError),
            ("json", {"a": object()}, TypeError),
            ("form", {"a": NAIVE}, InvalidArgumentError),
            ("form", {"a": [math.inf]}, InvalidArgumentError),
            ("form", {"a": "\ud800"}, InvalidArgumentError),
            ("form", {"a": b"x"}, TypeError),
            ("form", {"a": object()}, TypeError),
            ("multipart", {"a": object()}, TypeError),
            ("multipart", {"a": NAIVE}, InvalidArgumentError),
            ("binary", 7, TypeError),
            ("text", None, TypeError),
        ],
    )
    async def test_what_cannot_be_sent(self, body_type: Any, body: Any, error: type[Exception]) -> None:
        with pytest.raises(error):
            await sent(operation(body_type=body_type), body=body)


class TestRefusals:
    """What is refused before anything is sent is an InvalidArgumentError: a web service can answer 400."""

    @pytest.mark.parametrize(
        "arguments",
        [
            {"timeout": 0},
            {"timeout": math.nan},
            {"max_retries": -1},
            {"extra_headers": {"Authorization": "x"}},
            {"extra_headers": {"a b": "x"}},
            {"extra_query": {"a": None}},
            {"extra_query": {"a": math.nan}},
            {"extra_query": {"a": NAIVE}},
            {"extra_query": {"a": "\ud800"}},
            {"filter": {"name": ""}},
            {"filter": {"name": "\ud800"}},
            {"include": ""},
            {"sort": "-"},
            {"page": 0},
            {"per_page": 101},
            {"prefetch": -1},
        ],
        ids=str,
    )
    async def test_of_a_list(self, arguments: Any) -> None:
        async with serve(reply(200, {"data": []})) as server, connect(server) as client:
            with pytest.raises(InvalidArgumentError) as caught:
                await client.packages.list(**arguments)
            assert isinstance(caught.value, ValueError)
            assert isinstance(caught.value, PatchworksError)
            if set(arguments) & {"timeout", "max_retries"}:
                with pytest.raises(InvalidArgumentError):
                    client.with_options(**arguments)
        assert server.seen == []

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "x"),
            ("GET", "//evil.example/x"),
            ("GET", "/a/../../b"),
            ("GET", "/a?b"),
            ("GET", "/\ud800"),
            ("G T", "/x"),
        ],
    )
    async def test_of_a_request(self, method: str, path: str) -> None:
        async with serve(reply(200, {})) as server, connect(server) as client:
            with pytest.raises(InvalidArgumentError):
                await client.request(method, path)
        assert server.seen == []

    @pytest.mark.parametrize("limit", [-1, True, 1.5, "3"])
    async def test_of_a_limit(self, limit: Any) -> None:
        async with serve(reply(200, {"data": []})) as server, connect(server) as client:
            with pytest.raises(InvalidArgumentError if limit == -1 else TypeError, match="limit"):
                await client.packages.list().to_list(limit=limit)
        assert server.seen == []


async def test_a_request_takes_a_query_or_pairs_and_gives_the_answer_as_it_is(transport: Any) -> None:
    from patchworks_core_client import Query

    async with serve(reply(202, b"taken")) as server, connect(server, transport=transport) as client:
        query = Query(filter={"name": "a b"}, page=2)
        answer = await client.request("post", "/new/thing", query=query, json={"at": MOMENT})
        await client.request("GET", "/new/thing", query=[("a", [1, 2]), ("b", True)])
        await client.request("GET", "/new/thing", query={"c": "x,y"})
        await client.request("GET", "/new/thing", json=None)
    assert (answer.status_code, answer.content) == (202, b"taken")
    assert {seen.target.partition("?")[0] for seen in server.seen} == {"/new/thing"}
    assert [(seen.method, parse_qsl(seen.target.partition("?")[2])) for seen in server.seen] == [
        ("POST", [("filter[name]", "a b"), ("page", "2")]),
        ("GET", [("a", "1"), ("a", "2"), ("b", "true")]),
        ("GET", [("c", "x,y")]),
        ("GET", []),
    ]
    assert server.seen[0].json() == {"at": "2026-07-01T10:00:00Z"}
    assert [seen.body for seen in server.seen[1:]] == [b"", b"", b"null"]


def test_operations_show_what_they_are() -> None:
    assert "'things.do', method='POST', path='/x'" in repr(operation())
    assert json.dumps(operation().known_names(), default=sorted) == '{"filter": [], "include": [], "sort": []}'


class TestDates:
    @pytest.mark.parametrize("place", ["body", "params", "headers"])
    @pytest.mark.parametrize("given", [MOMENT, NAIVE, [date(2026, 7, 1), MOMENT]])
    async def test_a_datetime_where_a_date_is_documented_is_refused(self, place: str, given: Any) -> None:
        async with serve(reply(200, {})) as server, connect(server) as client:
            with pytest.raises(InvalidArgumentError, match="day takes a date, not a datetime"):
                await resource(client)._call(operation(dates=("other", "day")), **{place: {"day": given}})
        assert not server.seen

    async def test_a_date_is_sent(self) -> None:
        server = await sent(operation(dates=("day",)), body={"day": date(2026, 7, 1), "other": MOMENT})
        assert server.seen[0].json() == {"day": "2026-07-01", "other": "2026-07-01T10:00:00Z"}
        assert not (await sent(operation(dates=("day",)), body={"day": UNSET})).seen[0].json()
        assert (await sent(operation(dates=("day",)), body=[1])).seen[0].json() == [1]


async def test_extras_of_a_wrong_type_are_refused() -> None:
    async with serve(reply(200, {})) as server, connect(server) as client:
        with pytest.raises(TypeError, match="extra_query takes a mapping or pairs"):
            await client.packages.get(1, extra_query="a=b")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert not server.seen


def test_unset_is_false_and_stays_itself() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert copy.deepcopy(UNSET) is pickle.loads(pickle.dumps(UNSET)) is UNSET
