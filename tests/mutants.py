"""`make mutants`: does a test fail when a line of overrides/ is made wrong?

cosmic-ray makes the mutants; annotations, which change nothing when the client runs, and texts are left alone. There
are thousands, so a sample is tried: the same one for the same seed, at most one at each place. Each runs in a copy of
the repository, against the tests of its module first and then against all tests of the client, until one fails.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = "patchworks_core_client"
ALL_TESTS = ("tests/runtime", "tests/test_operations.py")
TIMEOUT = 600
FIRST_TESTS = {
    "_aiohttp": "test_transport test_reliability",
    "_call": "test_call test_pagination",
    "_contract": "test_errors",
    "_http": "test_transport test_reliability",
    "_json": "test_models test_client",
    "_lifetime": "test_client test_reliability",
    "_reclaim": "test_reliability",
    "_redact": "test_security test_errors",
    "_request": "test_call test_client test_query",
    "_pipeline": "test_transport test_retry",
    "_types": "test_client",
    "model": "test_models test_models_in_tools",
}
"""Tests that most likely notice; a module without an entry has tests of its name."""


class Mutant(NamedTuple):
    module: str
    operator: str
    occurrence: int
    line: int
    column: int

    def __str__(self) -> str:
        return f"overrides/{self.module}.py:{self.line}:{self.column} {self.operator.removeprefix('core/')}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module that could make a difference."""
    init: Any = importlib.import_module("cosmic_ray.commands.init")
    source = path.read_text(encoding="utf-8")
    spared = [*_without_effect(ast.parse(source))]
    for item in init._all_work_items([path], {}):
        mutation = item.mutations[0]
        (line, column), operator = mutation.start_pos, mutation.operator_name
        if not any(start <= (line, column) < end for start, end in spared):
            yield Mutant(path.stem, operator, mutation.occurrence, line, column)


Span = tuple[tuple[int, int], tuple[int, int]]


def _without_effect(tree: ast.AST) -> Iterator[Span]:
    """Annotations, type aliases, what only type checkers read, and overloads."""
    for node in ast.walk(tree):
        spared: list[ast.AST | None] = []
        if isinstance(node, ast.arg):
            spared = [node.annotation]
        elif isinstance(node, ast.AnnAssign):
            alias = isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
            spared = [node] if alias else [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            overload = any(isinstance(each, ast.Name) and each.id == "overload" for each in node.decorator_list)
            spared = [node] if overload else [node.returns]
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            spared = [node]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast":
            spared = [node.args[0]]
        for each in spared:
            if isinstance(each, ast.expr | ast.stmt):
                yield (each.lineno, each.col_offset), (each.end_lineno or 0, each.end_col_offset or 0)


def sampled(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """Some mutants, no two at the same place."""
    dice = random.Random(seed)
    shuffled = dice.sample(mutants, len(mutants))
    places = {(each.module, each.line, each.column): each for each in reversed(shuffled)}
    return dice.sample(list(places.values()), min(number, len(places)))


def first_tests(module: str) -> list[str]:
    return [f"tests/runtime/{each}.py" for each in FIRST_TESTS.get(module, f"test_{module.strip('_')}").split()]


class Copy:
    """A copy of the repository in which one mutant after the other lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in tracked.stdout.splitlines():
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)

    def survives(self, mutant: Mutant, *, quick: bool) -> bool | None:
        """Whether no test notices; `quick`, no test of its module. None if cosmic-ray cannot make the mutant."""
        plugins: Any = importlib.import_module("cosmic_ray.plugins")
        mutating: Any = importlib.import_module("cosmic_ray.mutating")
        path = self.folder / PACKAGE / f"{mutant.module}.py"
        sound = path.read_text(encoding="utf-8")
        operator = plugins.get_operator(mutant.operator)()
        try:
            changed = mutating.mutate_code(sound, operator, mutant.occurrence)
        except AttributeError:  # of an exception that is named with a dot
            return None
        path.write_text(changed, encoding="utf-8")
        try:
            return self.passes(first_tests(mutant.module)) and (quick or self.passes(list(ALL_TESTS)))
        finally:
            path.write_text(sound, encoding="utf-8")

    def passes(self, tests: list[str]) -> bool:
        options = ["-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            ended = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, timeout=TIMEOUT, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return ended.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="of overrides/, without .py (default: all)")
    parser.add_argument("--sample", type=int, default=300, help="mutants to try at most (default: 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="only the tests of the mutant's module")
    parser.add_argument("--minutes", type=float, default=60, help="start no mutant after that many (default: 60)")
    arguments = parser.parse_args()
    paths = sorted(path for path in (ROOT / "overrides").glob("*.py"))
    paths = [path for path in paths if path.stem != "_version" and (path.stem in (arguments.modules or [path.stem]))]
    population = [mutant for path in paths for mutant in mutants_of(path)]
    chosen = sampled(population, arguments.sample, arguments.seed)
    places = len({(each.module, each.line, each.column) for each in population})
    print(f"{len(chosen)} of {len(population)} mutants, which are at {places} places", flush=True)
    copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    until = time.monotonic() + arguments.minutes * 60
    fates: Counter[str] = Counter()
    survivors: list[Mutant] = []
    lock = threading.Lock()

    def try_one(mutant: Mutant) -> None:
        if time.monotonic() > until:
            return
        copy = copies.get()
        try:
            lives = copy.survives(mutant, quick=arguments.quick)
        finally:
            copies.put(copy)
        with lock:
            fates[{True: "survived", False: "died", None: "not made"}[lives]] += 1
            if lives:
                survivors.append(mutant)
                print(f"  survived: {mutant}", flush=True)

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for number in range(arguments.jobs):
            copies.put(Copy(Path(folder) / str(number)))
        tests = sorted({each for mutant in chosen for each in first_tests(mutant.module)})
        if not (whole := copies.get()).passes(tests if arguments.quick else list(ALL_TESTS)):
            print("The tests fail without a mutant.")
            return 2
        copies.put(whole)
        with ThreadPoolExecutor(arguments.jobs) as pool:
            list(pool.map(try_one, chosen))
    tried = fates["died"] + fates["survived"]
    share = fates["died"] / tried if tried else 0.0
    print(f"{fates['died']} of {tried} died: {share:.1%}; {fates['not made']} could not be made")
    return 0 if share >= 0.85 else 1


if __name__ == "__main__":
    sys.exit(main())
