"""The release rules."""

from typing import Any

import httpx

from patchworks_core_sandbox import Sandbox


def data(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def version(api: httpx.Client, flow: int, identifier: int) -> Any:
    return data(api.get(f"/flows/{flow}/versions/{identifier}"))


def test_a_release_from_package_to_environment(api: httpx.Client) -> None:
    package = data(api.post("/packages", json={"name": "Release"}), 201)
    added = data(api.post(f"/packages/{package['id']}/flow-versions/1003", json={"priority": 5}), 201)
    assert added["pivot"] == {"package_id": package["id"], "flow_version_id": 1003, "priority": 5}
    compared = data(api.get(f"/packages/{package['id']}/compare/201"))["flows"]
    assert [flow["change"] for flow in compared] == ["changed"]
    assert compared[0]["environment_version"]["id"] == 1002

    record = data(api.post(f"/packages/{package['id']}/deploy/201", json={"notes": "go"}), 201)
    assert (record["virtual_environment_id"], record["notes"]) == (201, "go")
    compared = data(api.get(f"/packages/{package['id']}/compare/201"))["flows"]
    assert [flow["change"] for flow in compared] == ["unchanged"]

    here = data(api.get("/flow-version-deployments?filter[virtual_environment_id]=201&filter[flowVersion.flow]=101"))
    assert [(item["flow_version_id"], item["package_id"]) for item in here] == [(1003, package["id"])]
    assert here[0]["enabled_at"] is not None
    assert version(api, 101, 1003)["status"] == "Deployed"
    assert version(api, 101, 1002)["status"] == "Inactive"

    assert api.delete(f"/packages/{package['id']}").status_code == 409
    assert api.delete(f"/packages/{package['id']}/virtual-environments/201").status_code == 200
    assert api.delete(f"/packages/{package['id']}/virtual-environments/201").status_code == 404
    assert api.delete(f"/packages/{package['id']}").status_code == 200


def test_deploying_again_replaces_the_deployment(api: httpx.Client) -> None:
    first = data(api.post("/packages/20001/deploy/202", json={}), 201)
    second = data(api.post("/packages/20001/deploy/202", json={}), 201)
    assert first["id"] != second["id"]
    assert len(data(api.get("/flow-version-deployments?filter[virtual_environment_id]=202"))) == 2


def test_an_empty_package_cannot_be_deployed(api: httpx.Client) -> None:
    package = data(api.post("/packages", json={"name": "Empty"}), 201)
    answer = api.post(f"/packages/{package['id']}/deploy/201", json={})
    assert answer.status_code == 422
    assert answer.json()["message"] == "The package has no flow versions."


def test_one_version_of_a_flow_per_package(api: httpx.Client) -> None:
    answer = api.post("/packages/20001/flow-versions/1003", json={})
    assert answer.status_code == 422
    assert answer.json()["message"] == "The package already contains a version of this flow."
    assert api.delete("/packages/20001/flow-versions/1003").status_code == 404
    assert api.delete("/packages/20001/flow-versions/1002").status_code == 200
    assert api.post("/packages/20001/flow-versions/1003", json={}).status_code == 201


def test_one_version_of_a_flow_per_environment(api: httpx.Client) -> None:
    body = {"flow_version_id": "1001", "virtual_environment_id": 201, "priority": 3}
    deployment = data(api.post("/flow-versions/1001/deployments", json=body), 201)
    assert (deployment["flow_version_id"], deployment["priority"]) == (1001, 3)
    assert api.get("/flow-versions/1002/deployments/4001").status_code == 404
    again = api.post("/flow-versions/1001/deployments", json=body)
    assert again.status_code == 422
    assert "virtual_environment_id" in again.json()["errors"]


def test_a_deployment_can_be_made_disabled_and_enabled_later(api: httpx.Client) -> None:
    body = {"flow_version_id": 1001, "virtual_environment_id": 203, "deploy_disabled": True}
    made = data(api.post("/flow-versions/1001/deployments", json=body), 201)
    path = f"/flow-versions/1001/deployments/{made['id']}"
    assert made["enabled_at"] is None
    assert data(api.post(f"{path}/enable"))["enabled_at"] is not None
    assert data(api.put(path, json={"deploy_disabled": True}))["enabled_at"] is None
    changed = data(api.put(path, json={"enabled_at": "2026-01-01T00:00:00Z", "virtual_environment_id": None}))
    assert changed["enabled_at"] == "2026-01-01T00:00:00+00:00"
    assert changed["virtual_environment_id"] is None


def test_one_draft_per_flow(api: httpx.Client) -> None:
    assert api.post("/flows/101/versions").status_code == 422
    made = data(api.post("/flows/102/versions"), 201)
    assert (made["status"], made["iteration"]) == ("Draft", 3)
    assert api.post("/flows/102/versions").status_code == 422


def test_copying_overwrites_the_draft(sandbox: Sandbox, api: httpx.Client) -> None:
    assert api.post("/flows/101/versions/1003/copy").status_code == 422
    copy = data(api.post("/flows/101/versions/1002/copy"), 201)
    assert (copy["status"], copy["parent_id"]) == ("Draft", 1002)
    assert api.get("/flows/101/versions/1003").status_code == 404
    assert [row.type for row in sandbox.state.steps if row.flow_version_id == copy["id"]] == ["trigger", "map"]


def test_deploying_a_version_makes_the_older_inactive(api: httpx.Client) -> None:
    api.put("/flows/101/versions/1003", json={"deployed_at": "2026-01-01T00:00:00Z"})
    assert version(api, 101, 1003)["deployed_at"] == "2026-01-01 00:00:00"
    assert [row["status"] for row in data(api.get("/flows/101/versions"))] == ["Inactive", "Inactive", "Deployed"]
    assert data(api.put("/flows/101/versions/1003", json={"deployed_at": None}))["status"] == "Inactive"
    assert data(api.put("/flows/101/versions/1003", json={}))["status"] == "Inactive"


def test_what_is_deployed_cannot_be_deleted(api: httpx.Client) -> None:
    assert api.delete("/flows/101/versions/1002").status_code == 409
    assert api.delete("/virtual-environments/201").status_code == 409
    assert api.delete("/virtual-environments/201/versions/3002").status_code == 409
    assert api.delete("/packages/20001").json() == {"message": "The package is deployed to a virtual environment."}


def test_deleting_takes_what_belongs_to_it(sandbox: Sandbox, api: httpx.Client) -> None:
    api.post("/flow-versions/1003/schedules", json={"cron_string": "* * * * *"})
    api.post("/packages/20003/flow-versions/1003", json={})
    assert api.delete("/flows/101/versions/1003").status_code == 200
    assert all(row.flow_version_id != 1003 for row in sandbox.state.schedules)
    assert all(row.flow_version_id != 1003 for row in sandbox.state.steps)
    assert all(row.flow_version_id != 1003 for row in sandbox.state.package_flow_versions)
    assert api.delete("/virtual-environments/203").status_code == 200
    assert sandbox.state.versions_of_environment(203) == []


def test_environment_versions(api: httpx.Client) -> None:
    made = data(api.post("/virtual-environments/201/versions", json={"notes": "next"}), 201)
    assert (made["status"], made["notes"], made["iteration"]) == ("Draft", "next", 3)
    assert data(api.post(f"/virtual-environments/201/versions/{made['id']}/deploy"))["status"] == "Deployed"
    statuses = [row["status"] for row in data(api.get("/virtual-environments/201/versions"))]
    assert statuses == ["Inactive", "Inactive", "Deployed"]
    copy = data(api.post(f"/virtual-environments/201/versions/{made['id']}/copy"), 201)
    assert (copy["status"], copy["notes"]) == ("Draft", "next")


def test_copies_of_an_environment_have_names_of_their_own(api: httpx.Client) -> None:
    copies = [data(api.post("/virtual-environments/201/copy"), 201) for _ in range(2)]
    assert [copy["name"] for copy in copies] == ["Production (copy)", "Production (copy) 2"]
    shown = data(api.get(f"/virtual-environments/{copies[0]['id']}?include=labels,versions"))
    assert [label["name"] for label in shown["labels"]] == ["Production"]
    assert [row["status"] for row in shown["versions"]] == ["Draft"]


def test_a_graph_step_can_be_changed(api: httpx.Client) -> None:
    step = data(api.patch("/flow-versions/1003/graph/steps/8006", json={"config": {"a": 1}, "key": "k", "x": 1}))
    assert (step["config"], step["key"]) == ({"a": 1}, "k")
    assert data(api.patch("/flow-versions/1003/graph/steps/8006", json={}))["config"] == {"a": 1}
    assert api.patch("/flow-versions/1002/graph/steps/8006", json={}).status_code == 404
