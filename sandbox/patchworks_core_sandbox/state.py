"""The data: rows in tables, as a database holds them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from .clock import Clock

EPOCH = datetime(2025, 5, 1, 10, tzinfo=UTC)


@dataclass(kw_only=True, eq=False)
class Row:
    id: int = 0
    created_at: datetime = EPOCH
    updated_at: datetime = EPOCH


@dataclass(kw_only=True, eq=False)
class User(Row):
    name: str
    email: str
    role: str


@dataclass(kw_only=True, eq=False)
class Label(Row):
    name: str
    colour: str


@dataclass(kw_only=True, eq=False)
class Flow(Row):
    name: str
    description: str | None = None
    is_enabled: bool = True
    priority: int = 3


@dataclass(kw_only=True, eq=False)
class FlowVersion(Row):
    flow_id: int
    status: str = "Draft"
    parent_id: int | None = None
    saved_by: int | None = None
    saved_at: datetime | None = None
    deployed_by: int | None = None
    deployed_at: datetime | None = None
    has_callback_step: bool = False
    variables: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    filters: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(kw_only=True, eq=False)
class Step(Row):
    flow_version_id: int
    key: str
    microservice: str
    type: str
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    parent_id: int | None = None
    flow_step_route_id: int | None = None


@dataclass(kw_only=True, eq=False)
class Run(Row):
    flow_version_id: int
    status: int
    finished_at: datetime | None = None


@dataclass(kw_only=True, eq=False)
class Schedule(Row):
    flow_version_id: int
    cron_string: str
    deployed_at: datetime | None = None


@dataclass(kw_only=True, eq=False)
class Package(Row):
    name: str
    notes: str | None = None
    created_by: int


@dataclass(kw_only=True, eq=False)
class PackageFlowVersion(Row):
    package_id: int
    flow_version_id: int
    priority: int | None = None


@dataclass(kw_only=True, eq=False)
class PackageDeployment(Row):
    package_id: int
    virtual_environment_id: int
    user_id: int
    notes: str | None = None


@dataclass(kw_only=True, eq=False)
class Environment(Row):
    name: str
    type: str | None = None
    description: str | None = None
    label_ids: list[int] = field(default_factory=list[int])


@dataclass(kw_only=True, eq=False)
class EnvironmentVersion(Row):
    virtual_environment_id: int
    user_id: int
    status: str = "Draft"
    notes: str | None = None
    deployed_at: datetime | None = None
    variables: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(kw_only=True, eq=False)
class Deployment(Row):
    """A flow version that runs in an environment, or everywhere (`virtual_environment_id` None)."""

    flow_version_id: int
    user_id: int
    virtual_environment_id: int | None = None
    package_id: int | None = None
    priority: int | None = None
    enabled_at: datetime | None = None
    enabled_by: int | None = None


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Rows by id, in the order in which they are listed."""

    def __init__(self, model: type[R], clock: Clock, first_id: int) -> None:
        self.model = model
        self._clock = clock
        self._first_id = first_id
        self.clear()

    def clear(self) -> None:
        self._next_id = self._first_id
        self._rows: dict[int, R] = {}

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, identifier: int | None) -> R | None:
        return None if identifier is None else self._rows.get(identifier)

    def __getitem__(self, identifier: int) -> R:
        return self._rows[identifier]

    def add(self, row: R, *, at: datetime | None = None, first: bool = False) -> R:
        """Give `row` an id and its dates, and put it last (or first) in the order of listing."""
        row.id = self._next_id
        self._next_id += 1
        row.created_at = row.updated_at = at or self._clock.now()
        if first:
            self._rows = {row.id: row, **self._rows}
        else:
            self._rows[row.id] = row
        return row

    def change(self, row: R, **values: Any) -> R:
        """Set attributes of `row`. As with Eloquent, `updated_at` stays unless one of them changes."""
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = self._clock.now()
        return row

    def remove(self, row: R) -> None:
        self._rows.pop(row.id, None)


class State:
    """Every table. Each has ids of its own range, so that a wrong id is never right by chance."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.users = Table(User, clock, 1)
        self.labels = Table(Label, clock, 51)
        self.flows = Table(Flow, clock, 101)
        self.flow_versions = Table(FlowVersion, clock, 1001)
        self.steps = Table(Step, clock, 8001)
        self.runs = Table(Run, clock, 90001)
        self.schedules = Table(Schedule, clock, 701)
        self.packages = Table(Package, clock, 20001)
        self.package_flow_versions = Table(PackageFlowVersion, clock, 1)
        self.package_deployments = Table(PackageDeployment, clock, 601)
        self.environments = Table(Environment, clock, 201)
        self.environment_versions = Table(EnvironmentVersion, clock, 3001)
        self.deployments = Table(Deployment, clock, 4001)

    def clear(self) -> None:
        for table in self.tables():
            table.clear()

    def tables(self) -> list[Table[Any]]:
        return [value for value in vars(self).values() if isinstance(value, Table)]

    def table_of(self, row: R) -> Table[R]:
        return next(table for table in self.tables() if table.model is type(row))

    # Relations that more than one module asks for.

    def versions_of_flow(self, flow_id: int) -> list[FlowVersion]:
        return [version for version in self.flow_versions if version.flow_id == flow_id]

    def iteration(self, version: FlowVersion) -> int:
        """The version's number within its flow. People call it "version 3"; the API takes ids instead."""
        return sum(1 for other in self.versions_of_flow(version.flow_id) if other.id <= version.id)

    def draft_of_flow(self, flow_id: int) -> FlowVersion | None:
        return next((version for version in self.versions_of_flow(flow_id) if version.status == "Draft"), None)

    def deployments_of(
        self,
        *,
        flow_version: int | None = None,
        package: int | None = None,
        environment: int | None = None,
    ) -> list[Deployment]:
        return [
            row
            for row in self.deployments
            if (flow_version is None or row.flow_version_id == flow_version)
            and (package is None or row.package_id == package)
            and (environment is None or row.virtual_environment_id == environment)
        ]

    def pivots_of_package(self, package_id: int) -> list[PackageFlowVersion]:
        return [pivot for pivot in self.package_flow_versions if pivot.package_id == package_id]

    def package_deployments_of(
        self, *, package: int | None = None, environment: int | None = None
    ) -> list[PackageDeployment]:
        return [
            row
            for row in self.package_deployments
            if (package is None or row.package_id == package)
            and (environment is None or row.virtual_environment_id == environment)
        ]

    def versions_of_environment(self, environment_id: int) -> list[EnvironmentVersion]:
        return [row for row in self.environment_versions if row.virtual_environment_id == environment_id]

    def deployed_version_of_environment(self, environment_id: int) -> EnvironmentVersion | None:
        versions = self.versions_of_environment(environment_id)
        return next((version for version in versions if version.status == "Deployed"), None)
