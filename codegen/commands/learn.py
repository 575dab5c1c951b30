"""`codegen learn`: what recorded answers say of the documentation, as overlay actions for a person to accept."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..build import Paths

HELP = "recorded drift (JSON lines) to proposed overlay actions"


def configure(parser: argparse.ArgumentParser) -> None:
    defaults = Paths()
    parser.add_argument("file", type=Path, metavar="FILE", help="what patchworks_core_client.DriftRecorder wrote")
    parser.add_argument("--spec", type=Path, default=defaults.spec, metavar="SPEC", help=f"default: {defaults.spec}")
    parser.add_argument(
        "--overrides", type=Path, default=defaults.overrides, metavar="DIR", help=f"default: {defaults.overrides}"
    )
    parser.add_argument("--to", type=Path, metavar="OVERLAY", help="write there instead of to the terminal")


def run(arguments: argparse.Namespace) -> int:
    from ..diff.run import load_spec
    from ..files import write_files
    from ..learn import learn, read_record

    proposals = learn(read_record(arguments.file), load_spec(arguments.spec), arguments.overrides)
    for note in proposals.notes:
        print(f"Not proposed: {note}", file=sys.stderr)
    if not proposals.actions:
        print("Nothing to propose.", file=sys.stderr)
    elif arguments.to is None:
        print(proposals.to_yaml(), end="")
    else:
        write_files({arguments.to: proposals.to_yaml()})
        print(f"{arguments.to}: {len(proposals.actions)} proposed; read them before you add them to the overlay.")
    return 0
