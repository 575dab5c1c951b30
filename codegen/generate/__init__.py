"""`codegen generate`: the merged spec and the hand-written runtime become the package.

`parser_input` makes the copy of the spec that openapi-python-client's parser takes whole, `parser` runs it, `check`
compares both, so that nothing is lost, `client` describes what it understood, `methods` and `project` write that with
the templates, `writer` formats it and puts it in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ..errors import CodegenError
from ..files import read_text, replacement_of
from ..json_tools import JsonError, JsonObject, is_object
from ..json_tools import parse as parse_json


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
    from .client import read_client
    from .names import reserved_by
    from .project import ClientProject
    from .writer import copy_overrides, refuse_other_folders, refuse_overlap, tidy

    refuse_overlap(overrides, destination)
    refuse_other_folders(destination)
    reserved = reserved_by(overrides)
    spec = read_spec(spec_path) if only is None else select(read_spec(spec_path), only)
    with replacement_of(destination) as package:
        client = read_client(spec, reserved, package)
        ClientProject(client, reserved).write()
        tidy(package)
        copy_overrides(overrides, package)
        sources = list(package.rglob("*.py"))
        lines = sum(path.read_bytes().count(b"\n") for path in sources)
        when_ready()
    operations = sum(len(resource.methods) for resource in client.resources)
    return GenerateResult(destination, operations, len(client.models), len(sources), lines, tuple(client.notes))


def read_spec(path: Path) -> JsonObject:
    """A spec that merge wrote.

    Raises:
        CodegenError: It is no JSON object.
    """
    try:
        spec = parse_json(read_text(path))
    except JsonError as error:
        raise CodegenError(f"{path}, line {error.line}: broken JSON: {error}") from error
    if not is_object(spec):
        raise CodegenError(f"{path}: not a JSON object")
    return spec


def select(spec: JsonObject, only: Iterable[str]) -> JsonObject:
    """A spec with the operations of some resources alone; its names are those of the whole.

    Raises:
        CodegenError: There is no such resource, or none is asked for.
    """
    resources = {body["operationId"].partition(".")[0] for item in spec["paths"].values() for body in item.values()}
    chosen = {name if name in resources else name.removesuffix("_") for name in only}
    for name in sorted(chosen - resources):
        near = get_close_matches(name, resources, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(resources))}"
        raise CodegenError(f"the client has no {name!r}: {hint}")
    if not chosen:
        raise CodegenError("no resource was chosen")
    paths = {
        path: {method: body for method, body in item.items() if body["operationId"].partition(".")[0] in chosen}
        for path, item in spec["paths"].items()
    }
    return {**spec, "paths": {path: item for path, item in paths.items() if item}}
