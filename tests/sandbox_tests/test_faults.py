"""Bad days: what a client sees of each fault, and whether the sandbox acted."""

import contextlib
import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from patchworks_core_sandbox import Sandbox
from patchworks_core_sandbox.fault_kinds import KINDS
from patchworks_core_sandbox.faults import EVERYDAY, HEADER, parse_faults

Call = Callable[..., httpx.Response]


@pytest.fixture
def faulty(api: httpx.Client) -> Call:
    """Lists packages, or creates one, with a fault."""

    def call(fault: str, *, create: bool = False, **options: Any) -> httpx.Response:
        headers = {HEADER: fault}
        if create:
            return api.post("/packages", json={"name": "Faulty"}, headers=headers, **options)
        return api.get("/packages", headers=headers, **options)

    return call


def made(sandbox: Sandbox) -> int:
    count = sum(1 for package in sandbox.state.packages if package.name == "Faulty")
    assert count == sandbox.requests.acted["packages.create"]
    return count


@pytest.mark.parametrize(
    ("fault", "error", "acted"),
    [
        ("reset-before", httpx.ReadError, 0),
        ("close-before", httpx.RemoteProtocolError, 0),
        ("hang", httpx.ReadTimeout, 0),
        ("reset-after", httpx.ReadError, 1),
        ("close-after", httpx.RemoteProtocolError, 1),
        ("hang-after", httpx.ReadTimeout, 1),
        ("truncated", httpx.RemoteProtocolError, 1),
        ("reset-midway", httpx.ReadError, 1),
        ("chunked-truncated", httpx.RemoteProtocolError, 1),
        ("length-too-long", httpx.RemoteProtocolError, 1),
        ("garbage", httpx.RemoteProtocolError, 1),
        ("bad-encoding", httpx.DecodingError, 1),
    ],
)
def test_faults_that_end_without_an_answer(
    fault: str, error: type[Exception], acted: int, faulty: Call, sandbox: Sandbox
) -> None:
    # A connection that ends while data is still unread may also be seen as a reset.
    with pytest.raises((error, httpx.ReadError)):
        faulty(fault, create=True, timeout=0.3 if fault.startswith("hang") else 10)
    assert made(sandbox) == acted
    assert sandbox.requests[-1].acted is bool(acted)
    assert sandbox.requests[-1].faults == [fault]


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "acted"),
    [
        ("status=500", 500, "application/json", 0),
        ("status=419", 419, "application/json", 0),
        ("status=409", 409, "application/json", 0),
        ("status=502", 502, "text/html; charset=utf-8", 0),
        ("status=520", 520, "text/html; charset=utf-8", 0),
        ("html", 502, "text/html; charset=utf-8", 0),
        ("html=200", 200, "text/html; charset=utf-8", 0),
        ("throttled", 429, "application/json", 0),
        ("unavailable", 503, "application/json", 0),
        ("redirect=307", 307, "text/html; charset=utf-8", 0),
        ("acted-status=504", 504, "text/html; charset=utf-8", 1),
        ("acted-status=500", 500, "application/json", 1),
        ("accepted-text", 202, "text/plain", 1),
        ("no-content", 204, "application/json", 1),
        ("empty", 201, "application/json", 1),
        ("latency=0.01", 201, "application/json", 1),
        ("latency=0.01, status=503", 503, "application/json", 0),
    ],
)
def test_faults_that_answer(
    fault: str, status: int, content_type: str, acted: int, faulty: Call, sandbox: Sandbox
) -> None:
    answer = faulty(fault, create=True)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type)
    assert sandbox.requests[-1].status == status
    assert made(sandbox) == acted


