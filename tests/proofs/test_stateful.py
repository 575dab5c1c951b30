"""Random sequences of all operations, beside a model of what the server must then hold."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from patchworks_core_client import (
    ConflictError,
    NotFoundError,
    PatchworksClient,
    UnprocessableEntityError,
)
from patchworks_core_sandbox import Seed
from tests.contract import CheckedSandbox
from tests.operations import documented_operations

T = TypeVar("T")

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
NOTES = st.none() | TEXT
CRON = st.builds("{} {} * * *".format, st.integers(0, 59), st.integers(0, 23))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
NOBODY = 999_999
HARMLESS = ("throttled=0", "unavailable=0", "latency=0.001")
"""What may befall any request without anybody being the wiser."""

called: set[str] = set()
"""Operations that some sequence has called."""


@dataclass
class Package:
    name: str
    notes: str | None
    versions: dict[int, int | None] = field(default_factory=dict[int, "int | None"])


@dataclass
class Environment:
    name: str
    description: str | None = None
    type: str | None = None


@dataclass
class EnvironmentVersion:
    environment: int
    notes: str | None
    status: str


@dataclass
class Version:
    flow: int
    status: str


@dataclass
class Deployment:
    version: int
    environment: int | None
    package: int | None
    priority: int | None
    enabled: bool


@dataclass
class Schedule:
    version: int
    cron: str
    deployed_at: datetime | None


class Release(RuleBasedStateMachine):
    """A model that begins as the sandbox's seed does, and follows every call."""

    def __init__(self, sandbox: CheckedSandbox) -> None:
        super().__init__()
        sandbox.reset()
        self.sandbox = sandbox
        self.runner = asyncio.Runner()
        self.client = self.run_quietly(self.make_client())
        self.flows = [101, 102, 103]
        self.versions = {
            1001: Version(101, "Inactive"),
            1002: Version(101, "Deployed"),
            1003: Version(101, "Draft"),
            1004: Version(102, "Inactive"),
            1005: Version(102, "Deployed"),
            1006: Version(103, "Inactive"),
            1007: Version(103, "Deployed"),
            1008: Version(103, "Draft"),
        }
        self.packages = {
            20001: Package("Checkout", None, {1002: 1, 1005: 2}),
            20002: Package("Stock", None, {1005: 1, 1007: 2}),
        }
        self.environments = {
            201: Environment("Production", None, None),
            202: Environment("Staging", None, "virtual"),
        }
        self.environment_versions = {
            3001: EnvironmentVersion(201, None, "Inactive"),
            3002: EnvironmentVersion(201, None, "Deployed"),
            3003: EnvironmentVersion(202, None, "Inactive"),
            3004: EnvironmentVersion(202, None, "Deployed"),
        }
        self.deployments = {
            4001: Deployment(1002, 201, 20001, None, True),
            4002: Deployment(1005, 201, 20001, None, True),
            4003: Deployment(1007, None, None, None, True),
        }
        self.releases = {(20001, 201)}
        start = datetime(2025, 5, 1, 10, tzinfo=UTC)
        self.schedules = {
            701: Schedule(1002, "0 6 * * *", start.replace(day=2)),
            702: Schedule(1005, "0 6 * * *", start.replace(day=3)),
            703: Schedule(1007, "0 6 * * *", start.replace(day=4)),
        }

    async def make_client(self) -> PatchworksClient:
        token = self.sandbox.auth.issue_token()
        return PatchworksClient(base_url=self.sandbox.url, token=token, requests_per_minute=None)

    def run_quietly(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def run(self, operation: str, work: Coroutine[Any, Any, T]) -> T:
        called.add(operation)
        return self.runner.run(work)

    def refused(self, operation: str, error: type[Exception], work: Coroutine[Any, Any, Any]) -> None:
        with pytest.raises(error):
            self.run(operation, work)

    def teardown(self) -> None:
        try:
            self.everything_is_as_the_model_says()
            assert self.sandbox.contract_violations == []
            assert self.sandbox.crashes == []
        finally:
            self.run_quietly(self.client.aclose())
            self.runner.close()

    # What the rules share.

    def pick(self, data: st.DataObject, things: Any) -> Any:
        return data.draw(st.sampled_from(sorted(things)))

    def flow_deployed(self, version: int) -> None:
        for other in self.versions.values():
            if other.flow == self.versions[version].flow and other.status == "Deployed":
                other.status = "Inactive"
        self.versions[version].status = "Deployed"

    def forget_deployments(self, version: int, environment: int | None) -> None:
        flow = self.versions[version].flow
        for key, row in list(self.deployments.items()):
            if self.versions[row.version].flow == flow and row.environment == environment:
                del self.deployments[key]

    def forget_version(self, version: int) -> None:
        del self.versions[version]
        for package in self.packages.values():
            package.versions.pop(version, None)
        self.schedules = {key: row for key, row in self.schedules.items() if row.version != version}

    def draft_of(self, flow: int) -> int | None:
        return next((key for key, row in self.versions.items() if row.flow == flow and row.status == "Draft"), None)

    # Bad days that nobody may notice.

    @rule(fault=st.sampled_from(HARMLESS))
    def spoil_what_comes_next(self, fault: str) -> None:
        self.sandbox.faults.add(fault)

    # packages

    @rule(name=TEXT, notes=NOTES)
    def create_package(self, name: str, notes: str | None) -> None:
        made = self.run("packages.create", self.client.packages.create(name=name, notes=notes))
        assert made.id not in self.packages
        assert (made.name, made.notes) == (name, notes)
        self.packages[made.id or 0] = Package(name, notes)

    @precondition(lambda self: self.packages)
    @rule(data=st.data(), notes=NOTES)
    def update_package(self, data: st.DataObject, notes: str | None) -> None:
        package = self.pick(data, self.packages)
        shown = self.run("packages.update", self.client.packages.update(package, notes=notes))
        self.packages[package].notes = notes
        assert (shown.name, shown.notes) == (self.packages[package].name, notes)

    @precondition(lambda self: self.packages)
    @rule(data=st.data())
    def delete_package(self, data: st.DataObject) -> None:
        package = self.pick(data, self.packages)
        delete = self.client.packages.delete(package)
        if any(row.package == package for row in self.deployments.values()):
            return self.refused("packages.delete", ConflictError, delete)
        self.run("packages.delete", delete)
        del self.packages[package]
        self.releases = {release for release in self.releases if release[0] != package}
        self.refused("packages.get", NotFoundError, self.client.packages.get(package))
        return None

    @precondition(lambda self: self.packages)
    @rule(data=st.data(), priority=st.none() | st.integers(1, 100))
    def add_flow_version(self, data: st.DataObject, priority: int | None) -> None:
        package, version = self.pick(data, self.packages), self.pick(data, self.versions)
        add = self.client.packages.add_flow_version(package, version, priority=priority)
        flows = {self.versions[each].flow for each in self.packages[package].versions}
        if self.versions[version].flow in flows:
            return self.refused("packages.add_flow_version", UnprocessableEntityError, add)
        assert self.run("packages.add_flow_version", add).id == version
        self.packages[package].versions[version] = priority
        return None

    @precondition(lambda self: self.packages)
    @rule(data=st.data())
    def remove_flow_version(self, data: st.DataObject) -> None:
        package, version = self.pick(data, self.packages), self.pick(data, self.versions)
        remove = self.client.packages.remove_flow_version(package, version)
        if version not in self.packages[package].versions:
            return self.refused("packages.remove_flow_version", NotFoundError, remove)
        self.run("packages.remove_flow_version", remove)
        del self.packages[package].versions[version]
        return None

    @precondition(lambda self: self.packages and self.environments)
    @rule(data=st.data())
    def compare(self, data: st.DataObject) -> None:
        package, environment = self.pick(data, self.packages), self.pick(data, self.environments)
        answer = self.run("packages.compare", self.client.packages.compare(package, environment))
        running = {
            self.versions[row.version].flow: row.version
            for row in self.deployments.values()
            if row.environment == environment
        }
        for shown in answer["data"]["flows"]:
            version = shown["package_version"]["id"]
            before = running.get(self.versions[version].flow)
            expected = "added" if before is None else "unchanged" if before == version else "changed"
            assert shown["change"] == expected
        assert len(answer["data"]["flows"]) == len(self.packages[package].versions)

    @precondition(lambda self: self.packages and self.environments)
    @rule(data=st.data(), notes=TEXT)
    def deploy(self, data: st.DataObject, notes: str) -> None:
        package, environment = self.pick(data, self.packages), self.pick(data, self.environments)
        deploy = self.client.packages.deploy(package, environment, notes=notes)
        if not self.packages[package].versions:
            return self.refused("packages.deploy", UnprocessableEntityError, deploy)
        assert self.run("packages.deploy", deploy)["data"]["notes"] == notes
        for version, priority in self.packages[package].versions.items():
            self.forget_deployments(version, environment)
            self.flow_deployed(version)
            row = self.only_new_deployment(version, environment)
            self.deployments[row] = Deployment(version, environment, package, priority, True)
        self.releases.add((package, environment))
        return None

    def only_new_deployment(self, version: int, environment: int | None) -> int:
        """The id that the server gave to a deployment which the model knows of by its rules."""
        rows = self.run_quietly(self.client.flow_version_deployments.list_for_flow_version(version).to_list())
        found = [row for row in rows if row.virtual_environment_id == environment and row.id not in self.deployments]
        assert len(found) == 1
        return found[0].id or 0

    @precondition(lambda self: self.packages and self.environments)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        package, environment = self.pick(data, self.packages), self.pick(data, self.environments)
        remove = self.client.packages.remove_virtual_environment(package, environment)
        theirs = [
            key for key, row in self.deployments.items() if row.package == package and row.environment == environment
        ]
        if not theirs and (package, environment) not in self.releases:
            return self.refused("packages.remove_virtual_environment", NotFoundError, remove)
        self.run("packages.remove_virtual_environment", remove)
        for key in theirs:
            del self.deployments[key]
        self.releases.discard((package, environment))
        return None

    # deployments

    @rule(data=st.data(), priority=st.none() | st.integers(1, 9), disabled=st.booleans())
    def create_deployment(self, data: st.DataObject, priority: int | None, disabled: bool) -> None:
        version = self.pick(data, self.versions)
        environment = data.draw(st.sampled_from([None, *sorted(self.environments)]))
        create = self.client.flow_version_deployments.create(
            version, virtual_environment_id=environment, priority=priority, deploy_disabled=disabled
        )
        there = any(row.version == version and row.environment == environment for row in self.deployments.values())
        if there and environment is not None:
            return self.refused("flow_version_deployments.create", UnprocessableEntityError, create)
        made = self.run("flow_version_deployments.create", create)
        self.forget_deployments(version, environment)
        self.deployments[made.id or 0] = Deployment(version, environment, None, priority, not disabled)
        self.flow_deployed(version)
        return None

    @precondition(lambda self: self.deployments)
    @rule(data=st.data(), priority=st.none() | st.integers(1, 9))
    def update_deployment(self, data: st.DataObject, priority: int | None) -> None:
        key = self.pick(data, self.deployments)
        update = self.client.flow_version_deployments.update
        row = self.deployments[key]
        shown = self.run("flow_version_deployments.update", update(row.version, key, priority=priority))
        row.priority = priority
        self.same_deployment(key, shown)
        get = self.client.flow_version_deployments.get(row.version, key)
        self.same_deployment(key, self.run("flow_version_deployments.get", get))

    @precondition(lambda self: self.deployments)
    @rule(data=st.data(), enabled=st.booleans())
    def switch_deployment(self, data: st.DataObject, enabled: bool) -> None:
        key = self.pick(data, self.deployments)
        row = self.deployments[key]
        name = "enable" if enabled else "disable"
        switch = getattr(self.client.flow_version_deployments, name)
        answer: Any = self.run(f"flow_version_deployments.{name}", switch(row.version, key))
        row.enabled = enabled
        assert (answer["data"]["enabled_at"] is not None) == enabled

    @precondition(lambda self: self.deployments)
    @rule(data=st.data())
    def delete_deployment(self, data: st.DataObject) -> None:
        key = self.pick(data, self.deployments)
        row = self.deployments.pop(key)
        self.run("flow_version_deployments.delete", self.client.flow_version_deployments.delete(row.version, key))

    def same_deployment(self, key: int, shown: Any) -> None:
        row = self.deployments[key]
        assert shown.id == key
        assert (shown.flow_version_id, shown.virtual_environment_id) == (row.version, row.environment)
        assert (shown.package_id, shown.priority) == (row.package, row.priority)
        assert (shown.enabled_at is not None) == row.enabled

    # environments

    @rule(name=TEXT, description=NOTES)
    def create_environment(self, name: str, description: str | None) -> None:
        create = self.client.virtual_environments.create(name=name, labels=[{"id": 51}], description=description)
        if name in {row.name for row in self.environments.values()}:
            return self.refused("virtual_environments.create", UnprocessableEntityError, create)
        made = self.run("virtual_environments.create", create)
        self.environments[made.id or 0] = Environment(name, description, None)
        return None

    @precondition(lambda self: self.environments)
    @rule(data=st.data(), type=NOTES)
    def update_environment(self, data: st.DataObject, type: str | None) -> None:
        key = self.pick(data, self.environments)
        row = self.environments[key]
        update = self.client.virtual_environments.update(key, name=row.name, labels=[], type=type)
        assert self.run("virtual_environments.update", update).type == type
        row.type = type
        shown = self.run("virtual_environments.get", self.client.virtual_environments.get(key, include="labels"))
        assert (shown.name, shown.description, shown.type) == (row.name, row.description, type)
        assert shown.labels == []

    @precondition(lambda self: self.environments)
    @rule(data=st.data())
    def delete_environment(self, data: st.DataObject) -> None:
        key = self.pick(data, self.environments)
        delete = self.client.virtual_environments.delete(key)
        if any(row.environment == key for row in self.deployments.values()):
            return self.refused("virtual_environments.delete", ConflictError, delete)
        self.run("virtual_environments.delete", delete)
        del self.environments[key]
        versions = self.environment_versions.items()
        self.environment_versions = {each: row for each, row in versions if row.environment != key}
        self.releases = {release for release in self.releases if release[1] != key}
        return None

    @precondition(lambda self: self.environments)
    @rule(data=st.data())
    def copy_environment(self, data: st.DataObject) -> None:
        key = self.pick(data, self.environments)
        answer = self.run("virtual_environments.copy", self.client.virtual_environments.copy(key))
        made = answer["data"]
        assert made["name"] not in {row.name for row in self.environments.values()}
        source = self.environments[key]
        self.environments[made["id"]] = Environment(made["name"], source.description, source.type)
        deployed = [
            row for row in self.environment_versions.values() if row.environment == key and row.status == "Deployed"
        ]
        versions = self.run_quietly(self.client.virtual_environments.list_versions(made["id"]).to_list())
        assert len(versions) == len(deployed)
        for version in versions:
            copy = EnvironmentVersion(made["id"], deployed[0].notes, "Draft")
            self.environment_versions[version.id or 0] = copy

    @precondition(lambda self: self.environments)
    @rule(data=st.data(), notes=TEXT)
    def create_environment_version(self, data: st.DataObject, notes: str) -> None:
        key = self.pick(data, self.environments)
        create = self.client.virtual_environments.create_version(key, notes=notes)
        made = self.run("virtual_environments.create_version", create)
        self.environment_versions[made.id or 0] = EnvironmentVersion(key, notes, "Draft")

    @precondition(lambda self: self.environment_versions)
    @rule(data=st.data(), notes=TEXT)
    def update_environment_version(self, data: st.DataObject, notes: str) -> None:
        key = self.pick(data, self.environment_versions)
        row = self.environment_versions[key]
        update = self.client.virtual_environments.update_version(row.environment, key, notes=notes)
        self.run("virtual_environments.update_version", update)
        row.notes = notes
        get = self.client.virtual_environments.get_version(row.environment, key)
        assert self.run("virtual_environments.get_version", get).notes == notes

    @precondition(lambda self: self.environment_versions)
    @rule(data=st.data())
    def copy_environment_version(self, data: st.DataObject) -> None:
        key = self.pick(data, self.environment_versions)
        row = self.environment_versions[key]
        copy = self.client.virtual_environments.copy_version(row.environment, key)
        made = self.run("virtual_environments.copy_version", copy)["data"]
        self.environment_versions[made["id"]] = EnvironmentVersion(row.environment, row.notes, "Draft")

    @precondition(lambda self: self.environment_versions)
    @rule(data=st.data())
    def deploy_environment_version(self, data: st.DataObject) -> None:
        key = self.pick(data, self.environment_versions)
        row = self.environment_versions[key]
        deploy = self.client.virtual_environments.deploy_version(row.environment, key)
        self.run("virtual_environments.deploy_version", deploy)
        for other in self.environment_versions.values():
            if other.environment == row.environment and other.status == "Deployed":
                other.status = "Inactive"
        row.status = "Deployed"

    @precondition(lambda self: self.environment_versions)
    @rule(data=st.data())
    def delete_environment_version(self, data: st.DataObject) -> None:
        key = self.pick(data, self.environment_versions)
        row = self.environment_versions[key]
        delete = self.client.virtual_environments.delete_version(row.environment, key)
        if row.status == "Deployed":
            return self.refused("virtual_environments.delete_version", ConflictError, delete)
        self.run("virtual_environments.delete_version", delete)
        del self.environment_versions[key]
        return None

    # flow versions

    @rule(data=st.data())
    def create_flow_version(self, data: st.DataObject) -> None:
        flow = self.pick(data, self.flows)
        create = self.client.flow_versions.create(flow)
        if self.draft_of(flow):
            return self.refused("flow_versions.create", UnprocessableEntityError, create)
        made = self.run("flow_versions.create", create)
        self.versions[made.id or 0] = Version(flow, "Draft")
        return None

    @rule(data=st.data())
    def copy_flow_version(self, data: st.DataObject) -> None:
        key = self.pick(data, self.versions)
        row = self.versions[key]
        copy = self.client.flow_versions.copy(row.flow, key)
        draft = self.draft_of(row.flow)
        if row.status == "Draft":
            return self.refused("flow_versions.copy", UnprocessableEntityError, copy)
        if draft and any(each.version == draft for each in self.deployments.values()):
            return self.refused("flow_versions.copy", ConflictError, copy)
        made = self.run("flow_versions.copy", copy)["data"]
        if draft:
            self.forget_version(draft)
        self.versions[made["id"]] = Version(row.flow, "Draft")
        return None

    @rule(data=st.data(), at=MOMENTS | st.none())
    def update_flow_version(self, data: st.DataObject, at: datetime | None) -> None:
        key = self.pick(data, self.versions)
        row = self.versions[key]
        shown = self.run("flow_versions.update", self.client.flow_versions.update(row.flow, key, deployed_at=at))
        assert shown.deployed_at == at
        if at:
            self.flow_deployed(key)
        elif row.status == "Deployed":
            row.status = "Inactive"
        assert shown.status == row.status

    @rule(data=st.data())
    def delete_flow_version(self, data: st.DataObject) -> None:
        key = self.pick(data, self.versions)
        row = self.versions[key]
        delete = self.client.flow_versions.delete(row.flow, key)
        if row.status == "Deployed" or any(each.version == key for each in self.deployments.values()):
            return self.refused("flow_versions.delete", ConflictError, delete)
        self.run("flow_versions.delete", delete)
        self.forget_version(key)
        self.refused("flow_versions.get", NotFoundError, self.client.flow_versions.get(row.flow, key))
        return None

    @rule(data=st.data())
    def upload(self, data: st.DataObject) -> None:
        key = self.pick(data, self.versions)
        answer = self.run("flow_versions.upload", self.client.flow_versions.upload(key))
        assert answer["data"]["flow_version_id"] == key

    @rule(data=st.data(), config=st.dictionaries(TEXT, st.integers() | st.booleans(), min_size=1, max_size=3))
    def update_step(self, data: st.DataObject, config: dict[str, Any]) -> None:
        key = self.pick(data, [version for version in self.versions if version <= 1008])
        shown = self.run("flow_versions.get", self.client.flow_versions.get(self.versions[key].flow, key))
        assert (shown.id, shown.status) == (key, self.versions[key].status)
        first = 8001 + 2 * (key - 1001)  # the seed gives every version two steps
        update = self.client.flow_versions.update_graph_step(key, first, body={"config": config})
        assert self.run("flow_versions.update_graph_step", update)["data"]["config"] == config

    @rule(data=st.data(), cron=CRON, at=MOMENTS | st.none())
    def create_schedule(self, data: st.DataObject, cron: str, at: datetime | None) -> None:
        key = self.pick(data, self.versions)
        create = self.client.flow_versions.create_schedule(key, cron_string=cron, deployed_at=at)
        made = self.run("flow_versions.create_schedule", create)
        assert (made.cron_string, made.deployed_at) == (cron, at)
        self.schedules[made.id or 0] = Schedule(key, cron, at)

    @precondition(lambda self: self.schedules)
    @rule(data=st.data(), cron=CRON)
    def update_schedule(self, data: st.DataObject, cron: str) -> None:
        key = self.pick(data, self.schedules)
        row = self.schedules[key]
        update = self.client.flow_versions.update_schedule(row.version, key, cron_string=cron)
        row.cron = cron
        shown = self.run("flow_versions.update_schedule", update)
        assert (shown.cron_string, shown.deployed_at) == (cron, row.deployed_at)

    @precondition(lambda self: self.schedules)
    @rule(data=st.data())
    def delete_schedule(self, data: st.DataObject) -> None:
        key = self.pick(data, self.schedules)
        row = self.schedules.pop(key)
        self.run("flow_versions.delete_schedule", self.client.flow_versions.delete_schedule(row.version, key))

    @rule(data=st.data())
    def ask_for_nobody(self, data: st.DataObject) -> None:
        get: Any = data.draw(
            st.sampled_from(
                [
                    lambda: self.client.packages.get(NOBODY),
                    lambda: self.client.packages.update(NOBODY, name="x"),
                    lambda: self.client.virtual_environments.get(NOBODY),
                    lambda: self.client.flow_versions.list(NOBODY).to_list(),
                    lambda: self.client.flow_versions.delete_schedule(1007, NOBODY),
                ]
            )
        )
        with pytest.raises(NotFoundError):
            self.run_quietly(get())

    # Everything, read back.

    @rule()
    def everything_is_as_the_model_says(self) -> None:
        self.run_quietly(self.read_everything())

    async def read_everything(self) -> None:
        client = self.client
        packages = {row.id: row async for row in client.packages.list(include="flowVersions.deployments", per_page=2)}
        assert {key: (row.name, row.notes) for key, row in packages.items()} == {
            key: (row.name, row.notes) for key, row in self.packages.items()
        }
        for key, row in self.packages.items():
            assert {each.id: each.priority for each in packages[key].flow_versions or []} == row.versions
        deployed = {row.id async for row in client.packages.list_deployed()}
        assert deployed == {row.package for row in self.deployments.values() if row.package and row.environment}
        deployments = {row.id: row async for row in client.flow_version_deployments.list(per_page=2)}
        assert set(deployments) == set(self.deployments)
        for key in self.deployments:
            self.same_deployment(key, deployments[key])
        environments = {row.id: row async for row in client.virtual_environments.list(per_page=2)}
        assert {key: (row.name, row.description, row.type) for key, row in environments.items()} == {
            key: (row.name, row.description, row.type) for key, row in self.environments.items()
        }
        used = {row.id async for row in client.virtual_environments.list_deployed()}
        assert used == {row.environment for row in self.deployments.values()} - {None}
        for key in self.environments:
            shown = {row.id: (row.notes, row["status"]) async for row in client.virtual_environments.list_versions(key)}
            assert shown == {
                each: (row.notes, row.status)
                for each, row in self.environment_versions.items()
                if row.environment == key
            }
        await self.read_flows()
        called.update(
            (
                "packages.list",
                "packages.list_deployed",
                "flow_version_deployments.list",
                "flow_version_deployments.list_for_flow_version",
                "virtual_environments.list",
                "virtual_environments.list_deployed",
                "virtual_environments.list_versions",
                "flow_versions.list",
                "flow_versions.list_metrics",
                "flow_versions.list_schedules",
            )
        )

    async def read_flows(self) -> None:
        for flow in self.flows:
            versions = {row.id: row.status async for row in self.client.flow_versions.list(flow, per_page=2)}
            assert versions == {key: row.status for key, row in self.versions.items() if row.flow == flow}
            metrics = await self.client.flow_versions.list_metrics(flow).to_list()
            assert {row["flow_version_id"] for row in metrics} == set(versions)
        for version in self.versions:
            schedules = await self.client.flow_versions.list_schedules(version).to_list()
            assert {row.id: (row.cron_string, row.deployed_at) for row in schedules} == {
                key: (row.cron, row.deployed_at) for key, row in self.schedules.items() if row.version == version
            }
            of_version = await self.client.flow_version_deployments.list_for_flow_version(version).to_list()
            assert {row.id for row in of_version} == {
                key for key, row in self.deployments.items() if row.version == version
            }


QUICK = settings(
    max_examples=10,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def try_sequences(how_many: settings) -> None:
    """Run the machine against a sandbox that begins with what the model begins with."""
    with CheckedSandbox.start_in_thread(seed=Seed(flows=3, packages=2, environments=2)) as sandbox:
        # Hypothesis is said to want a class, and takes any callable.
        run_state_machine_as_test(cast("type[RuleBasedStateMachine]", partial(Release, sandbox)), settings=how_many)


@pytest.mark.untraced
def test_random_sequences() -> None:
    called.clear()
    try_sequences(QUICK)
    assert called == set(documented_operations())


@pytest.mark.slow
def test_many_random_sequences() -> None:
    try_sequences(settings(QUICK, max_examples=200, stateful_step_count=60, derandomize=False))
