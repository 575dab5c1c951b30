# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The resources of the client; each one is imported when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .client import PatchworksClient
    from .resources.flow_version_deployments import FlowVersionDeployments
    from .resources.flow_versions import FlowVersions
    from .resources.packages import Packages
    from .resources.virtual_environments import VirtualEnvironments


class Resources:
    """One attribute for each resource."""

    @cached_property
    def flow_version_deployments(self) -> FlowVersionDeployments:
        """Which version of a flow runs in which virtual environment."""
        from .resources.flow_version_deployments import FlowVersionDeployments

        return FlowVersionDeployments(cast("PatchworksClient", self))

    @cached_property
    def flow_versions(self) -> FlowVersions:
        """The versions of a flow, and their schedules and metrics."""
        from .resources.flow_versions import FlowVersions

        return FlowVersions(cast("PatchworksClient", self))

    @cached_property
    def packages(self) -> Packages:
        """Versions of several flows that are deployed together."""
        from .resources.packages import Packages

        return Packages(cast("PatchworksClient", self))

    @cached_property
    def virtual_environments(self) -> VirtualEnvironments:
        """Where flows run, with the versions of their variables."""
        from .resources.virtual_environments import VirtualEnvironments

        return VirtualEnvironments(cast("PatchworksClient", self))
