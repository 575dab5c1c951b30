"""The release rules: what deploying, copying and removing do, and when they are refused."""

from datetime import datetime

from .errors import conflict, invalid_field
from .state import (
    Deployment,
    Environment,
    EnvironmentVersion,
    FlowVersion,
    Package,
    PackageDeployment,
    PackageFlowVersion,
    State,
    Step,
    User,
)


def require_no_draft(state: State, flow_id: int) -> None:
    if state.draft_of_flow(flow_id):
        raise invalid_field("flow", "The flow already has a draft version.")


def copy_flow_version(state: State, source: FlowVersion, user: User) -> FlowVersion:
    """Make a draft like `source`, in place of the flow's present one."""
    if source.status == "Draft":
        raise invalid_field("version", "A draft version cannot be copied.")
    if draft := state.draft_of_flow(source.flow_id):
        remove_flow_version(state, draft)
    copy = state.flow_versions.add(
        FlowVersion(
            flow_id=source.flow_id,
            parent_id=source.id,
            saved_by=user.id,
            saved_at=state.clock.now(),
            has_callback_step=source.has_callback_step,
            variables=[dict(variable) for variable in source.variables],
            filters=[dict(item) for item in source.filters],
        )
    )
    for step in [step for step in state.steps if step.flow_version_id == source.id]:
        state.steps.add(
            Step(
                flow_version_id=copy.id,
                key=f"{step.type}-{copy.id}",
                microservice=step.microservice,
                type=step.type,
                config=dict(step.config),
            )
        )
    return copy


def remove_flow_version(state: State, version: FlowVersion) -> None:
    if state.deployments_of(flow_version=version.id) or version.status == "Deployed":
        raise conflict("A deployed flow version cannot be deleted.")
    state.flow_versions.remove(version)
    for step in state.steps:
        if step.flow_version_id == version.id:
            state.steps.remove(step)
    for schedule in state.schedules:
        if schedule.flow_version_id == version.id:
            state.schedules.remove(schedule)
    for pivot in state.package_flow_versions:
        if pivot.flow_version_id == version.id:
            state.package_flow_versions.remove(pivot)


def mark_deployed(state: State, version: FlowVersion, user: User, at: datetime | None = None) -> None:
    """Make `version` the flow's deployed one, and the others inactive."""
    versions = state.flow_versions
    versions.change(version, status="Deployed", deployed_at=at or state.clock.now(), deployed_by=user.id)
    for other in state.versions_of_flow(version.flow_id):
        if other is not version and other.status == "Deployed":
            versions.change(other, status="Inactive")


def mark_undeployed(state: State, version: FlowVersion) -> None:
    status = "Inactive" if version.status == "Deployed" else version.status
    state.flow_versions.change(version, status=status, deployed_at=None, deployed_by=None)


def add_to_package(state: State, package: Package, version: FlowVersion, priority: int | None) -> PackageFlowVersion:
    """One version of a flow per package."""
    for pivot in state.pivots_of_package(package.id):
        other = state.flow_versions.get(pivot.flow_version_id)
        if other and other.flow_id == version.flow_id:
            raise invalid_field("flow_version", "The package already contains a version of this flow.")
    return state.package_flow_versions.add(
        PackageFlowVersion(package_id=package.id, flow_version_id=version.id, priority=priority)
    )


def deploy_flow_version(
    state: State,
    version: FlowVersion,
    user: User,
    *,
    environment: int | None,
    package: int | None = None,
    priority: int | None = None,
    enabled: bool = True,
) -> Deployment:
    """Put `version` in `environment` in place of any other version of its flow, enabled at once."""
    for other in state.versions_of_flow(version.flow_id):
        for deployment in state.deployments_of(flow_version=other.id):
            if deployment.virtual_environment_id == environment:
                state.deployments.remove(deployment)
    now = state.clock.now()
    deployment = state.deployments.add(
        Deployment(
            flow_version_id=version.id,
            user_id=user.id,
            virtual_environment_id=environment,
            package_id=package,
            priority=priority,
            enabled_at=now if enabled else None,
            enabled_by=user.id if enabled else None,
        )
    )
    mark_deployed(state, version, user)
    return deployment


def deploy_package(
    state: State, package: Package, environment: Environment, user: User, notes: str | None
) -> PackageDeployment:
    pivots = state.pivots_of_package(package.id)
    if not pivots:
        raise invalid_field("package", "The package has no flow versions.")
    for pivot in pivots:
        deploy_flow_version(
            state,
            state.flow_versions[pivot.flow_version_id],
            user,
            environment=environment.id,
            package=package.id,
            priority=pivot.priority,
        )
    for earlier in state.package_deployments_of(package=package.id, environment=environment.id):
        state.package_deployments.remove(earlier)
    return state.package_deployments.add(
        PackageDeployment(package_id=package.id, virtual_environment_id=environment.id, user_id=user.id, notes=notes)
    )


def withdraw_package(state: State, package: Package, environment: Environment) -> bool:
    """Take `package` out of `environment`; False if it was not there."""
    deployments = state.deployments_of(package=package.id, environment=environment.id)
    records = state.package_deployments_of(package=package.id, environment=environment.id)
    for deployment in deployments:
        state.deployments.remove(deployment)
    for record in records:
        state.package_deployments.remove(record)
    return bool(deployments or records)


def remove_package(state: State, package: Package) -> None:
    if state.deployments_of(package=package.id):
        raise conflict("The package is deployed to a virtual environment.")
    state.packages.remove(package)
    for pivot in state.pivots_of_package(package.id):
        state.package_flow_versions.remove(pivot)
    for record in state.package_deployments_of(package=package.id):
        state.package_deployments.remove(record)


def remove_environment(state: State, environment: Environment) -> None:
    if state.deployments_of(environment=environment.id):
        raise conflict("The virtual environment has deployments.")
    state.environments.remove(environment)
    for version in state.versions_of_environment(environment.id):
        state.environment_versions.remove(version)
    for record in state.package_deployments_of(environment=environment.id):
        state.package_deployments.remove(record)


def copy_environment(state: State, source: Environment, user: User) -> Environment:
    copy = state.environments.add(
        Environment(
            name=_free_name(state, f"{source.name} (copy)"),
            type=source.type,
            description=source.description,
            label_ids=list(source.label_ids),
        )
    )
    if version := state.deployed_version_of_environment(source.id):
        copied = copy_environment_version(state, version, user)
        copied.virtual_environment_id = copy.id
    return copy


def _free_name(state: State, name: str) -> str:
    taken = {environment.name for environment in state.environments}
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return next(candidate for candidate in (name, *numbered) if candidate not in taken)


def copy_environment_version(state: State, source: EnvironmentVersion, user: User) -> EnvironmentVersion:
    return state.environment_versions.add(
        EnvironmentVersion(
            virtual_environment_id=source.virtual_environment_id,
            user_id=user.id,
            notes=source.notes,
            variables=[dict(variable) for variable in source.variables],
        )
    )


def deploy_environment_version(state: State, version: EnvironmentVersion) -> None:
    for other in state.versions_of_environment(version.virtual_environment_id):
        if other.status == "Deployed":
            state.environment_versions.change(other, status="Inactive")
    state.environment_versions.change(version, status="Deployed", deployed_at=state.clock.now())


def remove_environment_version(state: State, version: EnvironmentVersion) -> None:
    if version.status == "Deployed":
        raise conflict("The deployed version cannot be deleted.")
    state.environment_versions.remove(version)
