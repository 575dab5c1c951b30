"""`codegen generate`: the spec and the hand-written runtime to a package."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "a spec and the hand-written runtime to a package"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--spec", type=Path, required=True, metavar="SPEC")
    parser.add_argument("--overrides", type=Path, required=True, metavar="DIR", help="modules copied as they are")
    parser.add_argument("--to", type=Path, required=True, metavar="PACKAGE_DIR", help="replaced as a whole")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from ..generate import generate_package
    from ..summary import print_result

    result = generate_package(arguments.spec, arguments.overrides, arguments.to)
    print_result(Console(), result, arguments.to)
    return 0
