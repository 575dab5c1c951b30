"""What is raised, what it knows, what it says, and that it survives copying and pickling."""

from __future__ import annotations

import copy
import pickle
import time
from typing import Any

import httpx
import pytest

import patchworks_core_client as package
from patchworks_core_client import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    PaginationError,
    PaginationWarning,
    PatchworksError,
    PatchworksWarning,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
    UnprocessableEntityError,
)

from .servers import Action, connect, reply, reset, send, serve


def test_the_family() -> None:
    family = {
        PatchworksError: Exception,
        ConfigurationError: PatchworksError,
        PaginationError: PatchworksError,
        APIError: PatchworksError,
        APIConnectionError: APIError,
        APITimeoutError: APIConnectionError,
        ResponseDecodeError: APIError,
        APIStatusError: APIError,
        BadRequestError: APIStatusError,
        AuthenticationError: APIStatusError,
        PermissionDeniedError: APIStatusError,
        NotFoundError: APIStatusError,
        ConflictError: APIStatusError,
        UnprocessableEntityError: APIStatusError,
        RateLimitError: APIStatusError,
        ServerError: APIStatusError,
        PatchworksWarning: UserWarning,
        PaginationWarning: PatchworksWarning,
    }
    for child, parent in family.items():
        assert child.__bases__ == (parent,)
        assert getattr(package, child.__name__) is child


async def raised(action: Action, method: str = "GET", **options: Any) -> PatchworksError:
    async with serve(action) as server, connect(server, max_retries=0, **options) as client:
        with pytest.raises(PatchworksError) as caught:
            await client.request(method, "/api/v1/things", query={"a": "b"})
        return caught.value


BY_STATUS: list[tuple[int, type[APIStatusError]]] = [
    (300, APIStatusError),
    (305, APIStatusError),
    (400, BadRequestError),
    (401, AuthenticationError),
    (403, PermissionDeniedError),
    (404, NotFoundError),
    (405, APIStatusError),
    (409, ConflictError),
    (418, APIStatusError),
    (419, APIStatusError),
    (422, UnprocessableEntityError),
    (429, RateLimitError),
    (499, APIStatusError),
    (500, ServerError),
    (502, ServerError),
    (503, ServerError),
    (504, ServerError),
    (520, ServerError),
    (599, ServerError),
    (600, APIStatusError),
    (799, APIStatusError),
]


@pytest.mark.parametrize(("status", "expected"), BY_STATUS)
async def test_the_class_of_each_status(status: int, expected: type[APIStatusError]) -> None:
    error = await raised(reply(status, {"message": "Said so."}, {"X-Request-Id": "r-17"}))
    assert type(error) is expected
    assert isinstance(error, APIStatusError)
    assert type(error.status_code) is int
    assert error.status_code == status
    assert (error.method, error.path) == ("GET", "/api/v1/things")
    assert error.body == {"message": "Said so."}
    assert error.message == "Said so."
    assert error.request_id == "r-17"
    assert error.headers["x-request-id"] == "r-17"
    assert str(error).startswith(f"GET /api/v1/things: {status} Said so.")
    assert "r-17" in str(error)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 206, 226, 299])
async def test_any_2xx_is_success(status: int) -> None:
    body = None if status == 204 else {"data": {"id": 1}}
    headers = {"Content-Length": "0"} if status == 204 else {}
    async with serve(reply(status, body, headers)) as server, connect(server) as client:
        assert (await client.request("POST", "/x")).status_code == status


async def test_without_a_request_id() -> None:
    error = await raised(reply(404))
    assert isinstance(error, NotFoundError)
    assert error.request_id is None
    assert error.body == ""
    assert str(error) == "GET /api/v1/things: 404 Not Found"


