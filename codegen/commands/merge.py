"""`codegen merge`: snippets and overlay to one spec."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "snippets (and an overlay) to one spec and its report"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--snippets", type=Path, required=True, metavar="DIR", help="folder of the snippets")
    parser.add_argument("--overlay", type=Path, metavar="FILE", help="corrections; none without it")
    parser.add_argument("--to", type=Path, required=True, metavar="SPEC", help="the spec; its report goes beside it")
    parser.add_argument(
        "--sources", type=Path, metavar="FILE", help="where the pages come from (default: sources.toml beside DIR)"
    )
    parser.add_argument("--strict", action="store_true", help="fail where snippets contradict each other")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from ..build import merge_files
    from ..summary import print_report

    beside: Path = arguments.snippets.parent / "sources.toml"
    sources = arguments.sources or (beside if beside.exists() else None)
    merged = merge_files(arguments.snippets, sources, arguments.overlay, strict=arguments.strict)
    merged.write(arguments.to)
    print_report(Console(), merged.report)
    return 0
