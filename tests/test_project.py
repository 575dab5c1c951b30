"""The project's own files: what they promise each other, and what a release of it contains."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import patchworks_core_sandbox
from patchworks_core_client import __version__

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = [line.partition("#")[0].strip() for line in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", requirement)[0] for requirement in requirements}


# ----------------------------------------------------------------------------------------------------------- versions


def test_runtime_dependencies_are_three() -> None:
    assert names(PROJECT["dependencies"]) == {"httpx", "attrs", "python-dateutil"}


def test_the_sandbox_has_the_clients_version() -> None:
    assert patchworks_core_sandbox.__version__ == __version__


def test_the_sandboxes_dependencies_are_pinned_for_the_tests() -> None:
    sandbox = tomllib.loads((ROOT / "sandbox" / "pyproject.toml").read_text("utf-8"))["project"]
    assert names(sandbox["dependencies"]) <= names(PINS)


def test_changelog_has_the_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading) for heading in headings[1:])
    assert headings[1].startswith(f"[{__version__}]")


def test_tools_are_pinned_by_name_and_version_only() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*", pin) for pin in PINS if pin)
    assert len(names(PINS) - {""}) == len([pin for pin in PINS if pin])


def test_what_the_client_runs_on_is_pinned_for_the_tests() -> None:
    extras = PROJECT["optional-dependencies"]
    assert names(PROJECT["dependencies"] + extras["aiohttp"] + extras["speed"] + extras["redis"]) <= names(PINS)


def test_what_is_imported_is_pinned() -> None:
    """Else it is there by chance, as long as some other tool depends on it."""
    distributions = packages_distributions()
    folders = ("codegen", "sandbox", "examples", "tests")
    imported = {module for folder in folders for module in modules_imported_in(ROOT / folder)}
    ours = {path.name for folder in (ROOT, ROOT / "sandbox") for path in folder.iterdir()}
    outside = imported - sys.stdlib_module_names - ours
    pinned = {normal(name) for name in names(PINS) if name}
    missing = [name for name in outside if not {normal(found) for found in distributions.get(name, [])} & pinned]
    assert missing == []


def normal(name: str) -> str:
    return name.lower().replace("_", "-")


def modules_imported_in(folder: Path) -> set[str]:
    """The top-level names of all absolute imports below `folder`."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_all_means_every_extra() -> None:
    extras: dict[str, list[str]] = dict(PROJECT["optional-dependencies"])
    assert extras.pop("all") == [f"patchworks_core_client[{','.join(sorted(extras))}]"]


# ----------------------------------------------------------------------------------------------------------- commands


def test_make_alone_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    declared = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert declared is not None
    targets = set(declared[1].replace("\\", " ").split())
    shown = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE)) == targets


def test_ci_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert script.read_text("utf-8").rstrip().endswith("exec make test")


@pytest.mark.untraced
def test_coverage_looks_away_from_what_is_marked_untraced() -> None:
    """In a worker of pytest-xdist, too, where pytest-cov's own marker does nothing."""
    assert sys.gettrace() is None


# -------------------------------------------------------------------------------------------------------------- pages


def test_files_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"^\| `([\w./-]+)` \|", text, re.MULTILINE)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
