"""The one exception of the code generator."""

from __future__ import annotations


class CodegenError(Exception):
    """Input that cannot be used.

    The message is shown to the user as it is: it names the place (page, heading and line; snippet and pointer; overlay
    action; file) and what is wrong there.
    """
