"""From documentation pages to snippets: one OpenAPI document per operation, as published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CodegenError
from .files import replacement_of
from .json_tools import JsonError, JsonObject, canonical, dump, is_array, is_object, parse
from .pages import CodeBlock, Page, code_blocks, read_page
from .snippets import METHODS

_VERSIONS = re.compile(r"3\.[01](\.\d+)?(-.*)?")
_OPENAPI_KEYS = ("openapi", "swagger", "paths", "components", "webhooks")
_YAML_DOCUMENT = re.compile(r"^\s*(?:openapi|swagger)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class OperationSnippet:
    """One operation's document, as it goes to a file."""

    method: str
    path: str
    document: JsonObject


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
    try:
        with ExitStack() as stack:
            for extracted in pages:
                folder = stack.enter_context(replacement_of(to / extracted.page.name))
                for name, text in extracted.files.items():
                    (folder / name).write_bytes(text.encode())
    except OSError as error:
        raise CodegenError(f"{error.filename or 'folder'}: {error.strerror or error}") from error


def page_snippets(page: Page) -> list[OperationSnippet]:
    """Every operation that a page documents.

    Raises:
        CodegenError: When a fragment is broken, or the page has none.
    """
    snippets: list[OperationSnippet] = []
    for block in code_blocks(page.text):
        document = _document(page, block)
        if document is not None:
            snippets += _split(document)
    if not snippets:
        raise CodegenError(f"{page.source}: no OpenAPI fragment on this page")
    return snippets


def snippet_files(snippets: Iterable[OperationSnippet]) -> dict[str, str]:
    """File names and contents. A name that two different snippets would share is told apart by their content."""
    by_name: dict[str, dict[str, str]] = {}
    for snippet in snippets:
        key = f"{snippet.method} {snippet.path} {canonical(snippet.document)}"
        by_name.setdefault(_file_stem(snippet), {}).setdefault(key, dump(snippet.document))
    files: dict[str, str] = {}
    for stem, texts in by_name.items():
        for key, text in texts.items():
            suffix = f"-{hashlib.sha256(key.encode()).hexdigest()[:8]}" if len(texts) > 1 else ""
            files[f"{stem}{suffix}.json"] = text
    return dict(sorted(files.items()))


def _file_stem(snippet: OperationSnippet) -> str:
    segments = re.sub(r"^/api/v\d+(?=/)", "", snippet.path).lower()
    slug = re.sub(r"[^a-z0-9_]+", "-", segments).strip("-")
    if len(slug) > 100:
        slug = f"{slug[:90].strip('-')}-{hashlib.sha256(snippet.path.encode()).hexdigest()[:8]}"
    return f"{snippet.method}-{slug}".strip("-")


def _document(page: Page, block: CodeBlock) -> JsonObject | None:
    """The OpenAPI document in a code block; None where the block is something else."""
    if not _claims_json(block):
        if _YAML_DOCUMENT.search(block.code) and block.language in ("yaml", "yml", "openapi", ""):
            raise _refusal(page, block, "an OpenAPI fragment in YAML; only JSON is read")
        return None
    try:
        value = parse(block.code.rstrip())
    except JsonError as error:
        raise _refusal(page, block, f"broken JSON: {error}", error.line) from error
    if not is_object(value) or not any(key in value for key in _OPENAPI_KEYS):
        return None
    problem = _problem(value)
    if problem:
        raise _refusal(page, block, problem)
    return value


def _claims_json(block: CodeBlock) -> bool:
    """Whether a block claims to be JSON, whatever its fence says: skipping a fragment would lose an operation."""
    if block.language in ("json", "application/json", "json5", "jsonc"):
        return True
    return block.code.lstrip("\ufeff \t\r\n").startswith("{") and '"openapi"' in block.code


def _problem(document: JsonObject) -> str | None:
    version = document.get("openapi")
    if not isinstance(version, str) or not _VERSIONS.fullmatch(version):
        return f"not an OpenAPI 3.0 or 3.1 document (openapi: {version!r})"
    paths = document.get("paths", {})
    if not is_object(paths):
        return "'paths' is not an object"
    for path, item in paths.items():
        if not is_object(item):
            return f"the path {path!r} is not an object"
        for method in METHODS:
            if method in item and not is_object(item[method]):
                return f"{method.upper()} {path} is not an object"
    return None if any(operations(document)) else "no operation in this fragment"


def _refusal(page: Page, block: CodeBlock, message: str, line: int = 1) -> CodegenError:
    heading = f" under the heading '{block.heading}'" if block.heading else ""
    return CodegenError(f"{page.source}, line {block.line + line - 1},{heading or ' before any heading'}: {message}")


def operations(document: JsonObject) -> Iterator[tuple[str, str]]:
    """The path and method of each operation of a document."""
    paths: JsonObject = document.get("paths", {})
    for path, item in paths.items():
        yield from ((path, method) for method in METHODS if method in item)


def _split(document: JsonObject) -> list[OperationSnippet]:
    found = list(operations(document))
    if len(found) == 1:
        [(path, method)] = found
        return [OperationSnippet(method, path, document)]
    return [OperationSnippet(method, path, _only(document, path, method)) for path, method in found]


def _only(document: JsonObject, path: str, method: str) -> JsonObject:
    item = {key: value for key, value in document["paths"][path].items() if key == method or key not in METHODS}
    single = {**document, "paths": {path: item}}
    single.pop("webhooks", None)
    components = document.get("components")
    if is_object(components):
        single["components"] = _needed(components, item)
    tags, used = document.get("tags"), item[method].get("tags")
    if is_array(tags) and is_array(used):
        single["tags"] = [tag for tag in tags if is_object(tag) and tag.get("name") in used]
    return single


def _needed(components: JsonObject, item: JsonObject) -> JsonObject:
    """The components that an operation reaches; security schemes are named, not referenced, so all of them stay."""
    reached: set[tuple[str, str]] = set()
    waiting = list(_references(item))
    while waiting:
        parts = waiting.pop().split("/")
        if len(parts) < 4 or parts[:2] != ["#", "components"]:
            continue
        place = (_unescape(parts[2]), _unescape(parts[3]))
        section = components.get(place[0])
        if place not in reached and is_object(section) and place[1] in section:
            reached.add(place)
            waiting += _references(section[place[1]])
    needed: JsonObject = {}
    for kind, section in components.items():
        if kind == "securitySchemes" or not is_object(section):
            needed[kind] = section
        else:
            kept = {name: value for name, value in section.items() if (kind, name) in reached}
            if kept:
                needed[kind] = kept
    return needed


def _references(value: Any) -> Iterator[str]:
    if is_object(value):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for child in value.values():
            yield from _references(child)
    elif is_array(value):
        for child in value:
            yield from _references(child)


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
