"""Refusals: their statuses and Laravel's bodies."""

from typing import Any

import httpx
import pytest


def test_an_unknown_row_is_404(api: httpx.Client) -> None:
    answer = api.get("/packages/999")
    assert answer.status_code == 404
    assert answer.json() == {"message": "No query results for model [App\\Models\\Package] 999"}
    assert api.get("/virtual-environments/x").json() == {
        "message": "No query results for model [App\\Models\\VirtualEnvironment] x"
    }


def test_a_versions_number_is_not_its_id(api: httpx.Client) -> None:
    version = api.get("/flows/101/versions").json()["data"][1]
    assert (version["id"], version["iteration"]) == (1002, 2)
    assert api.get("/flows/101/versions/2").status_code == 404


def test_a_row_of_another_owner_is_404(api: httpx.Client) -> None:
    assert api.get("/flows/102/versions/1001").status_code == 404
    assert api.get("/flow-versions/1001/deployments/4001").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "errors"),
    [
        ("POST", "/packages", {}, {"name": ["The name field is required."]}),
        ("POST", "/packages", {"name": "  "}, {"name": ["The name field is required."]}),
        ("POST", "/packages", {"name": 7}, {"name": ["The name field must be a string."]}),
        (
            "POST",
            "/packages",
            {"name": "n" * 256, "notes": "x" * 256},
            {
                "name": ["The name field must not be greater than 255 characters."],
                "notes": ["The notes field must not be greater than 255 characters."],
            },
        ),
        ("PUT", "/packages/20001", {"name": None}, {"name": ["The name field must be a string."]}),
        (
            "POST",
            "/packages/20003/flow-versions/1002",
            {"priority": 101},
            {"priority": ["The priority field must not be greater than 100."]},
        ),
        (
            "POST",
            "/packages/20003/flow-versions/1002",
            {"priority": "0"},
            {"priority": ["The priority field must be at least 1."]},
        ),
        (
            "POST",
            "/packages/20003/flow-versions/1002",
            {"priority": "first"},
            {"priority": ["The priority field must be an integer."]},
        ),
        (
            "POST",
            "/virtual-environments",
            {"name": "X", "labels": [{"id": 51}, {"id": 99}, {}]},
            {
                "labels.1.id": ["The selected labels.1.id is invalid."],
                "labels.2.id": ["The labels.2.id field is required."],
            },
        ),
        (
            "POST",
            "/virtual-environments",
            {"name": "Production", "labels": []},
            {"name": ["The name has already been taken."]},
        ),
        (
            "POST",
            "/virtual-environments",
            {"labels": "none"},
            {"name": ["The name field is required."], "labels": ["The labels field must be an array."]},
        ),
        ("POST", "/virtual-environments", {"name": "X"}, {"labels": ["The labels field must be present."]}),
        (
            "POST",
            "/flow-versions/1002/schedules",
            {"cron_string": "daily", "deployed_at": "soon"},
            {
                "cron_string": ["The cron string field must be a valid cron expression."],
                "deployed_at": ["The deployed at field must be a valid date."],
            },
        ),
        (
            "POST",
            "/flow-versions/1003/deployments",
            {"flow_version_id": 1002},
            {"flow_version_id": ["The selected flow version id is invalid."]},
        ),
        (
            "PUT",
            "/flow-versions/1002/deployments/4001",
            {"deploy_disabled": "maybe"},
            {"deploy_disabled": ["The deploy disabled field must be true or false."]},
        ),
    ],
)
def test_a_bad_body_is_422(method: str, path: str, body: Any, errors: dict[str, list[str]], api: httpx.Client) -> None:
    answer = api.request(method, path, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == errors
    first = next(iter(errors.values()))[0]
    assert answer.json()["message"] == (first if len(errors) == 1 else f"{first} (and 1 more error)")


def test_a_body_that_does_not_say_it_is_json_is_not_read(api: httpx.Client) -> None:
    assert api.post("/packages", content=b'{"name": "X"}').status_code == 422
    headers = {"Content-Type": "application/json"}
    assert api.post("/packages", content=b'{"name": ', headers=headers).status_code == 422
    assert api.post("/packages", content=b"[]", headers=headers).status_code == 422
