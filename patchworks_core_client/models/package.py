# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model Package."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..model import Model, date_time, key, many, mapping, model

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

    id: int = key("id")
    """Unique identifier."""
    name: str | None = None
    notes: str | None = None
    created_by: int | None = None
    priority: int | None = None
    created_at: datetime | None = date_time()
    updated_at: datetime | None = date_time()
    flow_versions_count: int | None = None
    deployments_count: int | None = None
    flow_version_deployments_count: int | None = None
    created_by_user: dict[str, Any] | None = mapping()
    flow_versions: list[FlowVersion] | None = many("FlowVersion")
    virtual_environments: list[VirtualEnvironment] | None = many("VirtualEnvironment")
    deployments: list[PackageDeployment] | None = many("PackageDeployment")
    flow_version_deployments: list[FlowVersionDeployment] | None = many("FlowVersionDeployment")
