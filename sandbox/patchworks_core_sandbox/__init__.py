"""A local Patchworks Core: an in-memory server with all 46 endpoints, good days and bad days.

It behaves as the server does, not as its documentation claims.
"""

from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .seed import Seed
    from .server import Sandbox

__all__ = ["Sandbox", "Seed", "__version__"]


def __getattr__(name: str) -> object:
    """Import the server when it is first asked for: pytest imports this package in every run."""
    if name == "Sandbox":
        from .server import Sandbox

        return Sandbox
    if name == "Seed":
        from .seed import Seed

        return Seed
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
