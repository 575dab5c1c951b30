"""The 46 operations. Importing this package fills the registry."""

from . import deployments, environments, flow_versions, packages
from .registry import ENDPOINTS, Call, Endpoint, Move, Reply, parsed_body

__all__ = [
    "ENDPOINTS",
    "Call",
    "Endpoint",
    "Move",
    "Reply",
    "deployments",
    "environments",
    "flow_versions",
    "packages",
    "parsed_body",
]
