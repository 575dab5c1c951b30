"""Two specs to two packages, two surfaces and their differences."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import CodegenError
from ..files import read_text
from ..generate import generate_package
from ..generator.operations import lower
from ..json_tools import JsonError, JsonObject, is_object, parse
from .changes import Change
from .compare import compare
from .leftovers import leftovers
from .surface import Surface, read_surface

PACKAGE = "patchworks_core_client"


@dataclass(frozen=True)
class Generated:
    """A spec and the package made of it, for as long as the comparison lasts; `folder` holds the package."""

    spec: JsonObject
    surface: Surface
    folder: Path


@contextmanager
def both_generated(old: Path, new: Path, overrides: Path) -> Generator[tuple[Generated, Generated]]:
    """Generate a package of each spec.

    Raises:
        CodegenError: When one of the specs cannot be used, with its name.
    """
    with tempfile.TemporaryDirectory(prefix="codegen-diff-") as scratch:
        folder = Path(scratch).resolve()
        yield _generated(old, overrides, folder / "old"), _generated(new, overrides, folder / "new")


def diff_specs(old: Path, new: Path, overrides: Path) -> list[Change]:
    """What changes for callers from one spec to another.

    Args:
        old: The spec that callers know.
        new: The spec that they will get.
        overrides: The hand-written modules; they are the same for both.

    Raises:
        CodegenError: When one of the specs cannot be used, with its name.
    """
    if load_spec(old) == load_spec(new):
        return []
    with both_generated(old, new, overrides) as (before, after):
        return changes_between(before, after)


def changes_between(before: Generated, after: Generated) -> list[Change]:
    changes = compare(before.surface, after.surface)
    return [*changes, *leftovers(before.surface, after.surface, changes)]


def load_spec(path: Path) -> JsonObject:
    try:
        spec = parse(read_text(path))
    except JsonError as error:
        raise CodegenError(f"{path}, line {error.line}: broken JSON: {error}") from error
    if not is_object(spec):
        raise CodegenError(f"{path}: not a JSON object")
    return spec


def _generated(path: Path, overrides: Path, folder: Path) -> Generated:
    spec = load_spec(path)
    try:
        generate_package(path, overrides, folder / PACKAGE)
        surface = read_surface(spec, lower(spec, overrides), folder / PACKAGE)
    except CodegenError as error:
        raise CodegenError(f"{path}: no client can be made of it: {error}") from error
    return Generated(spec, surface, folder)
