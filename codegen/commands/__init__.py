"""The subcommands, one module each.

A module has `HELP`, `configure(parser)` and `run(arguments)`, which returns the exit code. To add a command, write its
module and add its name here.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Protocol, cast

NAMES = ("extract", "merge", "generate", "build", "check", "fetch", "diff", "learn", "vendor", "outdated")


class Command(Protocol):
    """What the module of a subcommand offers."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        ...

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it.

        Raises:
            CodegenError: What the user is to read when it cannot be done.
        """
        ...


def command(name: str) -> Command:
    return cast("Command", import_module(f"{__name__}.{name}"))
