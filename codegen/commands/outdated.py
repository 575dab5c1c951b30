"""`codegen outdated`: which pinned tools have newer releases."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ..outdated import Outdated

HELP = "which pinned tools have newer releases"
_STYLES = {"major": "bold red", "minor": "yellow", "patch": "green", "other": ""}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--requirements",
        type=Path,
        default=Path("requirements-dev.txt"),
        metavar="FILE",
        help="default: requirements-dev.txt",
    )


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from ..outdated import outdated

    with Console(stderr=True).status("Asking pip …"):
        found = outdated(arguments.requirements)
    print_outdated(Console(), found, arguments.requirements)
    return 0


def print_outdated(console: Console, found: Outdated, requirements: Path) -> None:
    """A table of what could be raised, and what is in the way of knowing."""
    from rich.table import Table
    from rich.text import Text

    if found.newer:
        table = Table("package", "pinned", "newest", "step", "what for", box=None, pad_edge=False)
        for newer in found.newer:
            pin = newer.pin
            step = Text(newer.step, style=_STYLES[newer.step])
            table.add_row(Text(pin.name), Text(pin.version), Text(newer.latest), step, Text(pin.why or pin.section))
        console.print(table)
    figures = f"{len(found.newer)} of {found.pins} pins in {requirements.name} have a newer release."
    console.print(Text(figures), soft_wrap=True)
    if found.missing:
        names = ", ".join(f"{pin.name}=={pin.version}" for pin in found.missing)
        console.print(Text(f"Not known of what is not installed as pinned (run make setup): {names}"), soft_wrap=True)
