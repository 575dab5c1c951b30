"""`codegen fetch`: download the pages of sources.toml, and replace their snippets.

Either all pages are valid and everything is written, or nothing is. Operations that disappear must be accepted, so that
an emptied page does not delete endpoints unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from .errors import CodegenError
from .extract import ExtractedPage, extract_pages, operations, write_snippets
from .files import write_files
from .json_tools import JsonObject, parse
from .pages import read_page
from .snippets import load_snippets
from .sources import Source, dump_sources, load_sources


def fetch(sources_path: Path, snippets: Path, date: str, *, accept_removals: bool = False) -> list[str]:
    """Download the pages and extract their snippets.

    Args:
        sources_path: The list of pages; title, date and sha256 of those that changed are recorded there.
        snippets: The folder of the snippets.
        date: The date to record for changed pages.
        accept_removals: Whether operations may disappear.

    Returns:
        A line for each page, and one for each operation that disappeared.

    Raises:
        CodegenError: A page cannot be used (with its URL and the reason), or operations would disappear. Nothing was
            written.
    """
    sources = load_sources(sources_path)
    pages = _download(sources)
    removed = [f"- {operation}" for operation in _removed(snippets, pages.values())]
    if removed and not accept_removals:
        listed = "\n".join(removed)
        raise CodegenError(
            f"these operations are no longer documented:\n{listed}\nNothing was written. If they are really gone, "
            "say --accept-removals (make fetch ACCEPT_REMOVALS=1)."
        )
    write_snippets(pages.values(), snippets)
    recorded = [_recorded(source, page, date) for source, page in pages.items()]
    if recorded != sources:
        write_files({sources_path: dump_sources(recorded)})
    return [*(_line(source, page) for source, page in pages.items()), *removed]


def _download(sources: Iterable[Source]) -> dict[Source, ExtractedPage]:
    pages: dict[Source, ExtractedPage] = {}
    failures: list[str] = []
    for source in sources:
        try:
            [pages[source]] = extract_pages([read_page(source.url, source.folder)])
        except CodegenError as error:
            failures.append(f"  {error}\n")
    if failures:
        raise CodegenError(
            f"{len(failures)} of {len(failures) + len(pages)} pages cannot be used, so nothing was written:\n"
            f"{''.join(failures)}A page that moved needs its new url in sources.toml; one that is gone for good is "
            "removed there, together with the folder of its snippets."
        )
    return pages


def _removed(folder: Path, pages: Iterable[ExtractedPage]) -> list[str]:
    """The operations in the snippets of these pages that no page documents any more."""
    before = load_snippets(folder) if any(folder.rglob("*.json")) else []
    names = {page.page.name for page in pages}
    kept = [snippet.document for snippet in before if snippet.page not in names]
    new = [parse(text) for page in pages for text in page.files.values()]
    return sorted(_operations(snippet.document for snippet in before) - _operations([*kept, *new]))


def _operations(documents: Iterable[JsonObject]) -> set[str]:
    """Every METHOD /path, however the placeholders of the path are called."""
    found = (operation for document in documents for operation in operations(document))
    return {f"{method.upper()} {re.sub(r'{[^{}]*}', '{…}', path)}" for path, method in found}


def _recorded(source: Source, extracted: ExtractedPage, date: str) -> Source:
    page = extracted.page
    return source if page.sha256 == source.sha256 else replace(source, title=page.title, date=date, sha256=page.sha256)


def _line(source: Source, extracted: ExtractedPage) -> str:
    page = extracted.page
    state = "new" if not source.sha256 else "unchanged" if page.sha256 == source.sha256 else "changed"
    return f"{page.title}: {state}, {len(extracted.files)} operations"
