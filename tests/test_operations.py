"""Every operation through the client, over real HTTP, and the rules that hold for all of them."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast
from uuid import UUID

import pytest

from patchworks_core_client import (
    UNSET,
    FlowVersion,
    Message,
    NotFoundError,
    Page,
    PatchworksClient,
    UnprocessableEntityError,
)
from patchworks_core_sandbox.journal import Entry
from tests.contract import CheckedSandbox
from tests.operations import CASES, Case, documented_operations
from tests.sandbox_fixtures import running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox"]

RESOURCES = ("packages", "flow_version_deployments", "virtual_environments", "flow_versions")


@pytest.fixture
async def client(sandbox: CheckedSandbox) -> AsyncIterator[PatchworksClient]:
    token = sandbox.auth.issue_token()  # an administrator's: uploading a flow version needs one
    async with PatchworksClient(base_url=sandbox.url, token=token, requests_per_minute=None) as client:
        yield client


def last(sandbox: CheckedSandbox) -> Entry:
    return sandbox.requests[-1]


def data_of(case: Case, result: Any) -> dict[str, Any]:
    """What a result shows: free JSON comes as the server sent it, so in its envelope; models without."""
    shown: dict[str, Any] = result
    if case.result is not dict:
        shown = result.to_dict()
    elif not case.is_list:
        shown = result["data"]
    return shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.operation)
async def test_an_operation_works(case: Case, sandbox: CheckedSandbox, client: PatchworksClient) -> None:
    result: Any = await case.call(client)

    documented = documented_operations()[case.operation]
    entry = last(sandbox)
    assert (entry.operation, entry.method) == (case.operation, documented["method"])
    assert (entry.status, entry.acted, len(sandbox.requests)) == (case.status, True, 1)
    assert entry.body == case.body
    assert entry.headers["accept"] == entry.headers["content-type"] == "application/json"
    assert isinstance(result, Page) is case.is_list
    one = result[0] if case.is_list else result
    assert type(one) is case.result
    shown = data_of(case, one)
    assert {key: shown.get(key, "missing") for key in case.shows} == case.shows


def test_the_cases_are_the_operations_of_the_spec() -> None:
    names = [case.operation for case in CASES]
    assert sorted(names) == sorted(documented_operations())
    assert len(set(names)) == len(names) == 46


async def test_the_clients_methods_are_the_operations_of_the_spec(client: PatchworksClient) -> None:
    methods = {
        f"{resource}.{name}"
        for resource in RESOURCES
        for name, value in inspect.getmembers(cast(object, getattr(client, resource)))
        if not name.startswith("_") and callable(value)
    }
    assert methods == set(documented_operations())


async def test_every_operation_takes_the_four_arguments_of_one_call(client: PatchworksClient) -> None:
    for case in CASES:
        resource, name = case.operation.split(".")
        parameters = inspect.signature(getattr(getattr(client, resource), name)).parameters
        assert {"timeout", "max_retries", "extra_query", "extra_headers"} <= set(parameters), case.operation
        if case.is_list:
            assert {"page", "per_page", "prefetch", "on_progress", "query"} <= set(parameters), case.operation


# Answers.


@pytest.mark.parametrize("case", [case for case in CASES if case.status == 201], ids=lambda case: case.operation)
async def test_a_create_that_answers_201_gives_what_was_created(case: Case, client: PatchworksClient) -> None:
    created = data_of(case, await case.call(client))
    assert created["id"]
    assert "data" not in created


@pytest.mark.parametrize("case", [case for case in CASES if case.result is Message], ids=lambda case: case.operation)
@pytest.mark.parametrize("fault", ["no-content", "empty"])
async def test_a_delete_answered_with_nothing_gives_an_empty_message(
    case: Case, fault: str, sandbox: CheckedSandbox, client: PatchworksClient
) -> None:
    sandbox.faults.add(fault)
    message = await case.call(client)
    assert isinstance(message, Message)
    assert message.message is None


@pytest.mark.parametrize("case", [case for case in CASES if case.result is Message], ids=lambda case: case.operation)
async def test_what_is_deleted_is_gone(case: Case, sandbox: CheckedSandbox, client: PatchworksClient) -> None:
    await case.call(client)
    with pytest.raises(NotFoundError):
        await case.call(client)


async def test_free_json_that_is_not_sent_is_none(sandbox: CheckedSandbox, client: PatchworksClient) -> None:
    sandbox.faults.add("no-content")
    assert await client.flow_version_deployments.enable(1002, 4001) is None


async def test_adding_a_flow_version_gives_the_version_with_its_place(client: PatchworksClient) -> None:
    version = await client.packages.add_flow_version(20003, 1002, priority=7)
    assert isinstance(version, FlowVersion)
    assert (version.id, version.flow_name, version.priority) == (1002, "Orders to ERP", 7)
    assert version.pivot == {"package_id": 20003, "flow_version_id": 1002, "priority": 7}


async def test_metrics_are_dicts_as_the_server_sent_them(client: PatchworksClient) -> None:
    metrics = await client.flow_versions.list_metrics(101).to_list()
    assert metrics == [
        {"flow_version_id": 1001, "key": "runs", "total": 0, "values": []},
        {"flow_version_id": 1002, "key": "runs", "total": 3, "values": {"succeeded": 2, "failed": 1}},
        {"flow_version_id": 1003, "key": "runs", "total": 0, "values": []},
    ]


async def test_included_relations_become_models(client: PatchworksClient) -> None:
    package = await client.packages.get(20001, include=["flowVersions.deployments", "createdBy"])
    assert package.flow_versions
    assert [version.id for version in package.flow_versions] == [1002, 1005]
    deployments = package.flow_versions[0].deployments
    assert deployments
    assert deployments[0].enabled_at == datetime(2025, 5, 13, 10, tzinfo=UTC)


# Bodies.


async def test_the_version_in_the_body_is_the_paths_unless_told_otherwise(
    sandbox: CheckedSandbox, client: PatchworksClient
) -> None:
    await client.flow_version_deployments.create("1003")
    assert last(sandbox).body == {"flow_version_id": "1003"}
    with pytest.raises(UnprocessableEntityError) as caught:
        await client.flow_version_deployments.create(1003, flow_version_id=1002)
    assert last(sandbox).body == {"flow_version_id": 1002}
    assert set(caught.value.errors) == {"flow_version_id"}


async def test_unset_is_not_sent_and_none_is_null(sandbox: CheckedSandbox, client: PatchworksClient) -> None:
    await client.packages.create(name="A")
    assert last(sandbox).body == {"name": "A"}
    await client.packages.create(name="A", notes=UNSET)
    assert last(sandbox).body == {"name": "A"}
    await client.packages.create(name="A", notes=None)
    assert last(sandbox).body == {"name": "A", "notes": None}
    await client.packages.update(20001)
    assert last(sandbox).body == {}


async def test_labels_are_mappings_with_an_id(sandbox: CheckedSandbox, client: PatchworksClient) -> None:
    created = await client.virtual_environments.create(name="Demo", labels=({"id": 51}, {"id": "53"}))
    assert last(sandbox).body["labels"] == [{"id": 51}, {"id": "53"}]
    shown = await client.virtual_environments.get(created.id or 0, include="labels")
    assert [label["id"] for label in shown.labels or []] == [51, 53]


@pytest.mark.parametrize("identifier", [202, "202"])
async def test_identifiers_are_numbers_or_their_text(
    identifier: int | str, sandbox: CheckedSandbox, client: PatchworksClient
) -> None:
    environment = await client.virtual_environments.get(identifier)
    assert environment.id == 202
    deployment = await client.flow_version_deployments.create(1003, virtual_environment_id=identifier)
    assert last(sandbox).body["virtual_environment_id"] == identifier
    assert deployment.virtual_environment_id == 202


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01T09:30:00Z"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=-3))), "2026-03-01T12:30:00Z"),
        (datetime(2026, 3, 1, 9, 30, 0, 250, tzinfo=UTC), "2026-03-01T09:30:00.000250Z"),
    ],
)
async def test_datetimes_are_sent_in_utc(
    moment: datetime, text: str, sandbox: CheckedSandbox, client: PatchworksClient
) -> None:
    await client.flow_versions.create_schedule(1002, cron_string="0 6 * * *", deployed_at=moment)
    assert last(sandbox).body["deployed_at"] == text


@pytest.mark.parametrize("body", [{"config": {"a": [1, None, {"b": "ü"}]}}, {}, [], None, "text", 0])
async def test_a_graph_step_takes_any_json(body: Any, sandbox: CheckedSandbox, client: PatchworksClient) -> None:
    await client.flow_versions.update_graph_step(1003, 8005, body=body)
    assert last(sandbox).method == "PATCH"
    assert last(sandbox).body == body


# Paths.


@pytest.mark.parametrize(
    ("identifier", "segment"),
    [("a/b", "a%2Fb"), ("?x=1", "%3Fx%3D1"), ("#", "%23"), ("%2e", "%252e"), ("ä b", "%C3%A4%20b"), ("..;", "..%3B")],
)
async def test_an_identifier_is_one_path_segment(
    identifier: str, segment: str, sandbox: CheckedSandbox, client: PatchworksClient
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await client.packages.get(identifier)
    assert caught.value.path == f"/api/v1/packages/{segment}"
    assert last(sandbox).query == ""


@pytest.mark.parametrize("identifier", ["", ".", "..", True, None, 1.5, UUID(int=1)])
@pytest.mark.parametrize("case", ["get", "compare"])
async def test_what_is_no_identifier_is_refused_before_anything_is_sent(
    identifier: Any, case: str, sandbox: CheckedSandbox, client: PatchworksClient
) -> None:
    call = client.packages.get(identifier) if case == "get" else client.packages.compare(20001, identifier)
    with pytest.raises((ValueError, TypeError)):
        await call
    assert len(sandbox.requests) == 0
