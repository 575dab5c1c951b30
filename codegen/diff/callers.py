"""Code that calls the client, type-checked against the package before and after."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import CodegenError
from ..report import code
from .run import PACKAGE

_CACHE = ".mypy_cache/callers"
_ERROR = re.compile(r"(?P<place>.+?:\d+): error: (?P<message>.*)")
_PACKAGE = re.compile(rf"\b{PACKAGE}\b")


@dataclass(frozen=True)
class Callers:
    """Modules that import the package, copied below `base`, away from any other copy of it."""

    base: Path
    modules: tuple[str, ...]


def find_callers(folders: Iterable[Path], base: Path) -> Callers:
    """Copy folders to below `base`, and find the callers in them.

    Raises:
        CodegenError: When there is no such folder, or none of its modules calls the client.
    """
    found: list[str] = []
    for folder in map(Path.resolve, folders):
        copied = _copy(folder, base)
        names = [path.relative_to(base).as_posix() for path in sorted(copied.rglob("*.py")) if _calls(path)]
        if not names:
            raise CodegenError(f"{folder}: no module that imports {PACKAGE}")
        found += names
    return Callers(base, tuple(found))


def broken_callers(callers: Callers, old: Path, new: Path) -> list[str]:
    """What mypy says of the callers with the new package and did not say with the old one.

    Args:
        callers: What to check.
        old: The folder that the old package is in.
        new: The folder that the new package is in.

    Returns:
        Lines of the form "examples/release.py:40: what is wrong".

    Raises:
        CodegenError: When mypy cannot be run.
    """
    after = Counter(_errors(callers, new))
    suspects = sorted({_order(error)[0] for error in after})
    before = Counter(_errors(replace(callers, modules=tuple(suspects)), old) if suspects else ())
    return sorted((after - before).elements(), key=_order)


def callers_markdown(errors: Iterable[str]) -> str:
    """A section for the reader of the diff."""
    lines = [f"- {code(place)}: {code(message)}" for place, _, message in (error.partition(": ") for error in errors)]
    listed = "\n".join(lines) or "All callers type-check as they did."
    return f"### Callers that no longer type-check\n\n{listed}\n"


def _copy(folder: Path, base: Path) -> Path:
    if not folder.is_dir():
        raise CodegenError(f"{folder}: no folder of callers")
    target = base / folder.name
    ignored = shutil.ignore_patterns(PACKAGE, ".*", "__pycache__", "node_modules", "site-packages")
    shutil.copytree(folder, target, ignore=ignored, dirs_exist_ok=True)
    return target


def _errors(callers: Callers, package: Path) -> Iterable[str]:
    command = [sys.executable, "-m", "mypy", "--config-file=", f"--cache-dir={Path(_CACHE).resolve()}"]
    command += ["--namespace-packages", "--explicit-package-bases", "--ignore-missing-imports"]
    command += ["--follow-imports=silent", "--check-untyped-defs", "--disable-error-code=import-untyped"]
    command += ["--no-error-summary", "--hide-error-context", "--no-pretty", "--no-color-output", *callers.modules]
    # The base is the current folder; the package's folder comes first, before anything that is installed.
    done = subprocess.run(  # noqa: S603 (our own tool)
        command,
        cwd=callers.base,
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


def _calls(path: Path) -> bool:
    return _PACKAGE.search(path.read_text(encoding="utf-8", errors="replace")) is not None
