"""`codegen build`: snippets to spec to package."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..build import Paths

HELP = "snippets to spec to package, with this project's paths"


def configure(parser: argparse.ArgumentParser) -> None:
    defaults = Paths()
    for name in ("snippets", "sources", "overlay", "spec", "overrides", "package"):
        default: Path = getattr(defaults, name)
        parser.add_argument(f"--{name}", type=Path, default=default, metavar="PATH", help=f"default: {default}")
    parser.add_argument("--strict", action="store_true", help="fail where snippets contradict each other")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from ..build import build
    from ..summary import print_report, print_result

    paths = paths_of(arguments)
    report, result = build(paths, strict=arguments.strict)
    console = Console()
    print_report(console, report)
    print_result(console, result, paths.package)
    return 0


def paths_of(arguments: argparse.Namespace) -> Paths:
    return Paths(
        snippets=arguments.snippets,
        sources=arguments.sources,
        overlay=arguments.overlay,
        spec=arguments.spec,
        overrides=arguments.overrides,
        package=arguments.package,
    )
