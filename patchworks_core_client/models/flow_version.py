# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model FlowVersion."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import frozen

from ..model import Model, date_time, field, many, mapping, model, one

if TYPE_CHECKING:
    from .flow import Flow
    from .flow_version_deployment import FlowVersionDeployment
    from .flow_version_schedule import FlowVersionSchedule

FlowVersionStatus: TypeAlias = Literal["Draft", "Inactive", "Deployed"] | str


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class FlowVersion(Model):
    """From the schema `FlowVersions`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    priority: int | None = None
    microservice: str | None = None
    config: str | None = None
    flow_step_route_id: int | None = None
    parent_id: int | None = None
    type: str | None = None
    key: str | None = None
    value: str | None = None
    date_format: str | None = None
    secret: str | None = None
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    flow_id: int | None = None
    flow_name: str | None = None
    flow_priority: int | None = None
    iteration: int | None = None
    status: FlowVersionStatus | None = None
    is_deployed: bool | None = None
    is_editable: bool | None = None
    deployed_at: datetime | None = field(date_time)
    deployed_by_user: dict[str, Any] | None = field(mapping)
    saved_at: datetime | None = field(date_time)
    saved_by: int | None = None
    saved_by_user: dict[str, Any] | None = field(mapping)
    has_callback_step: bool | None = None
    steps_count: int | None = None
    deployments: list[FlowVersionDeployment] | None = field(many, "FlowVersionDeployment")
    schedules: list[FlowVersionSchedule] | None = field(many, "FlowVersionSchedule")
    steps: list[dict[str, Any]] | None = None
    runs: list[dict[str, Any]] | None = None
    filters: list[dict[str, Any]] | None = None
    variables: list[dict[str, Any]] | None = None
    latest_run: dict[str, Any] | None = field(mapping)
    flow: Flow | None = field(one, "Flow")
    pivot: dict[str, Any] | None = field(mapping)
    deployed_by: Any = None
