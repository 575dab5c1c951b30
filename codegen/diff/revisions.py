"""What git has of an earlier state: `git:REVISION` stands for the spec, or the callers, of that revision."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from ..errors import CodegenError

PREFIX = "git:"


def is_revision(place: str) -> bool:
    return place.startswith(PREFIX)


def spec_file(place: str, spec: Path, scratch: Path) -> Path:
    """The file of a spec: `place` itself, or the contents of `spec` at a revision, put into `scratch`.

    Raises:
        CodegenError: When git does not have it.
    """
    if not is_revision(place):
        return Path(place)
    scratch.mkdir(parents=True)
    file = scratch / spec.name
    file.write_bytes(_git("show", f"{_revision(place)}:./{spec.as_posix()}"))
    return file


def folders(place: str, names: tuple[str, ...], scratch: Path) -> list[Path]:
    """The folders with these names at a revision, those that it has, put into `scratch`.

    Raises:
        CodegenError: When there is no such revision.
    """
    revision = _revision(place)
    listed = _git("ls-tree", "-d", "--name-only", revision).decode().splitlines()
    found = [name for name in names if name in listed]
    if not found:
        return []
    archive = _git("archive", "--format=tar", revision, *found)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(scratch, filter="data")
    return [scratch / name for name in found]


def _revision(place: str) -> str:
    revision = place.removeprefix(PREFIX)
    if not revision or revision.startswith("-"):
        raise CodegenError(f"{place}: no git revision")
    return revision


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError as error:
        raise CodegenError(f"git cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        raise CodegenError(done.stderr.decode(errors="replace").strip() or "git failed")
    return done.stdout
