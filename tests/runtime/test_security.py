"""The key is sent where it belongs, and shown nowhere: a canary stands for it, and all that can be seen is searched."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import gc
import html
import io
import logging
import pickle
import ssl
import time
import traceback
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import anyio
import httpx
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from patchworks_core_client import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ConfigurationError,
    InvalidArgumentError,
    PatchworksClient,
    PatchworksError,
)
from patchworks_core_client._auth import credential_of
from patchworks_core_client._redact import LOGGED_HEADERS, Redactor, Secret
from patchworks_core_client._request import Request

from .cases import cases
from .servers import KEY, Action, Seen, connect, hang, item, message, reply, reset, send, serve, unused_url
from .shown import chain, shown, texts

PASSWORD = "canary-pass/Ww8Rt5&Yb<ü"
TOKEN = "canary-token|Ab/Cd+Ef=Gh"
BASIC = "Y2FuYXJ5LXVzZXI6Y2FuYXJ5LXBhc3M="  # what httpx makes of canary-user and canary-pass

Use: TypeAlias = Callable[[PatchworksClient], Awaitable[Any]]


pytestmark = pytest.mark.usefixtures("quick_retries")


# ---------------------------------------------------------------------------------------- a canary in all that is shown


def forms(secret: str) -> set[str]:
    """A secret as it may stand in JSON, HTML, URLs and reprs of bytes."""
    escaped = secret.encode("unicode_escape").decode()
    bytes_shown = repr(secret.encode())[2:-1]
    return {secret, escaped, escaped.replace("/", "\\/"), quote(secret, safe=""), html.escape(secret), bytes_shown}


SECRETS = {form for secret in (KEY, PASSWORD, TOKEN, BASIC) for form in forms(secret)}
STARTS = {secret[:15] for secret in SECRETS}
"""What is left of them where a tool cuts long texts."""


def assert_hidden(shown: str | bytes, where: str = "") -> None:
    text = shown.decode("latin-1") if isinstance(shown, bytes) else shown
    found = [secret for secret in STARTS if secret in text or secret.encode().decode("latin-1") in text]
    assert not found, f"{found} in {where} {text[:3000]}"


def assert_error_hidden(error: BaseException, *, local_variables: bool = True) -> None:
    """Search an error, what is behind it, the local variables of its frames, and its pickle.

    What a caller passed as an ordinary argument, and what a successful answer held, stands in local variables as it is.
    """
    for one in chain(error):
        assert_hidden(f"{one!s} {one!r} {one.args!r} {vars(one)!r} {getattr(one, '__notes__', '')}")
        for attribute in ("request", "response"):
            try:
                attached = getattr(one, attribute, None)
            except RuntimeError:  # httpx: not set
                continue
            assert_hidden(repr(getattr(attached, "headers", httpx.Headers()).items()))
    assert_hidden("".join(traceback.format_exception(error)))
    if local_variables:
        for where, text in shown(error):
            assert_hidden(text, where)
    if isinstance(error, PatchworksError):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            assert_hidden(pickle.dumps(error, protocol))


def echoing(seen: Seen) -> list[Action]:
    """Answers that hold whatever credential was sent, everywhere that an answer can."""
    key = seen.authorization or seen.headers.get("x-signature") or ""
    bare = key.rpartition(" ")[2]
    sent = seen.body.decode()
    echoed = {"X-Echo": key, "X-Request-Id": f"id-{key}", "Content-Type": f"text/html; x={bare}", "Retry-After": key}
    quoted = f'{{"message": "bad key {bare}", "{bare}": ["{bare}"], "errors": {{"{bare}": ["{bare}"]}}}}'
    page = f"<p>{html.escape(key)} {html.escape(sent)} {quote(bare, safe='')}</p> {quoted}".encode()
    escaped = quoted.replace("/", "\\/").replace("|", "\\u007c").encode()
    broken = f"HTTP/1.1 200 {key}\r\n{key}\r\n\r\n".encode("latin-1")
    return [
        *(reply(status, quoted.encode(), echoed, reason=bare) for status in (200, 400, 401, 404, 422, 429, 500)),
        reply(422, escaped, echoed),
        reply(500, quoted.replace("/", "\\/").encode()[:-1], echoed),
        reply(502, page, echoed, reason=bare),
        reply(200, page, echoed, reason=bare),
        reply(200, sent.encode(), echoed),
        reply(302, page, {**echoed, "Location": f"https://evil.example/?key={quote(bare, safe='')}&raw={bare}"}),
        send(broken),
        send(f"HTTP/1.1 {key}\r\n\r\n".encode("latin-1")),
        send(f"{key}\r\n\r\n".encode("latin-1")),
        send(f"HTTP/1.1 200 OK\r\nContent-Length: {key}\r\n\r\n".encode("latin-1")),
        send(message(200, page, {"Content-Encoding": "gzip"})),
        reset(f"HTTP/1.1 200 OK\r\nX-Key: {key}\r\n".encode("latin-1")),
        hang(f"HTTP/1.1 200 OK\r\nX-Key: {key}\r\nContent-Length: 99\r\n\r\n{key}".encode("latin-1")),
        reply(400, b'{"message":' * 600 + f'"{bare}"'.encode() + b"}" * 600),
    ]


ECHOES = len(echoing(Seen("GET", "/", {}, [], b"", 0.0, 0)))

CREDENTIALS: dict[str, dict[str, Any]] = {
    "api_key": {"api_key": KEY},
    "token": {"token": TOKEN},
    "login": {"username": "ann", "password": PASSWORD},
    "basic": {"auth": httpx.BasicAuth("canary-user", "canary-pass")},
}


class EverythingHandler(logging.Handler):
    """Keeps every record as a handler would write it, and all that stands in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.stream = io.StringIO()
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream.write(f"{self.format(record)} {record.args!r} {record.exc_text}\n")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, at DEBUG."""
    root, handler = logging.getLogger(), EverythingHandler()
    names = ["httpx", "httpcore", "asyncio", "aiohttp", "patchworks_core_client", *logging.root.manager.loggerDict]
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in [*names, ""]]
    for logger, _ in before:
        logger.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler.stream
    root.removeHandler(handler)
    for logger, level in before:
        logger.setLevel(level)


@pytest.mark.untraced
@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_nothing_that_is_shown_holds_a_credential(kind: str, transport: Any, log: io.StringIO) -> None:
    asyncio.get_running_loop().set_debug(True)
    # First every answer to a call, then, for logins, every answer to a login.
    rounds = 1 + (kind == "login")
    turn = 0

    def choose(seen: Seen) -> Action:
        if seen.target == "/login" and turn < ECHOES:
            return reply(200, {"token": TOKEN, "expires_in": 0})
        return echoing(seen)[turn % ECHOES]

    seen: list[str] = []
    async with serve(choose=choose) as server:
        options = {**CREDENTIALS[kind], "timeout": 0.05, "max_retries": 0, "transport": transport}
        if kind == "login":
            options["login_url"] = server.url + "/login"
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            async with connect(server, **options) as client:
                seen += [repr(client), str(client), repr(client.packages), repr(vars(client)), repr(client._pipeline)]
                seen += [repr(vars(client._pipeline)), repr(vars(client._pipeline._http))]
                while turn < rounds * ECHOES:
                    for use in (get, create, raw, *[listing] * (kind == "token")):
                        try:
                            await use(client)
                        except PatchworksError as error:
                            assert_error_hidden(error)
                    turn += 1
            gc.collect()
        seen += [str(warning.message) for warning in warned]
    for one in seen:
        assert_hidden(one)
    written = log.getvalue()
    assert "httpx" in written
    assert "patchworks_core_client" in written
    assert transport == "aiohttp" or "httpcore" in written
    assert_hidden(written)


async def get(client: PatchworksClient) -> None:
    await client.packages.get("x")


async def create(client: PatchworksClient) -> None:
    await client.packages.create(name="x")


async def listing(client: PatchworksClient) -> None:
    await client.packages.list().to_list()


async def raw(client: PatchworksClient) -> None:
    answer = await client.request("GET", "/x")
    assert_hidden(repr(answer.request.headers.items()))


async def test_an_answer_of_client_request_can_be_pickled_without_the_key(transport: Any) -> None:
    async with serve(item()) as server, connect(server, transport=transport) as client:
        answer = await client.request("POST", "/x", json={"a": 1})
        assert answer.request.url == server.url + "/x"
        assert_hidden(pickle.dumps(answer))


async def test_a_key_in_a_path_or_query_is_hidden_too(log: io.StringIO) -> None:
    async with serve(reply(404)) as server, connect(server) as client:
        with pytest.raises(PatchworksError) as caught:
            await client.packages.get(KEY, extra_query={"key": KEY})
        assert_error_hidden(caught.value, local_variables=False)
    assert_hidden("".join(line for line in log.getvalue().splitlines() if line.startswith("patchworks_core_client")))


@pytest.mark.parametrize("answer", [reply(404), reply(200, "no JSON"), reset()], ids=["status", "decode", "connection"])
async def test_a_token_that_is_learnt_under_way_is_hidden_in_the_path(answer: Action, log: io.StringIO) -> None:
    class Signing(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            request.headers["Authorization"] = f"Bearer {TOKEN}"
            yield request

    def choose(seen: Seen) -> Action:
        return reply(200, {"token": TOKEN}) if seen.target == "/login" else answer

    async with serve(choose=choose) as server:
        login = {"api_key": None, "username": "u", "password": PASSWORD, "login_url": server.url + "/login"}
        for credential in ({"auth": Signing()}, login):
            async with connect(server, max_retries=1, **credential) as client:
                with pytest.raises(APIError) as caught:
                    await client.packages.get(TOKEN)
                assert caught.value.path == "/api/v1/packages/***"
                assert_error_hidden(caught.value, local_variables=False)
    assert_hidden("".join(line for line in log.getvalue().splitlines() if line.startswith("patchworks_core_client")))


async def test_what_an_auth_of_ones_own_sets_is_not_kept_with_errors_and_answers() -> None:
    class Keyed(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            yield httpx.Request("POST", request.url.join("/token"), data={"password": PASSWORD}, headers={"X-Key": KEY})
            request.headers["X-Key"] = KEY
            yield request

    form = "application/x-www-form-urlencoded"
    answers = [item(), reply(404, {"message": f"{form} {KEY}"}), item(), item(), item(), reset()]
    async with serve(*answers) as server, connect(server, auth=Keyed(), max_retries=0) as client:
        with pytest.raises(APIStatusError, match=form):  # which is no secret
            await client.packages.get(1)
        answer = await client.request("GET", "/x")
        assert "x-key" not in answer.request.headers
        assert answer.request.headers["accept"] == "application/json"
        with pytest.raises(APIConnectionError) as caught:
            await client.packages.get(1)
        cause = caught.value.__cause__
        assert isinstance(cause, httpx.RequestError)
        assert "x-key" not in cause.request.headers


async def test_the_key_is_hidden_where_nobody_listens(transport: Any, log: io.StringIO) -> None:
    for url in (unused_url(), "https://127.0.0.1:1"):
        async with PatchworksClient(api_key=KEY, base_url=url, transport=transport, max_retries=0) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.packages.get(1)
            assert_error_hidden(caught.value)
    assert_hidden(log.getvalue())


async def test_tokens_of_an_auth_of_ones_own_are_hidden(log: io.StringIO) -> None:
    class Rotating(httpx.Auth):
        count = 0

        def auth_flow(self, request: httpx.Request) -> Any:
            self.count += 1
            request.headers["X-Signature"] = f"{KEY}-{self.count} {TOKEN}-{self.count}"
            yield request

    async with serve(choose=lambda seen: echoing(seen)[3]) as server, connect(server, auth=Rotating()) as client:
        for _ in range(120):
            with pytest.raises(APIStatusError) as caught:
                await client.packages.get(1)
            assert_error_hidden(caught.value)
    assert_hidden(log.getvalue())


@pytest.mark.parametrize(
    ("secret", "echoed"),
    [
        ("it's-secret-1", "it&#039;s-secret-1"),
        ("it's-secret-1", "it&#x27;s-secret-1"),
        ('pä"ss wörd9', r"pä\"ss wörd9"),
        ('pä"ss wörd9', r"p\u00e4\"ss w\u00f6rd9"),
        ("correct horse battery", "correct+horse+battery"),
        ("correct horse battery", "correct%20horse%20battery"),
        ("a/b+c=d&e", "a%2fb%2bc%3dd%26e"),
        ("a/b+c=d&e", r"a\/b+c=d&e"),
        ("a/b+c=d&e", "a/b%2Bc%3Dd%26e"),
        ('pä"ss wörd9', r'p\xc3\xa4"ss w\xc3\xb6rd9'),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(secret: str, echoed: str) -> None:
    redactor = Redactor([secret])
    assert redactor(f"bad input <{echoed}>") == "bad input <***>"


async def test_the_password_of_basic_authentication_is_hidden() -> None:
    answer = reply(422, {"message": f"wrong: {PASSWORD}"})
    async with serve(answer) as server, connect(server, auth=httpx.BasicAuth("u", PASSWORD)) as client:
        with pytest.raises(APIStatusError, match=r"wrong: \*\*\*"):
            await client.packages.get(1)


def test_what_holds_a_credential_does_not_show_it() -> None:
    for arguments in (
        (KEY, None, None, None, None),
        (None, KEY, None, None, None),
        (None, None, "ann", PASSWORD, None),
    ):
        credential = credential_of(*arguments)
        for text in (repr(credential), repr(vars(credential)), *texts(vars(credential))):
            assert_hidden(text)
        with pytest.raises(TypeError):
            pickle.dumps(credential)
    request = Request("POST", "https://x/login", "/login", {}, Secret(PASSWORD.encode()), 1.0, 0, "login")
    for text in texts(request):
        assert_hidden(text)


def test_configuration_errors_show_no_credential() -> None:
    refused: list[dict[str, Any]] = [
        {"api_key": KEY, "token": TOKEN},
        {"api_key": KEY + "\n"},
        {"token": "Bearer\n" + TOKEN},
        {"password": PASSWORD},
        {"api_key": KEY, "base_url": f"http://user:{KEY}@core.example.com"},
        {"api_key": KEY, "base_url": f"https://core.example.com/?key={KEY}"},
        {"api_key": KEY, "max_retries": -1},
        {"username": "ann", "password": PASSWORD, "login_url": "http://elsewhere.example"},
        {"username": "ann", "password": PASSWORD, "base_url": "https://own.example"},
        {"token": TOKEN, "transport": "requests"},
    ]
    for arguments in refused:
        with pytest.raises(ConfigurationError) as caught:
            PatchworksClient(**arguments)
        assert_error_hidden(caught.value)


def test_short_words_are_not_replaced_in_what_the_server_says() -> None:
    redactor = Redactor(["key"])
    assert redactor("this key is wrong") == "this key is wrong"


# ------------------------------------------------------------------------------------------------------------ redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_a_redirect_to_another_origin_never_sees_the_key(status: int, kind: str, transport: Any) -> None:
    async with serve(item()) as elsewhere:
        redirect = reply(status, None, {"Location": elsewhere.url + "/steal"})

        def choose(seen: Seen) -> Action:
            return reply(200, {"token": TOKEN}) if seen.target == "/login" else redirect

        async with serve(choose=choose) as server:
            options = {**CREDENTIALS[kind], "transport": transport, "login_url": server.url + "/login"}
            async with connect(server, **options) as client:
                for use in (get, create, listing, raw):
                    with pytest.raises(APIStatusError) as caught:
                        await use(client)
                    assert caught.value.status_code == status
        assert elsewhere.connections == 0


async def test_a_login_that_redirects_does_not_hand_on_the_password(transport: Any) -> None:
    async with serve(item()) as elsewhere:
        async with serve(reply(307, None, {"Location": elsewhere.url})) as server:
            client = connect(server, **CREDENTIALS["login"], login_url=server.url, transport=transport)
            async with client:
                with pytest.raises(APIStatusError):
                    await get(client)
        assert elsewhere.connections == 0


async def test_links_of_an_answer_are_not_followed_with_the_key() -> None:
    async with serve(item()) as elsewhere:
        links = {"next": elsewhere.url + "/?page=2", "first": elsewhere.url}
        meta = {"current_page": 1, "last_page": 1}
        async with (
            serve(reply(200, {"data": [{"id": 1}], "links": links, "meta": meta})) as server,
            connect(server) as client,
        ):
            await client.packages.list().to_list()
        assert elsewhere.connections == 0


# ------------------------------------------------------------------------------------------------------------------ TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def tls_server(authority: trustme.CA, *names: str) -> AsyncGenerator[Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate: Any = authority.issue_cert(*(names or ("127.0.0.1", "localhost")))
    certificate.configure_cert(context)
    async with serve(item(), tls=context) as server:
        yield server


async def test_a_certificate_that_nobody_vouches_for_is_refused(authority: trustme.CA, transport: Any) -> None:
    async with tls_server(authority) as server, connect(server, transport=transport, max_retries=0) as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.packages.create(name="x")
        assert caught.value.delivered is False
        assert not server.seen


async def test_a_certificate_of_ones_own_authority(
    authority: trustme.CA, transport: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with tls_server(authority) as server, connect(server, transport=transport) as client:
        await client.packages.create(name="x")
        assert server.seen[0].authorization == KEY
    async with (
        tls_server(authority, "other.example") as server,
        connect(server, transport=transport, max_retries=0) as client,
    ):
        with pytest.raises(APIConnectionError):  # the name is another's
            await client.packages.get(1)
        assert not server.seen


# -------------------------------------------------------------------------------- local variables, as tools show them

LONG = "canary-long-" + "0123456789abcdef" * 12
"""Longer than what rich shows of a text."""


class Signing(httpx.Auth):
    """Asks for a token of its own, and signs with a header of its own."""

    def auth_flow(self, request: httpx.Request) -> Any:
        yield httpx.Request("POST", request.url.join("/token"), headers={"X-Key": LONG}, content=PASSWORD.encode())
        request.headers["X-Signature"] = LONG
        yield request


Options: TypeAlias = dict[str, Any]

KINDS: dict[str, Options] = {
    "api_key": {"api_key": LONG},
    "token": {"token": LONG},
    "login": {"username": "canary-user", "password": LONG},
    "auth": {"auth": Signing()},
}


def assert_frames_hidden(error: BaseException) -> None:
    for where, text in shown(error):
        for secret in (LONG, PASSWORD):
            assert secret[:15] not in text, f"{where}: {text[:500]}"


async def in_time(client: PatchworksClient) -> None:
    async with asyncio.timeout(0.15):
        await client.packages.create(name="x")


async def within_wait_for(client: PatchworksClient) -> None:
    await asyncio.wait_for(client.packages.get(1), 0.15)


async def cancelled(client: PatchworksClient) -> None:
    task = asyncio.create_task(client.packages.list().to_list())
    await asyncio.sleep(0.15)
    task.cancel()
    await task


async def in_a_group(client: PatchworksClient) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(client.packages.get(1))
        await asyncio.sleep(0.15)
        raise LookupError


async def closed_meanwhile(client: PatchworksClient) -> None:
    call = asyncio.create_task(client.packages.get(1))
    await asyncio.sleep(0.15)
    await client.aclose()
    await call


async def timed_out(client: PatchworksClient) -> None:
    await client.packages.get(1, timeout=0.15)


SITUATIONS: dict[str, tuple[Action, Use]] = {
    "asyncio.timeout": (hang(), in_time),
    "asyncio.timeout within the headers": (hang(b"HTTP/1.1 200 OK\r\nX: 1"), in_time),
    "asyncio.timeout within the body": (hang(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), in_time),
    "asyncio.wait_for": (hang(), within_wait_for),
    "cancelled": (hang(), cancelled),
    "a task group": (hang(), in_a_group),
    "closed": (hang(), closed_meanwhile),
    "timeout=": (hang(), timed_out),
    "reset": (reset(), get),
    "reset within the body": (reset(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), create),
    "not HTTP": (send(b"SSH-2.0\r\n\r\n"), get),
    "broken gzip": (send(message(200, b"not gzip", {"Content-Encoding": "gzip"})), get),
    "a reason phrase in Latin-1": (send(b"HTTP/1.1 500 \xe4\r\nContent-Length: 0\r\n\r\n"), create),
    "401": (reply(401, {"message": "no"}), get),
    "404": (reply(404), get),
    "500": (reply(500, b"<html>"), get),
    "not JSON": (reply(200, b"<html>"), get),
    "not a list": (reply(200, {"data": 7}), listing),
    "redirect": (reply(302, None, {"Location": "http://[broken"}), get),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("situation", SITUATIONS)
async def test_no_frame_shows_a_credential(situation: str, kind: str, transport: Any) -> None:
    action, use = SITUATIONS[situation]

    def choose(seen: Seen) -> Action:
        return reply(200, {"token": LONG}) if seen.target in ("/login", "/token") else action

    async with serve(choose=choose) as server:
        options: Options = {**KINDS[kind], "transport": transport, "max_retries": 0}
        if kind == "login":
            options["login_url"] = server.url + "/login"
        client = connect(server, **options)
        with pytest.raises(BaseException) as caught:  # noqa: PT011
            await use(client)
        assert_frames_hidden(caught.value)
        await client.aclose()


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("kind", ["login", "auth"])
async def test_no_frame_shows_a_credential_where_the_login_fails(situation: str, kind: str, transport: Any) -> None:
    action, use = SITUATIONS[situation]
    async with serve(action) as server:
        options: Options = {**KINDS[kind], "transport": transport, "max_retries": 0, "timeout": 1}
        if kind == "login":
            options["login_url"] = server.url + "/login"
        client = connect(server, **options)
        with pytest.raises(BaseException) as caught:  # noqa: PT011
            await use(client)
        assert_frames_hidden(caught.value)
        await client.aclose()


@pytest.mark.parametrize("token", [f"{LONG}\r\nX: 1", [LONG], {"a": LONG}, f" {LONG}"])
async def test_no_frame_shows_a_token_that_is_none(token: Any) -> None:
    async with (
        serve(reply(200, {"token": token, LONG: LONG})) as server,
        connect(server, username="ann", password=PASSWORD, login_url=server.url) as client,
    ):
        with pytest.raises(PatchworksError, match="no usable token") as caught:
            await client.packages.get(1)
        assert_frames_hidden(caught.value)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_frame_shows_a_credential_where_nobody_listens(kind: str, transport: Any) -> None:
    for url in (unused_url(), unused_url().replace("http://", "https://"), "https://nowhere.invalid"):
        options: Options = {**KINDS[kind], "transport": transport, "max_retries": 0, "base_url": url}
        if kind == "login":
            options["login_url"] = url
        async with PatchworksClient(**options) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.packages.get(1)
            assert_frames_hidden(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"api_key": LONG, "token": LONG},
        {"api_key": LONG + "\n"},
        {"token": "ä" + LONG},
        {"password": LONG},
        {"username": "ann", "password": LONG, "login_url": "http://elsewhere.example"},
        {"username": "ann", "password": LONG, "base_url": "https://own.example"},
        {"api_key": "k", "base_url": f"https://user:{LONG}@own.example"},
        {"api_key": LONG, "max_retries": -1},
        {"api_key": LONG, "timeout": "soon"},
        {"api_key": LONG, "max_concurrency": 0},
        {"api_key": LONG, "transport": "requests"},
        {"api_key": LONG, "http_client": 7},
        {"auth": (LONG, LONG)},
    ],
    ids=" ".join,
)
def test_no_frame_of_the_constructor_shows_a_credential(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PatchworksClient(**given)
    assert_frames_hidden(caught.value)


def test_the_frames_of_the_constructor_show_none_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHWORKS_API_KEY", LONG)
    monkeypatch.setenv("PATCHWORKS_TOKEN", LONG)
    with pytest.raises(ConfigurationError) as caught:
        PatchworksClient()
    assert_frames_hidden(caught.value)


async def test_no_frame_shows_the_password_where_cookies_of_http_client_fail() -> None:
    class Broken(CookieJar):
        def add_cookie_header(self, request: Any) -> None:
            raise KeyError("mine")

        def __len__(self) -> int:
            return 1

    async with httpx.AsyncClient(cookies=Broken()) as http:
        login: dict[str, Any] = {"username": "ann", "password": LONG, "login_url": "https://own.example/login"}
        with pytest.raises(KeyError) as caught:
            await PatchworksClient(http_client=http, **login).packages.get(1)
    assert_frames_hidden(caught.value)


async def test_no_frame_shows_the_password_where_login_url_is_too_long() -> None:
    url = "https://own.example/" + "x" * 70_000
    with pytest.raises(ConfigurationError, match="URL") as refused:
        PatchworksClient(username="ann", password=LONG, base_url=url, login_url=url)
    assert_frames_hidden(refused.value)
    async with PatchworksClient(username="ann", password=LONG, login_url=url) as client:
        with pytest.raises(InvalidArgumentError, match="URL") as caught:
            await client.packages.get(1)
        assert_frames_hidden(caught.value)


async def test_a_cancel_scope_of_anyio_knows_its_own_cancellation(transport: Any) -> None:
    async with serve(hang()) as server, connect(server, transport=transport) as client:
        with anyio.move_on_after(0.1) as scope:
            await client.packages.get(1)
        assert scope.cancelled_caught
        with pytest.raises(TimeoutError), anyio.fail_after(0.1):
            await client.packages.get(1)


async def test_a_cancellation_keeps_what_it_says(transport: Any) -> None:
    async with serve(hang()) as server, connect(server, transport=transport) as client:
        task = asyncio.create_task(client.packages.get(1))
        await asyncio.sleep(0.1)
        task.cancel("because")
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert caught.value.args == ("because",)
        assert task.cancelled()


# ------------------------------------------------------------------------------------------------- what is the caller's


@pytest.mark.parametrize("situation", ["reset", "404", "not JSON", "timeout=", "asyncio.timeout"])
async def test_what_the_caller_was_handling_is_not_touched(situation: str, transport: Any) -> None:
    action, use = SITUATIONS[situation]

    def failing() -> None:
        raise KeyError(KEY) from LookupError(KEY)

    async with serve(action) as server, connect(server, max_retries=0, transport=transport) as client:
        own: KeyError | None = None
        before: Any = None
        error: BaseException | None = None
        try:
            failing()
        except KeyError as caught:
            own, before = caught, caught.__traceback__
            try:
                await use(client)
            except (PatchworksError, TimeoutError) as raised:
                error = raised
        assert own is not None
        assert error is not None
        assert own.args == (KEY,)
        assert own.__traceback__ is before
        assert isinstance(own.__cause__, LookupError)
        assert own.__cause__.args == (KEY,)
        assert any(one is own for one in chain(error)), "what was being handled is the context of what came of it"


@pytest.mark.parametrize("kind", [LookupError, TimeoutError])
async def test_what_a_hook_raises_is_the_callers(kind: type[Exception], transport: Any) -> None:
    mine = kind(KEY)

    async def fail(_: Any) -> None:
        raise mine

    class Hook:
        async def __call__(self, _: Any) -> None:
            raise mine

    for when in ("request", "response"):
        for hook in (fail, Hook()):
            async with serve(item()) as server, httpx.AsyncClient(event_hooks={when: [hook]}) as http:
                client = connect(server, http_client=http)
                with pytest.raises(kind) as caught:
                    await client.packages.create(name="x")
                assert caught.value is mine
                assert mine.args == (KEY,)
                assert mine.__traceback__ is not None
                assert len(server.seen) == (when == "response")


async def test_what_a_hook_cannot_read_is_a_connection_error() -> None:
    async def read(response: httpx.Response) -> None:
        await response.aread()

    async with (
        serve(send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")) as server,
        httpx.AsyncClient(event_hooks={"response": [read]}) as http,
    ):
        with pytest.raises(APIConnectionError) as caught:
            await connect(server, http_client=http).packages.create(name="x")
        assert caught.value.delivered is None


# ------------------------------------------------------------------------------------------- what hiding costs, answers


async def test_hiding_costs_the_same_however_many_tokens_and_clients_there_were() -> None:
    class Rotating(httpx.Auth):
        count = 0

        def auth_flow(self, request: httpx.Request) -> Any:
            self.count += 1
            request.headers["Authorization"] = f"Bearer {TOKEN}-{self.count}"
            yield request

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={"message": f"unknown {request.headers['Authorization']}"})

    async def cost(client: PatchworksClient) -> float:
        async def once() -> float:
            started = time.process_time()
            for _ in range(10):
                with pytest.raises(APIStatusError, match=r"unknown \*\*\*"):
                    await client.packages.get(1)
            return (time.process_time() - started) / 10

        return min([await once() for _ in range(5)])

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = PatchworksClient(auth=Rotating(), http_client=http, requests_per_minute=None)
        first = await cost(client)
        others = [PatchworksClient(api_key=f"{KEY}-{number}", http_client=http) for number in range(500)]
        for _ in range(300):
            with pytest.raises(APIStatusError):
                await client.packages.get(1)
        assert await cost(client) < first * 3
    del others


def test_the_filter_of_the_libraries_logs_costs_the_same_however_many_clients_there_are() -> None:
    def cost() -> float:
        record = logging.LogRecord("httpcore.http11", logging.DEBUG, "", 0, LINE, None, None)
        started = time.process_time()
        for _ in range(200):
            assert logging.getLogger("httpcore.http11").filter(record)
        return time.process_time() - started

    PatchworksClient(api_key=KEY)
    first = min(cost() for _ in range(5))
    clients = [PatchworksClient(api_key=f"{KEY}-{number}") for number in range(300)]
    assert min(cost() for _ in range(5)) < first * 3
    del clients


LINE = (
    "receive_response_headers.complete return_value=(b'HTTP/1.1', 200, b'" + KEY + "', ["
    "(b'Content-Type', b'application/json'), (b'X-Echo', b\"it's " + KEY + "\"), (b'Set-Cookie', b'a=1'), "
    "(b'X-RateLimit-Limit', b'240'), (b'X-Pin', b'7777'), "
    "(b'X-Web', b'" + KEY + "'), (b'Content-Type', b'audio/amr-wb'), (b'X-Pub', b'" + KEY + "')])"
)


def test_header_values_outside_the_allowlist_are_not_in_the_libraries_logs(log: io.StringIO) -> None:
    PatchworksClient(api_key="k")
    logging.getLogger("httpcore.http11").debug(LINE)
    over_http2 = "receive_response_headers.complete return_value=(200, [(b'x', b'%s')])"
    logging.getLogger("httpcore.http2").debug(over_http2, KEY)
    logging.getLogger("httpcore.http11").debug("receive_response_headers.failed exception=Broken(%r)", KEY)
    logging.getLogger("httpx").info('HTTP Request: %s %s "%s %d %s"', "GET", "http://x/", "HTTP/1.1", 200, KEY)
    logging.getLogger("hpack.hpack").debug("Adding %s=%s to the header table", b"authorization", KEY.encode())
    logging.getLogger("hpack.hpack").debug("Decoded %s, consumed %d", (b"x-echo", KEY.encode()), 9)
    logging.getLogger("hpack.hpack").debug("Adding %s to the header table", (b"x-pub", KEY.encode()))
    logging.getLogger("hpack.table").debug("Evicting %s: %s from the header table", b"x-pub", KEY.encode())
    logging.getLogger("hpack.hpack").debug("Decoded %d, consumed %d bytes", 5, 1)
    written = log.getvalue()
    assert_hidden(written)
    assert "a=1" not in written
    assert "7777" not in written
    for kept in (
        "b'Content-Type', b'application/json'",
        "b'240'",
        "200, ***",
        "b'X-Echo', ***",
        "Decoded 5, consumed 1",
    ):
        assert kept in written


HEADER_NAMES = st.text("!#$%&'*+-.^_`|~019abzABZ", min_size=1, max_size=8) | st.sampled_from(LOGGED_HEADERS)
HEADER_VALUES = st.builds(
    "{}{}{}".format, st.text("ab' \"\\(),=[]?"), st.sampled_from(["", KEY]), st.text("ab' \"\\(),=[]")
)


@pytest.mark.untraced
@cases(500)
@given(headers=st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES | st.sampled_from(["240", "audio/amr-wb"])), min_size=1))
def test_no_header_whatever_its_name_shows_a_value_in_the_libraries_logs(headers: list[tuple[str, str]]) -> None:
    PatchworksClient(api_key="k")
    raw = [(name.encode(), value.encode()) for name, value in headers]
    for name, text in (
        ("httpcore.http11", f"receive_response_headers.complete return_value=(b'HTTP/1.1', 200, b'{KEY}', {raw!r})"),
        ("httpcore.http2", f"receive_response_headers.complete return_value=(200, {raw!r})"),
        ("hpack.hpack", f"Adding {raw[0]!r} to the header table, sensitive:False, huffman:True"),
    ):
        record = logging.LogRecord(name, logging.DEBUG, __file__, 1, text, None, None)
        assert logging.getLogger(name).filter(record)
        assert KEY not in record.getMessage()


async def test_an_answer_that_can_be_pickled_remembers_no_token(transport: Any) -> None:
    challenge = reply(401, None, {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'})

    def choose(seen: Seen) -> Action:
        if seen.target == "/token":
            return reply(200, {"token": LONG})
        return item() if seen.authorization or "x-signature" in seen.headers else challenge

    for auth in (Signing(), httpx.DigestAuth("canary-user", PASSWORD)):
        async with serve(choose=choose) as server, connect(server, auth=auth, transport=transport) as client:
            answer = await client.request("GET", "/x")
            assert answer.json() == {"data": {"id": 1}}
            assert not answer.history
            pickled = pickle.dumps(answer)
            for secret in (LONG, PASSWORD, "canary-user", "Digest"):
                assert secret.encode() not in pickled


async def test_a_reason_phrase_that_repeats_the_key_is_not_in_the_answer(transport: Any) -> None:
    async with serve(reply(200, {}, reason=KEY)) as server, connect(server, transport=transport) as client:
        answer = await client.request("GET", "/x")
        assert repr(answer) == "<Response [200 OK]>"
        assert_hidden(pickle.dumps(answer))
