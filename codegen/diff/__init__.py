"""What a new spec changes for those who call the client."""

from __future__ import annotations

from .changes import Change, to_markdown
from .run import diff_specs

__all__ = ["Change", "diff_specs", "to_markdown"]
