"""`codegen vendor`: the client as a folder of another project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..vendor import Vendored

HELP = "copy the client into another project, or bring the copy there up to date"
_SHOWN = 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("destination", type=Path, metavar="DEST", help="the package's folder goes into this one")
    parser.add_argument(
        "--only", metavar="NAME,…", help="only these resources and the models they need; `all` takes all again"
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that were edited there")
    for name, default in (
        ("spec", "openapi/patchworks-core.json"),
        ("overrides", "overrides"),
        ("sources", "openapi/sources.toml"),
        ("license", "LICENSE"),
    ):
        parser.add_argument(f"--{name}", type=Path, default=Path(default), metavar="PATH", help=f"default: {default}")


def run(arguments: argparse.Namespace) -> int:
    from ..vendor import VendorPaths, vendor

    paths = VendorPaths(arguments.spec, arguments.overrides, arguments.sources, arguments.license)
    only = None if arguments.only is None else [name.strip() for name in arguments.only.split(",") if name.strip()]
    for line in _lines(vendor(paths, arguments.destination, only=only, force=arguments.force)):
        print(line)
    return 0


def _lines(done: Vendored) -> list[str]:
    """What was done, in a few lines."""
    before, after = done.before, done.after
    if before is None:
        return [f"{done.folder}: version {after.version}, {len(done.added)} files, resources: {after.resources}."]
    lines = [
        f"{name}: {old} -> {new}"
        for name, old, new in (
            ("version", before.version, after.version),
            ("spec", before.spec[:12], after.spec[:12]),
            ("resources", before.resources, after.resources),
        )
        if old != new
    ]
    files = [("+", done.added), ("-", done.removed), ("~", done.changed)]
    listed = [f"{sign} {name}" for sign, names in files for name in names]
    lines += listed[:_SHOWN] + ([f"and {len(listed) - _SHOWN} more files"] if len(listed) > _SHOWN else [])
    return [f"{done.folder}: {'updated' if lines else 'up to date'}, version {after.version}.", *lines]
