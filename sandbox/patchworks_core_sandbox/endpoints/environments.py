"""`/virtual-environments`, their versions, and the list of those that have deployments."""

from typing import Any

from .. import rules
from ..errors import invalid_field
from ..json_types import JSON
from ..php import integer
from ..query import Listing, exact, partial
from ..resources import ENVIRONMENT, ENVIRONMENT_VERSION
from ..state import Environment, EnvironmentVersion, State
from ..validation import items_of
from .registry import Call, Reply, created, endpoint, message, shown


def _statuses(state: State, environment: Any) -> list[str]:
    return [version.status for version in state.versions_of_environment(environment.id)]


LISTING = Listing(
    ENVIRONMENT,
    filters={
        "name": partial(lambda _, row: row.name),
        "type": exact(lambda _, row: row.type),
        "status": exact(_statuses),
        "hasDeployedVersion": exact(lambda state, row: "Deployed" in _statuses(state, row)),
        "labelled": exact(lambda _, row: row.label_ids),
    },
    sorts={"name": lambda _, row: row.name},
    includes=(
        "versions",
        "firstVersion",
        "firstVersion.user",
        "deployments",
        "deployedVersion.variables",
        "deployments.flowVersion",
        "deployments.flowVersion.flow",
        "deployments.enabledBy",
        "deployments.user",
        "deployments.package",
        "packageDeployments.user",
        "packageDeployments.package",
        "labels",
    ),
)

VERSIONS = Listing(
    ENVIRONMENT_VERSION,
    sorts={"id": lambda _, row: row.id, "created_at": lambda _, row: row.created_at},
    includes=("virtualEnvironment",),
)


def _environment(call: Call) -> Environment:
    return call.row(call.state.environments, "virtual_environment")


def _version(call: Call) -> EnvironmentVersion:
    return call.child(call.state.environment_versions, "version", _environment(call), "virtual_environment_id")


def _fields(call: Call, name_length: int, but: Environment | None = None) -> JSON:
    """The body's fields, as the row has them. No other environment may have the same name."""
    fields = call.validated(
        {
            "name": f"required|string|max:{name_length}",
            "labels": "present|array",
            "labels.*.id": "required|integer|exists:labels",
            "description": "nullable|string|max:255",
            "type": "nullable|string",
        }
    )
    if any(row.name == fields["name"] and row is not but for row in call.state.environments):
        raise invalid_field("name", "The name has already been taken.")
    labels = items_of(fields.pop("labels"))
    return fields | {"label_ids": [integer(label["id"]) for _, label in labels]}


@endpoint("virtual_environments.list_deployed", "GET", "/flow-version-deployments/virtual-environments")
def list_deployed(call: Call) -> Reply:
    used = {row.virtual_environment_id for row in call.state.deployments}
    return call.page(LISTING, [row for row in call.state.environments if row.id in used])


@endpoint("virtual_environments.list", "GET", "/virtual-environments")
def list_(call: Call) -> Reply:
    return call.page(LISTING, call.state.environments)


@endpoint("virtual_environments.create", "POST", "/virtual-environments")
def create(call: Call) -> Reply:
    environment = call.state.environments.add(Environment(**_fields(call, 245)))
    return created(call, ENVIRONMENT, environment)


@endpoint("virtual_environments.get", "GET", "/virtual-environments/{virtual_environment}")
def get(call: Call) -> Reply:
    return call.one(LISTING, _environment(call))


@endpoint("virtual_environments.update", "PUT", "/virtual-environments/{virtual_environment}")
def update(call: Call) -> Reply:
    environment = _environment(call)
    fields = _fields(call, 255, but=environment)
    return shown(call, ENVIRONMENT, call.state.environments.change(environment, **fields))


@endpoint("virtual_environments.delete", "DELETE", "/virtual-environments/{virtual_environment}")
def delete(call: Call) -> Reply:
    rules.remove_environment(call.state, _environment(call))
    return message("Virtual environment deleted.")


@endpoint("virtual_environments.copy", "POST", "/virtual-environments/{virtual_environment}/copy")
def copy(call: Call) -> Reply:
    return created(call, ENVIRONMENT, rules.copy_environment(call.state, _environment(call), call.user))


@endpoint("virtual_environments.list_versions", "GET", "/virtual-environments/{virtual_environment}/versions")
def list_versions(call: Call) -> Reply:
    return call.page(VERSIONS, call.state.versions_of_environment(_environment(call).id))


@endpoint("virtual_environments.create_version", "POST", "/virtual-environments/{virtual_environment}/versions")
def create_version(call: Call) -> Reply:
    environment = _environment(call)
    fields = call.validated({"notes": "nullable|string"})
    version = EnvironmentVersion(virtual_environment_id=environment.id, user_id=call.user.id, **fields)
    return created(call, ENVIRONMENT_VERSION, call.state.environment_versions.add(version))


@endpoint("virtual_environments.get_version", "GET", "/virtual-environments/{virtual_environment}/versions/{version}")
def get_version(call: Call) -> Reply:
    return call.one(VERSIONS, _version(call))


@endpoint(
    "virtual_environments.update_version", "PUT", "/virtual-environments/{virtual_environment}/versions/{version}"
)
def update_version(call: Call) -> Reply:
    version = _version(call)
    fields = call.validated({"notes": "nullable|string"})
    return shown(call, ENVIRONMENT_VERSION, call.state.environment_versions.change(version, **fields))


@endpoint(
    "virtual_environments.delete_version", "DELETE", "/virtual-environments/{virtual_environment}/versions/{version}"
)
def delete_version(call: Call) -> Reply:
    rules.remove_environment_version(call.state, _version(call))
    return message("Virtual environment version deleted.")


@endpoint(
    "virtual_environments.copy_version", "POST", "/virtual-environments/{virtual_environment}/versions/{version}/copy"
)
def copy_version(call: Call) -> Reply:
    copy = rules.copy_environment_version(call.state, _version(call), call.user)
    return created(call, ENVIRONMENT_VERSION, copy)


@endpoint(
    "virtual_environments.deploy_version",
    "POST",
    "/virtual-environments/{virtual_environment}/versions/{version}/deploy",
)
def deploy_version(call: Call) -> Reply:
    version = _version(call)
    rules.deploy_environment_version(call.state, version)
    return shown(call, ENVIRONMENT_VERSION, version)
