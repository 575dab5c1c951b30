"""The pages that people read, and what stands in them: code blocks, links, headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        line: The line of its first line, from 1.
        title: The file name that it is shown under; empty for none.
    """

    page: Path
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Page:
    """A Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt().enable("table").parse(self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        """All code blocks, fenced and indented, also inside lists."""
        return [self._block(token) for token in self._tokens if token.type in ("fence", "code_block")]

    def _block(self, token: Token) -> Block:
        assert token.map is not None
        fenced = token.type == "fence"
        language, _, rest = token.info.strip(" {}.").partition(" ")
        title = _TITLE.search(rest)
        return Block(self.path, token.map[0] + 1 + fenced, language, title[1] if title else "", token.content)

    @cached_property
    def links(self) -> list[str]:
        """The targets of all links and images."""
        inline = [child for token in self._tokens for child in token.children or ()]
        targets = [token.attrs.get("href", token.attrs.get("src")) for token in inline]
        return [str(target) for target in targets if target is not None]

    @cached_property
    def anchors(self) -> set[str]:
        """What a link to this page may name behind its #."""
        pairs = zip(self._tokens, self._tokens[1:], strict=False)
        headings = [content for opening, content in pairs if opening.type == "heading_open"]
        explicit = set(re.findall(r"\{#([\w.-]+)\}|<a id=\"([\w.-]+)\"", self.text))
        return {_slug(heading.content) for heading in headings} | {one or other for one, other in explicit}


def _slug(heading: str) -> str:
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def all_pages() -> list[Page]:
    """Every page of the repository that is written for readers."""
    paths = [*ROOT.glob("*.md"), ROOT / "sandbox" / "README.md", *DOCS.rglob("*.md")]
    return [Page(path) for path in sorted(paths)]
