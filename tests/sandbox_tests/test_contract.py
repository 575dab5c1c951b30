"""Requests that the spec does not allow are found out."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract import SPEC, CheckedSandbox
from tests.sandbox_fixtures import running_sandbox

__all__ = ["running_sandbox"]


@pytest.fixture
def api(running_sandbox: CheckedSandbox) -> Any:
    running_sandbox.reset()
    headers = {"Authorization": running_sandbox.api_key, "Accept": "application/json"}
    with httpx.Client(base_url=f"{running_sandbox.url}/api/v1", headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/packages", {"name": "X", "note": "y"}, "undocumented body fields: note"),
        ("GET", "/packages?include=flowVersionsCount", None, "flowVersionsCount"),
        ("GET", "/packages?filter[name]=", None, "cannot be empty"),
        ("POST", "/packages/20001/deploy/202", None, "Missing required request body"),
        ("POST", "/packages/20003/flow-versions/1002", {"priority": "7"}, "not of type"),
        ("PUT", "/packages/20001", {"notes": ""}, None),
        ("GET", "/flow-versions/1002/deployments?page=1&per_page=100", None, None),
    ],
)
def test_a_violation_is_loud(
    method: str, path: str, body: Any, problem: str | None, running_sandbox: CheckedSandbox, api: httpx.Client
) -> None:
    answer = api.request(method, path, json=body)
    if problem is None:
        assert answer.status_code == 200
        assert running_sandbox.contract_violations == []
        return
    assert answer.status_code == 500
    assert problem in answer.json()["contract"]
    assert answer.json()["message"].startswith("contract: ")
    assert running_sandbox.contract_violations == [answer.json()["contract"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/packages", {"nmae": "X"}, 422),
        ("GET", "/packages?include=owner", None, 400),
        ("PUT", "/packages/1", {"nmae": "X"}, 404),
        ("POST", "/flow-versions/1002/upload", {"public": "yes"}, 403),
    ],
)
def test_what_the_server_refuses_is_no_violation(
    method: str, path: str, body: Any, status: int, running_sandbox: CheckedSandbox, api: httpx.Client
) -> None:
    assert api.request(method, path, json=body).status_code == status
    assert api.get("/packages", headers={"Authorization": "wrong"}).status_code == 401
    assert running_sandbox.contract_violations == []


def test_the_check_can_be_turned_off(running_sandbox: CheckedSandbox, api: httpx.Client) -> None:
    running_sandbox.check_contract = False
    assert api.post("/packages", json={"name": "X", "note": "y"}).status_code == 201
    running_sandbox.reset()
    assert running_sandbox.check_contract


async def test_the_spec_can_be_another(tmp_path: Path) -> None:
    spec = json.loads(SPEC.read_text())
    del spec["paths"]["/api/v1/packages"]["get"]
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    async with CheckedSandbox(spec=path) as sandbox, httpx.AsyncClient() as client:
        headers = {"Authorization": sandbox.api_key, "Accept": "application/json"}
        answer = await client.get(f"{sandbox.url}/api/v1/packages", headers=headers)
        assert answer.status_code == 500
        assert len(sandbox.contract_violations) == 1


def test_a_missing_spec_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        CheckedSandbox(spec=tmp_path / "none.json")
