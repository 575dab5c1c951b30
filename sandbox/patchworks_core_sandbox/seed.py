"""The data a sandbox starts with: the same every time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import credentials
from .state import (
    EPOCH,
    Deployment,
    Environment,
    EnvironmentVersion,
    Flow,
    FlowVersion,
    Label,
    Package,
    PackageDeployment,
    PackageFlowVersion,
    Run,
    Schedule,
    State,
    Step,
    User,
)

FLOW_NAMES = ("Orders to ERP", "Stock to Shop", "Customers to CRM", "Returns to Warehouse", "Prices to Shop")
PACKAGE_NAMES = ("Checkout", "Stock", "Back office")


@dataclass(frozen=True, kw_only=True)
class Seed:
    """How much there is at the start.

    Attributes:
        flows: Each has an inactive version, a deployed one and, every second flow, a draft.
        packages: The first three hold flow versions, and the first is deployed; the rest are for paging.
        environments: Each has a deployed version; the third and those after it have nothing deployed.
    """

    flows: int = 5
    packages: int = 3
    environments: int = 3


def plant(state: State, seed: Seed) -> None:
    """Fill an empty `state`."""
    Planter(state).plant(seed)


class Planter:
    def __init__(self, state: State) -> None:
        self.state = state
        self._days = 0

    def plant(self, seed: Seed) -> None:
        self._users()
        self._labels()
        for number in range(seed.flows):
            self._flow(number)
        for number in range(seed.environments):
            self._environment(number)
        for number in range(seed.packages):
            self._package(number)
        self._release()

    def _next_day(self) -> datetime:
        self._days += 1
        return EPOCH + timedelta(days=self._days)

    def _users(self) -> None:
        people = (
            ("Ada Admin", credentials.USERNAME, "administrator"),
            ("Max Manager", credentials.MANAGER_USERNAME, "manager"),
            ("Company API key", "api-key@patchworks.test", "manager"),
        )
        for name, email, role in people:
            self.state.users.add(User(name=name, email=email, role=role), at=EPOCH)

    def _labels(self) -> None:
        for name, colour in (("Production", "#d33"), ("Staging", "#fa0"), ("Test", "#3a3")):
            self.state.labels.add(Label(name=name, colour=colour), at=EPOCH)

    def _flow(self, number: int) -> None:
        name = FLOW_NAMES[number] if number < len(FLOW_NAMES) else f"Flow {number + 1:03}"
        day = self._next_day()
        flow = self.state.flows.add(Flow(name=name, priority=number % 5 + 1), at=day)
        old = self._version(flow, day, status="Inactive")
        live = self._version(flow, day + timedelta(hours=4), status="Deployed", parent=old)
        self._history(live, day)
        if number % 2 == 0:
            self._version(flow, day + timedelta(hours=8), status="Draft", parent=live)

    def _version(self, flow: Flow, at: datetime, *, status: str, parent: FlowVersion | None = None) -> FlowVersion:
        deployed = status != "Draft"
        version = FlowVersion(
            flow_id=flow.id,
            status=status,
            parent_id=parent.id if parent else None,
            saved_by=1,
            saved_at=at,
            deployed_by=1 if deployed else None,
            deployed_at=at + timedelta(hours=1) if deployed else None,
            has_callback_step=flow.id % 2 == 0,
            variables=[variable(1, "API_URL", "https://shop.test", secret=False), variable(2, "API_TOKEN", "s3cr3t")],
        )
        self.state.flow_versions.add(version, at=at)
        first = self._step(version, at, "trigger", {"timezone": "Europe/London"}, None)
        self._step(version, at, "map", {}, first)
        return version

    def _step(self, version: FlowVersion, at: datetime, kind: str, config: dict[str, Any], after: Step | None) -> Step:
        step = Step(
            flow_version_id=version.id,
            key=f"{kind}-{version.id}",
            microservice=f"{kind}-service",
            type=kind,
            config=config,
            parent_id=after.id if after else None,
        )
        return self.state.steps.add(step, at=at)

    def _history(self, version: FlowVersion, day: datetime) -> None:
        for hour, status in enumerate((3, 3, 4)):
            at = day + timedelta(days=1, hours=hour)
            self.state.runs.add(
                Run(flow_version_id=version.id, status=status, finished_at=at + timedelta(minutes=2)), at=at
            )
        self.state.schedules.add(Schedule(flow_version_id=version.id, cron_string="0 6 * * *", deployed_at=day), at=day)

    def _environment(self, number: int) -> None:
        names = ("Production", "Staging", "Test")
        name = names[number] if number < len(names) else f"Environment {number + 1:03}"
        labels = [label.id for label in list(self.state.labels)[number : number + 1]]
        day = self._next_day()
        environment = self.state.environments.add(
            Environment(name=name, type="virtual" if number else None, label_ids=labels), at=day
        )
        for status in ("Inactive", "Deployed"):
            self.state.environment_versions.add(
                EnvironmentVersion(
                    virtual_environment_id=environment.id,
                    user_id=1,
                    status=status,
                    deployed_at=day,
                    variables=[variable(1, "REGION", name.lower(), secret=False), variable(2, "PASSWORD", "hunter2")],
                ),
                at=day,
            )

    def _package(self, number: int) -> None:
        name = PACKAGE_NAMES[number] if number < len(PACKAGE_NAMES) else f"Package {number + 1:04}"
        package = self.state.packages.add(Package(name=name, created_by=1), at=self._next_day())
        if number >= len(PACKAGE_NAMES):
            return
        for priority, flow in enumerate(list(self.state.flows)[number : number + 2], start=1):
            live = next(row for row in self.state.versions_of_flow(flow.id) if row.status == "Deployed")
            self.state.package_flow_versions.add(
                PackageFlowVersion(package_id=package.id, flow_version_id=live.id, priority=priority),
                at=package.created_at,
            )

    def _release(self) -> None:
        """The first package in the first environment, and the third flow everywhere."""
        packages, environments = list(self.state.packages), list(self.state.environments)
        day = self._next_day()
        if packages and environments:
            package, environment = packages[0], environments[0]
            for pivot in self.state.pivots_of_package(package.id):
                self._deployment(pivot.flow_version_id, day, environment.id, package.id)
            self.state.package_deployments.add(
                PackageDeployment(package_id=package.id, virtual_environment_id=environment.id, user_id=1), at=day
            )
        for flow in list(self.state.flows)[2:3]:
            live = next(row for row in self.state.versions_of_flow(flow.id) if row.status == "Deployed")
            self._deployment(live.id, day + timedelta(hours=1), None, None)

    def _deployment(self, version: int, at: datetime, environment: int | None, package: int | None) -> None:
        self.state.deployments.add(
            Deployment(
                flow_version_id=version,
                user_id=1,
                virtual_environment_id=environment,
                package_id=package,
                enabled_at=at,
                enabled_by=1,
            ),
            at=at,
        )


def variable(number: int, key: str, value: str, *, secret: bool = True) -> dict[str, Any]:
    return {"id": number, "key": key, "value": value, "secret": secret}
