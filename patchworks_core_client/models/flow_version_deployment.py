# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model FlowVersionDeployment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..model import Model, date_time, field, mapping, model, one

if TYPE_CHECKING:
    from .flow_version import FlowVersion
    from .package import Package
    from .virtual_environment import VirtualEnvironment


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class FlowVersionDeployment(Model):
    """From the schema `FlowVersionDeployments`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    flow_version_id: int | None = None
    virtual_environment_id: int | None = None
    package_id: int | None = None
    priority: int | None = None
    enabled_at: datetime | None = field(date_time)
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    flow_version: FlowVersion | None = field(one, "FlowVersion")
    virtual_environment: VirtualEnvironment | None = field(one, "VirtualEnvironment")
    package: Package | None = field(one, "Package")
    enabled_by: dict[str, Any] | None = field(mapping)
    user: dict[str, Any] | None = field(mapping)
