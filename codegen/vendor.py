"""`codegen vendor`: the client as a folder of another project, with a note of where it comes from.

The note, VENDORED.md, has the hash of every file, so that running again can tell what was edited there.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import CodegenError
from .files import read_text
from .generate import generate_package
from .generator.writer import replacement_of
from .sources import load_sources

PACKAGE = "patchworks_core_client"
NOTE = "VENDORED.md"
ALL = "all"

_VERSION = re.compile(r'^__version__ = "([^"\n]+)"$', re.MULTILINE)
_ROW = re.compile(r"^\| (version|spec|resources) \| `?([^|`]*)`? \|$", re.MULTILINE)
_HASH = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)
_CACHES = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"))


@dataclass(frozen=True)
class VendorPaths:
    """What the client is made of."""

    spec: Path = Path("openapi/patchworks-core.json")
    overrides: Path = Path("overrides")
    sources: Path = Path("openapi/sources.toml")
    license: Path = Path("LICENSE")


@dataclass(frozen=True)
class Origin:
    """Where a vendored client comes from."""

    version: str
    spec: str
    """The sha256 of its spec."""
    resources: str
    """Their names with commas, or "all"."""


@dataclass(frozen=True)
class Vendored:
    """What was done; file names are relative to the folder."""

    folder: Path
    before: Origin | None
    after: Origin
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class _Note:
    """What VENDORED.md of an earlier run says."""

    origin: Origin
    hashes: Mapping[str, str]


def vendor(
    paths: VendorPaths, destination: Path, *, only: Iterable[str] | None = None, force: bool = False
) -> Vendored:
    """Write the client into a folder of another project, or bring the one that is there up to date.

    Args:
        paths: What the client is made of.
        destination: The folder in which the package's folder goes.
        only: The resources to take, such as "packages"; `all` for all of them. If not given: those that are there, or
            all of them.
        force: Overwrite files that were edited there.

    Raises:
        CodegenError: When files were edited there, with their names, or something cannot be read or written.
    """
    folder = destination / PACKAGE
    if folder.resolve() == paths.overrides.resolve().parent / PACKAGE:
        raise CodegenError(f"{folder} is the client itself: say which other project it is to go into")
    note = _read_note(folder)
    chosen = _chosen(only, note)
    with tempfile.TemporaryDirectory(prefix="codegen-vendor-") as scratch:
        fresh = Path(scratch) / PACKAGE
        generate_package(paths.spec, paths.overrides, fresh, only=chosen)
        shutil.copyfile(_file(paths.license), fresh / "LICENSE")
        files = {name: (fresh / name).read_bytes() for name in _files(fresh)}
    hashes = {name: _digest(content) for name, content in files.items()}
    origin = Origin(_version(paths.overrides), _digest(_file(paths.spec).read_bytes()), _names(chosen))
    _refuse_edited(folder, note, hashes, force=force)
    _write(folder, files, note, _note_text(origin, paths, hashes))
    old: Mapping[str, str] = note.hashes if note else {}
    return Vendored(
        folder=folder,
        before=note.origin if note else None,
        after=origin,
        added=tuple(sorted(hashes.keys() - old.keys())),
        changed=tuple(sorted(name for name in hashes.keys() & old.keys() if hashes[name] != old[name])),
        removed=tuple(sorted(old.keys() - hashes.keys())),
    )


def _chosen(only: Iterable[str] | None, note: _Note | None) -> tuple[str, ...] | None:
    names = tuple(sorted(set(only))) if only is not None else ()
    if only is None and note is not None:
        names = tuple(note.origin.resources.split(", "))
    everything = names == (ALL,) or (only is None and note is None)
    return None if everything else names


def _names(chosen: tuple[str, ...] | None) -> str:
    return ALL if chosen is None else ", ".join(chosen)


def _read_note(folder: Path) -> _Note | None:
    path = folder / NOTE
    if not path.is_file():
        return None
    text = read_text(path)
    rows: dict[str, str] = dict(_ROW.findall(text))
    hashes = {name: digest for digest, name in _HASH.findall(text)}
    if rows.keys() != {"version", "spec", "resources"} or not hashes:
        raise CodegenError(f"{path}: not the note that an earlier run wrote; delete {folder} to start anew")
    return _Note(Origin(**rows), hashes)


def _refuse_edited(folder: Path, note: _Note | None, fresh: Mapping[str, str], *, force: bool) -> None:
    if not folder.exists() or force:
        return
    if note is None:
        if any(folder.iterdir()):
            raise CodegenError(f"{folder} has no {NOTE}, so it is not known what was edited there; --force replaces it")
        return
    here = {name: _digest((folder / name).read_bytes()) for name in _files(folder)}
    problems = [f"{name} (edited)" for name in here if name in note.hashes and here[name] != note.hashes[name]]
    problems += [f"{name} (deleted)" for name in note.hashes if name not in here]
    problems += [
        f"{name} (not ours)" for name in here if name in fresh and name not in note.hashes and here[name] != fresh[name]
    ]
    if problems:
        listed = "\n".join(f"  {problem}" for problem in sorted(problems))
        raise CodegenError(
            f"files were changed in {folder}:\n{listed}\nNothing was written; --force overwrites them. "
            "To keep a change, make it in the project that this client is built in."
        )


def _write(folder: Path, files: Mapping[str, bytes], note: _Note | None, note_text: str) -> None:
    """Files that are neither the old nor the new client's stay."""
    ours = {*files, *(note.hashes if note else ()), NOTE}
    try:
        with replacement_of(folder, known_as_ours=note is not None) as fresh:
            kept = {name: (folder / name).read_bytes() for name in _files(folder) if name not in ours}
            for name, content in {**kept, **files, NOTE: note_text.encode()}.items():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh / name).write_bytes(content)
    except OSError as error:
        raise CodegenError(f"{error.filename or folder}: {error.strerror or error}") from error


def _note_text(origin: Origin, paths: VendorPaths, hashes: Mapping[str, str]) -> str:
    pages = [f"| {_cell(page.title or page.name)} | {page.date} | {page.url} |" for page in load_sources(paths.sources)]
    listed = [f"{digest}  {name}" for name, digest in sorted(hashes.items())]
    return "\n".join(
        (
            f"# {PACKAGE}, vendored",
            "",
            "A copy, written by `python -m codegen vendor`. Do not edit it here: running that again brings it up to",
            "date. It needs httpx, attrs and python-dateutil.",
            "",
            "| | |",
            "|---|---|",
            f"| version | {origin.version} |",
            f"| spec | `{origin.spec}` |",
            f"| resources | {origin.resources} |",
            "",
            "`spec` is the sha256 of the OpenAPI document. It was made from these pages of the vendor's documentation:",
            "",
            "| page | date | source |",
            "|---|---|---|",
            *pages,
            "",
            "The files as they were written (sha256, line ends as in Unix):",
            "",
            "```",
            *listed,
            "```",
            "",
        )
    )


def _version(overrides: Path) -> str:
    path = overrides / "_version.py"
    match = _VERSION.search(read_text(path))
    if match is None:
        raise CodegenError(f"{path}: no __version__")
    return match[1]


def _files(folder: Path) -> list[str]:
    """Everything below a folder but the note, byte code and caches."""
    names: list[str] = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not _CACHES & set(relative.parts) and relative.as_posix() != NOTE:
            names.append(relative.as_posix())
    return names


def _file(path: Path) -> Path:
    if not path.is_file():
        raise CodegenError(f"{path}: no such file")
    return path


def _digest(content: bytes) -> str:
    """The hash of a file, whatever git made of its line ends there."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
