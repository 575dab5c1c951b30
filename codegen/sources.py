"""openapi/sources.toml: which documentation pages the snippets come from."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from .errors import CodegenError
from .files import read_text
from .json_tools import is_array, is_object
from .pages import Page, is_url, page_name
from .report import PageEntry

_HEADER = """\
# The documentation pages that the snippets come from. To add a page, add its URL and run `make fetch`.
# title, date and sha256 are of the page as it was last extracted; folder is only needed where two URLs end alike.
"""


@dataclass(frozen=True)
class Source:
    """One page, as recorded; `folder` is where its snippets are, if not where the URL says."""

    url: str
    title: str = ""
    date: str = ""
    sha256: str = ""
    folder: str = ""

    @property
    def name(self) -> str:
        return self.folder or page_name(self.url)


_KEYS = tuple(field.name for field in fields(Source))


def load_sources(path: Path) -> list[Source]:
    """Read and check sources.toml.

    Raises:
        CodegenError: With the file and what is wrong in it.
    """
    try:
        document: dict[str, Any] = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CodegenError(f"{path}: broken TOML: {error}") from error
    _refuse_unknown(path, "", document, ("pages",))
    pages = document.get("pages")
    if not is_array(pages) or not pages:
        raise CodegenError(f"{path}: no [[pages]]")
    sources = [_source(path, index, raw) for index, raw in enumerate(pages, 1)]
    names: dict[str, Source] = {}
    for source in sources:
        other = names.setdefault(source.name, source)
        if other is not source:
            raise CodegenError(
                f"{path}: {other.url} and {source.url} are both the page '{source.name}': give one a folder"
            )
    return sources


def dump_sources(sources: Iterable[Source]) -> str:
    """The text of sources.toml."""
    blocks = [
        "\n[[pages]]\n" + "".join(f"{key} = {_quoted(value)}\n" for key in _KEYS if (value := getattr(source, key)))
        for source in sources
    ]
    return _HEADER + "".join(blocks)


def record(sources: Iterable[Source], pages: Iterable[Page], date: str) -> list[Source]:
    """The sources with title, date and sha256 of freshly read pages.

    Raises:
        CodegenError: When a page was read from a file and its URL is not known.
    """
    by_name = {source.name: source for source in sources}
    for page in pages:
        known = by_name.get(page.name)
        if known is None and not is_url(page.source):
            raise CodegenError(f"{page.source}: sources.toml has no URL for the page '{page.name}'")
        by_name[page.name] = replace(known or Source(page.source), title=page.title, date=date, sha256=page.sha256)
    return list(by_name.values())


def page_entries(counts: dict[str, int], sources: Iterable[Source]) -> list[PageEntry]:
    """The report's lines: every page that has snippets or a source."""
    known = {source.name: source for source in sources}
    return [
        PageEntry(name, counts.get(name, 0), source.title, source.url, source.date)
        for name, source in sorted({name: known.get(name, Source("")) for name in {*counts, *known}}.items())
    ]


def _source(path: Path, index: int, raw: Any) -> Source:
    place = f"page {index}: "
    if not is_object(raw):
        raise CodegenError(f"{path}: {place}a table is wanted")
    _refuse_unknown(path, place, raw, _KEYS)
    values: dict[str, Any] = {**raw, "date": _text_of_date(raw.get("date", ""))}
    for key, value in values.items():
        if not isinstance(value, str):
            raise CodegenError(f"{path}: {place}{key} must be text")
    if not is_url(values.get("url", "")):
        raise CodegenError(f"{path}: {place}url must be an http(s) address")
    folder = values.get("folder", "")
    if folder and page_name(folder) != folder:
        raise CodegenError(f"{path}: {place}folder must be a plain name, such as {page_name(folder)!r}")
    return Source(**values)


def _refuse_unknown(path: Path, place: str, table: dict[str, Any], known: Iterable[str]) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise CodegenError(f"{path}: {place}unknown key {unknown[0]!r} (known: {', '.join(known)})")


def _text_of_date(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