def test_bodies_of_faults(faulty: Call) -> None:
    assert faulty("status=500").json() == {"message": "Server Error"}
    assert faulty("status=419").json() == {"message": "CSRF token mismatch."}
    assert faulty("status=404").json() == {"message": "Not Found"}
    assert "<h1>502 Bad Gateway</h1>" in faulty("html").text
    assert faulty("accepted-text").text == "Accepted"
    assert faulty("empty").text == faulty("no-content").text == ""
    with pytest.raises(ValueError, match="char"):
        faulty("not-json").json()
    assert set(faulty("no-meta").json()) == {"data"}
    assert [item["id"] for item in faulty("bare-list").json()] == [20001, 20002, 20003]
    assert faulty("bare-list, status=500").json() == {"message": "Server Error"}


@pytest.mark.parametrize("fault", ["throttled", "unavailable"])
@pytest.mark.parametrize(
    ("value", "retry_after"),
    [("0", "0"), ("5", "5"), ("1.5", "1.5"), ("-1", "-1"), ("garbage", "soon, perhaps"), ("missing", None)],
)
def test_forms_of_retry_after(fault: str, value: str, retry_after: str | None, faulty: Call) -> None:
    answer = faulty(f"{fault}={value}")
    assert answer.headers.get("Retry-After") == retry_after
    assert "X-RateLimit-Reset" not in answer.headers
    if fault == "throttled":
        assert answer.json() == {"message": "Too Many Attempts."}
        assert answer.headers["X-RateLimit-Remaining"] == "0"


def test_other_forms_of_retry_after(faulty: Call) -> None:
    assert int(faulty("throttled=huge").headers["Retry-After"]) > 10**20
    dated = faulty("throttled=date:30")
    wait = parsedate_to_datetime(dated.headers["Retry-After"]) - parsedate_to_datetime(dated.headers["Date"])
    assert wait.total_seconds() == pytest.approx(30, abs=1)
    reset = faulty("throttled=reset:30")
    assert "Retry-After" not in reset.headers
    assert int(reset.headers["X-RateLimit-Reset"]) - time.time() == pytest.approx(30, abs=2)
    both = faulty("clock-skew=-3600, throttled=both:30")
    assert both.headers["Retry-After"] == "30"
    assert int(both.headers["X-RateLimit-Reset"]) - time.time() == pytest.approx(30 - 3600, abs=2)
    assert time.time() - parsedate_to_datetime(both.headers["Date"]).timestamp() == pytest.approx(3600, abs=2)


