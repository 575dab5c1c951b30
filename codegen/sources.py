"""openapi/sources.toml: the documentation pages that the snippets come from."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .errors import CodegenError
from .files import read_text
from .json_tools import is_array, is_object
from .pages import is_url, page_name
from .report import PageEntry

_HEADER = """\
# The documentation pages that the snippets come from. To add a page, add its URL and run `make fetch`.
# title, date and sha256 are of the page as it was last fetched; folder is only needed where two URLs end alike.
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


_KEYS = [field.name for field in fields(Source)]


def load_sources(path: Path) -> list[Source]:
    """Read and check sources.toml.

    Raises:
        CodegenError: With the file and what is wrong in it.
    """
    try:
        document: dict[str, Any] = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise CodegenError(f"{path}: broken TOML: {error}") from error
    pages = document.get("pages")
    if not is_array(pages) or not pages or len(document) > 1:
        raise CodegenError(f"{path}: no [[pages]], or something beside them")
    names: dict[str, Source] = {}
    for index, raw in enumerate(pages, 1):
        source = _source(raw, f"{path}: page {index}: ")
        other = names.setdefault(source.name, source)
        if other is not source:
            raise CodegenError(
                f"{path}: {other.url} and {source.url} are both the page '{source.name}': give one a folder"
            )
    return list(names.values())


def _source(raw: Any, place: str) -> Source:
    if not is_object(raw):
        raise CodegenError(f"{place}a table is wanted")
    values = {key: value.isoformat() if isinstance(value, dt.date) else value for key, value in raw.items()}
    for key, value in values.items():
        if key not in _KEYS:
            raise CodegenError(f"{place}unknown key {key!r} (known: {', '.join(_KEYS)})")
        if not isinstance(value, str):
            raise CodegenError(f"{place}{key} must be text")
    if not is_url(values.get("url", "")):
        raise CodegenError(f"{place}url must be an http(s) address")
    folder = values.get("folder", "")
    if folder and page_name(folder) != folder:
        raise CodegenError(f"{place}folder must be a plain name, such as {page_name(folder)!r}")
    return Source(**values)


def dump_sources(sources: Iterable[Source]) -> str:
    """The text of sources.toml."""
    blocks = [
        "\n[[pages]]\n" + "".join(f"{key} = {_quoted(value)}\n" for key in _KEYS if (value := getattr(source, key)))
        for source in sources
    ]
    return _HEADER + "".join(blocks)


def page_entries(counts: dict[str, int], sources: Iterable[Source]) -> list[PageEntry]:
    """The report's lines: every page that has snippets or a source."""
    known = {source.name: source for source in sources}
    return [
        PageEntry(name, counts.get(name, 0), source.title, source.url, source.date)
        for name, source in sorted({name: known.get(name, Source("")) for name in {*counts, *known}}.items())
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
