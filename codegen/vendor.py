"""`codegen vendor`: copies the client into another project, with a note of its origin.

The note, VENDORED.md, has the hash of every file, so that running again can tell what was edited there.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .build import Paths
from .errors import CodegenError
from .files import read_text, replacement_of
from .generate import generate_package
from .generate.writer import refuse_other_folders
from .sources import load_sources

PACKAGE = "patchworks_core_client"
NOTE = "VENDORED.md"
ALL = "all"
HTTPX, HTTPX2 = "httpx", "httpx2"

_VERSION = re.compile(r'^__version__ = "([^"\n]+)"$', re.MULTILINE)
_ROWS = ("version", "spec", "resources", "http")
_ROW = re.compile(rf"^\| ({'|'.join(_ROWS)}) \| `?([^|`]*)`? \|$", re.MULTILINE)
_HASH = re.compile(r"^([0-9a-f]{64})  (.+)$", re.MULTILINE)
_IMPORT = re.compile(rb"^(?P<indent> *)import httpx$", re.MULTILINE)
_CACHES = frozenset(("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"))
_LISTED = 20
_TEMPLATE = Path(__file__).with_name("vendored.md")


@dataclass(frozen=True)
class Copy:
    """What VENDORED.md says of a vendored client."""

    version: str
    spec: str
    """The sha256 of its spec."""
    resources: str
    """Their names with commas, or "all"."""
    http: str = HTTPX
    hashes: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """The sha256 of each file."""


@dataclass(frozen=True)
class Vendored:
    """What was done; file names are relative to the folder."""

    folder: Path
    before: Copy | None
    after: Copy

    @property
    def added(self) -> list[str]:
        return sorted(self.after.hashes.keys() - (self.before.hashes if self.before else ()))

    @property
    def removed(self) -> list[str]:
        return sorted(self.before.hashes.keys() - self.after.hashes) if self.before else []

    @property
    def changed(self) -> list[str]:
        new = self.after.hashes
        return (
            sorted(name for name, old in self.before.hashes.items() if new.get(name, old) != old) if self.before else []
        )

    def __str__(self) -> str:
        before, after = self.before, self.after
        if before is None:
            return f"{self.folder}: version {after.version}, {len(self.added)} files, resources: {after.resources}.\n"
        rows = ((row, getattr(before, row), getattr(after, row)) for row in _ROWS)
        lines = [f"{row}: {old} -> {new}" for row, old, new in rows if old != new]
        files = (("+", self.added), ("-", self.removed), ("~", self.changed))
        listed = [f"{sign} {name}" for sign, names in files for name in names]
        lines += listed[:_LISTED] + ([f"and {len(listed) - _LISTED} more files"] if len(listed) > _LISTED else [])
        state = "updated" if lines else "up to date"
        return "".join(f"{line}\n" for line in (f"{self.folder}: {state}, version {after.version}.", *lines))


def vendor(
    paths: Paths,
    destination: Path,
    *,
    only: Iterable[str] | None = None,
    http: str | None = None,
    force: bool = False,
) -> Vendored:
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
    before = _read_note(folder)
    resources = ", ".join(sorted(set(only))) if only is not None else before.resources if before else ALL
    http = http or (before.http if before else HTTPX)
    files = _make(paths, None if resources == ALL else [name for name in resources.split(", ") if name], http)
    hashes = {name: _digest(content) for name, content in files.items()}
    after = Copy(_version(paths.overrides), _digest(_read(paths.spec)), resources, http, hashes)
    if not force:
        _refuse_edited(folder, before, hashes)
    _write(folder, {**files, NOTE: _note_text(after, paths).encode()}, before)
    _make_importable(destination.resolve())
    return Vendored(folder, before, after)


def _make(paths: Paths, only: Iterable[str] | None, http: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="codegen-vendor-") as scratch:
        fresh = Path(scratch) / PACKAGE
        generate_package(paths.spec, paths.overrides, fresh, only=only)
        files = {name: (fresh / name).read_bytes() for name in _files(fresh)}
    if http != HTTPX:  # it has the same interface, so that another name at the import is all it takes
        files = {name: _IMPORT.sub(rb"\g<indent>import %b as httpx" % http.encode(), it) for name, it in files.items()}
    return {**files, "LICENSE": _read(paths.license)}


def _read_note(folder: Path) -> Copy | None:
    path = folder / NOTE
    if not path.is_file():
        return None
    text = read_text(path)
    rows: dict[str, str] = dict(_ROW.findall(text))
    hashes = {name: digest for digest, name in _HASH.findall(text)}
    if not rows.keys() >= {*_ROWS} - {"http"} or not hashes:
        raise CodegenError(f"{path}: not the note that an earlier run wrote; delete {folder} to start anew")
    return Copy(**rows, hashes=hashes)


def _refuse_edited(folder: Path, note: Copy | None, fresh: Mapping[str, str]) -> None:
    here = {name: _digest((folder / name).read_bytes()) for name in _files(folder)}
    if note is None:
        if here:
            problem = f"{folder} has no {NOTE}, so it is not known what was edited there; --force replaces it"
            raise CodegenError(f"{problem} (make vendor: FORCE=1)")
        return
    old = note.hashes
    problems = [f"{name} (edited)" for name in here.keys() & old.keys() if here[name] != old[name]]
    problems += [f"{name} (deleted)" for name in old.keys() - here.keys()]
    problems += [f"{name} (not ours)" for name in (here.keys() & fresh) - old.keys() if here[name] != fresh[name]]
    if problems:
        listed = "\n".join(f"  {problem}" for problem in sorted(problems))
        raise CodegenError(
            f"files were changed in {folder}:\n{listed}\nNothing was written; --force overwrites them (make vendor: "
            "FORCE=1). To keep a change, make it in the project that this client is built in."
        )


def _write(folder: Path, files: Mapping[str, bytes], note: Copy | None) -> None:
    """Write the files. Files that belong to neither the old nor the new client stay."""
    ours = {*files, *(note.hashes if note else ())}
    if note is None:
        refuse_other_folders(folder)
    try:
        with replacement_of(folder) as fresh:
            kept = {name: (folder / name).read_bytes() for name in _files(folder) if name not in ours}
            for name, content in {**kept, **files}.items():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh / name).write_bytes(content)
    except OSError as error:
        raise CodegenError(f"{error.filename or folder}: {error.strerror or error}") from error


def _make_importable(destination: Path) -> None:
    """Inside a package, setuptools' find_packages sees a folder only if it is a package too."""
    folders = [destination, *destination.parents]
    outer = next((index for index, folder in enumerate(folders) if (folder / "__init__.py").exists()), 0)
    for folder in folders[:outer]:
        (folder / "__init__.py").touch()


def _note_text(copy: Copy, paths: Paths) -> str:
    pages = load_sources(paths.sources)
    return read_text(_TEMPLATE).format(
        package=PACKAGE,
        pages="\n".join(f"| {_cell(page.title or page.name)} | {page.date} | {page.url} |" for page in pages),
        files="\n".join(f"{digest}  {name}" for name, digest in sorted(copy.hashes.items())),
        **{row: getattr(copy, row) for row in _ROWS},
    )


def _version(overrides: Path) -> str:
    path = overrides / "_version.py"
    match = _VERSION.search(read_text(path))
    if match is None:
        raise CodegenError(f"{path}: no __version__")
    return match[1]


def _files(folder: Path) -> list[str]:
    """All files below a folder except the note, byte code and caches."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = [path.relative_to(folder) for path in paths]
    return sorted(name.as_posix() for name in names if not _CACHES & set(name.parts) and name.as_posix() != NOTE)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CodegenError(f"{path}: {error.strerror}") from error


def _digest(content: bytes) -> str:
    """The hash of a file, independent of its line endings."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
