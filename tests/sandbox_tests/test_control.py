"""The control endpoints, which need no credentials."""

import httpx
import pytest

from patchworks_core_sandbox import Sandbox


@pytest.fixture
def control(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(base_url=f"{sandbox.url}/_sandbox")


@pytest.fixture(autouse=True)
def _closed(control: httpx.Client) -> object:
    with control:
        yield


def test_faults_can_be_added_and_taken_back(control: httpx.Client, api: httpx.Client) -> None:
    answer = control.post("/faults", json={"faults": "latency=0, status=500", "times": 2, "method": "GET"})
    assert answer.json() == [
        {"faults": "latency=0, status=500", "times": 2, "after": 0, "method": "GET", "path": "/api/*"}
    ]
    assert api.get("/packages").status_code == 500
    assert control.get("/faults").json()[0]["times"] == 1
    assert control.delete("/faults").json() == []
    assert api.get("/packages").status_code == 200


def test_random_faults(control: httpx.Client, api: httpx.Client) -> None:
    control.post("/faults", json={"random": {"rate": 1, "seed": 3, "faults": ["status=503"]}})
    assert api.get("/packages").status_code == 503


@pytest.mark.parametrize("body", [{"faults": "nonsense"}, {"fault": "latency"}, {"random": {}}, [1]])
def test_a_mistake_is_400(body: object, control: httpx.Client) -> None:
    answer = control.post("/faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_requests_and_counters(sandbox: Sandbox, control: httpx.Client, api: httpx.Client) -> None:
    api.post("/packages", json={"name": "X"})
    api.post("/packages", json={})
    requests = control.get("/requests").json()
    assert [(entry["operation"], entry["status"], entry["acted"]) for entry in requests] == [
        ("packages.create", 201, True),
        ("packages.create", 422, False),
    ]
    assert requests[0]["body"] == {"name": "X"}
    assert sandbox.api_key not in control.get("/requests").text
    counters = control.get("/counters").json()
    assert counters["requests"] == 2
    assert counters["seen"] == {"POST /api/v1/packages": 2}
    assert counters["acted"] == {"packages.create": 1}
    assert counters["most_in_flight"] == 1
    assert (counters["crashes"], counters["throttled"]) == (0, 0)


def test_clock_throttle_and_reset(sandbox: Sandbox, control: httpx.Client, api: httpx.Client) -> None:
    assert control.post("/clock", json={"skew": 60, "advance": 5}).json()["skew"] == 60
    assert control.post("/throttle", json={"limit": 1, "window": 10}).json() == {"limit": 1, "window": 10}
    assert [api.get("/packages").status_code for _ in range(2)] == [200, 429]
    assert control.get("/counters").json()["throttled"] == 1
    control.post("/reset")
    assert (sandbox.clock.skew, sandbox.throttle.limit, len(sandbox.requests)) == (0, None, 0)
