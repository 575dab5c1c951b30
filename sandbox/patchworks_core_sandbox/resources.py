"""Rows as the server sends them: flat objects, and the relations that were asked for.

The values are the server's, not the documentation's: integers where strings are documented, nulls, an empty object as
`[]`, and dates in a different form from one resource to the next.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .json_types import JSON, is_list
from .state import (
    Deployment,
    Environment,
    EnvironmentVersion,
    Flow,
    FlowVersion,
    Label,
    Package,
    PackageDeployment,
    PackageFlowVersion,
    Row,
    Run,
    Schedule,
    State,
    Step,
    User,
)

Includes = Mapping[str, "Includes"]
"""Relations to show, each with the relations to show of it."""


@dataclass(frozen=True)
class Relation:
    """How a relation is shown: under `key`, each row that `load` gives as the resource `shows` (None: as it is)."""

    key: str
    shows: str | None
    load: Callable[[State, Any], Any]


@dataclass(frozen=True)
class Resource:
    name: str
    fields: Callable[[State, Any], JSON]
    relations: Mapping[str, Relation]

    def render(self, state: State, row: Row, includes: Includes) -> JSON:
        shown = self.fields(state, row)
        for name, deeper in includes.items():
            if name in self.relations:
                relation = self.relations[name]
                shown[relation.key] = _render_related(state, relation, row, deeper)
            elif found := re.fullmatch(r"(\w+)(Count|Exists)", name):
                related = self.relations[found[1]].load(state, row)
                count = len(related) if is_list(related) else int(related is not None)
                key = re.sub("([A-Z])", r"_\1", name).lower()
                shown[key] = count if found[2] == "Count" else count > 0
        return shown


def _render_related(state: State, relation: Relation, row: Row, includes: Includes) -> Any:
    related = relation.load(state, row)
    if related is None or relation.shows is None:
        return related
    resource = RESOURCES[relation.shows]
    if isinstance(related, Row):
        return resource.render(state, related, includes)
    return [resource.render(state, item, includes) for item in related]


# Dates. Laravel's own form, the ISO form with an offset, and what MySQL gives.


def zulu(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if value else None


def offset(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%S+00:00") if value else None


def naive(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%S") if value else None


def mysql(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%d %H:%M:%S") if value else None


def php_object(value: Mapping[str, Any]) -> Any:
    """A JSON object as PHP sends it: an empty one is an empty list."""
    return dict(value) or []


# Fields.


def columns(row: Row, names: str) -> JSON:
    """The row's own values, by the names of its attributes."""
    return {name: getattr(row, name) for name in names.split()}


def dates(row: Row, form: Callable[[datetime | None], str | None]) -> JSON:
    return {"created_at": form(row.created_at), "updated_at": form(row.updated_at)}


def user_fields(_: State, row: User) -> JSON:
    return columns(row, "id name email") | {"created_at": zulu(row.created_at)}


def label_fields(_: State, row: Label) -> JSON:
    return columns(row, "id name colour")


def flow_fields(state: State, row: Flow) -> JSON:
    counts = {"versions_count": len(state.versions_of_flow(row.id)), "flow_folder_id": None}
    return columns(row, "id name description is_enabled priority") | counts | dates(row, zulu)


def flow_version_fields(state: State, row: FlowVersion) -> JSON:
    flow = state.flows.get(row.flow_id)
    own = columns(row, "id flow_id parent_id status has_callback_step saved_by deployed_by")
    return {
        **own,
        "flow_name": flow and flow.name,
        "flow_priority": flow and flow.priority,
        "iteration": state.iteration(row),
        "is_deployed": row.status == "Deployed",
        "is_editable": row.status == "Draft",
        "steps_count": sum(1 for step in state.steps if step.flow_version_id == row.id),
        "date_format": None,
        "config": php_object({}),
        "saved_at": mysql(row.saved_at),
        "deployed_at": mysql(row.deployed_at),
        **dates(row, zulu),
    }


def step_fields(_: State, row: Step) -> JSON:
    own = columns(row, "id flow_version_id key microservice type parent_id flow_step_route_id")
    return own | {"config": php_object(row.config)} | dates(row, zulu)


