"""Credentials: which are used, where they go, and how a password becomes tokens."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from patchworks_core_client import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    PatchworksClient,
    PatchworksError,
    ResponseDecodeError,
    ServerError,
)

from .servers import KEY, Action, Seen, Server, connect, hang, item, reply, reset, serve, unused_url

PASSWORD = "canary-pass-Ww8Rt5Yb"


pytestmark = pytest.mark.usefixtures("quick_retries")


# ----------------------------------------------------------------------------------------------------- which credential


async def sent_by(client: PatchworksClient) -> str | None:
    """The Authorization header that a client sends."""
    async with client:
        answer = await client.request("GET", "/x")
    return str(answer.json()["authorization"])


@asynccontextmanager
async def echo() -> AsyncGenerator[Server]:
    """A server that answers with the Authorization header it got."""

    def choose(seen: Seen) -> Action:
        return reply(200, {"authorization": seen.authorization})

    async with serve(choose=choose) as server:
        yield server


async def test_how_each_credential_is_sent(transport: Any) -> None:
    async with echo() as server:
        assert await sent_by(connect(server, api_key=KEY, transport=transport)) == KEY
        assert await sent_by(connect(server, token=KEY, transport=transport)) == f"Bearer {KEY}"


async def test_credentials_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with echo() as server:
        monkeypatch.setenv("PATCHWORKS_BASE_URL", server.url)
        monkeypatch.setenv("PATCHWORKS_API_KEY", "env-key")
        assert await sent_by(PatchworksClient()) == "env-key"
        assert await sent_by(PatchworksClient(token="given")) == "Bearer given"
        monkeypatch.setenv("PATCHWORKS_API_KEY", "")  # an empty variable is none
        monkeypatch.setenv("PATCHWORKS_TOKEN", "env-token")
        assert await sent_by(PatchworksClient()) == "Bearer env-token"


async def test_the_environment_is_read_when_the_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async with echo() as server:
        monkeypatch.setenv("PATCHWORKS_BASE_URL", server.url)
        monkeypatch.setenv("PATCHWORKS_API_KEY", "before")
        client = PatchworksClient()
        monkeypatch.setenv("PATCHWORKS_API_KEY", "after")
        assert await sent_by(client) == "before"


async def test_login_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with login_server() as server:
        monkeypatch.setenv("PATCHWORKS_BASE_URL", server.url)
        monkeypatch.setenv("PATCHWORKS_LOGIN_URL", server.url + "/login")
        monkeypatch.setenv("PATCHWORKS_USERNAME", "ann")
        monkeypatch.setenv("PATCHWORKS_PASSWORD", PASSWORD)
        async with PatchworksClient() as client:
            await client.packages.get(1)
        assert logins(server)[0].json() == {"username": "ann", "password": PASSWORD}


def test_no_credential_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError) as caught:
        PatchworksClient()
    for name in ("api_key=", "token=", "auth=", "PATCHWORKS_API_KEY", "PATCHWORKS_TOKEN", "PATCHWORKS_PASSWORD"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"api_key": "a", "token": "b"},
        {"api_key": "a", "username": "u", "password": "p"},
        {"token": "b", "password": "p"},
        {"api_key": "a", "auth": httpx.BasicAuth("u", "p")},
        {"username": "u"},
        {"password": "p"},
        {"api_key": ""},
        {"token": ""},
        {"username": "", "password": "p"},
        {"api_key": 7},
        {"auth": ("user", "password")},
        {"username": "u", "password": "half a character: \ud800"},
        {"username": "u", "password": "p", "identity_field": 7j},
    ],
)
def test_none_half_or_two_kinds_are_refused(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError):
        PatchworksClient(**given)
    monkeypatch.setenv("PATCHWORKS_API_KEY", "from-the-environment")  # not read: something was given
    with pytest.raises(ConfigurationError):
        PatchworksClient(**given)


def test_two_kinds_in_the_environment_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHWORKS_API_KEY", "a")
    monkeypatch.setenv("PATCHWORKS_TOKEN", "b")
    with pytest.raises(ConfigurationError, match=r"exactly one of .* Found: api_key, token\."):
        PatchworksClient()
    PatchworksClient(api_key="given")


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY}\r\nX-Evil: 1", f" {KEY}", f"{KEY}\x00", f"{KEY}ä", f"{KEY}\t"])
@pytest.mark.parametrize("kind", ["api_key", "token"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(kind: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PatchworksClient(**{kind: key})  # type: ignore[arg-type]
    assert KEY not in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------- where


@pytest.mark.parametrize("name", ["base_url", "login_url"])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "core.example.com",
        "//core.example.com",
        "ftp://core.example.com",
        "https://",
        "https:///path",
        "https://user:canary-pass@core.example.com",
        "https://user@core.example.com",
        "https://core.example.com/?a=1",
        "https://core.example.com/?",
        "https://core.example.com/#part",
        "https://core.example.com/a b",
        "https://core.example.com\\@evil.example",
        "https://core.example.com/\r\nX: 1",
        "https://core.example.com/\nX",
        "https://[::1",
        "https://core.example.com:99999",
        "https://" + "a" * 70 + ".example.com",
        "http://core.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://[fe80::1]",
        "http://0.0.0.0",
        7,
    ],
)
def test_addresses_that_credentials_are_not_sent_to(name: str, url: Any) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        PatchworksClient(username="ann", password=PASSWORD, **{name: url})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://core.example.com",
        "https://core.example.com:8443/own/path/",
        "http://localhost:8000",
        "http://127.0.0.1",
        "http://127.8.9.10:1",
        "http://[::1]:8000",
        "HTTPS://Core.Example.com",
        "https://münchen.example",
    ],
)
def test_addresses_that_are_allowed(url: str) -> None:
    PatchworksClient(username="ann", password=PASSWORD, base_url=url, login_url=url)


async def test_http_to_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch, transport: Any) -> None:
    async with echo() as server, serve(item()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert await sent_by(connect(server, transport=transport)) == KEY
        assert proxy.connections == 0


async def test_the_key_goes_to_base_url_and_the_password_to_login_url_only() -> None:
    async with login_server() as api, login_server() as elsewhere:
        async with PatchworksClient(
            username="ann", password=PASSWORD, base_url=api.url, login_url=elsewhere.url + "/login/"
        ) as client:
            await client.packages.get(1)
        assert [seen.target for seen in elsewhere.seen] == ["/login/"]
        assert elsewhere.seen[0].authorization is None
        assert [seen.target for seen in api.seen] == ["/api/v1/packages/1"]
        assert PASSWORD.encode() not in api.seen[0].body


# ---------------------------------------------------------------------------------------------------------------- login


def logins(server: Server) -> list[Seen]:
    return [seen for seen in server.seen if seen.target.startswith("/login")]


def calls(server: Server) -> list[Seen]:
    return [seen for seen in server.seen if not seen.target.startswith("/login")]


@asynccontextmanager
async def login_server(
    *answers: Action,
    lifetime: Any = 86400,
    delay: float = 0.0,
    accepts: Callable[[str | None], bool] = lambda _: True,
) -> AsyncGenerator[Server]:
    """A server that logs in at /login and answers all else.

    Args:
        answers: What the first logins get; tokens `token-1`, `token-2`, … afterwards.
        lifetime: expires_in.
        delay: How long a login takes.
        accepts: Judges the Authorization header of other requests; 401 where it says no.
    """
    left = list(answers)
    issued = 0

    def choose(seen: Seen) -> Action:
        nonlocal issued
        if not seen.target.startswith("/login"):
            return item() if accepts(seen.authorization) else reply(401, {"message": "Unauthenticated."})
        if left:
            return left.pop(0)
        issued += 1
        answer = {"message": "ok", "token": f"token-{issued}-{KEY}", "expires_in": lifetime}
        return reply(200, answer, delay=delay)

    async with serve(choose=choose) as server:
        yield server


def log_in(server: Server, **options: Any) -> PatchworksClient:
    return connect(server, username="ann", password=PASSWORD, login_url=server.url + "/login", **options)


async def test_one_login_however_many_tasks_wait(transport: Any) -> None:
    async with login_server(delay=0.05) as server, log_in(server, transport=transport) as client:
        copy = client.with_options(timeout=9)
        await asyncio.gather(*((client, copy)[number % 2].packages.get(number) for number in range(30)))
        await client.packages.get(1)
        assert len(logins(server)) == 1
        assert {seen.authorization for seen in calls(server)} == {f"Bearer token-1-{KEY}"}
        login = logins(server)[0]
        assert login.method == "POST"
        assert login.headers["content-type"] == login.headers["accept"] == "application/json"
        assert login.json() == {"username": "ann", "password": PASSWORD}


async def test_nothing_is_sent_before_it_is_needed() -> None:
    async with login_server() as server, log_in(server):
        pass
    assert not server.seen


async def test_the_identity_field_is_settable() -> None:
    async with login_server() as server, log_in(server, identity_field="email") as client:
        await client.packages.get(1)
        assert logins(server)[0].json() == {"email": "ann", "password": PASSWORD}


@pytest.mark.parametrize(
    ("lifetime", "fresh_for"),
    [(86400, 86340), (600, 540), (100, 90), (10, 9), ("3600", 3540), (1e9, 1e9 - 60)],
)
async def test_renewed_sixty_seconds_or_a_tenth_before_expiry(
    lifetime: Any, fresh_for: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.monotonic
    ahead = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: real() + ahead)
    async with login_server(lifetime=lifetime) as server, log_in(server, requests_per_minute=None) as client:
        await client.packages.get(1)
        ahead = fresh_for - 3
        await client.packages.get(1)
        assert len(logins(server)) == 1
        ahead = fresh_for + 0.1
        await asyncio.gather(*(client.packages.get(1) for _ in range(5)))
        assert len(logins(server)) == 2
        assert calls(server)[-1].authorization == f"Bearer token-2-{KEY}"


@pytest.mark.parametrize("lifetime", [None, "soon", {}, "nan", 0, -5, 10**400])
async def test_a_lifetime_that_is_not_told_lasts_until_a_401(lifetime: Any) -> None:
    async with login_server(lifetime=lifetime) as server, log_in(server) as client:
        await client.packages.get(1)
        await client.packages.get(1)
        assert len(logins(server)) == 1


async def test_a_login_that_fails_is_not_tried_slot_by_slot(transport: Any) -> None:
    async with login_server(reply(401, {"message": "no"})) as server:
        async with log_in(server, transport=transport, max_concurrency=2) as client:
            failed = await asyncio.gather(*(client.packages.get(1) for _ in range(20)), return_exceptions=True)
        assert {type(each) for each in failed} == {AuthenticationError}
        assert len(logins(server)) == 1


@pytest.mark.parametrize("body", [b'{"token": "%s", "expires_in": NaN}', b'{"token": "%s", "expi'])
async def test_a_login_answer_that_cannot_be_read_is_not_shown(body: bytes) -> None:
    answer = reply(200, body % b"canary-token", {"Content-Type": "application/json"})
    async with login_server(answer) as server, log_in(server) as client:
        with pytest.raises(ResponseDecodeError) as caught:
            await client.packages.get(1)
        assert b"canary-token" not in pickle.dumps(caught.value)


async def test_a_401_logs_in_once_more_and_is_no_retry(transport: Any) -> None:
    def accepts(header: str | None) -> bool:
        return header != f"Bearer token-1-{KEY}"

    async with login_server(accepts=accepts) as server, log_in(server, max_retries=0, transport=transport) as client:
        await asyncio.gather(*(client.request("POST", "/x", json={}) for _ in range(8)))
        assert len(logins(server)) == 2
        await client.packages.get(1)
        assert len(logins(server)) == 2


async def test_a_second_401_is_raised_with_the_servers_message() -> None:
    async with login_server(accepts=lambda _: False) as server, log_in(server) as client:
        with pytest.raises(AuthenticationError, match=r"Unauthenticated\.") as caught:
            await client.packages.get(1)
        assert caught.value.message == "Unauthenticated."
        assert len(logins(server)) == len(calls(server)) == 2
        with pytest.raises(AuthenticationError):
            await client.packages.get(1)  # tries anew: it does not stay broken for ever
        assert len(logins(server)) <= 4


async def test_a_401_with_a_key_or_token_is_raised_at_once() -> None:
    for credential in ({"api_key": KEY}, {"token": KEY}):
        async with serve(reply(401, {"message": "Bad key."})) as server, connect(server, **credential) as client:
            with pytest.raises(AuthenticationError, match=r"Bad key\."):
                await client.packages.get(1)
            assert len(server.seen) == 1


async def test_a_call_that_waited_in_the_queue_uses_the_newest_token() -> None:
    valid = [f"Bearer token-1-{KEY}"]

    def accepts(header: str | None) -> bool:
        if len(calls(server)) == 3:
            valid[:] = [f"Bearer token-2-{KEY}"]
        return header in valid

    async with login_server(accepts=accepts) as server, log_in(server, max_concurrency=1) as client:
        await asyncio.gather(*(client.packages.get(number) for number in range(10)))
        refused = [seen for seen in calls(server)[2:] if seen.authorization == f"Bearer token-1-{KEY}"]
        assert len(refused) == 1
        assert len(logins(server)) == 2


FAILING: list[tuple[Action, type[PatchworksError], int]] = [
    (reply(401, {"message": "Wrong password."}), AuthenticationError, 1),
    (reply(500), ServerError, 3),
    (reply(200, b"<html>"), ResponseDecodeError, 1),
    (reply(200, {"message": "no token"}), PatchworksError, 1),
    (reply(200, {"token": "evil\r\nX: 1"}), PatchworksError, 1),
    (reply(200, {"token": ""}), PatchworksError, 1),
    (reply(200, [1]), PatchworksError, 1),
    (reset(), APIConnectionError, 3),
    (hang(), APITimeoutError, 3),
]


@pytest.mark.parametrize(("answer", "expected", "attempts"), FAILING)
async def test_a_failed_login_fails_for_all_who_wait_and_the_next_call_tries_again(
    answer: Action, expected: type[PatchworksError], attempts: int
) -> None:
    async with login_server(*[answer] * attempts) as server, log_in(server, timeout=0.2) as client:
        copy = client.with_options()
        results = await asyncio.gather(
            *((client, copy)[number % 2].packages.get(number) for number in range(8)), return_exceptions=True
        )
        assert {type(result) for result in results} == {expected}
        assert len({id(result) for result in results}) == 8  # each may raise its own
        assert len(logins(server)) == attempts
        assert not calls(server)
        for result in results:
            assert isinstance(result, PatchworksError)
            assert not isinstance(result, APIConnectionError) or result.delivered is False
            assert PASSWORD not in f"{result} {result!r}"
        await client.packages.get(1)
        assert len(logins(server)) == attempts + 1


async def test_a_login_that_is_throttled_waits_as_it_is_told() -> None:
    throttled = [reply(429, headers={"Retry-After": "0.05"})] * 4
    async with login_server(*throttled) as server, log_in(server) as client:
        await client.packages.get(1)
        assert len(logins(server)) == 5


async def test_a_refused_login_says_what_the_server_said() -> None:
    async with login_server(reply(401, {"message": "Wrong password."})) as server, log_in(server) as client:
        with pytest.raises(AuthenticationError, match=r"POST /login: 401 Wrong password\."):
            await client.packages.get(1)


async def test_nobody_listens_at_login_url() -> None:
    async with login_server() as server:
        client = connect(server, username="ann", password=PASSWORD, login_url=unused_url())
        async with client:
            with pytest.raises(APIConnectionError) as caught:
                await client.packages.create(name="x")
        assert caught.value.delivered is False
        assert str(caught.value).endswith("the call was not sent")
        assert not server.seen


async def test_who_is_cancelled_leaves_the_login_to_the_others() -> None:
    async with login_server(delay=0.15) as server, log_in(server) as client:
        tasks = [asyncio.create_task(client.packages.get(number)) for number in range(6)]
        await asyncio.sleep(0.05)
        tasks[0].cancel()
        tasks[3].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        cancelled = [index for index, result in enumerate(results) if isinstance(result, asyncio.CancelledError)]
        assert cancelled == [0, 3]
        assert len(logins(server)) == 1
        assert len(calls(server)) == 4


async def test_when_all_are_cancelled_the_login_ends_and_the_next_call_logs_in() -> None:
    async with login_server(hang()) as server, log_in(server) as client:
        before = asyncio.all_tasks()
        tasks = [asyncio.create_task(client.packages.get(number)) for number in range(3)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        left = {task for task in asyncio.all_tasks() - before if task.get_name() != "test-server"}
        assert not left
        await client.packages.get(1)
        assert len(logins(server)) == 2


async def test_closing_during_a_login_is_no_cancellation() -> None:
    async with login_server(hang()) as server:
        client = log_in(server)
        tasks = [asyncio.create_task(client.packages.get(number)) for number in range(3)]
        await asyncio.sleep(0.05)
        await client.aclose()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, PatchworksError) for result in results)


# ---------------------------------------------------------------------------------------------------------------- auth=


async def test_basic_auth_over_the_wire(transport: Any) -> None:
    async with echo() as server:
        assert await sent_by(connect(server, auth=httpx.BasicAuth("u", "p"), transport=transport)) == "Basic dTpw"


async def test_digest_auth_over_the_wire(transport: Any) -> None:
    challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'}

    def choose(seen: Seen) -> Action:
        return item() if (seen.authorization or "").startswith("Digest ") else reply(401, None, challenge)

    async with (
        serve(choose=choose) as server,
        connect(server, auth=httpx.DigestAuth("u", "p"), transport=transport) as client,
    ):
        await client.request("POST", "/x", json={"a": 1})
        assert [seen.authorization is None for seen in server.seen] == [True, False]
        assert server.seen[0].body == server.seen[1].body


class Signing(httpx.Auth):
    """Signs the body, which it must therefore see, and asks for a token of its own first."""

    requires_request_body = True
    requires_response_body = True

    def __init__(self, url: str) -> None:
        self.url = url

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        answer = yield httpx.Request("GET", self.url + "/own-token")
        request.headers["X-Signature"] = f"{len(request.content)}-{answer.json()['token']}"
        yield request


async def test_an_auth_of_ones_own_over_the_wire(transport: Any) -> None:
    def choose(seen: Seen) -> Action:
        return reply(200, {"token": "own"}) if seen.target == "/own-token" else item()

    async with serve(choose=choose) as server, connect(server, auth=Signing(server.url), transport=transport) as client:
        await client.request("POST", "/x", json={"a": 1})
        assert server.seen[1].headers["x-signature"] == "7-own"
        assert server.seen[1].authorization is None


async def test_an_auth_that_fails_raises_its_own_error_and_loses_nothing() -> None:
    class Broken(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Any:
            raise LookupError("no key")
            yield request

    async with serve(item()) as server, connect(server, auth=Broken(), max_concurrency=1) as client:
        for _ in range(3):
            with pytest.raises(LookupError):
                await client.packages.get(1)


# -------------------------------------------------------------------------------------------- one wrong password, once


def test_the_password_goes_to_no_host_that_the_caller_did_not_name(monkeypatch: pytest.MonkeyPatch) -> None:
    login = {"username": "ann", "password": PASSWORD}
    with pytest.raises(ConfigurationError, match="login_url"):
        PatchworksClient(**login, base_url="https://patchworks.example.com")  # type: ignore[arg-type]
    monkeypatch.setenv("PATCHWORKS_BASE_URL", "https://patchworks.example.com")
    with pytest.raises(ConfigurationError, match="PATCHWORKS_LOGIN_URL"):
        PatchworksClient(**login)  # type: ignore[arg-type]
    PatchworksClient(api_key=KEY)
    PatchworksClient(**login, base_url="https://core.wearepatchworks.com/")  # type: ignore[arg-type]
    monkeypatch.setenv("PATCHWORKS_LOGIN_URL", "https://patchworks.example.com/login")
    PatchworksClient(**login)  # type: ignore[arg-type]


async def test_one_refusal_answers_every_call_that_began_before_it(transport: Any) -> None:
    refused = reply(401, {"message": "Wrong password."}, delay=0.1)
    async with (
        login_server(*[refused] * 9) as server,
        log_in(server, transport=transport, max_concurrency=2) as client,
    ):
        copy = client.with_options()
        failed = await asyncio.gather(
            *((client, copy)[number % 2].packages.get(number) for number in range(200)), return_exceptions=True
        )
        assert {str(each) for each in failed} == {str(failed[0])}
        assert isinstance(failed[0], AuthenticationError)
        assert len(logins(server)) == 1
        with pytest.raises(AuthenticationError):
            await client.packages.get(1)
        assert len(logins(server)) == 2, "a later call may try again"


async def test_one_refusal_answers_those_with_a_slot_too(transport: Any) -> None:
    def choose(seen: Seen) -> Action:
        if not seen.target.startswith("/login"):
            return reply(401, {"message": "Unauthenticated."}, delay=0.05)
        if len(logins(server)) == 1:
            return reply(200, {"token": f"token-1-{KEY}"})
        return reply(401, {"message": "Wrong password."}, delay=0.05)

    async with serve(choose=choose) as server, log_in(server, transport=transport, max_concurrency=4) as client:
        failed = await asyncio.gather(*(client.packages.get(number) for number in range(40)), return_exceptions=True)
        assert {type(each) for each in failed} == {AuthenticationError}
        assert len(logins(server)) == 2
        assert len(calls(server)) == 4, "who had no slot yet sent nothing"


async def test_a_failed_login_is_forgotten_after_one_that_succeeded(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.monotonic
    ahead = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: real() + ahead)
    arrived, release = asyncio.Event(), asyncio.Event()

    async def held(seen: Any, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await release.wait()
        await reply(401)(seen, writer)

    def choose(seen: Seen) -> Action:
        number = len(logins(server))
        if seen.target == "/login":
            return reply(500) if number == 2 else reply(200, {"token": f"token-{number}-{KEY}", "expires_in": 10})
        if seen.authorization != f"Bearer token-1-{KEY}":
            return item()
        return held if seen.target.endswith("/1") else reply(401)

    async with serve(choose=choose) as server, log_in(server, max_retries=0) as client:
        early = asyncio.create_task(client.packages.get(1))
        await arrived.wait()
        with pytest.raises(ServerError):
            await client.packages.get(2)
        await client.packages.get(2)
        ahead = 20
        release.set()
        await early
        assert len(logins(server)) == 4


async def test_a_token_that_does_not_live_is_used_all_the_same() -> None:
    async with login_server(lifetime=0.001) as server, log_in(server) as client:
        async with asyncio.timeout(5):
            await asyncio.gather(*(client.packages.get(number) for number in range(10)))
        assert len(logins(server)) == 1


async def test_a_hook_that_fails_during_a_login_raises_its_own_error() -> None:
    async def fail(_: Any) -> None:
        raise LookupError("hook")

    async with login_server() as server, httpx.AsyncClient(event_hooks={"response": [fail]}) as http:
        client = log_in(server, http_client=http)
        for _ in range(2):
            with pytest.raises(LookupError, match="hook"):
                await client.packages.get(1)
        assert len(logins(server)) == 2


# ------------------------------------------------------------------------------------------------ what a 401 says to do


@pytest.mark.parametrize(
    ("credential", "said"),
    [
        ({"api_key": KEY}, "the key is sent as it is: does it begin with Bearer?"),
        ({"token": KEY}, "token="),
        ({"auth": httpx.BasicAuth("u", "p")}, "auth="),
    ],
    ids=["api_key", "token", "auth"],
)
async def test_a_401_says_what_to_check(credential: dict[str, Any], said: str, transport: Any) -> None:
    options = {**credential, "transport": transport}
    async with serve(reply(401, {"message": "No."})) as server, connect(server, **options) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.packages.get(1)
        assert said in str(caught.value)
        assert caught.value.message == "No."


async def test_a_refused_login_says_what_to_check() -> None:
    async with login_server(reply(401, {"message": "No."})) as server, log_in(server) as client:
        with pytest.raises(AuthenticationError, match="check username=, password= and identity_field="):
            await client.packages.get(1)


# --------------------------------------------------------------------------------------------------- odd flows of auth=


async def test_an_auth_that_sends_nothing_says_so() -> None:
    class Silent(httpx.Auth):
        async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
            return
            yield request

    async with serve(item()) as server, connect(server, auth=Silent()) as client, asyncio.timeout(2):
        with pytest.raises(ConfigurationError, match="auth="):
            await client.packages.get(1)
        assert not server.seen


async def test_an_auth_that_signs_the_url_stays_hidden(transport: Any, caplog: pytest.LogCaptureFixture) -> None:
    class SignedURL(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
            request.url = request.url.copy_merge_params({"signature": KEY})
            yield request

    def choose(seen: Seen) -> Action:
        return item() if seen.target.startswith("/x") else reply(404, {"message": f"no {seen.target}"})

    caplog.set_level("DEBUG")
    async with serve(choose=choose) as server, connect(server, auth=SignedURL(), transport=transport) as client:
        with pytest.raises(NotFoundError) as caught:
            await client.packages.get(1)
        answer = await client.request("GET", "/x", query={"a": "b"})
        assert f"signature={KEY}" in server.seen[-1].target
    assert KEY not in f"{caught.value} {caught.value.body} {caplog.text} {answer.url}"
    assert KEY.encode() not in pickle.dumps((caught.value, answer))


async def test_a_flow_is_closed_where_its_request_fails(transport: Any) -> None:
    closed: list[str] = []

    class Closing(httpx.Auth):
        async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
            try:
                yield request
            finally:
                closed.append("closed")

    async with serve(reset()) as server, connect(server, auth=Closing(), transport=transport) as client:
        with pytest.raises(APIConnectionError):
            await client.packages.create(name="x")
        assert closed == ["closed"]


async def test_a_malformed_challenge_is_a_connection_error(transport: Any) -> None:
    challenge = reply(401, None, {"WWW-Authenticate": 'Digest realm="r", qop="auth", algorithm=MD5'})
    options: dict[str, Any] = {"auth": httpx.DigestAuth("u", "p"), "transport": transport}
    async with serve(challenge) as server, connect(server, **options) as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.packages.create(name="x")
        assert caught.value.delivered is None
        assert isinstance(caught.value.__cause__, httpx.HTTPError)
        assert len(server.seen) == 1
