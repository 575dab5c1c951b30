# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The calls of the API by resource; each module is imported when it is first used."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow_version_deployments import (
        FlowVersionDeployments,
        FlowVersionDeploymentsListFilter,
        FlowVersionDeploymentsListInclude,
        FlowVersionDeploymentsListSort,
    )
    from .flow_versions import (
        FlowVersions,
        FlowVersionsListInclude,
        FlowVersionsListSchedulesFilter,
        FlowVersionsListSchedulesInclude,
        FlowVersionsListSort,
    )
    from .packages import (
        Packages,
        PackagesGetInclude,
        PackagesListDeployedFilter,
        PackagesListDeployedInclude,
        PackagesListDeployedSort,
        PackagesListFilter,
        PackagesListInclude,
        PackagesListSort,
    )
    from .virtual_environments import (
        VirtualEnvironments,
        VirtualEnvironmentsCreateLabel,
        VirtualEnvironmentsGetInclude,
        VirtualEnvironmentsListDeployedFilter,
        VirtualEnvironmentsListDeployedInclude,
        VirtualEnvironmentsListDeployedSort,
        VirtualEnvironmentsListFilter,
        VirtualEnvironmentsListInclude,
        VirtualEnvironmentsListSort,
        VirtualEnvironmentsListVersionsInclude,
        VirtualEnvironmentsListVersionsSort,
        VirtualEnvironmentsUpdateLabel,
    )

__all__ = [
    "FlowVersionDeployments",
    "FlowVersionDeploymentsListFilter",
    "FlowVersionDeploymentsListInclude",
    "FlowVersionDeploymentsListSort",
    "FlowVersions",
    "FlowVersionsListInclude",
    "FlowVersionsListSchedulesFilter",
    "FlowVersionsListSchedulesInclude",
    "FlowVersionsListSort",
    "Packages",
    "PackagesGetInclude",
    "PackagesListDeployedFilter",
    "PackagesListDeployedInclude",
    "PackagesListDeployedSort",
    "PackagesListFilter",
    "PackagesListInclude",
    "PackagesListSort",
    "VirtualEnvironments",
    "VirtualEnvironmentsCreateLabel",
    "VirtualEnvironmentsGetInclude",
    "VirtualEnvironmentsListDeployedFilter",
    "VirtualEnvironmentsListDeployedInclude",
    "VirtualEnvironmentsListDeployedSort",
    "VirtualEnvironmentsListFilter",
    "VirtualEnvironmentsListInclude",
    "VirtualEnvironmentsListSort",
    "VirtualEnvironmentsListVersionsInclude",
    "VirtualEnvironmentsListVersionsSort",
    "VirtualEnvironmentsUpdateLabel",
]

_EXPORTS: dict[str, str] = {
    "FlowVersionDeployments": "flow_version_deployments",
    "FlowVersionDeploymentsListFilter": "flow_version_deployments",
    "FlowVersionDeploymentsListInclude": "flow_version_deployments",
    "FlowVersionDeploymentsListSort": "flow_version_deployments",
    "FlowVersions": "flow_versions",
    "FlowVersionsListInclude": "flow_versions",
    "FlowVersionsListSchedulesFilter": "flow_versions",
    "FlowVersionsListSchedulesInclude": "flow_versions",
    "FlowVersionsListSort": "flow_versions",
    "Packages": "packages",
    "PackagesGetInclude": "packages",
    "PackagesListDeployedFilter": "packages",
    "PackagesListDeployedInclude": "packages",
    "PackagesListDeployedSort": "packages",
    "PackagesListFilter": "packages",
    "PackagesListInclude": "packages",
    "PackagesListSort": "packages",
    "VirtualEnvironments": "virtual_environments",
    "VirtualEnvironmentsCreateLabel": "virtual_environments",
    "VirtualEnvironmentsGetInclude": "virtual_environments",
    "VirtualEnvironmentsListDeployedFilter": "virtual_environments",
    "VirtualEnvironmentsListDeployedInclude": "virtual_environments",
    "VirtualEnvironmentsListDeployedSort": "virtual_environments",
    "VirtualEnvironmentsListFilter": "virtual_environments",
    "VirtualEnvironmentsListInclude": "virtual_environments",
    "VirtualEnvironmentsListSort": "virtual_environments",
    "VirtualEnvironmentsListVersionsInclude": "virtual_environments",
    "VirtualEnvironmentsListVersionsSort": "virtual_environments",
    "VirtualEnvironmentsUpdateLabel": "virtual_environments",
}


if not TYPE_CHECKING:  # else type checkers would take every misspelt name for an Any

    def __getattr__(name: str) -> Any:
        """Import the module of a public name when it is first asked for."""
        if name not in _EXPORTS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(_import_module(f".{_EXPORTS[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
