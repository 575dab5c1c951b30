"""Writes files completely or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import CodegenError


@contextmanager
def failures_named(place: Path) -> Generator[None]:
    """Make the system's errors ours, with the file that they are about."""
    try:
        yield
    except OSError as error:
        raise CodegenError(f"{error.filename or place}: {error.strerror or error}") from error


def read_text(path: Path) -> str:
    """The UTF-8 text of a file.

    Raises:
        CodegenError: When it cannot be read.
    """
    try:
        with failures_named(path):
            return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CodegenError(f"{path}: not UTF-8 text (byte {error.start})") from error


def write_files(files: Mapping[Path, str]) -> None:
    """Write text files: all of them first under temporary names, then each under its own."""
    written: list[tuple[Path, Path]] = []
    try:
        for path, text in files.items():
            with failures_named(path):
                if path.is_dir():
                    raise CodegenError(f"{path}: Is a directory")
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary = path.with_name(f".{path.name}.new")
                written.append((temporary, path))
                temporary.write_bytes(text.encode())
        for temporary, path in written:
            with failures_named(path):
                temporary.replace(path)
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacement_of(folder: Path) -> Generator[Path]:
    """A new folder: takes the place of `folder` when the block ends well, and vanishes when it does not."""
    with failures_named(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
        ) as scratch:
            fresh, old = Path(scratch) / "new", Path(scratch) / "old"
            fresh.mkdir()
            yield fresh
            if folder.exists():
                folder.replace(old)
            try:
                fresh.replace(folder)
            except OSError:
                if old.exists():
                    old.replace(folder)
                raise
