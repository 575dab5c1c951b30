# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model VirtualEnvironmentVersion."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..model import Model, date_time, field, mapping, model, one

if TYPE_CHECKING:
    from .virtual_environment import VirtualEnvironment


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class VirtualEnvironmentVersion(Model):
    """From the schema `VirtualEnvironmentVersions`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    notes: str | None = None
    deployed_at: datetime | None = field(date_time)
    created_at: datetime | None = field(date_time)
    updated_at: datetime | None = field(date_time)
    virtual_environment: VirtualEnvironment | None = field(one, "VirtualEnvironment")
    variables: list[dict[str, Any]] | None = None
    user: dict[str, Any] | None = field(mapping)
