# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The Patchworks Core API, typed and asynchronous. See `PatchworksClient`."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._types import UNSET, Unset
    from ._version import __version__
    from .client import PatchworksClient
    from .drift import Drift, DriftCallback, DriftRecorder
    from .errors import (
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ConfigurationError,
        ConflictError,
        InvalidArgumentError,
        NotFoundError,
        PaginationError,
        PaginationWarning,
        PatchworksError,
        PatchworksWarning,
        PermissionDeniedError,
        QuotaError,
        RateLimitError,
        ResponseDecodeError,
        ServerError,
        UnprocessableEntityError,
    )
    from .model import Model
    from .models.flow import Flow, FlowFormat, FlowStatus
    from .models.flow_version import FlowVersion, FlowVersionStatus
    from .models.flow_version_deployment import FlowVersionDeployment
    from .models.flow_version_schedule import FlowVersionSchedule
    from .models.message import Message
    from .models.package import Package
    from .models.package_deployment import PackageDeployment
    from .models.virtual_environment import VirtualEnvironment
    from .models.virtual_environment_version import VirtualEnvironmentVersion
    from .pagination import Page, PaginationMeta, Paginator
    from .query import FilterValue, Query
    from .quota import RedisQuota
    from .resources.flow_version_deployments import (
        FlowVersionDeployments,
        FlowVersionDeploymentsListFilter,
        FlowVersionDeploymentsListInclude,
        FlowVersionDeploymentsListSort,
    )
    from .resources.flow_versions import (
        FlowVersions,
        FlowVersionsListInclude,
        FlowVersionsListSchedulesFilter,
        FlowVersionsListSchedulesInclude,
        FlowVersionsListSort,
    )
    from .resources.packages import (
        Packages,
        PackagesGetInclude,
        PackagesListDeployedFilter,
        PackagesListDeployedInclude,
        PackagesListDeployedSort,
        PackagesListFilter,
        PackagesListInclude,
        PackagesListSort,
    )
    from .resources.virtual_environments import (
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
    "UNSET",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "Drift",
    "DriftCallback",
    "DriftRecorder",
    "FilterValue",
    "Flow",
    "FlowFormat",
    "FlowStatus",
    "FlowVersion",
    "FlowVersionDeployment",
    "FlowVersionDeployments",
    "FlowVersionDeploymentsListFilter",
    "FlowVersionDeploymentsListInclude",
    "FlowVersionDeploymentsListSort",
    "FlowVersionSchedule",
    "FlowVersionStatus",
    "FlowVersions",
    "FlowVersionsListInclude",
    "FlowVersionsListSchedulesFilter",
    "FlowVersionsListSchedulesInclude",
    "FlowVersionsListSort",
    "InvalidArgumentError",
    "Message",
    "Model",
    "NotFoundError",
    "Package",
    "PackageDeployment",
    "Packages",
    "PackagesGetInclude",
    "PackagesListDeployedFilter",
    "PackagesListDeployedInclude",
    "PackagesListDeployedSort",
    "PackagesListFilter",
    "PackagesListInclude",
    "PackagesListSort",
    "Page",
    "PaginationError",
    "PaginationMeta",
    "PaginationWarning",
    "Paginator",
    "PatchworksClient",
    "PatchworksError",
    "PatchworksWarning",
    "PermissionDeniedError",
    "Query",
    "QuotaError",
    "RateLimitError",
    "RedisQuota",
    "ResponseDecodeError",
    "ServerError",
    "UnprocessableEntityError",
    "Unset",
    "VirtualEnvironment",
    "VirtualEnvironmentVersion",
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
    "__version__",
]

_EXPORTS: dict[str, str] = {
    "UNSET": "_types",
    "Unset": "_types",
    "__version__": "_version",
    "PatchworksClient": "client",
    "Drift": "drift",
    "DriftCallback": "drift",
    "DriftRecorder": "drift",
    "APIConnectionError": "errors",
    "APIError": "errors",
    "APIStatusError": "errors",
    "APITimeoutError": "errors",
    "AuthenticationError": "errors",
    "BadRequestError": "errors",
    "ConfigurationError": "errors",
    "ConflictError": "errors",
    "InvalidArgumentError": "errors",
    "NotFoundError": "errors",
    "PaginationError": "errors",
    "PaginationWarning": "errors",
    "PatchworksError": "errors",
    "PatchworksWarning": "errors",
    "PermissionDeniedError": "errors",
    "QuotaError": "errors",
    "RateLimitError": "errors",
    "ResponseDecodeError": "errors",
    "ServerError": "errors",
    "UnprocessableEntityError": "errors",
    "Model": "model",
    "Flow": "models.flow",
    "FlowFormat": "models.flow",
    "FlowStatus": "models.flow",
    "FlowVersion": "models.flow_version",
    "FlowVersionStatus": "models.flow_version",
    "FlowVersionDeployment": "models.flow_version_deployment",
    "FlowVersionSchedule": "models.flow_version_schedule",
    "Message": "models.message",
    "Package": "models.package",
    "PackageDeployment": "models.package_deployment",
    "VirtualEnvironment": "models.virtual_environment",
    "VirtualEnvironmentVersion": "models.virtual_environment_version",
    "Page": "pagination",
    "PaginationMeta": "pagination",
    "Paginator": "pagination",
    "FilterValue": "query",
    "Query": "query",
    "RedisQuota": "quota",
    "FlowVersionDeployments": "resources.flow_version_deployments",
    "FlowVersionDeploymentsListFilter": "resources.flow_version_deployments",
    "FlowVersionDeploymentsListInclude": "resources.flow_version_deployments",
    "FlowVersionDeploymentsListSort": "resources.flow_version_deployments",
    "FlowVersions": "resources.flow_versions",
    "FlowVersionsListInclude": "resources.flow_versions",
    "FlowVersionsListSchedulesFilter": "resources.flow_versions",
    "FlowVersionsListSchedulesInclude": "resources.flow_versions",
    "FlowVersionsListSort": "resources.flow_versions",
    "Packages": "resources.packages",
    "PackagesGetInclude": "resources.packages",
    "PackagesListDeployedFilter": "resources.packages",
    "PackagesListDeployedInclude": "resources.packages",
    "PackagesListDeployedSort": "resources.packages",
    "PackagesListFilter": "resources.packages",
    "PackagesListInclude": "resources.packages",
    "PackagesListSort": "resources.packages",
    "VirtualEnvironments": "resources.virtual_environments",
    "VirtualEnvironmentsCreateLabel": "resources.virtual_environments",
    "VirtualEnvironmentsGetInclude": "resources.virtual_environments",
    "VirtualEnvironmentsListDeployedFilter": "resources.virtual_environments",
    "VirtualEnvironmentsListDeployedInclude": "resources.virtual_environments",
    "VirtualEnvironmentsListDeployedSort": "resources.virtual_environments",
    "VirtualEnvironmentsListFilter": "resources.virtual_environments",
    "VirtualEnvironmentsListInclude": "resources.virtual_environments",
    "VirtualEnvironmentsListSort": "resources.virtual_environments",
    "VirtualEnvironmentsListVersionsInclude": "resources.virtual_environments",
    "VirtualEnvironmentsListVersionsSort": "resources.virtual_environments",
    "VirtualEnvironmentsUpdateLabel": "resources.virtual_environments",
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
