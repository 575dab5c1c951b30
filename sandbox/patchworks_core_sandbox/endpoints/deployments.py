"""`/flow-version-deployments` and `/flow-versions/{flow_version}/deployments`."""

from collections.abc import Callable
from typing import Any

from .. import rules
from ..errors import invalid_field
from ..php import integer
from ..query import Listing, exact, partial
from ..resources import DEPLOYMENT, deployment_fields
from ..state import Deployment, FlowVersion, State
from ..validation import as_boolean, as_date
from .registry import Call, Reply, created, endpoint, message, shown


def _field(name: str) -> Callable[[State, Any], Any]:
    return lambda state, row: deployment_fields(state, row)[name]


LISTING = Listing(
    DEPLOYMENT,
    filters={
        "package_id": exact(lambda _, row: row.package_id),
        "virtual_environment_id": exact(lambda _, row: row.virtual_environment_id),
        "global": exact(lambda _, row: row.virtual_environment_id is None),
        "flowVersion.flow": exact(_field("flow_id")),
        "name": partial(_field("flow_name")),
    },
    sorts={
        "created_at": lambda _, row: row.created_at,
        "enabled_at": lambda _, row: row.enabled_at,
        "flow_name": _field("flow_name"),
        "flow_version_iteration": _field("iteration"),
    },
    includes=("enabledBy", "flowVersion", "virtualEnvironment", "package", "user"),
)

OF_FLOW_VERSION = Listing(DEPLOYMENT, includes=())


def _version(call: Call) -> FlowVersion:
    return call.row(call.state.flow_versions, "flow_version")


def _deployment(call: Call) -> Deployment:
    return call.child(call.state.deployments, "deployment", _version(call), "flow_version_id")


@endpoint("flow_version_deployments.list", "GET", "/flow-version-deployments")
def list_(call: Call) -> Reply:
    return call.page(LISTING, call.state.deployments)


@endpoint("flow_version_deployments.list_for_flow_version", "GET", "/flow-versions/{flow_version}/deployments")
def list_for_flow_version(call: Call) -> Reply:
    return call.page(OF_FLOW_VERSION, call.state.deployments_of(flow_version=_version(call).id))


@endpoint("flow_version_deployments.create", "POST", "/flow-versions/{flow_version}/deployments")
def create(call: Call) -> Reply:
    version = _version(call)
    fields = call.validated(
        {
            "flow_version_id": "required|integer|exists:flow_versions",
            "virtual_environment_id": "nullable|integer|exists:environments",
            "priority": "nullable|integer",
            "deploy_disabled": "nullable|boolean",
        }
    )
    if integer(fields["flow_version_id"]) != version.id:
        raise invalid_field("flow_version_id", "The selected flow version id is invalid.")
    environment = integer(fields.get("virtual_environment_id"))
    if call.state.deployments_of(flow_version=version.id, environment=environment) and environment is not None:
        raise invalid_field(
            "virtual_environment_id", "The flow version is already deployed to this virtual environment."
        )
    deployment = rules.deploy_flow_version(
        call.state,
        version,
        call.user,
        environment=environment,
        priority=integer(fields.get("priority")),
        enabled=not as_boolean(fields.get("deploy_disabled")),
    )
    return created(call, DEPLOYMENT, deployment)


@endpoint("flow_version_deployments.get", "GET", "/flow-versions/{flow_version}/deployments/{deployment}")
def get(call: Call) -> Reply:
    return call.one(LISTING, _deployment(call))


@endpoint("flow_version_deployments.update", "PUT", "/flow-versions/{flow_version}/deployments/{deployment}")
def update(call: Call) -> Reply:
    deployment = _deployment(call)
    fields = call.validated(
        {
            "virtual_environment_id": "nullable|integer|exists:environments",
            "priority": "nullable|integer",
            "enabled_at": "nullable|date",
            "deploy_disabled": "nullable|boolean",
        }
    )
    disabled = as_boolean(fields.pop("deploy_disabled", None))
    values = {name: as_date(value) if name == "enabled_at" else integer(value) for name, value in fields.items()}
    if disabled:
        values["enabled_at"] = None
    if "enabled_at" in values:
        values["enabled_by"] = call.user.id if values["enabled_at"] else None
    return shown(call, DEPLOYMENT, call.state.deployments.change(deployment, **values))


@endpoint("flow_version_deployments.delete", "DELETE", "/flow-versions/{flow_version}/deployments/{deployment}")
def delete(call: Call) -> Reply:
    call.state.deployments.remove(_deployment(call))
    return message("Flow version deployment deleted.")


@endpoint("flow_version_deployments.enable", "POST", "/flow-versions/{flow_version}/deployments/{deployment}/enable")
def enable(call: Call) -> Reply:
    deployment = _deployment(call)
    now = call.state.clock.now()
    return shown(call, DEPLOYMENT, call.state.deployments.change(deployment, enabled_at=now, enabled_by=call.user.id))


@endpoint("flow_version_deployments.disable", "POST", "/flow-versions/{flow_version}/deployments/{deployment}/disable")
def disable(call: Call) -> Reply:
    deployment = _deployment(call)
    return shown(call, DEPLOYMENT, call.state.deployments.change(deployment, enabled_at=None, enabled_by=None))
