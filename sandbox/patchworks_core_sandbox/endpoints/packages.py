"""`/packages`, and the list of those that are deployed."""

from .. import rules
from ..errors import no_such_row
from ..json_types import JSON
from ..php import integer
from ..query import Listing, partial
from ..resources import FLOW_VERSION_IN_PACKAGE, PACKAGE, PACKAGE_DEPLOYMENT, flow_fields, flow_version_fields
from ..state import Environment, FlowVersion, Package, State
from .registry import Call, Reply, created, endpoint, message, shown

LISTING = Listing(
    PACKAGE,
    filters={"name": partial(lambda _, row: row.name)},
    sorts={"name": lambda _, row: row.name},
    includes=(
        "createdBy",
        "flowVersions.deployments",
        "virtualEnvironments",
        "deployments.virtualEnvironment.deployedVersion",
        "deployments.user",
        "package",
        "flowVersionDeployments",
    ),
)


def _package(call: Call) -> Package:
    return call.row(call.state.packages, "package")


def _environment(call: Call) -> Environment:
    return call.row(call.state.environments, "virtual_environment")


@endpoint("packages.list_deployed", "GET", "/flow-version-deployments/packages")
def list_deployed(call: Call) -> Reply:
    deployed = {row.package_id for row in call.state.deployments if row.virtual_environment_id}
    return call.page(LISTING, [row for row in call.state.packages if row.id in deployed])


@endpoint("packages.list", "GET", "/packages")
def list_(call: Call) -> Reply:
    return call.page(LISTING, call.state.packages)


@endpoint("packages.create", "POST", "/packages")
def create(call: Call) -> Reply:
    fields = call.validated({"name": "required|string|max:255", "notes": "nullable|string|max:255"})
    return created(call, PACKAGE, call.state.packages.add(Package(**fields, created_by=call.user.id)))


@endpoint("packages.get", "GET", "/packages/{package}")
def get(call: Call) -> Reply:
    return call.one(LISTING, _package(call))


@endpoint("packages.update", "PUT", "/packages/{package}")
def update(call: Call) -> Reply:
    package = _package(call)
    fields = call.validated({"name": "string|max:255", "notes": "nullable|string|max:255"})
    return shown(call, PACKAGE, call.state.packages.change(package, **fields))


@endpoint("packages.delete", "DELETE", "/packages/{package}")
def delete(call: Call) -> Reply:
    rules.remove_package(call.state, _package(call))
    return message("Package deleted.")


@endpoint("packages.compare", "GET", "/packages/{package}/compare/{virtual_environment}")
def compare(call: Call) -> Reply:
    package, environment = _package(call), _environment(call)
    pivots = call.state.pivots_of_package(package.id)
    flows = [_compared(call.state, call.state.flow_versions[pivot.flow_version_id], environment) for pivot in pivots]
    return Reply({"data": {"package_id": package.id, "virtual_environment_id": environment.id, "flows": flows}})


def _compared(state: State, version: FlowVersion, environment: Environment) -> JSON:
    """A flow's version in the package beside the one that runs in the environment now."""
    running = None
    for deployment in state.deployments_of(environment=environment.id):
        other = state.flow_versions.get(deployment.flow_version_id)
        if other and other.flow_id == version.flow_id:
            running = other
    change = "added" if running is None else "unchanged" if running is version else "changed"
    return {
        "flow": flow_fields(state, state.flows[version.flow_id]),
        "change": change,
        "package_version": flow_version_fields(state, version),
        "environment_version": running and flow_version_fields(state, running),
    }


@endpoint("packages.deploy", "POST", "/packages/{package}/deploy/{virtual_environment}")
def deploy(call: Call) -> Reply:
    package, environment = _package(call), _environment(call)
    fields = call.validated({"notes": "nullable|string"})
    record = rules.deploy_package(call.state, package, environment, call.user, fields.get("notes"))
    return created(call, PACKAGE_DEPLOYMENT, record)


@endpoint("packages.add_flow_version", "POST", "/packages/{package}/flow-versions/{flow_version}")
def add_flow_version(call: Call) -> Reply:
    package, version = _package(call), call.row(call.state.flow_versions, "flow_version")
    fields = call.validated({"priority": "nullable|integer|min:1|max:100"})
    pivot = rules.add_to_package(call.state, package, version, integer(fields.get("priority")))
    return created(call, FLOW_VERSION_IN_PACKAGE, pivot)


@endpoint("packages.remove_flow_version", "DELETE", "/packages/{package}/flow-versions/{flow_version}")
def remove_flow_version(call: Call) -> Reply:
    package, version = _package(call), call.row(call.state.flow_versions, "flow_version")
    pivots = [row for row in call.state.pivots_of_package(package.id) if row.flow_version_id == version.id]
    if not pivots:
        raise no_such_row("FlowVersion", str(version.id))
    call.state.package_flow_versions.remove(pivots[0])
    return message("Flow version removed from package.")


@endpoint(
    "packages.remove_virtual_environment", "DELETE", "/packages/{package}/virtual-environments/{virtual_environment}"
)
def remove_virtual_environment(call: Call) -> Reply:
    package, environment = _package(call), _environment(call)
    if not rules.withdraw_package(call.state, package, environment):
        raise no_such_row("VirtualEnvironment", str(environment.id))
    return message("Virtual environment removed from package.")
