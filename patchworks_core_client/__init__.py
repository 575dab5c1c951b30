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

_MODULES: dict[str, str] = {
    "_types": ("UNSET Unset"),
    "_version": ("__version__"),
    "client": ("PatchworksClient"),
    "drift": ("Drift DriftCallback DriftRecorder"),
    "errors": (
        "APIConnectionError APIError APIStatusError APITimeoutError AuthenticationError BadRequestError "
        "ConfigurationError ConflictError InvalidArgumentError NotFoundError PaginationError "
        "PaginationWarning PatchworksError PatchworksWarning PermissionDeniedError QuotaError RateLimitError "
        "ResponseDecodeError ServerError UnprocessableEntityError"
    ),
    "model": ("Model"),
    "models.flow": ("Flow FlowFormat FlowStatus"),
    "models.flow_version": ("FlowVersion FlowVersionStatus"),
    "models.flow_version_deployment": ("FlowVersionDeployment"),
    "models.flow_version_schedule": ("FlowVersionSchedule"),
    "models.message": ("Message"),
    "models.package": ("Package"),
    "models.package_deployment": ("PackageDeployment"),
    "models.virtual_environment": ("VirtualEnvironment"),
    "models.virtual_environment_version": ("VirtualEnvironmentVersion"),
    "pagination": ("Page PaginationMeta Paginator"),
    "query": ("FilterValue Query"),
    "quota": ("RedisQuota"),
    "resources.flow_version_deployments": (
        "FlowVersionDeployments FlowVersionDeploymentsListFilter FlowVersionDeploymentsListInclude "
        "FlowVersionDeploymentsListSort"
    ),
    "resources.flow_versions": (
        "FlowVersions FlowVersionsListInclude FlowVersionsListSchedulesFilter "
        "FlowVersionsListSchedulesInclude FlowVersionsListSort"
    ),
    "resources.packages": (
        "Packages PackagesGetInclude PackagesListDeployedFilter PackagesListDeployedInclude "
        "PackagesListDeployedSort PackagesListFilter PackagesListInclude PackagesListSort"
    ),
    "resources.virtual_environments": (
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
