"""A local Patchworks Core: an in-memory server with all 46 endpoints, good days and bad days.

It behaves as the server does, not as its documentation claims.
"""

from .seed import Seed
from .server import Sandbox

__all__ = ["Sandbox", "Seed"]
