"""Keys, tokens, login, roles and the throttle."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from patchworks_core_sandbox import Sandbox, credentials

LOGIN = {"username": credentials.USERNAME, "password": credentials.PASSWORD}


def log_in(sandbox: Sandbox, **body: str) -> httpx.Response:
    return httpx.post(sandbox.login_url, json=body, headers={"Accept": "application/json"})


@pytest.mark.parametrize("authorization", ["", "wrong", "Bearer", "Bearer wrong", f"Bearer {credentials.API_KEY}"])
def test_bad_credentials_are_401(authorization: str, sandbox: Sandbox, api: httpx.Client) -> None:
    answer = api.get("/packages", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthenticated."}
    assert not sandbox.requests[-1].acted


@pytest.mark.parametrize("identity", ["username", "email"])
def test_login_gives_a_token(identity: str, sandbox: Sandbox, api: httpx.Client) -> None:
    answer = log_in(sandbox, **{identity: sandbox.username, "password": sandbox.password})
    assert answer.status_code == 200
    payload = answer.json()
    assert set(payload) == {"message", "token", "expires_in"}
    assert payload["expires_in"] == 86400
    assert api.get("/packages", headers={"Authorization": f"Bearer {payload['token']}"}).status_code == 200
    assert sandbox.requests.acted["login"] == 1


def test_a_bad_login(sandbox: Sandbox) -> None:
    assert log_in(sandbox, username=sandbox.username, password="wrong").status_code == 401
    assert log_in(sandbox, username="nobody", password="wrong").status_code == 401
    missing = log_in(sandbox, username=sandbox.username)
    assert missing.status_code == 422
    assert missing.json()["errors"] == {"password": ["The password field is required."]}


def test_tokens_expire(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.auth.token_lifetime = 100
    answer = log_in(sandbox, **LOGIN).json()
    assert answer["expires_in"] == 100
    api.headers["Authorization"] = f"Bearer {answer['token']}"
    sandbox.clock.advance(99)
    assert api.get("/packages").status_code == 200
    sandbox.clock.advance(1)
    assert api.get("/packages").status_code == 401


def test_upload_needs_an_administrator(sandbox: Sandbox, api: httpx.Client) -> None:
    answer = api.post("/flow-versions/1002/upload", json={})
    assert answer.status_code == 403
    assert answer.json() == {"message": "This action is unauthorized."}
    for username, status in ((credentials.MANAGER_USERNAME, 403), (credentials.USERNAME, 200)):
        headers = {"Authorization": f"Bearer {sandbox.auth.issue_token(username)}"}
        assert api.post("/flow-versions/1002/upload", json={}, headers=headers).status_code == status


def test_no_limit_unless_asked_for(api: httpx.Client) -> None:
    assert "X-RateLimit-Limit" not in api.get("/packages").headers


def test_the_window_is_fixed_and_begins_with_the_first_request(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.throttle.limit = 3
    left = [api.get(path).headers["X-RateLimit-Remaining"] for path in ("/packages", "/packages/1", "/packages")]
    assert left == ["2", "1", "0"]
    sandbox.clock.advance(20.5)
    refused = api.get("/packages")
    assert refused.status_code == 429
    assert refused.json() == {"message": "Too Many Attempts."}
    assert refused.headers["X-RateLimit-Limit"] == "3"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert 38 <= int(refused.headers["Retry-After"]) <= 40
    shown = parsedate_to_datetime(refused.headers["Date"]).timestamp()
    assert 38 <= int(refused.headers["X-RateLimit-Reset"]) - shown <= 41
    assert sandbox.throttle.refused == 1
    sandbox.clock.advance(40)
    assert api.get("/packages").headers["X-RateLimit-Remaining"] == "2"


def test_callers_have_windows_of_their_own(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.throttle.limit = 1
    assert api.get("/packages").status_code == 200
    assert api.get("/packages").status_code == 429
    headers = {"Authorization": f"Bearer {sandbox.auth.issue_token()}"}
    assert api.get("/packages", headers=headers).status_code == 200


def test_the_clock_can_be_shown_wrong(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.clock.skew = 7200
    sandbox.throttle.limit = 0
    answer = api.get("/packages")
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time() > 7100
    assert int(answer.headers["X-RateLimit-Reset"]) - time.time() > 7200
    assert int(answer.headers["Retry-After"]) == 60
