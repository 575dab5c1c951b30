"""The repository's own spec: size, speed, growth."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from codegen.generate import GenerateResult, generate_package
from tests.codegen.generating import OVERRIDES, Generated, Json, PackageMaker, importable

SPEC = OVERRIDES.parent / "openapi" / "patchworks-core.json"
FEWER_LINES_THAN = 7_500


@pytest.fixture
def generate(tmp_path: Path) -> Generator[PackageMaker]:
    with importable(tmp_path):
        yield PackageMaker(tmp_path)


def many_times(spec: Json, count: int) -> Json:
    """The spec with its operations and schemas `count` times, under names of their own."""
    paths: Json = {}
    schemas: Json = {}
    for number in range(count):
        copy = json.loads(json.dumps(spec).replace("#/components/schemas/", f"#/components/schemas/X{number}"))
        for path, item in copy["paths"].items():
            for operation in item.values():
                resource, _, method = operation["operationId"].partition(".")
                operation["operationId"] = f"{resource}{number}.{method}"
            paths[f"/{number}{path}"] = item
        schemas |= {f"X{number}{name}": schema for name, schema in copy["components"]["schemas"].items()}
    return {**spec, "paths": paths, "components": {"schemas": schemas}}


def timed(generate: PackageMaker, spec: Json) -> tuple[float, GenerateResult]:
    path = generate.write(spec)
    started = time.perf_counter()
    result = generate_package(path, generate.overrides, generate.folder / "generated_timed")
    return time.perf_counter() - started, result


def test_the_package_is_complete_and_small(generate: PackageMaker) -> None:
    destination = generate.folder / "generated_real"
    result = generate_package(SPEC, OVERRIDES, destination)
    assert result.operations == 46
    assert result.notes == (), "something of the spec is typed open or left out: correct it in the overlay"
    assert result.lines < FEWER_LINES_THAN
    Generated(destination, result).import_all()


@pytest.mark.untraced
def test_ten_times_the_operations_make_ten_times_the_resources(generate: PackageMaker) -> None:
    # How long it takes is measured in benchmarks/build.py: a clock in a test would only tell how busy the machine is.
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    _, once = timed(generate, spec)
    _, ten_times = timed(generate, many_times(spec, 10))
    assert (once.operations, ten_times.operations) == (46, 460)
    assert ten_times.lines < 10 * once.lines


@pytest.mark.slow
def test_a_thousand_operations(generate: PackageMaker) -> None:
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    seconds, result = timed(generate, many_times(spec, 22))
    assert result.operations == 1012
    assert seconds < 60
