"""`codegen diff`: what changed for those who call the client."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

HELP = "what a new spec changes for callers, breaking changes first, as Markdown for CHANGELOG.md"
_FOLDERS = ("tests", "examples")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="a spec, or git:REVISION for the one committed there")
    parser.add_argument("new", metavar="NEW", help="a spec, or git:REVISION")
    parser.add_argument("--fail-on-breaking", action="store_true", help="exit with 1 if callers break")
    parser.add_argument(
        "--check-callers",
        metavar="DIR",
        action="append",
        default=[],
        help="also type-check this folder's code against the new package, or tests and examples of git:REVISION",
    )
    parser.add_argument(
        "--spec", type=Path, default=Path("openapi/patchworks-core.json"), metavar="PATH", help="in git"
    )
    parser.add_argument("--overrides", type=Path, default=Path("overrides"), metavar="DIR", help="hand-written modules")


def run(arguments: argparse.Namespace) -> int:
    from ..diff import to_markdown
    from ..diff.callers import broken_callers, callers_markdown
    from ..diff.revisions import folders, is_revision, spec_file
    from ..diff.run import both_generated, changes_between, load_spec

    with tempfile.TemporaryDirectory(prefix="codegen-callers-") as scratch:
        base = Path(scratch).resolve()
        old = spec_file(arguments.old, arguments.spec, base / "old")
        new = spec_file(arguments.new, arguments.spec, base / "new")
        if load_spec(old) == load_spec(new):
            print(to_markdown([]), end="")
            return 0
        with both_generated(old, new, arguments.overrides) as (before, after):
            changes = changes_between(before, after)
            print(to_markdown(changes), end="", flush=True)
            broken: list[str] = []
            for index, place in enumerate(arguments.check_callers):
                found = folders(place, _FOLDERS, base / str(index)) if is_revision(place) else [Path(place)]
                broken += broken_callers(found, before.folder, after.folder) if found else []
            if arguments.check_callers:
                print(f"\n{callers_markdown(broken)}", end="")
    breaking = sum(change.weight == "breaking" for change in changes) + len(broken)
    if breaking and arguments.fail_on_breaking:
        print(f"codegen diff: {breaking} breaking", file=sys.stderr)
        return 1
    return 0