async def test_a_status_that_http_does_not_name() -> None:
    assert str(await raised(reply(419))) == "GET /api/v1/things: 419"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "Hello."}, "Hello."),
        ({"message": {"not": "text"}}, ""),
        ({"error": "x"}, ""),
        ([1, 2], ""),
        (b"plain text \xff\xfe", "plain text \ufffd\ufffd"),
        (b"<html><h1>502</h1></html>", ""),
        (b"\xff\xfe\x00", "\ufffd\ufffd\x00"),
        (b'{"message": ', '{"message":'),
        (b"null", ""),
        (b"[" * 5000 + b"]" * 5000, "[" * 1999 + "…"),
        (b'{"message":"' + b"x" * 5000 + b'"}', "x" * 5000),
    ],
)
async def test_every_kind_of_body(body: Any, message: str) -> None:
    error = await raised(reply(404, body))
    assert isinstance(error, NotFoundError)
    assert error.message == message
    assert len(str(error)) < 2100
    assert str(error).isprintable()
    assert ("…" in str(error)) == (len(message) >= 2000)
    survives(error)


async def test_a_huge_text_is_cut() -> None:
    error = await raised(reply(500, b"x" * 3_000_000))
    assert isinstance(error, ServerError)
    assert len(error.body) == 2000
    assert len(pickle.dumps(error)) < 10_000


async def test_nested_as_deep_as_the_parser_goes() -> None:
    for depth in (100, 400, 900, 990, 1020, 20_000):
        error = await raised(reply(400, b'{"message":' + b"[" * depth + b"]" * depth + b"}"))
        assert isinstance(error, BadRequestError)


@pytest.mark.parametrize("location", ["https://elsewhere.example/", "/other", "http://[broken", "?", "#"])
async def test_a_redirect_is_an_error_that_says_so(location: str) -> None:
    error = await raised(reply(302, None, {"Location": location}))
    assert type(error) is APIStatusError
    assert error.headers["location"] == location
    assert "redirect" in str(error)


async def test_a_redirect_to_what_is_no_address() -> None:
    for location in ("mailto:a@b", "http://a:99999999", "http://\x01"):
        error = await raised(reply(302, None, {"Location": location}))
        assert isinstance(error, APIStatusError | APIConnectionError)


async def test_an_html_page_is_named_as_such() -> None:
    error = await raised(reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}))
    assert "HTML" in str(error)
    assert isinstance(error, ServerError)
    assert error.body == "<html>Bad gateway</html>"


# -------------------------------------------------------------------------------------------------------- 400, 422, 429


@pytest.mark.parametrize(
    ("message", "requested", "allowed"),
    [
        (
            "Requested filter(s) `x, y` are not allowed. Allowed filter(s) are `a, b_c`.",
            ["x", "y"],
            ["a", "b_c"],
        ),
        ("Requested sort(s) `-z` is not allowed. Allowed sort(s) are `name`.", ["-z"], ["name"]),
        (
            "Requested include(s) `a.b` are not allowed. Allowed include(s) are `c.d, e`.",
            ["a.b"],
            ["c.d", "e"],
        ),
        ("Requested filter(s) `x` are not allowed. There are no allowed filter(s).", ["x"], []),
        ("Requested filter(s) `x` are not allowed. Allowed filter(s) are ``.", ["x"], []),
        ("No such luck.", [], []),
        ("", [], []),
    ],
)
async def test_the_names_of_a_400(message: str, requested: list[str], allowed: list[str]) -> None:
    error = await raised(reply(400, {"message": message}))
    assert isinstance(error, BadRequestError)
    assert error.requested == requested
    assert error.allowed == allowed
    assert message in str(error)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (
            {"name": ["The name is required.", "Really."], "labels.0.id": ["Unknown."]},
            {"name": ["The name is required.", "Really."], "labels.0.id": ["Unknown."]},
        ),
        ({"name": [{"odd": 1}, 2]}, {"name": ["{'odd': 1}", "2"]}),
        ({"name": []}, {"name": []}),
        ({"name": "a text", "labels": ["Unknown."]}, {"name": ["a text"], "labels": ["Unknown."]}),
        (["a list"], {}),
        (None, {}),
    ],
)
async def test_the_fields_of_a_422(errors: Any, expected: dict[str, list[str]]) -> None:
    error = await raised(reply(422, {"message": "The given data was invalid.", "errors": errors}))
    assert isinstance(error, UnprocessableEntityError)
    assert error.errors == expected
    for field, said in expected.items():
        assert f"{field}: {' '.join(said)}".rstrip() in str(error)