def test_a_header_of_a_proxy(faulty: Call) -> None:
    assert "X-Request-Id" not in faulty("latency=0").headers
    assert faulty("header").headers["X-Request-Id"] == "5f1c"
    answer = faulty("header=Retry-After: 7, status=500", create=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (500, "7")


def test_redirects(faulty: Call) -> None:
    assert faulty("redirect").headers["Location"] == "/moved"
    assert faulty("redirect-away=http://other.test/").headers["Location"] == "http://other.test/"


def test_an_answer_shorter_than_its_length_says_leaves_no_sound_connection(faulty: Call, sandbox: Sandbox) -> None:
    answer = faulty("length-too-short")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    with contextlib.suppress(httpx.TransportError):  # the reset may reach us before, or only with, the next request
        faulty("latency=0")
    assert faulty("latency=0").status_code == 200
    assert sandbox.requests.connections >= 2


@pytest.mark.parametrize("fault", ["slow-headers", "slow-drip", "slow-body", "latency"])
def test_slow_answers_arrive_whole(fault: str, faulty: Call) -> None:
    start = time.monotonic()
    answer = faulty(f"{fault}=0.2")
    assert time.monotonic() - start > 0.15
    assert len(answer.json()["data"]) == 3
    with pytest.raises(httpx.ReadTimeout):
        faulty(f"{fault}=5", timeout=0.1)


def test_an_expired_token(sandbox: Sandbox, api: httpx.Client) -> None:
    api.headers["Authorization"] = f"Bearer {sandbox.auth.issue_token()}"
    assert api.get("/packages", headers={HEADER: "expired-token"}).status_code == 401
    assert api.get("/packages").status_code == 401


@pytest.mark.parametrize(
    ("fault", "ids", "total"),
    [
        ("list-grows", [20001, 20002, 20003, 20004], 4),
        ("list-grows=first", [20004, 20001, 20002, 20003], 4),
        ("list-shrinks", [20002, 20003], 2),
        ("list-shrinks=last", [20001, 20002], 2),
        ("list-grows, list-shrinks", [20002, 20003, 20004], 3),
    ],
)
def test_moving_lists(fault: str, ids: list[int], total: int, faulty: Call, api: httpx.Client) -> None:
    page = faulty(fault).json()
    assert [item["id"] for item in page["data"]] == ids
    assert page["meta"]["total"] == total
    assert [item["id"] for item in api.get("/packages").json()["data"]] == ids


def test_an_empty_list_has_nothing_to_move(api: httpx.Client) -> None:
    answer = api.get("/flow-versions/1001/schedules", headers={HEADER: "list-shrinks"})
    assert answer.json()["data"] == []


def test_the_same_page_again(faulty: Call) -> None:
    answer = faulty("same-page", params={"page": 2, "per_page": 2}).json()
    assert answer["meta"]["current_page"] == 1
    assert len(answer["data"]) == 2


def test_planned_faults_befall_the_next_requests_that_match(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.faults.add("status=503", times=2, method="GET", path="/api/v1/packages*", after=1)
    statuses = [api.get(path).status_code for path in ("/packages", "/flow-version-deployments", "/packages/20001")]
    assert statuses == [200, 200, 503]
    assert api.put("/packages/20001", json={}).status_code == 200
    assert [api.get("/packages").status_code for _ in range(2)] == [503, 200]


def test_a_path_may_have_parameters(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.faults.add("status=503", times=None, path="/api/v1/packages/{package}")
    paths = ("/packages", "/packages/20001", "/packages/20001/compare/201")
    assert [api.get(path).status_code for path in paths] == [200, 503, 200]


def test_a_fault_can_stay(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.faults.add("status=500", times=None)
    assert [api.get("/packages").status_code for _ in range(3)] == [500, 500, 500]
    sandbox.faults.clear()
    assert api.get("/packages").status_code == 200


def test_login_can_fail_too(sandbox: Sandbox) -> None:
    sandbox.faults.add("status=500", path="/fabric/*")
    assert [httpx.post(sandbox.login_url).status_code for _ in range(2)] == [500, 302]


def test_random_faults_are_the_same_for_the_same_seed(sandbox: Sandbox, api: httpx.Client) -> None:
    def run(seed: int) -> list[int]:
        sandbox.faults.random(0.3, seed=seed, faults=["status=500", "throttled=0"])
        return [api.get("/packages").status_code for _ in range(60)]

    first = run(1)
    assert set(first) == {200, 429, 500}
    assert 5 <= sum(status != 200 for status in first) <= 35
    assert run(1) == first
    assert run(2) != first


def test_everyday_faults_exist() -> None:
    assert [str(fault) for text in EVERYDAY for fault in parse_faults(text)]


@pytest.mark.parametrize(
    "fault",
    [
        "nonsense",
        "status=none",
        "throttled=soon",
        "throttled=when:5",
        "latency=",
        "list-grows=middle",
        "header=Age",
        "reset-after,",
    ],
)
def test_a_fault_that_does_not_exist_is_said_at_once(fault: str, sandbox: Sandbox, faulty: Call) -> None:
    with pytest.raises(
        ValueError, match=r"There is no|could not convert|invalid literal|is no way|is neither|is no header"
    ):
        sandbox.faults.add(fault)
    answer = faulty(fault, create=True)
    assert answer.status_code == 400
    assert made(sandbox) == 0


def test_every_kind_has_a_default_that_is_allowed() -> None:
    for name, kind in KINDS.items():
        assert str(parse_faults(name)[0]) == (f"{name}={kind.default}" if kind.default else name)
        assert sum(part is not None for part in (kind.before, kind.after, kind.deliver)) == 1