def run_fields(_: State, row: Run) -> JSON:
    times = {"started_at": offset(row.created_at), "finished_at": offset(row.finished_at)}
    return columns(row, "id flow_version_id status") | times


def schedule_fields(_: State, row: Schedule) -> JSON:
    own = columns(row, "id flow_version_id cron_string")
    return own | {"deployed_at": naive(row.deployed_at)} | dates(row, naive)


def package_fields(state: State, row: Package) -> JSON:
    counts = {
        "flow_versions_count": len(state.pivots_of_package(row.id)),
        "deployments_count": len(state.package_deployments_of(package=row.id)),
        "flow_version_deployments_count": len(state.deployments_of(package=row.id)),
    }
    return columns(row, "id name notes created_by") | counts | dates(row, zulu)


def pivot_fields(state: State, row: PackageFlowVersion) -> JSON:
    """A flow version in a package: the version, and its place in the package under `pivot`."""
    version = state.flow_versions[row.flow_version_id]
    pivot = columns(row, "package_id flow_version_id priority")
    return flow_version_fields(state, version) | {"priority": row.priority, "pivot": pivot}


def package_deployment_fields(_: State, row: PackageDeployment) -> JSON:
    return columns(row, "id package_id virtual_environment_id user_id notes") | dates(row, offset)


def environment_fields(state: State, row: Environment) -> JSON:
    deployed = state.deployed_version_of_environment(row.id)
    return {
        **columns(row, "id name type description"),
        "is_deployed": deployed is not None,
        "deployed_at": deployed and mysql(deployed.deployed_at),
        "versions_count": len(state.versions_of_environment(row.id)),
        "deployments_count": len(state.deployments_of(environment=row.id)),
        "pivot": None,
        **dates(row, mysql),
    }


def environment_version_fields(state: State, row: EnvironmentVersion) -> JSON:
    siblings = state.versions_of_environment(row.virtual_environment_id)
    return {
        **columns(row, "id virtual_environment_id status notes user_id"),
        "iteration": sum(1 for other in siblings if other.id <= row.id),
        "is_deployed": row.status == "Deployed",
        "deployed_at": offset(row.deployed_at),
        **dates(row, offset),
    }


def deployment_fields(state: State, row: Deployment) -> JSON:
    version = state.flow_versions.get(row.flow_version_id)
    flow = version and state.flows.get(version.flow_id)
    return {
        **columns(row, "id flow_version_id virtual_environment_id package_id priority user_id"),
        "flow_id": flow and flow.id,
        "flow_name": flow and flow.name,
        "flow_priority": flow and flow.priority,
        "iteration": version and state.iteration(version),
        "enabled_at": offset(row.enabled_at),
        **dates(row, offset),
    }


# Relations, by the names that `include` takes.


def _one(key: str, shows: str, table: str, attribute: str) -> Relation:
    """The row of `table` whose id stands in `attribute`."""
    return Relation(key, shows, lambda state, row: getattr(state, table).get(getattr(row, attribute)))


def _many(key: str, shows: str, table: str, attribute: str) -> Relation:
    """The rows of `table` in whose `attribute` the row's id stands."""
    return Relation(
        key, shows, lambda state, row: [item for item in getattr(state, table) if getattr(item, attribute) == row.id]
    )


def _last_run(state: State, version: FlowVersion) -> Run | None:
    return max((run for run in state.runs if run.flow_version_id == version.id), key=lambda run: run.id, default=None)


def _environments_of_package(state: State, package: Package) -> list[Environment]:
    ids = {row.virtual_environment_id for row in state.package_deployments_of(package=package.id)}
    return [environment for environment in state.environments if environment.id in ids]


def _labels_of_environment(state: State, environment: Environment) -> list[Label]:
    return [label for label in state.labels if label.id in environment.label_ids]


def _first_version(state: State, environment: Environment) -> EnvironmentVersion | None:
    return next(iter(state.versions_of_environment(environment.id)), None)


