# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model PackageDeployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..model import Model, field, mapping, model, one

if TYPE_CHECKING:
    from .package import Package
    from .virtual_environment import VirtualEnvironment


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class PackageDeployment(Model):
    """From the schema `PackageDeployments`."""

    __slots__ = ()

    id: int = field()
    """Unique identifier."""
    notes: str | None = None
    virtual_environment: VirtualEnvironment | None = field(one, "VirtualEnvironment")
    package: Package | None = field(one, "Package")
    user: dict[str, Any] | None = field(mapping)
