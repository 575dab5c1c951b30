# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model Flow."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import frozen

from ..model import Model, date_time, field, many, model, one

if TYPE_CHECKING:
    from .flow_version import FlowVersion
    from .flow_version_deployment import FlowVersionDeployment

FlowStatus: TypeAlias = Literal["Draft", "Inactive", "Deployed"] | str
FlowFormat: TypeAlias = Literal["csv", "json", "txt", "xml"] | str


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class Flow(Model):
    """From the schema `Flows`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    name: str | None = None
    enabled_at: datetime | None = field(date_time)
    status: FlowStatus | None = None
    format: FlowFormat | None = None
    body: str | None = None
    deployed_at: datetime | None = field(date_time)
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    description: str | None = None
    layout_direction: str | None = None
    message_brokers: list[dict[str, Any]] | None = None
    message_broker_queues: list[dict[str, Any]] | None = None
    current_version_step_count: int | None = None
    current_version_connector_count: int | None = None
    current_version_script_count: int | None = None
    current_version_cache_count: int | None = None
    current_version_data_pool_count: int | None = None
    current_version_cross_ref_count: int | None = None
    use_queued_time: str | None = None
    webhooks_count: int | None = None
    callbacks_count: int | None = None
    marketplace_app_id: int | None = None
    blueprint_id: int | None = None
    blueprint_version_number: str | None = None
    flow_folder_id: int | None = None
    versions: list[FlowVersion] | None = field(many, "FlowVersion")
    latest_version: FlowVersion | None = field(one, "FlowVersion")
    current_version: FlowVersion | None = field(one, "FlowVersion")
    deployed_version: FlowVersion | None = field(one, "FlowVersion")
    latest_deployed_version: FlowVersion | None = field(one, "FlowVersion")
    deployments: list[FlowVersionDeployment] | None = field(many, "FlowVersionDeployment")
    priority: int | None = None
    is_enabled: bool | None = None
    labels: list[dict[str, Any]] | None = None
    webhooks: list[dict[str, Any]] | None = None
    callbacks: list[dict[str, Any]] | None = None
    notification_groups: list[Any] | None = None
    notification_group_ids: list[Any] | None = None
    version_type_counts: Any = None
    remove_failed_payloads: Any = None
    prod_flag: Any = None