async def test_a_422_with_thousands_of_fields_has_a_message_of_bounded_length() -> None:
    error = await raised(reply(422, {"errors": {f"field-{number}": ["Bad."] for number in range(5000)}}))
    assert isinstance(error, UnprocessableEntityError)
    assert len(error.errors) == 5000
    assert "field-0: Bad." in str(error)
    assert len(str(error)) < 5000


async def test_a_429_says_when() -> None:
    error = await raised(reply(429, {"message": "Too Many Attempts."}, {"Retry-After": "7"}))
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 7
    assert "Too Many Attempts.; try again in 7 s" in str(error)


# ------------------------------------------------------------------------------------------------------- 2xx, no answer


DECODING: dict[str, tuple[Action, str]] = {
    "empty": (reply(200, b""), "it is empty"),
    "spaces": (reply(200, b" \n"), "it is empty"),
    "html": (reply(200, b"<html>Login</html>", {"Content-Type": "text/html"}), "HTML"),
    "cut": (reply(200, b'{"data": {"id": 1'), "not JSON"),
    "nan": (reply(200, b'{"data": {"id": NaN}}'), "not JSON"),
    "binary": (reply(200, b"\xff\xfe\x00\x01", {"Content-Type": "application/octet-stream"}), "not JSON"),
    "list": (reply(200, [1, 2]), "not a Package"),
    "text": (reply(200, "hello"), "not a Package"),
    "null": (reply(200, b"null"), "not a Package"),
    "data is a text": (reply(200, {"data": "x"}), "not a Package"),
    "deep": (reply(200, b"[" * 100_000), "nests too deeply"),
    "no content": (reply(204, None, {"Content-Length": "0"}), "it is empty"),
}


@pytest.mark.parametrize("case", DECODING)
async def test_a_2xx_that_is_not_what_it_should_be(case: str) -> None:
    action, said = DECODING[case]
    async with serve(action) as server, connect(server) as client:
        with pytest.raises(ResponseDecodeError, match=said) as caught:
            await client.packages.create(name="x")
        assert len(server.seen) == 1
    error = caught.value
    assert error.status_code in (200, 204)
    assert error.content_type
    assert len(error.body) <= 2000
    assert (error.method, error.path) == ("POST", "/api/v1/packages")
    survives(error)


async def test_a_body_that_is_not_utf_8_is_read_as_what_it_is() -> None:
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        async with (
            serve(reply(200, '{"data": {"name": "Käse"}}'.encode(encoding))) as server,
            connect(server) as client,
        ):
            assert (await client.packages.get(1)).name == "Käse"


async def test_a_huge_body_is_read() -> None:
    names = [{"id": number, "name": "n" * 1000} for number in range(8000)]
    async with serve(reply(200, {"data": names})) as server, connect(server) as client:
        assert len((await client.packages.list(per_page=100)).items) == 8000


async def test_httpx_errors_are_the_cause() -> None:
    error = await raised(reset())
    assert isinstance(error, APIConnectionError)
    assert isinstance(error.__cause__, httpx.HTTPError)
    assert not isinstance(error, httpx.HTTPError)
    assert "may have acted" in str(error)


# ------------------------------------------------------------------------------------------------- pickling and copying


