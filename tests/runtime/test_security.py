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
import traceback
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import httpx
import pytest
import trustme

from patchworks_core_client import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ConfigurationError,
    PatchworksClient,
    PatchworksError,
    ResponseDecodeError,
)
from patchworks_core_client._redact import Redactor, Secret
from patchworks_core_client._request import Request
from patchworks_core_client.auth import credential_of

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
    if local_variables and not isinstance(error, ResponseDecodeError):
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
    ],
)
def test_a_secret_is_hidden_however_it_is_written(secret: str, echoed: str) -> None:
    redactor = Redactor([secret])
    assert redactor.text(f"bad input <{echoed}>") == "bad input <***>"


async def test_the_password_of_basic_authentication_is_hidden() -> None:
    answer = reply(422, {"message": f"wrong: {PASSWORD}"})
    async with serve(answer) as server, connect(server, auth=httpx.BasicAuth("u", PASSWORD)) as client:
        with pytest.raises(APIStatusError, match=r"wrong: \*\*\*"):
            await client.packages.get(1)


def test_what_holds_a_credential_does_not_show_it() -> None:
    for given in ((KEY, None, None, None, None), (None, KEY, None, None, None), (None, None, "ann", PASSWORD, None)):
        credential = credential_of(*given)
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
    assert redactor.text("this key is wrong") == "this key is wrong"


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
