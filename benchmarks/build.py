"""The build of the client: how long it takes, and how it grows with the number of operations."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from .imports import fresh_import
from .measure import OPENAPI_GENERATOR, OURS, STOCK, Row, Samples, Target, hand_over, interleave, quick_asked
from .samples import ROOT

SIZES = (46, 460, 1_000)
SNIPPETS = ROOT / "openapi" / "snippets"
OVERRIDES = ROOT / "overrides"
OVERLAY = ROOT / "openapi" / "overlay.yaml"
BUILDER = "PATCHWORKS_BENCH_BUILDER"
"""Environment variable: the Python that has codegen's dependencies, where it is not this one."""


class Cost(NamedTuple):
    """What processes took.

    Attributes:
        seconds: From start to end.
        processor: Of those, on a processor.
        megabytes: Most memory held.
    """

    seconds: float
    processor: float
    megabytes: float


def cost(*command: str | Path) -> Cost:
    """Run a command to its end."""
    with tempfile.TemporaryFile() as log:
        started = perf_counter()
        process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise RuntimeError(log.read().decode(errors="replace")[-2000:])
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def build(snippets: Path, to: Path, *, overlay: bool) -> Cost:
    """Snippets to spec to package, with codegen's own commands."""
    codegen: list[str | Path] = [os.environ.get(BUILDER, sys.executable), "-m", "codegen"]
    spec = to / "spec.json"
    corrections: list[str | Path] = ["--overlay", OVERLAY] if overlay else []
    package = to / "patchworks_core_client"
    merged = cost(*codegen, "merge", "--snippets", snippets, *corrections, "--to", spec)
    made = cost(*codegen, "generate", "--spec", spec, "--overrides", OVERRIDES, "--to", package)
    return Cost(merged.seconds + made.seconds, merged.processor + made.processor, max(merged.megabytes, made.megabytes))


def write_snippets(folder: Path, operations: int) -> None:
    """So many operations: the 46 again and again, each time under other paths, tags and schema names."""
    sources = sorted(SNIPPETS.rglob("*.json"))
    for index in range(operations):
        copy, source = divmod(index, len(sources))
        path = sources[source]
        target = folder / f"{path.parent.name}-{copy}" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        document = json.loads(path.read_text(encoding="utf-8"))
        target.write_text(json.dumps(_renamed(document, copy) if copy else document, indent=2), encoding="utf-8")


def _renamed(document: dict[str, Any], copy: int) -> dict[str, Any]:
    text = json.dumps(document).replace("/api/v1/", f"/api/v{copy + 1}/")
    text = text.replace("#/components/schemas/", f"#/components/schemas/Copy{copy}")
    renamed: dict[str, Any] = json.loads(text)
    schemas = renamed.get("components", {}).get("schemas")
    if schemas is not None:
        renamed["components"]["schemas"] = {f"Copy{copy}{name}": schema for name, schema in schemas.items()}
    paths: dict[str, dict[str, Any]] = renamed["paths"]
    operations: list[dict[str, Any]] = [operation for path in paths.values() for operation in path.values()]
    for operation in operations:
        if "tags" in operation:
            operation["tags"] = [f"{tag} {copy}" for tag in operation["tags"]]
    for tag in renamed.get("tags", []):
        tag["name"] = f"{tag['name']} {copy}"
    return renamed


def peers_build(spec: Path, to: Path) -> dict[str, Cost]:
    """The peers' generators, on the same spec; those that are installed beside this Python."""
    tools = Path(sys.executable).parent
    found: dict[str, Cost] = {}
    stock, other = tools / "openapi-python-client", tools / "openapi-generator-cli"
    if stock.exists():
        found[STOCK] = cost(stock, "generate", "--path", spec, "--meta", "none", "--output-path", to / "stock")
    if other.exists() and shutil.which("java"):
        found[OPENAPI_GENERATOR] = cost(other, "generate", "-i", spec, "-g", "python", "-o", to / "other")
    return found


def real_build(folder: Path, rounds: int) -> Row:
    """The real one: 46 operations with the overlay."""
    costs = [build(SNIPPETS, folder, overlay=True) for _ in range(rounds)]
    found: Samples = {OURS: [each.seconds for each in costs]}
    for _ in range(rounds):
        for name, each in peers_build(folder / "spec.json", folder).items():
            found.setdefault(name, []).append(each.seconds)
        for made in ("stock", "other"):
            shutil.rmtree(folder / made, ignore_errors=True)
    targets = [Target(OURS, None, "<=", 10, label="seconds")]
    notes = [
        (
            "Ours goes from snippets and overlay to spec to package (two commands); the peers' from the finished spec "
            "to their package, without formatting it."
        )
    ]
    return Row("build", "Build, 46 operations", "s", found, OURS, targets, notes)


def growth(folder: Path, rounds: int, sizes: tuple[int, ...]) -> list[Row]:
    """Time, memory and import time by the number of operations."""
    seconds: Samples = {}
    memory: Samples = {}
    imports: Samples = {}
    for size in sizes:
        place = folder / str(size)
        write_snippets(place / "snippets", size)
        costs = [build(place / "snippets", place, overlay=False) for _ in range(rounds)]
        seconds[_name(size)] = [each.processor for each in costs]
        memory[_name(size)] = [each.megabytes for each in costs]
    loads = {_name(size): fresh_import(_import_of(folder / str(size))) for size in sizes}
    for load in loads.values():
        load()
    imports = interleave(loads, 15)
    first, last = _name(sizes[0]), _name(sizes[-1])
    factor = sizes[-1] / sizes[0]
    note = "The 46 operations again and again under other paths, tags and schema names, without the overlay."
    return [
        Row(
            "growth-time",
            "Build by number of operations: time",
            "s",
            seconds,
            first,
            [Target(last, first, "<=", round(factor, 1), label=f"{factor:.1f} times the operations: times the time")],
            [
                note,
                "Counted is processor time.",
                "Growth is linear, or better, when the time grows no more than the operations.",
            ],
        ),
        Row(
            "growth-memory",
            "Build by number of operations: peak memory",
            "MB",
            memory,
            first,
            [Target(last, first, "<=", round(factor, 1), label=f"{factor:.1f} times the operations: times the memory")],
        ),
        Row(
            "growth-import",
            "Import and first use by number of operations",
            "ms",
            imports,
            first,
            [Target(last, first, "<=", 1.1)],
            ["A new process: the client and one resource, which brings its models, of a package of that size."],
        ),
    ]


def _name(size: int) -> str:
    return f"{size:,} operations"


def _import_of(place: Path) -> str:
    use = "from patchworks_core_client import PatchworksClient; PatchworksClient(api_key='k').packages"
    return f"import sys; sys.path.insert(0, {str(place)!r}); {use}"


def main() -> None:
    quick = quick_asked()
    with tempfile.TemporaryDirectory(prefix="bench-build-") as scratch:
        folder = Path(scratch)
        rows = [real_build(folder, 1 if quick else 5)]
        rows += growth(folder, 1 if quick else 3, SIZES[:2] if quick else SIZES)
    hand_over(rows)


if __name__ == "__main__":
    main()
