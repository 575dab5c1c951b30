"""`codegen fetch`: the pages of sources.toml again, and what their snippets become.

Either everything is sound and everything is written, or nothing is. Operations that vanish must be accepted: an emptied
page must not delete endpoints unnoticed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .download import Download, Failure, Manners, Validators, download
from .errors import CodegenError
from .extract import METHODS, ExtractedPage, extract_pages
from .files import replace_folders, write_files
from .json_tools import JsonError, JsonObject, canonical, is_object, parse
from .pages import Page
from .snippets import load_snippets
from .sources import Source, dump_sources, load_sources

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class FetchPaths:
    """Where the pages are listed, where their snippets go, and where the servers' validators are kept."""

    sources: Path = Path("openapi/sources.toml")
    snippets: Path = Path("openapi/snippets")
    validators: Path = Path("openapi/.validators.json")


@dataclass(frozen=True)
class FetchedPage:
    """What became of a page: `state` is "unchanged", "changed" or "new"."""

    title: str
    url: str
    state: str
    operations: int
    moved_to: str = ""


@dataclass(frozen=True)
class FetchResult:
    """What a fetch found; operations are written as METHOD /path."""

    pages: tuple[FetchedPage, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    orphans: tuple[str, ...]
    """Folders with snippets of pages that sources.toml does not list (any more)."""


def fetch(
    paths: FetchPaths,
    date: str,
    *,
    accept_removals: bool = False,
    refresh: bool = False,
    manners: Manners | None = None,
    on_done: Callable[[str], None] = lambda url: None,
) -> FetchResult:
    """Download the pages, and extract those that the servers did not call unchanged.

    Args:
        paths: Where everything is.
        date: The date to record for changed pages.
        accept_removals: Whether operations may vanish.
        refresh: Ask for the content of pages even where they are known to be unchanged.
        manners: How the servers are treated.
        on_done: Called with the URL of each page that is answered.

    Raises:
        CodegenError: With the URL and the reason of every page that cannot be used, or with the operations that would
            vanish. Nothing has been written then.
    """
    sources = load_sources(paths.sources)
    known = {} if refresh else _load_validators(paths.validators)
    usable = {source.url: _usable(known.get(source.url), source, paths.snippets) for source in sources}
    by_url = {answer.url: answer for answer in download(usable, manners or Manners(), on_done)}
    answers = {source: by_url[source.url] for source in sources}
    before = _documents(paths.snippets)
    extracted = _extract(answers, {name: len(documents) for name, documents in before.items()})
    after = {
        **before,
        **{source.name: list(_parsed(page.files.values())) for source, page in extracted.items()},
    }
    result = _compare(answers, extracted, before, after)
    if result.removed and not accept_removals:
        raise CodegenError(_removals(result.removed))
    replace_folders({paths.snippets / source.name: page.files for source, page in extracted.items()})
    _record(paths, sources, extracted, answers, date)
    return result


def _usable(validators: Validators | None, source: Source, snippets: Path) -> Validators:
    """Validators help only as long as we have the snippets of the content that they belong to."""
    fits = validators is not None and validators.sha256 == source.sha256
    return validators if validators and fits and any((snippets / source.name).glob("*.json")) else Validators()


def _extract(answers: dict[Source, Download | Failure], before: dict[str, int]) -> dict[Source, ExtractedPage]:
    extracted: dict[Source, ExtractedPage] = {}
    failures: list[str] = []
    for source, answer in answers.items():
        if isinstance(answer, Failure):
            failures.append(f"{answer.url}: {answer.reason}")
        elif answer.content is not None:
            try:
                [extracted[source]] = extract_pages([Page(source.url, answer.content)])
            except CodegenError as error:
                had = before.get(source.name)
                failures.append(f"{error}{f' (it had {had} operations)' if had else ''}")
    if failures:
        listed = "\n".join(f"  {failure}" for failure in failures)
        raise CodegenError(
            f"{len(failures)} of {len(answers)} pages cannot be used, so nothing was written:\n{listed}\n"
            "A page that moved needs its new url in sources.toml; one that is gone for good is removed there, together "
            "with the folder of its snippets."
        )
    return extracted


def _compare(
    answers: dict[Source, Download | Failure],
    extracted: dict[Source, ExtractedPage],
    before: dict[str, list[JsonObject]],
    after: dict[str, list[JsonObject]],
) -> FetchResult:
    old, new = _operations(before.values()), _operations(after.values())
    pages: list[FetchedPage] = []
    for source, answer in answers.items():
        page = extracted.get(source)
        state = "new" if not source.sha256 else "changed" if page and page.page.sha256 != source.sha256 else "unchanged"
        title = page.page.title if page else source.title or source.name
        moved_to = answer.moved_to if isinstance(answer, Download) else ""
        pages.append(FetchedPage(title, source.url, state, len(after[source.name]), moved_to))
    return FetchResult(
        pages=tuple(pages),
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(label for label in old.keys() & new.keys() if old[label] != new[label])),
        removed=tuple(sorted(old.keys() - new.keys())),
        orphans=tuple(sorted(after.keys() - {source.name for source in answers})),
    )


def _removals(removed: Iterable[str]) -> str:
    listed = "\n".join(f"  {label}" for label in removed)
    return (
        f"these operations are no longer documented:\n{listed}\n"
        "Nothing was written. If they are really gone, say --accept-removals (make fetch ACCEPT_REMOVALS=1)."
    )


def _record(
    paths: FetchPaths,
    sources: list[Source],
    extracted: dict[Source, ExtractedPage],
    answers: dict[Source, Download | Failure],
    date: str,
) -> None:
    """sources.toml changes only for pages that did."""
    recorded: list[Source] = []
    for source in sources:
        page = extracted[source].page if source in extracted else None
        if page is not None and page.sha256 != source.sha256:
            recorded.append(replace(source, title=page.title, date=date, sha256=page.sha256))
        else:
            recorded.append(source)
    validators = {answer.url: asdict(answer.validators) for answer in answers.values() if isinstance(answer, Download)}
    files = {paths.validators: json.dumps(validators, indent=2, sort_keys=True) + "\n"}
    if recorded != sources:
        files[paths.sources] = dump_sources(recorded)
    write_files(files)


def _load_validators(path: Path) -> dict[str, Validators]:
    """What is lost or unreadable here costs one download, never an error."""
    try:
        raw: Any = json.loads(path.read_text(encoding="utf-8"))
        return {url: Validators(**{key: str(value) for key, value in each.items()}) for url, each in raw.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _documents(folder: Path) -> dict[str, list[JsonObject]]:
    """The documents of each page; none where nothing was extracted yet."""
    documents: dict[str, list[JsonObject]] = {}
    if any(folder.rglob("*.json")):
        for snippet in load_snippets(folder):
            documents.setdefault(snippet.page, []).append(snippet.document)
    return documents


def _parsed(texts: Iterable[str]) -> Iterator[JsonObject]:
    for text in texts:
        try:
            yield parse(text)
        except JsonError as error:
            raise AssertionError("extract writes sound JSON") from error


def _operations(pages: Iterable[list[JsonObject]]) -> dict[str, set[str]]:
    """Every operation with what is documented of it; how a path's placeholders are called makes no difference."""
    found: dict[str, set[str]] = {}
    for documents in pages:
        for document in documents:
            paths: Any = document.get("paths")
            for path, item in paths.items() if is_object(paths) else ():
                for method in METHODS:
                    if is_object(item) and method in item:
                        label = f"{method.upper()} {_PLACEHOLDER.sub('{…}', path)}"
                        found.setdefault(label, set()).add(canonical(document))
    return found
