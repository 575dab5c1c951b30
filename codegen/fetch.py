"""`codegen fetch`: download the pages of sources.toml, and replace their snippets.

Either all pages are valid and everything is written, or nothing is. Operations that disappear must be accepted, so that
an emptied page does not delete endpoints unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from .errors import CodegenError
from .extract import ExtractedPage, extract_pages, operations, write_snippets
from .files import write_files
from .json_tools import canonical, parse
from .pages import read_page
from .snippets import load_snippets
from .sources import Source, dump_sources, load_sources

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")

Operations = dict[str, set[str]]
"""METHOD /path, and what is documented of it."""


@dataclass(frozen=True)
class Fetched:
    """What a fetch found: a line for each page, and the operations that it added, removed and changed."""

    pages: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __str__(self) -> str:
        signs = (("", self.pages), ("+ ", self.added), ("- ", self.removed), ("~ ", self.changed))
        return "".join(f"{sign}{line}\n" for sign, lines in signs for line in lines)


def fetch(sources_path: Path, snippets: Path, date: str, *, accept_removals: bool = False) -> Fetched:
    """Download the pages and extract their snippets.

    Args:
        sources_path: The list of pages; title, date and sha256 of those that changed are recorded there.
        snippets: The folder of the snippets.
        date: The date to record for changed pages.
        accept_removals: Whether operations may disappear.

    Raises:
        CodegenError: A page cannot be used (with its URL and the reason), or operations would disappear. Nothing was
            written.
    """
    sources = load_sources(sources_path)
    pages = _download(sources)
    before = _documents(snippets)
    after = {**before, **{source.name: [parse(text) for text in page.files.values()] for source, page in pages.items()}}
    old, new = _operations(before.values()), _operations(after.values())
    removed = sorted(old.keys() - new.keys())
    if removed and not accept_removals:
        raise CodegenError(
            "these operations are no longer documented:\n" + "".join(f"  {label}\n" for label in removed) + "Nothing "
            "was written. If they are really gone, say --accept-removals (make fetch ACCEPT_REMOVALS=1)."
        )
    write_snippets(pages.values(), snippets)
    recorded = [_recorded(source, page, date) for source, page in pages.items()]
    if recorded != sources:
        write_files({sources_path: dump_sources(recorded)})
    unlisted = sorted(after.keys() - {source.name for source in sources})
    return Fetched(
        pages=(
            *(_line(source, page) for source, page in pages.items()),
            *(
                f"{snippets / name}: no page in {sources_path.name} (delete it to drop its operations)"
                for name in unlisted
            ),
        ),
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(removed),
        changed=tuple(sorted(label for label in old.keys() & new.keys() if old[label] != new[label])),
    )


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


def _documents(folder: Path) -> dict[str, list[Any]]:
    """The documents of each page; none where nothing was extracted yet."""
    documents: dict[str, list[Any]] = {}
    for snippet in load_snippets(folder) if any(folder.rglob("*.json")) else ():
        documents.setdefault(snippet.page, []).append(snippet.document)
    return documents


def _operations(pages: Iterable[list[Any]]) -> Operations:
    """Every operation with what is documented of it; how a path's placeholders are called makes no difference."""
    found: Operations = {}
    for document in chain.from_iterable(pages):
        for path, method in operations(document):
            label = f"{method.upper()} {_PLACEHOLDER.sub('{…}', path)}"
            found.setdefault(label, set()).add(canonical(document))
    return found


def _recorded(source: Source, extracted: ExtractedPage, date: str) -> Source:
    page = extracted.page
    return source if page.sha256 == source.sha256 else replace(source, title=page.title, date=date, sha256=page.sha256)


def _line(source: Source, extracted: ExtractedPage) -> str:
    page = extracted.page
    state = "new" if not source.sha256 else "unchanged" if page.sha256 == source.sha256 else "changed"
    return f"{page.title}: {state}, {len(extracted.files)} operations"
