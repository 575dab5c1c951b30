"""What type checkers say of code that uses the client: nothing where it is right, something wherever it is wrong."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import patchworks_core_client

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONSUMER = HERE / "consumer.py"
MISTAKES = HERE / "mistakes.py"
CHECKERS = ("mypy", "pyright")

Errors = dict[str, dict[int, list[str]]]
"""Messages by file and line."""


def mypy(folder: Path) -> Errors:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "--no-pretty"]
    cache = ROOT / ".mypy_cache" / "typing"
    files = [CONSUMER.name, MISTAKES.name]
    said = output_of([*command, f"--cache-dir={cache}", *files], folder, MYPYPATH=str(ROOT))
    found = re.finditer(r"^(.+?):(\d+): error: (.*)$", said, re.MULTILINE)
    return collected((match[1], int(match[2]), match[3]) for match in found)


def pyright(folder: Path) -> Errors:
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "include": [CONSUMER.name, MISTAKES.name]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    said = output_of([*command, "--project", str(folder)], folder, PYRIGHT_PYTHON_IGNORE_WARNINGS="1")
    found: list[dict[str, Any]] = json.loads(said)["generalDiagnostics"]
    return collected(
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
        for each in found
        if each["severity"] == "error"
    )


def output_of(command: list[str], folder: Path, **variables: str) -> str:
    environment = {**os.environ, **variables}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stdout + result.stderr
    return result.stdout


def collected(found: Iterator[tuple[str, int, str]]) -> Errors:
    errors: Errors = {CONSUMER.name: {}, MISTAKES.name: {}}
    for file, line, message in found:
        errors[file].setdefault(line, []).append(message)
    return errors


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Errors]:
    """What each checker says; both run once, side by side."""
    folder = tmp_path_factory.mktemp("typing")
    (folder / CONSUMER.name).write_bytes(CONSUMER.read_bytes())
    lines = MISTAKES.read_text(encoding="utf-8").splitlines()
    (folder / MISTAKES.name).write_text("\n".join(["", "", *lines[2:]]), encoding="utf-8")
    with ThreadPoolExecutor() as pool:
        running = {"mypy": pool.submit(mypy, folder), "pyright": pool.submit(pyright, folder)}
        return {checker: run.result() for checker, run in running.items()}


@pytest.mark.parametrize("checker", CHECKERS)
def test_right_code_passes(errors: dict[str, Errors], checker: str) -> None:
    assert errors[checker][CONSUMER.name] == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_mistake_is_found_and_nothing_else(errors: dict[str, Errors], checker: str) -> None:
    lines = MISTAKES.read_text(encoding="utf-8").splitlines()
    marked = {
        number: line.strip() for number, line in enumerate(lines, 1) if re.search(rf"# error( by {checker})?$", line)
    }
    found = errors[checker][MISTAKES.name]
    assert [line for number, line in marked.items() if number not in found] == [], "no error where one is marked"
    unmarked = {lines[number - 1].strip(): messages for number, messages in found.items() if number not in marked}
    assert unmarked == {}, "an error where none is marked"


def test_the_consumer_uses_every_public_name() -> None:
    tree = ast.parse(CONSUMER.read_text(encoding="utf-8"))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert set(patchworks_core_client.__all__) - used == set()


def test_the_consumer_makes_every_call() -> None:
    operations = json.loads((ROOT / "openapi" / "patchworks-core.json").read_text(encoding="utf-8"))["paths"]
    text = CONSUMER.read_text(encoding="utf-8")
    names = {item["operationId"].partition(".")[2] for path in operations.values() for item in path.values()}
    assert {name for name in names if f".{name}(" not in text} == set()
