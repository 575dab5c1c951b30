"""`codegen vendor`: copies the client into another project, with a note of its origin.

The note, VENDORED.md, has the choices that were made and the hash of every file, so that running again can keep the
choices and tell what was edited there.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .build import Paths
from .errors import CodegenError
from .files import read_text, write_files
from .generate import generate_package
from .sources import load_sources

PACKAGE = "patchworks_core_client"
NOTE = "VENDORED.md"
ALL = "all"
HTTPX = "httpx"

_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_CHOICE = re.compile(r"^\| (resources|http) \| (.*) \|$", re.MULTILINE)
_HASH = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)
_IMPORT = re.compile(r"^( *)import httpx$", re.MULTILINE)
_TEMPLATE = Path(__file__).with_name("vendored.md")


@dataclass(frozen=True)
class Copy:
    """A vendored client."""

    folder: Path
    version: str
    resources: str
    """Their names with commas, or "all"."""
    http: str
    files: int
    overwritten: str
    """The files that had been edited there, one a line."""

    def __str__(self) -> str:
        told = f"{self.folder}: version {self.version}, {self.files} files, resources: {self.resources}, "
        return f"{told}http: {self.http}.\n" + (f"Overwritten:\n{self.overwritten}" if self.overwritten else "")


def vendor(
    paths: Paths,
    destination: Path,
    *,
    only: Iterable[str] | None = None,
    http: str | None = None,
    force: bool = False,
) -> Copy:
    """Write the client into a folder of another project, or update the copy there.

    Args:
        paths: What the client is made of.
        destination: The folder in which the package's folder goes.
        only: The resources to take, such as "packages"; `all` for all of them. If not given: those that are there, or
            all of them.
        http: "httpx" or "httpx2". If not given: what the copy that is there uses, or httpx.
        force: Overwrite files that were edited there.

    Raises:
        CodegenError: Files were edited there (with their names), or something cannot be read or written.
    """
    folder = destination / PACKAGE
    if folder.resolve() == paths.overrides.resolve().parent / PACKAGE:
        raise CodegenError(f"{folder} is the client itself: say which other project it is to go into")
    note = read_text(folder / NOTE) if (folder / NOTE).is_file() else ""
    choices: dict[str, str] = dict(_CHOICE.findall(note))
    resources = choices.get("resources", ALL) if only is None else ", ".join(sorted(set(only)))
    http = http or choices.get("http", HTTPX)
    files = _make(paths, resources, http)
    old = {name: digest for digest, name in _HASH.findall(note)}
    new = {name: _digest(text) for name, text in files.items()}
    edited = _edited(folder, old, new)
    if edited and not force:
        raise CodegenError(
            f"files were changed in {folder}:\n{edited}Nothing was written; --force overwrites them (make vendor: "
            "FORCE=1). To keep a change, make it in the project that this client is built in."
        )
    [version] = _VERSION.findall(files["_version.py"])
    files[NOTE] = read_text(_TEMPLATE).format(
        package=PACKAGE,
        version=version,
        spec=hashlib.sha256(paths.spec.read_bytes()).hexdigest(),
        resources=resources,
        http=http,
        pages="\n".join(f"| {page.date} | {page.url} |" for page in load_sources(paths.sources)),
        files="\n".join(f"{digest}  {name}" for name, digest in sorted(new.items())),
    )
    write_files({folder / name: text for name, text in files.items()})
    for name in old.keys() - new.keys():
        (folder / name).unlink(missing_ok=True)
    _make_importable(destination.resolve())
    return Copy(folder, version, resources, http, len(new), edited)


def _make(paths: Paths, resources: str, http: str) -> dict[str, str]:
    """The texts of all files but the note."""
    only = None if resources == ALL else [name for name in resources.split(", ") if name]
    with tempfile.TemporaryDirectory(prefix="codegen-vendor-") as scratch:
        fresh = Path(scratch) / PACKAGE
        generate_package(paths.spec, paths.overrides, fresh, only=only)
        written = [path for path in fresh.rglob("*") if path.is_file()]
        files = {path.relative_to(fresh).as_posix(): read_text(path) for path in written}
    if http != HTTPX:  # it has the same interface, so that another name at the import is all it takes
        files = {name: _IMPORT.sub(rf"\1import {http} as httpx", text) for name, text in files.items()}
    return {**files, "LICENSE": read_text(paths.license)}


def _edited(folder: Path, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """The files that are neither as they were written nor as they will be, one a line."""
    edited: list[str] = []
    for name in sorted({*old, *new}):
        path = folder / name
        here = _digest(read_text(path)) if path.is_file() else None
        if here not in (old.get(name), new.get(name)):
            edited.append(f"  {name}{'' if here else ' (deleted)'}\n")
    return "".join(edited)


def _make_importable(destination: Path) -> None:
    """Inside a package, setuptools' find_packages sees a folder only if it is a package too."""
    folders = [destination, *destination.parents]
    outer = next((index for index, folder in enumerate(folders) if (folder / "__init__.py").exists()), 0)
    for folder in folders[:outer]:
        (folder / "__init__.py").touch()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
