"""From documentation pages to snippets: one OpenAPI document per operation, as published."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .errors import CodegenError
from .files import replacement_of
from .json_tools import JsonError, JsonObject, dump, is_object, parse
from .pages import CodeBlock, Page, code_blocks, read_page
from .snippets import METHODS

_VERSIONS = re.compile(r"3\.[01](\.\d+)?(-.*)?")


@dataclass(frozen=True)
class ExtractedPage:
    """A page and the snippet files made of it."""

    page: Page
    files: Mapping[str, str]


def extract(sources: Iterable[str], to: Path) -> list[ExtractedPage]:
    """Replace the snippets of these pages and no others. Nothing is written unless every page is valid.

    Raises:
        CodegenError: With page, heading and line.
    """
    pages = extract_pages(read_page(source) for source in sources)
    write_snippets(pages, to)
    return pages


def extract_pages(pages: Iterable[Page]) -> list[ExtractedPage]:
    """The snippets of pages, without writing them.

    Raises:
        CodegenError: With page, heading and line.
    """
    extracted: dict[str, ExtractedPage] = {}
    for page in pages:
        previous = extracted.get(page.name)
        if previous is not None:
            raise CodegenError(f"{page.source} and {previous.page.source}: both would be the page '{page.name}'")
        extracted[page.name] = ExtractedPage(page, snippet_files(page_snippets(page)))
    return list(extracted.values())


def write_snippets(pages: Iterable[ExtractedPage], to: Path) -> None:
    """Give the folder of each page exactly its files; all are written before the first takes its place."""
    with ExitStack() as stack:
        for extracted in pages:
            folder = stack.enter_context(replacement_of(to / extracted.page.name))
            for name, text in extracted.files.items():
                (folder / name).write_bytes(text.encode())


def page_snippets(page: Page) -> list[JsonObject]:
    """A document for every operation on a page.

    Raises:
        CodegenError: When a fragment is broken, or the page has none.
    """
    snippets = [snippet for block in code_blocks(page.text) for snippet in _split(_document(page, block))]
    if not snippets:
        raise CodegenError(f"{page.source}: no OpenAPI fragment on this page")
    return snippets


def snippet_files(snippets: Iterable[JsonObject]) -> dict[str, str]:
    """File names and contents. Snippets that would share a name are numbered in the order of the page."""
    files: dict[str, str] = {}
    uses: Counter[str] = Counter()
    for snippet in snippets:
        stem = _file_stem(*next(operations(snippet)))
        uses[stem] += 1
        number = f".{uses[stem]}" if uses[stem] > 1 else ""  # a dot, because no stem has one
        files[f"{stem}{number}.json"] = dump(snippet)
    return files


def operations(document: JsonObject) -> Iterator[tuple[str, str]]:
    """The path and method of each operation of a document."""
    for path, item in document.get("paths", {}).items():
        yield from ((path, method) for method in METHODS if is_object(item) and method in item)


def _file_stem(path: str, method: str) -> str:
    segments = re.sub(r"^/api/v\d+(?=/)", "", path).lower()
    slug = re.sub(r"[^a-z0-9_]+", "-", segments).strip("-")
    return f"{method}-{slug[:90]}".strip("-")


def _document(page: Page, block: CodeBlock) -> JsonObject:
    """The OpenAPI document in a code block; empty where the block is something else."""
    # A fragment is one whatever its fence says: skipping it would lose an operation.
    if block.language != "json" and not (block.code.lstrip().startswith("{") and '"openapi"' in block.code):
        return {}
    try:
        value = parse(block.code.rstrip())
    except JsonError as error:
        raise _refusal(page, block, f"broken JSON: {error}", error.line) from error
    if not is_object(value) or not value.keys() & {"openapi", "swagger", "paths"}:
        return {}
    if not _VERSIONS.fullmatch(str(value.get("openapi"))):
        raise _refusal(page, block, f"not an OpenAPI 3.0 or 3.1 document (openapi: {value.get('openapi')!r})")
    if not is_object(value.get("paths", {})):
        raise _refusal(page, block, "'paths' is not an object")
    if not any(operations(value)):
        raise _refusal(page, block, "no operation in this fragment")
    return value


def _refusal(page: Page, block: CodeBlock, message: str, line: int = 1) -> CodegenError:
    heading = f"under the heading '{block.heading}'" if block.heading else "before any heading"
    return CodegenError(f"{page.source}, line {block.line + line - 1}, {heading}: {message}")


def _split(document: JsonObject) -> Iterator[JsonObject]:
    """A document for each operation; what they share is in all of them, and merge unites it again."""
    for path, method in operations(document):
        item = document["paths"][path]
        others = set(METHODS) - {method}
        yield {**document, "paths": {path: {key: value for key, value in item.items() if key not in others}}}
