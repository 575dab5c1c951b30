# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model VirtualEnvironment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..model import Model, date_time, field, many, mapping, model, one

if TYPE_CHECKING:
    from .flow_version_deployment import FlowVersionDeployment
    from .package_deployment import PackageDeployment
    from .virtual_environment_version import VirtualEnvironmentVersion


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class VirtualEnvironment(Model):
    """From the schema `VirtualEnvironments`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    name: str | None = None
    description: str | None = None
    type: str | None = None
    versions_count: int | None = None
    is_deployed: bool | None = None
    labels: list[dict[str, Any]] | None = None
    versions: list[VirtualEnvironmentVersion] | None = field(many, "VirtualEnvironmentVersion")
    first_version: VirtualEnvironmentVersion | None = field(one, "VirtualEnvironmentVersion")
    deployed_version: VirtualEnvironmentVersion | None = field(one, "VirtualEnvironmentVersion")
    deployments: list[FlowVersionDeployment] | None = field(many, "FlowVersionDeployment")
    package_deployments: list[PackageDeployment] | None = field(many, "PackageDeployment")
    deployments_count: int | None = None
    flows: list[dict[str, Any]] | None = None
    pivot: dict[str, Any] | None = field(mapping)
