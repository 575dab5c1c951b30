# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model FlowVersionSchedule."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from attrs import frozen

from ..model import Model, date_time, field, model, one

if TYPE_CHECKING:
    from .flow_version import FlowVersion


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class FlowVersionSchedule(Model):
    """From the schema `FlowVersionSchedules`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    flow_version_id: int | None = None
    cron_string: str | None = None
    deployed_at: datetime | None = field(date_time)
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    flow_version: FlowVersion | None = field(one, "FlowVersion")
