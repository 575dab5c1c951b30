"""`codegen check`: whether spec, report and package are what a build makes of their sources."""

from __future__ import annotations

import argparse
import sys

from . import build

HELP = "whether spec, report and package are what a build would make; repairs nothing"


def configure(parser: argparse.ArgumentParser) -> None:
    build.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    from ..build import differing_files

    names = differing_files(build.paths_of(arguments), strict=arguments.strict)
    if not names:
        print("Spec, report and package are what the build makes.")
        return 0
    print("These files are not what the build makes (run `make generate`, and edit only the sources):", file=sys.stderr)
    for name in names:
        print(f"  {name}", file=sys.stderr)
    return 1
