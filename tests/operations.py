"""All 46 operations, each called through the client as a user would call it, and what comes of it.

Every proof that must leave no operation out begins here: the tests against the sandbox, the tests against a mock server
that knows only the spec. What is expected is what the sandbox's seed gives: flow 101 has the versions 1001 (inactive),
1002 (deployed) and 1003 (draft), flow 102 has 1004 and 1005; package 20001 holds 1002 and 1005 and is deployed to
environment 201 (deployments 4001 and 4002); 1007 is deployed everywhere (4003).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from patchworks_core_client import (
    FlowVersion,
    FlowVersionDeployment,
    FlowVersionSchedule,
    Message,
    Package,
    PatchworksClient,
    VirtualEnvironment,
    VirtualEnvironmentVersion,
)

SPEC = Path(__file__).parent.parent / "openapi" / "patchworks-core.json"

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOON_IN_INDIA = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@dataclass(frozen=True)
class Case:
    """One operation.

    Attributes:
        operation: The spec's operationId, which is also how the method is reached from the client.
        call: Calls it; a list is awaited, so that it gives one page.
        result: What it returns: a model class, `dict` for free JSON; `list` of these where `is_list`.
        shows: Keys and values that the result (a list's first item, what free JSON has under `data`) shows, as the
            server wrote them.
        body: The JSON that is sent; None for no body.
        status: What the sandbox answers.
    """

    operation: str
    call: Callable[[PatchworksClient], Awaitable[Any]]
    result: type[Any]
    shows: Mapping[str, Any]
    body: Any = None
    status: int = 200
    is_list: bool = False


def _page(operation: str, call: Callable[[PatchworksClient], Awaitable[Any]], item: type[Any], **shows: Any) -> Case:
    return Case(operation, call, item, shows, is_list=True)


def _said(operation: str, call: Callable[[PatchworksClient], Awaitable[Any]], text: str) -> Case:
    return Case(operation, call, Message, {"message": text})


CASES: tuple[Case, ...] = (
    # packages
    _page(
        "packages.list_deployed",
        lambda client: client.packages.list_deployed(
            filter={"name": "Check"}, include=["createdBy", "flowVersions.deployments"], sort="name", page=1, per_page=5
        ),
        Package,
        id=20001,
        name="Checkout",
        deployments_count=1,
    ),
    _page(
        "packages.list",
        lambda client: client.packages.list(filter={"name": "o"}, include="virtualEnvironments", sort="-name"),
        Package,
        id=20002,
        name="Stock",
        virtual_environments=[],
    ),
    Case(
        "packages.create",
        lambda client: client.packages.create(name="New", notes=None),
        Package,
        {"name": "New", "notes": None, "flow_versions_count": 0},
        {"name": "New", "notes": None},
        201,
    ),
    Case(
        "packages.get",
        lambda client: client.packages.get(20001, include=["createdBy"]),
        Package,
        {"id": 20001, "name": "Checkout", "flow_versions_count": 2},
    ),
    Case(
        "packages.update",
        lambda client: client.packages.update("20001", name="Checkout 2"),
        Package,
        {"id": 20001, "name": "Checkout 2", "notes": None},
        {"name": "Checkout 2"},
    ),
    _said("packages.delete", lambda client: client.packages.delete(20002), "Package deleted."),
    Case(
        "packages.compare",
        lambda client: client.packages.compare(20002, 201),
        dict,
        {"package_id": 20002, "virtual_environment_id": 201},
    ),
    Case(
        "packages.deploy",
        lambda client: client.packages.deploy(20002, 202, notes="go"),
        dict,
        {"package_id": 20002, "virtual_environment_id": 202, "notes": "go"},
        {"notes": "go"},
        201,
    ),
    Case(
        "packages.add_flow_version",
        lambda client: client.packages.add_flow_version(20003, 1002, priority=3),
        FlowVersion,
        {"id": 1002, "flow_id": 101, "priority": 3},
        {"priority": 3},
        201,
    ),
    _said(
        "packages.remove_flow_version",
        lambda client: client.packages.remove_flow_version(20001, 1002),
        "Flow version removed from package.",
    ),
    _said(
        "packages.remove_virtual_environment",
        lambda client: client.packages.remove_virtual_environment(20001, 201),
        "Virtual environment removed from package.",
    ),
    # flow_version_deployments
    _page(
        "flow_version_deployments.list",
        lambda client: client.flow_version_deployments.list(
            filter={"virtual_environment_id": 201, "global": False},
            include=["flowVersion", "virtualEnvironment"],
            sort=["flow_name", "-created_at"],
        ),
        FlowVersionDeployment,
        id=4001,
        flow_version_id=1002,
        package_id=20001,
    ),
    _page(
        "flow_version_deployments.list_for_flow_version",
        lambda client: client.flow_version_deployments.list_for_flow_version(1007),
        FlowVersionDeployment,
        id=4003,
        flow_version_id=1007,
        virtual_environment_id=None,
    ),
    Case(
        "flow_version_deployments.create",
        lambda client: client.flow_version_deployments.create(
            1003, virtual_environment_id=202, priority=1, deploy_disabled=True
        ),
        FlowVersionDeployment,
        {"flow_version_id": 1003, "virtual_environment_id": 202, "priority": 1, "enabled_at": None},
        {"virtual_environment_id": 202, "flow_version_id": 1003, "priority": 1, "deploy_disabled": True},
        201,
    ),
    Case(
        "flow_version_deployments.get",
        lambda client: client.flow_version_deployments.get(1002, 4001),
        FlowVersionDeployment,
        {"id": 4001, "flow_version_id": 1002, "enabled_at": "2025-05-13T10:00:00+00:00"},
    ),
    Case(
        "flow_version_deployments.update",
        lambda client: client.flow_version_deployments.update(1002, 4001, enabled_at=NOON, priority=None),
        FlowVersionDeployment,
        {"id": 4001, "enabled_at": "2026-01-01T12:00:00+00:00", "priority": None},
        {"priority": None, "enabled_at": "2026-01-01T12:00:00Z"},
    ),
    _said(
        "flow_version_deployments.delete",
        lambda client: client.flow_version_deployments.delete(1002, 4001),
        "Flow version deployment deleted.",
    ),
    Case(
        "flow_version_deployments.enable",
        lambda client: client.flow_version_deployments.enable(1002, 4001),
        dict,
        {"id": 4001, "flow_version_id": 1002},
    ),
    Case(
        "flow_version_deployments.disable",
        lambda client: client.flow_version_deployments.disable(1002, 4001),
        dict,
        {"id": 4001, "enabled_at": None},
    ),
    # virtual_environments
    _page(
        "virtual_environments.list_deployed",
        lambda client: client.virtual_environments.list_deployed(
            filter={"hasDeployedVersion": True}, include="deployments.flowVersion.flow", sort="name"
        ),
        VirtualEnvironment,
        id=201,
        name="Production",
        is_deployed=True,
    ),
    _page(
        "virtual_environments.list",
        lambda client: client.virtual_environments.list(
            filter={"labelled": [51, 52]}, include=["labels"], sort="-name", per_page=100
        ),
        VirtualEnvironment,
        id=202,
        name="Staging",
        labels=[{"id": 52, "name": "Staging", "colour": "#fa0"}],
    ),
    Case(
        "virtual_environments.create",
        lambda client: client.virtual_environments.create(name="Demo", labels=[{"id": 51}, {"id": "52"}], type=None),
        VirtualEnvironment,
        {"name": "Demo", "type": None, "description": None},
        {"type": None, "name": "Demo", "labels": [{"id": 51}, {"id": "52"}]},
        201,
    ),
    Case(
        "virtual_environments.get",
        lambda client: client.virtual_environments.get(201, include=["firstVersion", "labels"]),
        VirtualEnvironment,
        {"id": 201, "name": "Production", "versions_count": 2},
    ),
    Case(
        "virtual_environments.update",
        lambda client: client.virtual_environments.update(201, name="Live", labels=[], description="The shop"),
        VirtualEnvironment,
        {"id": 201, "name": "Live", "description": "The shop"},
        {"description": "The shop", "name": "Live", "labels": []},
    ),
    _said(
        "virtual_environments.delete",
        lambda client: client.virtual_environments.delete(203),
        "Virtual environment deleted.",
    ),
    Case(
        "virtual_environments.copy",
        lambda client: client.virtual_environments.copy(201),
        dict,
        {"name": "Production (copy)", "versions_count": 1},
        status=201,
    ),
    _page(
        "virtual_environments.list_versions",
        lambda client: client.virtual_environments.list_versions(201, include="virtualEnvironment", sort="-id"),
        VirtualEnvironmentVersion,
        id=3002,
        status="Deployed",
    ),
    Case(
        "virtual_environments.create_version",
        lambda client: client.virtual_environments.create_version(201, notes="new"),
        VirtualEnvironmentVersion,
        {"virtual_environment_id": 201, "notes": "new", "status": "Draft", "iteration": 3},
        {"notes": "new"},
        201,
    ),
    Case(
        "virtual_environments.get_version",
        lambda client: client.virtual_environments.get_version(201, 3001),
        VirtualEnvironmentVersion,
        {"id": 3001, "virtual_environment_id": 201, "status": "Inactive"},
    ),
    Case(
        "virtual_environments.update_version",
        lambda client: client.virtual_environments.update_version(201, 3001, notes="old"),
        VirtualEnvironmentVersion,
        {"id": 3001, "notes": "old"},
        {"notes": "old"},
    ),
    _said(
        "virtual_environments.delete_version",
        lambda client: client.virtual_environments.delete_version(201, 3001),
        "Virtual environment version deleted.",
    ),
    Case(
        "virtual_environments.copy_version",
        lambda client: client.virtual_environments.copy_version(201, 3001),
        dict,
        {"virtual_environment_id": 201, "status": "Draft"},
        status=201,
    ),
    Case(
        "virtual_environments.deploy_version",
        lambda client: client.virtual_environments.deploy_version(201, 3001),
        dict,
        {"id": 3001, "status": "Deployed", "is_deployed": True},
    ),
    # flow_versions
    _page(
        "flow_versions.list",
        lambda client: client.flow_versions.list(101, include=["steps", "latestRun"], sort="-created_at"),
        FlowVersion,
        id=1003,
        flow_id=101,
        iteration=3,
        latest_run=None,
    ),
    Case(
        "flow_versions.create",
        lambda client: client.flow_versions.create(102),
        FlowVersion,
        {"flow_id": 102, "status": "Draft", "iteration": 3},
        status=201,
    ),
    Case(
        "flow_versions.get",
        lambda client: client.flow_versions.get(101, 1002),
        FlowVersion,
        {"id": 1002, "flow_name": "Orders to ERP", "has_callback_step": False, "is_deployed": True},
    ),
    Case(
        "flow_versions.update",
        lambda client: client.flow_versions.update(101, 1001, deployed_at=NOON_IN_INDIA),
        FlowVersion,
        {"id": 1001, "status": "Deployed", "deployed_at": "2026-01-01 06:30:00"},
        {"deployed_at": "2026-01-01T06:30:00Z"},
    ),
    _said("flow_versions.delete", lambda client: client.flow_versions.delete(101, 1003), "Flow version deleted."),
    Case(
        "flow_versions.copy",
        lambda client: client.flow_versions.copy(101, 1002),
        dict,
        {"flow_id": 101, "parent_id": 1002, "status": "Draft"},
        status=201,
    ),
    Case(
        "flow_versions.upload",
        lambda client: client.flow_versions.upload(1002, private="true"),
        dict,
        {"flow_version_id": 1002, "marketplace_app_id": 6002},
        {"private": "true"},
    ),
    _page(
        "flow_versions.list_metrics",
        lambda client: client.flow_versions.list_metrics(101),
        dict,
        flow_version_id=1001,
        key="runs",
        total=0,
        values=[],
    ),
    _page(
        "flow_versions.list_schedules",
        lambda client: client.flow_versions.list_schedules(
            1002, filter={"flow_version_id": 1002}, include="flowVersion", page=1, per_page=1
        ),
        FlowVersionSchedule,
        id=701,
        cron_string="0 6 * * *",
    ),
    Case(
        "flow_versions.create_schedule",
        lambda client: client.flow_versions.create_schedule(1002, cron_string="0 6 * * 1", deployed_at=NOON),
        FlowVersionSchedule,
        {"flow_version_id": 1002, "cron_string": "0 6 * * 1", "deployed_at": "2026-01-01T12:00:00"},
        {"cron_string": "0 6 * * 1", "deployed_at": "2026-01-01T12:00:00Z"},
        201,
    ),
    Case(
        "flow_versions.update_schedule",
        lambda client: client.flow_versions.update_schedule(1002, 701, deployed_at=None),
        FlowVersionSchedule,
        {"id": 701, "cron_string": "0 6 * * *", "deployed_at": None},
        {"deployed_at": None},
    ),
    _said(
        "flow_versions.delete_schedule",
        lambda client: client.flow_versions.delete_schedule(1002, 701),
        "Flow version schedule deleted.",
    ),
    Case(
        "flow_versions.update_graph_step",
        lambda client: client.flow_versions.update_graph_step(1003, 8005, body={"config": {"depth": [1, None]}}),
        dict,
        {"id": 8005, "config": {"depth": [1, None]}},
        {"config": {"depth": [1, None]}},
    ),
)


def documented_operations() -> dict[str, dict[str, Any]]:
    """The spec's operations by operationId, each with its method and path."""
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    return {
        operation["operationId"]: {**operation, "method": method.upper(), "path": path}
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    }
