"""`/flows/{flow}/versions`, their schedules and steps, and what else a flow version can do."""

from .. import rules
from ..json_types import JSON
from ..query import Listing, exact
from ..resources import FLOW_VERSION, SCHEDULE, STEP, php_object
from ..state import Flow, FlowVersion, Schedule
from ..validation import as_date
from .registry import Call, Reply, created, endpoint, message, shown

LISTING = Listing(
    FLOW_VERSION,
    sorts={"created_at": lambda _, row: row.created_at},
    includes=(
        "savedByUser",
        "deployedByUser",
        "steps",
        "runs",
        "latestRun",
        "schedules",
        "filters",
        "variables",
    ),
)

SCHEDULES = Listing(
    SCHEDULE,
    filters={"flow_version_id": exact(lambda _, row: row.flow_version_id)},
    includes=("flowVersion",),
)


def _flow(call: Call) -> Flow:
    return call.row(call.state.flows, "flow")


def _version_of_flow(call: Call) -> FlowVersion:
    return call.child(call.state.flow_versions, "version", _flow(call), "flow_id")


def _version(call: Call) -> FlowVersion:
    return call.row(call.state.flow_versions, "flow_version")


def _schedule(call: Call) -> Schedule:
    return call.child(call.state.schedules, "schedule", _version(call), "flow_version_id")


@endpoint("flow_versions.list", "GET", "/flows/{flow}/versions")
def list_(call: Call) -> Reply:
    return call.page(LISTING, call.state.versions_of_flow(_flow(call).id))


@endpoint("flow_versions.create", "POST", "/flows/{flow}/versions")
def create(call: Call) -> Reply:
    flow = _flow(call)
    rules.require_no_draft(call.state, flow.id)
    version = FlowVersion(flow_id=flow.id, saved_by=call.user.id, saved_at=call.state.clock.now())
    return created(call, FLOW_VERSION, call.state.flow_versions.add(version))


@endpoint("flow_versions.get", "GET", "/flows/{flow}/versions/{version}")
def get(call: Call) -> Reply:
    return call.one(LISTING, _version_of_flow(call))


@endpoint("flow_versions.update", "PUT", "/flows/{flow}/versions/{version}")
def update(call: Call) -> Reply:
    version = _version_of_flow(call)
    fields = call.validated({"deployed_at": "nullable|date"})
    if fields.get("deployed_at"):
        rules.mark_deployed(call.state, version, call.user, as_date(fields["deployed_at"]))
    elif "deployed_at" in fields:
        rules.mark_undeployed(call.state, version)
    return shown(call, FLOW_VERSION, version)


@endpoint("flow_versions.delete", "DELETE", "/flows/{flow}/versions/{version}")
def delete(call: Call) -> Reply:
    rules.remove_flow_version(call.state, _version_of_flow(call))
    return message("Flow version deleted.")


@endpoint("flow_versions.copy", "POST", "/flows/{flow}/versions/{version}/copy")
def copy(call: Call) -> Reply:
    return created(call, FLOW_VERSION, rules.copy_flow_version(call.state, _version_of_flow(call), call.user))


@endpoint("flow_versions.upload", "POST", "/flow-versions/{flow_version}/upload", administrator=True)
def upload(call: Call) -> Reply:
    version = _version(call)
    call.validated({"private": "nullable|string"})
    return Reply({"data": {"flow_version_id": version.id, "marketplace_app_id": 5000 + version.id}})


@endpoint("flow_versions.list_metrics", "GET", "/flows/{flow}/version-metrics")
def list_metrics(call: Call) -> Reply:
    """A list without `meta`: every answer has all of it."""
    metrics: list[JSON] = []
    for version in call.state.versions_of_flow(_flow(call).id):
        runs = [run for run in call.state.runs if run.flow_version_id == version.id]
        failed = sum(1 for run in runs if run.status != 3)
        values = {"succeeded": len(runs) - failed, "failed": failed} if runs else {}
        metrics.append({"flow_version_id": version.id, "key": "runs", "total": len(runs), "values": php_object(values)})
    return Reply({"data": metrics})


@endpoint("flow_versions.list_schedules", "GET", "/flow-versions/{flow_version}/schedules")
def list_schedules(call: Call) -> Reply:
    version = _version(call)
    return call.page(SCHEDULES, [row for row in call.state.schedules if row.flow_version_id == version.id])


@endpoint("flow_versions.create_schedule", "POST", "/flow-versions/{flow_version}/schedules")
def create_schedule(call: Call) -> Reply:
    version = _version(call)
    fields = call.validated({"cron_string": "required|string|cron", "deployed_at": "nullable|date"})
    schedule = Schedule(
        flow_version_id=version.id,
        cron_string=fields["cron_string"],
        deployed_at=as_date(fields.get("deployed_at")),
    )
    return created(call, SCHEDULE, call.state.schedules.add(schedule))


@endpoint("flow_versions.update_schedule", "PUT", "/flow-versions/{flow_version}/schedules/{schedule}")
def update_schedule(call: Call) -> Reply:
    schedule = _schedule(call)
    fields = call.validated({"cron_string": "string|cron", "deployed_at": "nullable|date"})
    if "deployed_at" in fields:
        fields["deployed_at"] = as_date(fields["deployed_at"])
    return shown(call, SCHEDULE, call.state.schedules.change(schedule, **fields))


@endpoint("flow_versions.delete_schedule", "DELETE", "/flow-versions/{flow_version}/schedules/{schedule}")
def delete_schedule(call: Call) -> Reply:
    call.state.schedules.remove(_schedule(call))
    return message("Flow version schedule deleted.")


@endpoint("flow_versions.update_graph_step", "PATCH", "/flow-versions/{flow_version}/graph/steps/{step}")
def update_graph_step(call: Call) -> Reply:
    """The body is undocumented: `config` and `key` are used, anything else is ignored."""
    step = call.child(call.state.steps, "step", _version(call), "flow_version_id")
    kinds = {"config": dict, "key": str}
    values = {name: call.body.get(name) for name, kind in kinds.items() if isinstance(call.body.get(name), kind)}
    return shown(call, STEP, call.state.steps.change(step, **values))
