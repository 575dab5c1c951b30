"""Uses everything that is public, as an application would: mypy --strict and pyright strict have nothing to say.

Never run: what is said here is said to type checkers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, assert_never, assert_type

import attrs
import httpx

from patchworks_core_client import (
    UNSET,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    Drift,
    DriftCallback,
    DriftRecorder,
    FilterValue,
    Flow,
    FlowFormat,
    FlowStatus,
    FlowVersion,
    FlowVersionDeployment,
    FlowVersionDeployments,
    FlowVersionDeploymentsListFilter,
    FlowVersionDeploymentsListInclude,
    FlowVersionDeploymentsListSort,
    FlowVersions,
    FlowVersionSchedule,
    FlowVersionsListInclude,
    FlowVersionsListSchedulesFilter,
    FlowVersionsListSchedulesInclude,
    FlowVersionsListSort,
    FlowVersionStatus,
    InvalidArgumentError,
    Message,
    Model,
    NotFoundError,
    Package,
    PackageDeployment,
    Packages,
    PackagesGetInclude,
    PackagesListDeployedFilter,
    PackagesListDeployedInclude,
    PackagesListDeployedSort,
    PackagesListFilter,
    PackagesListInclude,
    PackagesListSort,
    Page,
    PaginationError,
    PaginationMeta,
    PaginationWarning,
    Paginator,
    PatchworksClient,
    PatchworksError,
    PatchworksWarning,
    PermissionDeniedError,
    Query,
    QuotaError,
    RateLimitError,
    RedisQuota,
    ResponseDecodeError,
    ServerError,
    UnprocessableEntityError,
    Unset,
    VirtualEnvironment,
    VirtualEnvironments,
    VirtualEnvironmentsCreateLabel,
    VirtualEnvironmentsGetInclude,
    VirtualEnvironmentsListDeployedFilter,
    VirtualEnvironmentsListDeployedInclude,
    VirtualEnvironmentsListDeployedSort,
    VirtualEnvironmentsListFilter,
    VirtualEnvironmentsListInclude,
    VirtualEnvironmentsListSort,
    VirtualEnvironmentsListVersionsInclude,
    VirtualEnvironmentsListVersionsSort,
    VirtualEnvironmentsUpdateLabel,
    VirtualEnvironmentVersion,
    __version__,
)


class Region(Enum):
    EU = "eu"


# ---------------------------------------------------------------------------------------------------------- the client


def tell(drift: Drift) -> None:
    assert_type(drift.operation, str)
    assert_type(drift.model, str)
    assert_type(drift.pointer, str)
    assert_type(drift.documented, str | None)
    assert_type(drift.seen, str)


def make_clients(callback: DriftCallback) -> list[PatchworksClient]:
    return [
        PatchworksClient(),
        PatchworksClient(api_key="key", timeout=5, max_retries=0, max_concurrency=4, requests_per_minute=None),
        PatchworksClient(token="token", base_url="https://core.example", on_drift=callback),
        PatchworksClient(username="ada", password="secret", login_url="https://login.example", identity_field="email"),
        PatchworksClient(auth=httpx.BasicAuth("ada", "secret"), transport="aiohttp", on_drift=tell),
        PatchworksClient(api_key="key", http_client=httpx.AsyncClient(), on_drift=DriftRecorder("drift.jsonl")),
        PatchworksClient(api_key="key", quota=RedisQuota("redis://localhost", per_minute=120, name="shop")),
    ]


async def use_the_client() -> None:
    async with PatchworksClient() as client:
        assert_type(client, PatchworksClient)
        assert_type(client.with_options(timeout=None, max_retries=1, headers={"X-Trace": "1"}), PatchworksClient)
        answer = await client.request("GET", "/api/v1/anything", query={"a": [1, True]}, json={"b": None}, timeout=3)
        assert_type(answer, httpx.Response)
        await client.request("GET", "/api/v1/anything", query=Query(page=1), extra_headers={"X-Trace": "1"})
        await client.request("GET", "/api/v1/anything", query=[("a", 1), ("a", 2)], max_retries=3)
        assert_type(client.packages, Packages)
        assert_type(client.flow_versions, FlowVersions)
        assert_type(client.flow_version_deployments, FlowVersionDeployments)
        assert_type(client.virtual_environments, VirtualEnvironments)
    assert_type(await client.aclose(), None)


# ---------------------------------------------------------------------------------------------------------- operations


async def use_packages(packages: Packages) -> None:
    assert_type(packages.list(), Paginator[Package])
    assert_type(packages.list_deployed(), Paginator[Package])
    assert_type(await packages.create(name="Checkout", notes=None), Package)
    assert_type(await packages.create(name="Checkout", notes=UNSET, timeout=UNSET, max_retries=UNSET), Package)
    assert_type(await packages.get(1, include=["createdBy", "flowVersions.deployments"]), Package)
    assert_type(await packages.update("1", name="x", notes="y", timeout=None, max_retries=1), Package)
    assert_type(await packages.delete(1, extra_query={"force": True}, extra_headers={"X-Trace": "1"}), Message)
    assert_type(await packages.add_flow_version(1, 2, priority=3), FlowVersion)
    assert_type(await packages.remove_flow_version(1, 2), Message)
    assert_type(await packages.remove_virtual_environment(1, 2), Message)
    compared: Any = await packages.compare(1, 2)
    deployed: Any = await packages.deploy(1, 2, notes="now")
    print(compared, deployed)


async def use_deployments(deployments: FlowVersionDeployments) -> None:
    assert_type(deployments.list(), Paginator[FlowVersionDeployment])
    assert_type(deployments.list_for_flow_version(1), Paginator[FlowVersionDeployment])
    assert_type(
        await deployments.create(1, virtual_environment_id=2, priority=None, deploy_disabled=True),
        FlowVersionDeployment,
    )
    assert_type(await deployments.create(1, flow_version_id="1", virtual_environment_id=None), FlowVersionDeployment)
    assert_type(await deployments.get(1, 2), FlowVersionDeployment)
    assert_type(await deployments.update(1, 2, enabled_at=datetime.now(UTC)), FlowVersionDeployment)
    assert_type(await deployments.delete(1, 2), Message)
    enabled: Any = await deployments.enable(1, 2)
    disabled: Any = await deployments.disable(1, 2)
    print(enabled, disabled)


async def use_environments(environments: VirtualEnvironments) -> None:
    label: VirtualEnvironmentsCreateLabel = {"id": 1}
    labels: list[VirtualEnvironmentsUpdateLabel] = [{"id": "1"}]
    assert_type(environments.list(), Paginator[VirtualEnvironment])
    assert_type(environments.list_deployed(), Paginator[VirtualEnvironment])
    assert_type(await environments.create(name="x", labels=[label], description=None, type="test"), VirtualEnvironment)
    assert_type(await environments.get(1, include="versions"), VirtualEnvironment)
    assert_type(await environments.update(1, name="x", labels=labels), VirtualEnvironment)
    assert_type(await environments.update(1, name="x", labels=({"id": 1}, {"id": 2})), VirtualEnvironment)
    assert_type(await environments.delete(1), Message)
    assert_type(environments.list_versions(1), Paginator[VirtualEnvironmentVersion])
    assert_type(await environments.create_version(1, notes="x"), VirtualEnvironmentVersion)
    assert_type(await environments.get_version(1, 2), VirtualEnvironmentVersion)
    assert_type(await environments.update_version(1, 2), VirtualEnvironmentVersion)
    assert_type(await environments.delete_version(1, 2), Message)
    copied: Any = await environments.copy(1)
    version_copied: Any = await environments.copy_version(1, 2)
    deployed: Any = await environments.deploy_version(1, 2)
    print(copied, version_copied, deployed)


async def use_flow_versions(versions: FlowVersions) -> None:
    assert_type(versions.list(1), Paginator[FlowVersion])
    assert_type(versions.list_metrics(1), Paginator[dict[str, Any]])
    assert_type(versions.list_schedules(1), Paginator[FlowVersionSchedule])
    assert_type(await versions.create(1), FlowVersion)
    assert_type(await versions.get(1, 2), FlowVersion)
    assert_type(await versions.update(1, 2, deployed_at=datetime.now(UTC)), FlowVersion)
    assert_type(await versions.delete(1, 2), Message)
    assert_type(await versions.create_schedule(1, cron_string="* * * * *", deployed_at=None), FlowVersionSchedule)
    assert_type(await versions.update_schedule(1, 2, cron_string="* * * * *"), FlowVersionSchedule)
    assert_type(await versions.delete_schedule(1, 2), Message)
    copied: Any = await versions.copy(1, 2)
    uploaded: Any = await versions.upload(1, private="1")
    patched: Any = await versions.update_graph_step(1, 2, body={"any": ["JSON"]})
    print(copied, uploaded, patched)


# ------------------------------------------------------------------------------------------------------------- queries


async def use_queries(client: PatchworksClient) -> None:
    value: FilterValue = ["a", 1, 1.5, True, date(2025, 5, 1), datetime.now(UTC), Region.EU]
    filters: PackagesListFilter = {"name": value}
    include: list[PackagesListInclude] = ["flowVersions.deployments", "createdBy"]
    sort: PackagesListSort = "-name"
    query = Query(filter=filters, include=include, sort=sort, page=2, per_page=50)
    assert_type(query.filter, Mapping[str, Any])
    assert_type(query.include, tuple[str, ...])
    assert_type(query.sort, tuple[str, ...])
    assert_type(query.page, int | None)
    assert_type(query.per_page, int | None)
    assert_type(query.to_params(), list[tuple[str, str]])
    assert_type(query.replace(page=3), Query)
    assert_type({query: 1}[query], int)
    client.packages.list(query=query, filter={"name": "x"}, include="createdBy", sort=["name", "-name"])
    client.packages.list(filter=filters, include=include, sort=sort, page=1, per_page=100, prefetch=2)
    await client.packages.get(1, query=Query(include="createdBy"))

    get_include: PackagesGetInclude = "createdBy"
    await client.packages.get(1, include=(get_include,))
    deployed_filter: PackagesListDeployedFilter = {"name": "x"}
    deployed_include: PackagesListDeployedInclude = "createdBy"
    deployed_sort: PackagesListDeployedSort = "name"
    client.packages.list_deployed(filter=deployed_filter, include=deployed_include, sort=deployed_sort)
    of_deployments: FlowVersionDeploymentsListFilter = {"flowVersion.flow": 1, "global": True, "package_id": [1, 2]}
    deployments_include: FlowVersionDeploymentsListInclude = "flowVersion"
    deployments_sort: FlowVersionDeploymentsListSort = "-created_at"
    client.flow_version_deployments.list(filter=of_deployments, include=deployments_include, sort=deployments_sort)
    versions_include: FlowVersionsListInclude = "latestRun"
    versions_sort: FlowVersionsListSort = "-created_at"
    client.flow_versions.list(1, include=versions_include, sort=versions_sort)
    schedules_filter: FlowVersionsListSchedulesFilter = {"flow_version_id": 1}
    schedules_include: FlowVersionsListSchedulesInclude = "flowVersion"
    client.flow_versions.list_schedules(1, filter=schedules_filter, include=schedules_include)
    await use_environment_queries(client.virtual_environments)


async def use_environment_queries(environments: VirtualEnvironments) -> None:
    environment_filter: VirtualEnvironmentsListFilter = {"name": "x", "hasDeployedVersion": True}
    environment_include: VirtualEnvironmentsListInclude = "versions"
    environment_sort: VirtualEnvironmentsListSort = "-name"
    environments.list(filter=environment_filter, include=environment_include, sort=environment_sort)
    deployed_filter: VirtualEnvironmentsListDeployedFilter = {"name": "x"}
    deployed_include: VirtualEnvironmentsListDeployedInclude = "versions"
    deployed_sort: VirtualEnvironmentsListDeployedSort = "name"
    environments.list_deployed(filter=deployed_filter, include=deployed_include, sort=deployed_sort)
    get_include: VirtualEnvironmentsGetInclude = "versions"
    await environments.get(1, include=get_include)
    versions_include: VirtualEnvironmentsListVersionsInclude = "virtualEnvironment"
    versions_sort: VirtualEnvironmentsListVersionsSort = "created_at"
    environments.list_versions(1, include=versions_include, sort=versions_sort)


# --------------------------------------------------------------------------------------------------------------- pages


def progress(done: int, total: int | None) -> None:
    print(done, total)


async def use_pages(client: PatchworksClient) -> None:
    page = await client.packages.list(per_page=50, prefetch=2, on_progress=progress)
    assert_type(page, Page[Package])
    assert_type(page.items, list[Package])
    assert_type(page.meta, PaginationMeta | None)
    assert_type(page.total, int | None)
    assert_type(page.last_page, int | None)
    assert_type(page.number, int)
    assert_type(page.has_next, bool)
    assert_type(page[0], Package)
    assert_type(len(page), int)
    assert_type([package for package in page], list[Package])  # noqa: C416
    assert_type(await page.next(), Page[Package] | None)
    async for package in client.packages.list():
        assert_type(package, Package)
    async for each in client.packages.list().pages():
        assert_type(each, Page[Package])
    async with aclosing(aiter(client.packages.list())) as items:
        assert_type(items, AsyncGenerator[Package, None])
    assert_type(await client.packages.list().to_list(), list[Package])
    assert_type(await client.packages.list().to_list(limit=500), list[Package])
    assert_type(await client.packages.list().first(), Package | None)
    assert_type(await client.packages.list().count(), int)
    async for metric in client.flow_versions.list_metrics(1):
        assert_type(metric, dict[str, Any])
    if page.meta:
        assert_type(page.meta.from_, int | None)


# -------------------------------------------------------------------------------------------------------------- models


def use_models(package: Package, flow: Flow, version: FlowVersion, environment: VirtualEnvironment) -> None:
    assert_type(package.id, int)
    assert_type(package.name, str | None)
    assert_type(package.created_at, datetime | None)
    assert_type(package.flow_versions, list[FlowVersion] | None)
    assert_type(package.deployments, list[PackageDeployment] | None)
    assert_type(package.created_by_user, dict[str, Any] | None)
    assert_type(environment.deployed_version, VirtualEnvironmentVersion | None)
    assert_type(version.iteration, int | None)
    assert_type(version.has_callback_step, bool | None)
    assert_type(flow.is_enabled, bool | None)
    status: FlowVersionStatus | None = version.status
    flow_status: FlowStatus | None = flow.status
    flow_format: FlowFormat | None = flow.format
    print(status, flow_status, flow_format, status == "Draft")

    assert_type(Package.from_dict({"id": 1}), Package)
    assert_type(package.to_dict(), dict[str, Any])
    assert_type(package.fields_set, frozenset[str])
    assert_type(package.additional_properties, dict[str, Any])
    assert_type("id" in package, bool)
    assert_type([key for key in package], list[str])  # noqa: C416
    anything: Any = package["anything"]
    models: list[Model] = [package, flow, version, environment]
    print(anything, models, package == flow)

    changed = attrs.evolve(package, name="x", created_at=datetime.now(UTC), flow_versions=[version], notes=None)
    assert_type(changed, Package)
    assert_type(Package(id=1, name="x"), Package)
    assert_type(Message(message="deleted").message, str | None)
    assert_type(FlowVersionSchedule(cron_string="x").cron_string, str | None)


# -------------------------------------------------------------------------------------------------------------- errors


def use_errors(error: PatchworksError) -> str:
    assert_type(error.page, int | None)
    match error:
        case UnprocessableEntityError():
            assert_type(error.errors, dict[str, list[str]])
        case BadRequestError():
            assert_type(error.requested, list[str])
            assert_type(error.allowed, list[str])
        case RateLimitError():
            assert_type(error.retry_after, float | None)
        case AuthenticationError() | PermissionDeniedError() | NotFoundError() | ConflictError() | ServerError():
            assert_type(error.headers, dict[str, str])
        case APIStatusError():
            assert_type(error.status_code, int)
            assert_type(error.message, str)
            assert_type(error.request_id, str | None)
        case APITimeoutError():
            assert_type(error.delivered, bool | None)
        case APIConnectionError():
            assert_type(error.method, str)
        case ResponseDecodeError():
            assert_type(error.content_type, str)
            assert_type(error.body, str)
        case APIError():
            assert_type(error.path, str)
        case PaginationError() | ConfigurationError() | InvalidArgumentError() | QuotaError():
            return "ours"
        case _:
            return "unknown"
    return str(error)


def use_warnings() -> tuple[type[Warning], ...]:
    return PatchworksWarning, PaginationWarning


def use_unset(value: int | Unset) -> int:
    assert __version__.count(".") == 2
    if value is UNSET:
        return 0
    assert_type(value, int)
    match value:
        case int():
            return value
        case _:
            assert_never(value)
