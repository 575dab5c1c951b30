"""Every operation, called once as it should be."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from patchworks_core_sandbox import Sandbox
from patchworks_core_sandbox.endpoints import ENDPOINTS
from patchworks_core_sandbox.json_types import is_list

# The seed: flow 101 has the versions 1001 (inactive), 1002 (deployed) and 1003 (draft), flow 102 has 1004 and 1005.
# Package 20001 holds 1002 and 1005, and is deployed to environment 201 (deployments 4001 and 4002).
PACKAGE = {"id", "name", "notes", "created_by", "flow_versions_count", "created_at", "updated_at"}
DEPLOYMENT = {"id", "flow_version_id", "virtual_environment_id", "package_id", "enabled_at", "flow_name", "iteration"}
ENVIRONMENT = {"id", "name", "type", "description", "is_deployed", "versions_count", "created_at"}
ENVIRONMENT_VERSION = {"id", "virtual_environment_id", "status", "notes", "is_deployed"}
FLOW_VERSION = {"id", "flow_id", "status", "iteration", "flow_priority", "has_callback_step", "is_deployed"}
SCHEDULE = {"id", "flow_version_id", "cron_string", "deployed_at"}
MESSAGE = "message"


class Case(NamedTuple):
    operation: str
    path: str
    shows: set[str] | str
    body: Any = None
    status: int = 200


CASES = [
    Case("packages.list_deployed", "/flow-version-deployments/packages", PACKAGE),
    Case("packages.list", "/packages", PACKAGE),
    Case("packages.create", "/packages", PACKAGE, {"name": "New"}, 201),
    Case("packages.get", "/packages/20001", PACKAGE),
    Case("packages.update", "/packages/20001", PACKAGE, {"notes": None}),
    Case("packages.delete", "/packages/20002", MESSAGE),
    Case("packages.compare", "/packages/20002/compare/201", {"package_id", "virtual_environment_id", "flows"}),
    Case("packages.deploy", "/packages/20002/deploy/202", {"id", "package_id", "notes"}, {"notes": "go"}, 201),
    Case("packages.add_flow_version", "/packages/20003/flow-versions/1002", FLOW_VERSION | {"pivot"}, {}, 201),
    Case("packages.remove_flow_version", "/packages/20001/flow-versions/1002", MESSAGE),
    Case("packages.remove_virtual_environment", "/packages/20001/virtual-environments/201", MESSAGE),
    Case("flow_version_deployments.list", "/flow-version-deployments", DEPLOYMENT),
    Case("flow_version_deployments.list_for_flow_version", "/flow-versions/1002/deployments", DEPLOYMENT),
    Case(
        "flow_version_deployments.create",
        "/flow-versions/1003/deployments",
        DEPLOYMENT,
        {"flow_version_id": 1003, "virtual_environment_id": "202"},
        201,
    ),
    Case("flow_version_deployments.get", "/flow-versions/1002/deployments/4001", DEPLOYMENT),
    Case("flow_version_deployments.update", "/flow-versions/1002/deployments/4001", DEPLOYMENT, {"priority": 2}),
    Case("flow_version_deployments.delete", "/flow-versions/1002/deployments/4001", MESSAGE),
    Case("flow_version_deployments.enable", "/flow-versions/1002/deployments/4001/enable", DEPLOYMENT),
    Case("flow_version_deployments.disable", "/flow-versions/1002/deployments/4001/disable", DEPLOYMENT),
    Case("virtual_environments.list_deployed", "/flow-version-deployments/virtual-environments", ENVIRONMENT),
    Case("virtual_environments.list", "/virtual-environments", ENVIRONMENT),
    Case(
        "virtual_environments.create",
        "/virtual-environments",
        ENVIRONMENT,
        {"name": "Demo", "labels": [{"id": 51}, {"id": "52"}], "type": None},
        201,
    ),
    Case("virtual_environments.get", "/virtual-environments/201", ENVIRONMENT),
    Case("virtual_environments.update", "/virtual-environments/201", ENVIRONMENT, {"name": "Production", "labels": []}),
    Case("virtual_environments.delete", "/virtual-environments/203", MESSAGE),
    Case("virtual_environments.copy", "/virtual-environments/201/copy", ENVIRONMENT, None, 201),
    Case("virtual_environments.list_versions", "/virtual-environments/201/versions", ENVIRONMENT_VERSION),
    Case(
        "virtual_environments.create_version",
        "/virtual-environments/201/versions",
        ENVIRONMENT_VERSION,
        {"notes": "new"},
        201,
    ),
    Case("virtual_environments.get_version", "/virtual-environments/201/versions/3001", ENVIRONMENT_VERSION),
    Case(
        "virtual_environments.update_version",
        "/virtual-environments/201/versions/3001",
        ENVIRONMENT_VERSION,
        {"notes": "old"},
    ),
    Case("virtual_environments.delete_version", "/virtual-environments/201/versions/3001", MESSAGE),
    Case(
        "virtual_environments.copy_version",
        "/virtual-environments/201/versions/3001/copy",
        ENVIRONMENT_VERSION,
        None,
        201,
    ),
    Case("virtual_environments.deploy_version", "/virtual-environments/201/versions/3001/deploy", ENVIRONMENT_VERSION),
    Case("flow_versions.list", "/flows/101/versions", FLOW_VERSION),
    Case("flow_versions.create", "/flows/102/versions", FLOW_VERSION, None, 201),
    Case("flow_versions.get", "/flows/101/versions/1002", FLOW_VERSION),
    Case("flow_versions.update", "/flows/101/versions/1001", FLOW_VERSION, {"deployed_at": "2026-01-01T00:00:00Z"}),
    Case("flow_versions.delete", "/flows/101/versions/1003", MESSAGE),
    Case("flow_versions.copy", "/flows/101/versions/1002/copy", FLOW_VERSION, None, 201),
    Case("flow_versions.upload", "/flow-versions/1002/upload", {"marketplace_app_id"}, {"private": "true"}),
    Case("flow_versions.list_metrics", "/flows/101/version-metrics", {"flow_version_id", "key", "total", "values"}),
    Case("flow_versions.list_schedules", "/flow-versions/1002/schedules", SCHEDULE),
    Case("flow_versions.create_schedule", "/flow-versions/1002/schedules", SCHEDULE, {"cron_string": "0 6 * * 1"}, 201),
    Case("flow_versions.update_schedule", "/flow-versions/1002/schedules/701", SCHEDULE, {"cron_string": "5 6 * * *"}),
    Case("flow_versions.delete_schedule", "/flow-versions/1002/schedules/701", MESSAGE),
    Case("flow_versions.update_graph_step", "/flow-versions/1003/graph/steps/8005", {"key"}, {"config": {"a": 1}}),
]
METHODS = {endpoint.operation: endpoint.method for endpoint in ENDPOINTS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.operation)
def test_an_operation_answers(case: Case, sandbox: Sandbox, api: httpx.Client) -> None:
    token = sandbox.auth.issue_token()
    answer = api.request(
        METHODS[case.operation], case.path, json=case.body, headers={"Authorization": f"Bearer {token}"}
    )
    payload = answer.json()
    assert answer.status_code == case.status, payload
    entry = sandbox.requests[-1]
    assert (entry.operation, entry.status, entry.acted) == (case.operation, case.status, True)
    if isinstance(case.shows, str):
        assert case.shows in payload
    else:
        data = payload["data"]
        assert case.shows <= set(data[0] if is_list(data) else data)


def test_the_cases_are_all_operations_of_the_spec() -> None:
    spec = json.loads((Path(__file__).parents[2] / "openapi" / "patchworks-core.json").read_text())
    documented = {
        (operation["operationId"], method.upper(), path)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    }
    assert {(endpoint.operation, endpoint.method, endpoint.path) for endpoint in ENDPOINTS} == documented
    assert sorted(case.operation for case in CASES) == sorted(operation for operation, _, _ in documented)
    assert len(CASES) == 46


def test_values_are_the_servers_not_the_documentations(api: httpx.Client) -> None:
    version = api.get("/flows/102/versions/1005", params={"include": "steps,latestRun"}).json()["data"]
    assert version["flow_priority"] == 2
    assert version["iteration"] == 2
    assert version["has_callback_step"] is True
    assert version["config"] == []
    assert version["date_format"] is None
    assert [step["config"] for step in version["steps"]] == [{"timezone": "Europe/London"}, []]
    assert version["latest_run"]["status"] == 4


def test_dates_come_in_several_forms(api: httpx.Client) -> None:
    assert api.get("/packages/20001").json()["data"]["created_at"] == "2025-05-10T10:00:00.000000Z"
    assert api.get("/virtual-environments/201").json()["data"]["created_at"] == "2025-05-07 10:00:00"
    assert api.get("/flow-versions/1002/schedules").json()["data"][0]["created_at"] == "2025-05-02T10:00:00"
    deployment = api.get("/flow-versions/1002/deployments/4001").json()["data"]
    assert deployment["enabled_at"] == "2025-05-13T10:00:00+00:00"
