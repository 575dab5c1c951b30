"""`codegen extract`: documentation pages to snippets."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

HELP = "documentation pages (files or URLs) to snippets"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pages", nargs="+", metavar="PAGE", help="a Markdown file or its URL")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="folder of the snippets, one folder a page"
    )
    parser.add_argument(
        "--sources",
        type=Path,
        metavar="FILE",
        help="also record title, date and sha256 of the pages in this sources.toml",
    )
    parser.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="the date to record (default: today)")


def run(arguments: argparse.Namespace) -> int:
    from ..extract import extract_pages, write_snippets
    from ..files import write_files
    from ..pages import read_page
    from ..sources import dump_sources, load_sources, record

    extracted = extract_pages(read_page(source) for source in arguments.pages)
    date = arguments.date or dt.datetime.now(dt.UTC).date().isoformat()
    recorded: dict[Path, str] = {}
    if arguments.sources is not None:
        known = load_sources(arguments.sources) if arguments.sources.exists() else []
        recorded[arguments.sources] = dump_sources(record(known, (each.page for each in extracted), date))
    write_snippets(extracted, arguments.to)
    write_files(recorded)
    for each in extracted:
        print(f"{each.page.title}: {len(each.files)} snippets in {arguments.to / each.page.name}")
    return 0


def _date(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()