USER = Resource("user", user_fields, {})
LABEL = Resource("label", label_fields, {})
FLOW = Resource("flow", flow_fields, {"versions": _many("versions", "flow_version", "flow_versions", "flow_id")})
STEP = Resource("step", step_fields, {})
RUN = Resource("run", run_fields, {})
SCHEDULE = Resource(
    "schedule",
    schedule_fields,
    {"flowVersion": _one("flow_version", "flow_version", "flow_versions", "flow_version_id")},
)
FLOW_VERSION = Resource(
    "flow_version",
    flow_version_fields,
    {
        "flow": _one("flow", "flow", "flows", "flow_id"),
        "savedByUser": _one("saved_by_user", "user", "users", "saved_by"),
        "deployedByUser": _one("deployed_by_user", "user", "users", "deployed_by"),
        "steps": _many("steps", "step", "steps", "flow_version_id"),
        "runs": _many("runs", "run", "runs", "flow_version_id"),
        "latestRun": Relation("latest_run", "run", _last_run),
        "schedules": _many("schedules", "schedule", "schedules", "flow_version_id"),
        "filters": Relation("filters", None, lambda _, row: row.filters),
        "variables": Relation("variables", None, lambda _, row: row.variables),
        "deployments": _many("deployments", "deployment", "deployments", "flow_version_id"),
    },
)
FLOW_VERSION_IN_PACKAGE = Resource(
    "flow_version_in_package",
    pivot_fields,
    {
        "deployments": Relation(
            "deployments",
            "deployment",
            lambda state, pivot: state.deployments_of(flow_version=pivot.flow_version_id),
        ),
    },
)
PACKAGE = Resource(
    "package",
    package_fields,
    {
        "createdBy": _one("created_by_user", "user", "users", "created_by"),
        "flowVersions": _many("flow_versions", "flow_version_in_package", "package_flow_versions", "package_id"),
        "virtualEnvironments": Relation("virtual_environments", "environment", _environments_of_package),
        "deployments": _many("deployments", "package_deployment", "package_deployments", "package_id"),
        # Documented among a package's relations, though it belongs to a deployment: allowed, and empty.
        "package": Relation("package", None, lambda _, __: None),
        "flowVersionDeployments": _many("flow_version_deployments", "deployment", "deployments", "package_id"),
    },
)
PACKAGE_DEPLOYMENT = Resource(
    "package_deployment",
    package_deployment_fields,
    {
        "package": _one("package", "package", "packages", "package_id"),
        "virtualEnvironment": _one("virtual_environment", "environment", "environments", "virtual_environment_id"),
        "user": _one("user", "user", "users", "user_id"),
    },
)
ENVIRONMENT = Resource(
    "environment",
    environment_fields,
    {
        "labels": Relation("labels", "label", _labels_of_environment),
        "versions": _many("versions", "environment_version", "environment_versions", "virtual_environment_id"),
        "firstVersion": Relation("first_version", "environment_version", _first_version),
        "deployedVersion": Relation(
            "deployed_version",
            "environment_version",
            lambda state, row: state.deployed_version_of_environment(row.id),
        ),
        "deployments": _many("deployments", "deployment", "deployments", "virtual_environment_id"),
        "packageDeployments": _many(
            "package_deployments", "package_deployment", "package_deployments", "virtual_environment_id"
        ),
    },
)
ENVIRONMENT_VERSION = Resource(
    "environment_version",
    environment_version_fields,
    {
        "virtualEnvironment": _one("virtual_environment", "environment", "environments", "virtual_environment_id"),
        "user": _one("user", "user", "users", "user_id"),
        "variables": Relation("variables", None, lambda _, row: row.variables),
    },
)
DEPLOYMENT = Resource(
    "deployment",
    deployment_fields,
    {
        "enabledBy": _one("enabled_by", "user", "users", "enabled_by"),
        "flowVersion": _one("flow_version", "flow_version", "flow_versions", "flow_version_id"),
        "virtualEnvironment": _one("virtual_environment", "environment", "environments", "virtual_environment_id"),
        "package": _one("package", "package", "packages", "package_id"),
        "user": _one("user", "user", "users", "user_id"),
    },
)

RESOURCES = {
    resource.name: resource
    for resource in (
        USER,
        LABEL,
        FLOW,
        STEP,
        RUN,
        SCHEDULE,
        FLOW_VERSION,
        FLOW_VERSION_IN_PACKAGE,
        PACKAGE,
        PACKAGE_DEPLOYMENT,
        ENVIRONMENT,
        ENVIRONMENT_VERSION,
        DEPLOYMENT,
    )
}
