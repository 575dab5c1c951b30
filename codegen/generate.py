"""`codegen generate`: the merged spec and the hand-written runtime become the package."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .errors import CodegenError
from .generator.facts import Lowered
from .generator.operations import lower
from .generator.parser import config_for, parse
from .generator.project import ClientProject
from .generator.selection import select
from .generator.writer import compile_all, copy_overrides, replacement_of, tidy


@dataclass(frozen=True)
class GenerateResult:
    """What was generated."""

    package: Path
    operations: int
    models: int
    files: int
    lines: int
    notes: tuple[str, ...]
    """What could not be typed, or not be offered, as documented; each with its place."""

    def __str__(self) -> str:
        figures = f"{self.operations} operations, {self.models} models, {self.files} files, {self.lines} lines."
        return "".join(f"{line}\n" for line in (f"{self.package}: {figures}", *(f"  {note}" for note in self.notes)))


def generate_package(
    spec_path: Path,
    overrides: Path,
    destination: Path,
    *,
    only: Iterable[str] | None = None,
    when_ready: Callable[[], None] = lambda: None,
) -> GenerateResult:
    """Generate the package.

    Args:
        spec_path: The merged spec.
        overrides: The hand-written modules, copied as they are.
        destination: The package's folder; replaced as a whole, and only if everything went well.
        only: The resources to write, such as "packages"; all of them, if not given.
        when_ready: Called when the new package is complete, before it takes the place of the old one, which stays if
            this fails.

    Returns:
        The figures, and the notes for the report.

    Raises:
        CodegenError: The spec cannot be used; the message says where.
    """
    _refuse_overlap(overrides, destination)
    lowered = lower(_read(spec_path), overrides)
    if only is not None:
        lowered = select(lowered, only)
    try:
        with replacement_of(destination) as package:
            _write(lowered, overrides, package)
            sources = list(package.rglob("*.py"))
            lines = sum(path.read_bytes().count(b"\n") for path in sources)
            when_ready()
    except OSError as error:
        raise CodegenError(f"{error.filename or destination}: {error.strerror or error}") from error
    models = sum(facts.role == "model" for facts in lowered.classes.values())
    return GenerateResult(destination, len(lowered.operations), models, len(sources), lines, tuple(lowered.notes))


def _write(lowered: Lowered, overrides: Path, package: Path) -> None:
    config = config_for(package)
    ClientProject(openapi=parse(lowered, config), config=config, lowered=lowered, overrides=overrides).write()
    tidy(package)
    copy_overrides(overrides, package)
    compile_all(package)


def _refuse_overlap(overrides: Path, destination: Path) -> None:
    """One of them in the other would be copied into itself, or be gone with the old package."""
    source, target = overrides.resolve(), destination.resolve()
    if source.is_relative_to(target) or target.is_relative_to(source):
        raise CodegenError(f"{destination}: the package and {overrides} must not lie in each other")


def _read(path: Path) -> dict[str, Any]:
    try:
        spec = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CodegenError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(spec, dict):
        raise CodegenError(f"{path}: no JSON object")
    return cast("dict[str, Any]", spec)
