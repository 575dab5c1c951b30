"""Writes files completely or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .errors import CodegenError


def read_text(path: Path) -> str:
    """The UTF-8 text of a file.

    Raises:
        CodegenError: When it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CodegenError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CodegenError(f"{path}: not UTF-8 text (byte {error.start})") from error


def write_files(files: Mapping[Path, str]) -> None:
    """Write text files: all of them first under temporary names, then each under its own."""
    written: list[tuple[Path, Path]] = []
    try:
        for path, text in files.items():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.new")
            written.append((temporary, path))
            temporary.write_bytes(text.encode())
        for temporary, path in written:
            temporary.replace(path)
    except OSError as error:
        raise CodegenError(f"{error.filename or 'file'}: {error.strerror or error}") from error
    finally:
        for temporary, _ in written:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacement_of(folder: Path) -> Generator[Path]:
    """A new folder: takes the place of `folder` when the block ends well, and vanishes when it does not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    fresh, old = scratch / "new", scratch / "old"
    try:
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
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
