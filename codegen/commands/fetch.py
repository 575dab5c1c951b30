"""`codegen fetch`: the pages of sources.toml again, then their snippets."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ..fetch import FetchPaths, FetchResult

HELP = "download the pages of sources.toml again, then extract their snippets"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sources",
        type=Path,
        default=Path("openapi/sources.toml"),
        metavar="FILE",
        help="which pages (default: openapi/sources.toml)",
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder of the snippets (default: beside the sources)")
    parser.add_argument(
        "--accept-removals", action="store_true", help="operations that are no longer documented may go"
    )
    parser.add_argument("--refresh", action="store_true", help="download unchanged pages too")
    parser.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="the date to record (default: today)")
    parser.add_argument("--timeout", type=float, default=30, metavar="SECONDS", help="for each request (default: 30)")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from ..download import Manners
    from ..fetch import FetchPaths, fetch
    from ..sources import load_sources

    folder: Path = arguments.sources.parent
    paths = FetchPaths(arguments.sources, arguments.to or folder / "snippets", folder / ".validators.json")
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Pages", total=len(load_sources(paths.sources)))
        result = fetch(
            paths,
            arguments.date or dt.datetime.now(dt.UTC).date().isoformat(),
            accept_removals=arguments.accept_removals,
            refresh=arguments.refresh,
            manners=Manners(timeout=arguments.timeout),
            on_done=lambda url: progress.advance(task),
        )
    print_fetched(Console(), result, paths)
    return 0


def print_fetched(console: Console, result: FetchResult, paths: FetchPaths) -> None:
    """Each page, then what happened to the operations."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for page in result.pages:
        moved = f"moved to {page.moved_to}" if page.moved_to else ""
        cells = (page.title, page.state, f"{page.operations} operations", moved)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    for sign, labels in (("+", result.added), ("-", result.removed), ("~", result.changed)):
        for label in labels:
            console.print(Text(f"{sign} {label}"), soft_wrap=True)
    for name in result.orphans:
        note = f"{paths.snippets / name}: no page in {paths.sources.name} (delete it to drop its operations)"
        console.print(Text(note), soft_wrap=True)


def _date(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()
