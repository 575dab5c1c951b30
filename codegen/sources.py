"""openapi/sources.toml: the documentation pages that the snippets come from."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from .errors import CodegenError
from .files import read_text
from .pages import page_name
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
        return page_name(self.folder or self.url)


_KEYS = [field.name for field in fields(Source)]


def load_sources(path: Path) -> list[Source]:
    """Read and check sources.toml.

    Raises:
        CodegenError: With the file and what is wrong in it.
    """
    try:
        pages = tomllib.loads(read_text(path))["pages"]
        sources = [Source(**{key: str(value) for key, value in page.items()}) for page in pages]
    except tomllib.TOMLDecodeError as error:
        raise CodegenError(f"{path}: broken TOML: {error}") from error
    except (KeyError, AttributeError, TypeError) as error:
        raise CodegenError(f"{path}: a list of [[pages]] is wanted, each with {', '.join(_KEYS)}: {error}") from error
    by_name: dict[str, Source] = {}
    for source in sources:
        other = by_name.setdefault(source.name, source)
        if other is not source:
            raise CodegenError(f"{path}: {other.url} and {source.url} are both '{source.name}': give one a folder")
    return sources


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
    entries: list[PageEntry] = []
    for name in sorted({*counts, *known}):
        source = known.get(name, Source(""))
        entries.append(PageEntry(name, counts.get(name, 0), source.title, source.url, source.date))
    return entries


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
