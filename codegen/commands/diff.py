"""`codegen diff`: what changed for those who call the client."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..diff.callers import Callers

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
    from ..diff.revisions import spec_file
    from ..diff.run import both_generated, changes_between, load_spec

    with tempfile.TemporaryDirectory(prefix="codegen-callers-") as scratch:
        base = Path(scratch).resolve()
        old = spec_file(arguments.old, arguments.spec, base / "old")
        new = spec_file(arguments.new, arguments.spec, base / "new")
        if load_spec(old) == load_spec(new):
            print(to_markdown([]), end="")
            return 0
        callers = [_callers(place, base / str(index)) for index, place in enumerate(arguments.check_callers)]
        with both_generated(old, new, arguments.overrides) as (before, after):
            changes = changes_between(before, after)
            print(to_markdown(changes), end="", flush=True)
            broken = [line for each in callers if each for line in broken_callers(each, before.folder, after.folder)]
        if callers:
            print(f"\n{callers_markdown(broken)}", end="")
    breaking = sum(change.weight == "breaking" for change in changes) + len(broken)
    if breaking and arguments.fail_on_breaking:
        print(f"codegen diff: {breaking} breaking", file=sys.stderr)
        return 1
    return 0


def _callers(place: str, base: Path) -> Callers | None:
    """The callers in a folder, or in those that a revision has: it may have none."""
    from ..diff.callers import find_callers
    from ..diff.revisions import folders, is_revision

    found = folders(place, _FOLDERS, base / "committed") if is_revision(place) else [Path(place)]
    return find_callers(found, base) if found else None
