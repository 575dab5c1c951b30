# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""What the API answers, as classes; each module is imported when it is first used."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flow import Flow, FlowFormat, FlowStatus
    from .flow_version import FlowVersion, FlowVersionStatus
    from .flow_version_deployment import FlowVersionDeployment
    from .flow_version_schedule import FlowVersionSchedule
    from .message import Message
    from .package import Package
    from .package_deployment import PackageDeployment
    from .virtual_environment import VirtualEnvironment
    from .virtual_environment_version import VirtualEnvironmentVersion

__all__ = [
    "Flow",
    "FlowFormat",
    "FlowStatus",
    "FlowVersion",
    "FlowVersionDeployment",
    "FlowVersionSchedule",
    "FlowVersionStatus",
    "Message",
    "Package",
    "PackageDeployment",
    "VirtualEnvironment",
    "VirtualEnvironmentVersion",
]

_EXPORTS: dict[str, str] = {
    "Flow": "flow",
    "FlowFormat": "flow",
    "FlowStatus": "flow",
    "FlowVersion": "flow_version",
    "FlowVersionStatus": "flow_version",
    "FlowVersionDeployment": "flow_version_deployment",
    "FlowVersionSchedule": "flow_version_schedule",
    "Message": "message",
    "Package": "package",
    "PackageDeployment": "package_deployment",
    "VirtualEnvironment": "virtual_environment",
    "VirtualEnvironmentVersion": "virtual_environment_version",
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
