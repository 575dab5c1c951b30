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

_MODULES: dict[str, str] = {
    "flow_version_deployments": (
        "FlowVersionDeployments FlowVersionDeploymentsListFilter FlowVersionDeploymentsListInclude "
        "FlowVersionDeploymentsListSort"
    ),
    "flow_versions": (
        "FlowVersions FlowVersionsListInclude FlowVersionsListSchedulesFilter "
        "FlowVersionsListSchedulesInclude FlowVersionsListSort"
    ),
    "packages": (
        "Packages PackagesGetInclude PackagesListDeployedFilter PackagesListDeployedInclude "
        "PackagesListDeployedSort PackagesListFilter PackagesListInclude PackagesListSort"
    ),
    "virtual_environments": (
        "VirtualEnvironments VirtualEnvironmentsCreateLabel VirtualEnvironmentsGetInclude "
        "VirtualEnvironmentsListDeployedFilter VirtualEnvironmentsListDeployedInclude "
        "VirtualEnvironmentsListDeployedSort VirtualEnvironmentsListFilter VirtualEnvironmentsListInclude "
        "VirtualEnvironmentsListSort VirtualEnvironmentsListVersionsInclude "
        "VirtualEnvironmentsListVersionsSort VirtualEnvironmentsUpdateLabel"
    ),
}
_EXPORTS = {name: module for module, names in _MODULES.items() for name in names.split()}


if not TYPE_CHECKING:  # else type checkers would take every misspelt name for an Any

    def __getattr__(name: str) -> Any:
        """Import the module of a public name when it is first asked for."""
        if name not in _EXPORTS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(_import_module(f".{_EXPORTS[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
