# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model Package."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..model import Model, date_time, field, many, mapping, model

if TYPE_CHECKING:
    from .flow_version import FlowVersion
    from .flow_version_deployment import FlowVersionDeployment
    from .package_deployment import PackageDeployment
    from .virtual_environment import VirtualEnvironment


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class Package(Model):
    """From the schema `Packages`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    name: str | None = None
    notes: str | None = None
    created_by: int | None = None
    priority: int | None = None
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    flow_versions_count: int | None = None
    deployments_count: int | None = None
    flow_version_deployments_count: int | None = None
    created_by_user: dict[str, Any] | None = field(mapping)
    flow_versions: list[FlowVersion] | None = field(many, "FlowVersion")
    virtual_environments: list[VirtualEnvironment] | None = field(many, "VirtualEnvironment")
    deployments: list[PackageDeployment] | None = field(many, "PackageDeployment")
    flow_version_deployments: list[FlowVersionDeployment] | None = field(many, "FlowVersionDeployment")
