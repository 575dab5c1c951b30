"""Formats and checks the new package, then replaces the old one."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

from ..errors import CodegenError

HEADER = "# Generated from "
"""How every generated module starts."""

_RUFF_BIN = Path(sysconfig.get_path("scripts"), "ruff")
_RUFF = ("--isolated", "--no-cache", "--quiet", "--line-length", "120", "--target-version", "py311")


def refuse_other_folders(destination: Path) -> None:
    """Refuse to replace a folder that contains anything but a generated package."""
    if destination.is_dir() and not any(destination.iterdir()):
        return
    parts = (destination / "__init__.py", destination / "_resources.py")
    if destination.exists() and not all(
        part.is_file() and part.read_bytes().startswith(HEADER.encode()) for part in parts
    ):
        raise CodegenError(f"{destination}: not replaced, because it is no generated package")


def refuse_overlap(overrides: Path, destination: Path) -> None:
    """Refuse folders that contain each other: one would be copied into itself or deleted with the old package."""
    source, target = overrides.resolve(), destination.resolve()
    if source.is_relative_to(target) or target.is_relative_to(source):
        raise CodegenError(f"{destination}: the package and {overrides} must not lie in each other")


def tidy(package: Path) -> None:
    """Drop imports that nothing uses, sort the others, format: the templates need not."""
    _ruff("check", "--fix-only", "--select", "I,F401,RUF022", str(package))
    _ruff("format", str(package))


def _ruff(command: str, *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 (our own tool, our own folder)
        [_RUFF_BIN, command, *_RUFF, *arguments], capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise CodegenError(f"ruff {command} fails on the generated code: {(done.stderr or done.stdout).strip()}")


def copy_overrides(overrides: Path, package: Path) -> None:
    """The hand-written modules, byte for byte; none may be where a generated one is."""
    for source in sorted(overrides.rglob("*")):
        target = package / source.relative_to(overrides)
        if "__pycache__" in source.parts or source.is_dir():
            continue
        if target.exists():
            raise CodegenError(f"{source}: a generated module has the same place")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
