"""Code that calls the client, type-checked against the package before and after."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ..errors import CodegenError
from ..report import code
from .run import PACKAGE

_CACHE = ".mypy_cache/callers"
_ERROR = re.compile(r"(?P<place>.+?:\d+): error: (?P<message>.*)")
_PACKAGE = re.compile(rf"\b{PACKAGE}\b")


def broken_callers(folders: Iterable[Path], old: Path, new: Path) -> list[str]:
    """What mypy says of the callers with the new package and did not say with the old one.

    Args:
        folders: With the callers' modules; their names are the first part of each place.
        old: The folder that the old package is in.
        new: The folder that the new package is in.

    Returns:
        Lines of the form "examples/release.py:40: what is wrong".

    Raises:
        CodegenError: When mypy cannot be run, or a folder has no callers.
    """
    roots = [folder.resolve() for folder in folders]
    copies = [_copy(root, old.parent / "callers") for root in roots]
    callers = [path for folder in copies for path in sorted(folder.rglob("*.py")) if _PACKAGE.search(_text(path))]
    if not callers:
        raise CodegenError(f"{', '.join(map(str, roots))}: no module that imports {PACKAGE}")
    base = old.parent / "callers"
    names = [path.relative_to(base).as_posix() for path in callers]
    before, after = (Counter(_errors(names, base, package)) for package in (old, new))
    return sorted((after - before).elements(), key=_order)


def callers_markdown(errors: Iterable[str]) -> str:
    """A section for the reader of the diff."""
    lines = [f"- {code(place)}: {code(message)}" for place, _, message in (error.partition(": ") for error in errors)]
    listed = "\n".join(lines) or "All callers type-check as they did."
    return f"### Callers that no longer type-check\n\n{listed}\n"


def _copy(folder: Path, base: Path) -> Path:
    """A copy away from any other copy of the package."""
    if not folder.is_dir():
        raise CodegenError(f"{folder}: no folder of callers")
    target = base / folder.name
    ignored = shutil.ignore_patterns(PACKAGE, ".*", "__pycache__", "node_modules", "site-packages")
    shutil.copytree(folder, target, ignore=ignored, dirs_exist_ok=True)
    return target


def _errors(callers: list[str], base: Path, package: Path) -> Iterable[str]:
    command = [sys.executable, "-m", "mypy", "--config-file=", f"--cache-dir={Path(_CACHE).resolve()}"]
    command += ["--namespace-packages", "--explicit-package-bases", "--ignore-missing-imports"]
    command += ["--follow-imports=silent", "--check-untyped-defs", "--disable-error-code=import-untyped"]
    command += ["--no-error-summary", "--hide-error-context", "--no-pretty", "--no-color-output", *callers]
    # The base is the current folder; the package's folder comes first, before anything that is installed.
    done = subprocess.run(  # noqa: S603 (our own tool)
        command,
        cwd=base,
        env={**os.environ, "MYPYPATH": str(package)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in (0, 1):
        raise CodegenError(f"mypy cannot check the callers: {(done.stderr or done.stdout).strip()}")
    found = (_ERROR.match(line) for line in done.stdout.splitlines())
    return [f"{match['place']}: {match['message']}" for match in found if match]


def _order(error: str) -> tuple[str, int]:
    place, _, _ = error.partition(": ")
    file, _, line = place.rpartition(":")
    return file, int(line)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