def survives(error: PatchworksError) -> None:
    for other in (
        copy.copy(error),
        copy.deepcopy(error),
        *(pickle.loads(pickle.dumps(error, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
    ):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert repr(other) == repr(error)
        assert other.args == error.args
        assert vars(other) == vars(error)
        for name in dir(error):
            if not name.startswith("_") and name not in ("add_note", "with_traceback"):
                assert getattr(other, name) == getattr(error, name)


@pytest.mark.parametrize(("status", "_expected"), BY_STATUS)
async def test_status_errors_survive(status: int, _expected: object) -> None:
    error = await raised(
        reply(status, {"message": "m", "errors": {"a": ["b"]}}, {"Retry-After": "3", "X-Request-Id": "r"})
    )
    error.page = 4
    error.add_note("while listing")
    survives(error)
    assert copy.copy(error).page == 4


def test_the_others_survive() -> None:
    survives(PatchworksError("x"))
    survives(ConfigurationError("x"))
    survives(PaginationError("x"))
    survives(APIError("x", method="GET", path="/p"))
    survives(APIConnectionError("x", method="GET", path="/p", delivered=None))
    survives(APITimeoutError("x", method="GET", path="/p", delivered=False))
    survives(ResponseDecodeError("x", method="GET", path="/p", status_code=200, content_type="a/b", body="c"))


async def test_a_raised_error_survives_with_its_cause_left_behind() -> None:
    error = await raised(send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"))
    survives(error)
    assert pickle.loads(pickle.dumps(error)).__cause__ is None


# ---------------------------------------------------------------------------------------------- what errors do not keep


async def test_cookies_are_not_kept(transport: Any) -> None:
    cookies = {"Set-Cookie": "session=canary-cookie; Path=/", "X-Other": "kept"}
    error = await raised(reply(404, {"message": "no"}, cookies), transport=transport)
    assert isinstance(error, NotFoundError)
    assert "set-cookie" not in error.headers
    assert error.headers["x-other"] == "kept"
    assert b"canary-cookie" not in pickle.dumps(error)
    assert "set-cookie" not in APIStatusError(method="GET", path="/", status_code=404, headers=cookies).headers


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\nb\rc", "a\x00b", "a\x9bb", "a\u202eb", "a\u200bb"])
async def test_control_characters_of_a_server_are_written_out(
    text: str, caplog: pytest.LogCaptureFixture, transport: Any
) -> None:
    caplog.set_level("DEBUG", "patchworks_core_client")
    body = {"message": text, "errors": {text: [text]}}
    for status in (400, 422, 500):
        error = await raised(reply(status, body), transport=transport)
        assert isinstance(error, APIStatusError)
        assert str(error).isprintable()
        assert error.message == text
    error = await raised(reply(404, text.encode()), transport=transport)
    assert str(error).isprintable()
    assert all(record.getMessage().isprintable() for record in caplog.records)


async def test_the_names_of_a_400_are_found_in_no_time_whatever_it_says() -> None:
    for message in ("Requested " * 40_000, "Requested`" * 40_000, "Allowed x" * 40_000 + "`"):
        error = await raised(reply(400, {"message": message}))
        assert isinstance(error, BadRequestError)
        started = time.process_time()
        assert isinstance(error.requested + error.allowed, list)
        assert time.process_time() - started < 0.1


async def test_a_list_of_many_allowed_names_is_shown_whole() -> None:
    names = ", ".join(f"relation{number}.user" for number in range(30))
    message = f"Requested include(s) `x` are not allowed. Allowed include(s) are `{names}`."
    error = await raised(reply(400, {"message": message}))
    assert isinstance(error, BadRequestError)
    assert len(message) > 400
    assert message in str(error)
    assert len(error.allowed) == 30


async def test_a_message_that_is_cut_says_so() -> None:
    error = await raised(reply(500, {"message": "x" * 5000}))
    assert str(error).endswith("x…")
    error = await raised(reply(500, b"y" * 5000))
    assert isinstance(error, ServerError)
    assert error.message.endswith("y…")
    error = await raised(reply(500, {"message": "z" * 2000}))
    assert str(error).endswith("z")
