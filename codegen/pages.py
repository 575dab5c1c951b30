"""Documentation pages: where they come from, and the code blocks in them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .errors import CodegenError
from .files import failures_named

_MARKDOWN = MarkdownIt().disable(["code", "html_block"])
"""Without these two rules, fences are also found in HTML and at any indentation."""

_COMMENT = re.compile(r"^[ \t]*<!--.*?-->", re.MULTILINE | re.DOTALL)
_URL = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """One page as it was read; `folder` names the folder of its snippets, if its address does not."""

    source: str
    content: bytes
    folder: str = ""

    @property
    def name(self) -> str:
        """The folder of its snippets."""
        return page_name(self.folder or self.source)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def text(self) -> str:
        """The page's Markdown.

        Raises:
            CodegenError: When the page is not text, or HTML.
        """
        try:
            text = self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CodegenError(f"{self.source}: not UTF-8 text (byte {error.start})") from error
        if re.match(r"\s*(<!doctype html|<html)\b", text, re.IGNORECASE):
            raise CodegenError(f"{self.source}: an HTML page, not Markdown")
        return text

    @property
    def title(self) -> str:
        """The first top-level heading, or the page's name."""
        tokens = _MARKDOWN.parse(self.text)
        titles = (_plain(text) for start, text in pairwise(tokens) if (start.type, start.tag) == ("heading_open", "h1"))
        return next(titles, self.name)


@dataclass(frozen=True)
class CodeBlock:
    """A code block and its place: `line` is that of the block's first line of code, counted from 1."""

    heading: str
    line: int
    language: str
    code: str


def is_url(source: str) -> bool:
    return _URL.match(source) is not None


def page_name(source: str) -> str:
    """A safe folder name from a page's address.

    Raises:
        CodegenError: When nothing of the address can stand in a name.
    """
    path = unquote(urlsplit(source).path) if is_url(source) else Path(source).name
    stem = path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".md")
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:80]
    if not name:
        raise CodegenError(f"{source}: no name for its snippets can be made of this address")
    return name


def read_page(source: str, folder: str = "") -> Page:
    """Read a page from a file or a URL.

    Raises:
        CodegenError: When it cannot be had.
    """
    return Page(source, _download(source) if is_url(source) else _read(Path(source)), folder)


def code_blocks(text: str) -> Iterator[CodeBlock]:
    """The fenced code blocks of a page in order, also those in lists, quotes and HTML; none of those in comments."""
    tokens = _MARKDOWN.parse(_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text))
    heading = ""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = _plain(tokens[index + 1])
        elif token.type == "fence" and token.map:
            language = token.info.split(maxsplit=1)[0].lower() if token.info.strip() else ""
            yield CodeBlock(heading, token.map[0] + 2, language, token.content)


def _read(path: Path) -> bytes:
    with failures_named(path):
        return path.read_bytes()


def _download(url: str) -> bytes:
    try:
        response = httpx.get(url, follow_redirects=True, timeout=30)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CodegenError(f"{url}: no answer: {str(error) or type(error).__name__}") from error
    if response.status_code != 200:
        raise CodegenError(f"{url}: the server answered {response.status_code}")
    return response.content


def _plain(inline: Token) -> str:
    return " ".join("".join(child.content for child in inline.children or () if child.content).split())
