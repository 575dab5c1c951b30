"""The project's own files: what they promise each other, and what a release of it contains."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from hatchling import build

import patchworks_core_client
from patchworks_core_client import _version

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = [line.partition("#")[0].strip() for line in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/decisions.md"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", requirement)[0] for requirement in requirements}


# ----------------------------------------------------------------------------------------------------------- versions


def test_runtime_dependencies_are_three() -> None:
    assert names(PROJECT["dependencies"]) == {"httpx", "attrs", "python-dateutil"}


def test_changelog_has_the_version() -> None:
    assert f"## [{_version.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_tools_are_pinned_by_name_and_version_only() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*", pin) for pin in PINS if pin)
    assert len(names(PINS) - {""}) == len([pin for pin in PINS if pin])


def test_what_the_client_runs_on_is_pinned_for_the_tests() -> None:
    extras = PROJECT["optional-dependencies"]
    assert names(PROJECT["dependencies"] + extras["aiohttp"] + extras["speed"]) <= names(PINS)


def test_what_is_imported_is_pinned() -> None:
    """Else it is there by chance, as long as some other tool depends on it."""
    distributions = packages_distributions()
    imported = {module for folder in ("codegen", "examples", "tests") for module in modules_imported_in(ROOT / folder)}
    outside = imported - sys.stdlib_module_names - {path.name for path in ROOT.iterdir()}
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


# -------------------------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_files_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"^\| `([\w./-]+)` \|", text, re.MULTILINE)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_python_in_readme_imports_what_there_is() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    imported = [
        alias.name
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom) and node.module == "patchworks_core_client"
        for alias in node.names
    ]
    assert imported
    assert [name for name in imported if not hasattr(patchworks_core_client, name)] == []


# ------------------------------------------------------------------------------------------------------ distributions


def built(target: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The wheel and the sdist, built into `target`."""
    monkeypatch.chdir(ROOT)
    target.mkdir(exist_ok=True)
    return target / build.build_wheel(str(target)), target / build.build_sdist(str(target))


def test_wheel_has_the_package_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel, _ = built(tmp_path, monkeypatch)
    package = ROOT / "patchworks_core_client"
    sources = {str(path.relative_to(ROOT)) for path in package.rglob("*") if path.suffix in {".py", ".typed"}}
    with zipfile.ZipFile(wheel) as archive:
        contents = set(archive.namelist())
        about = {name for name in contents if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(next(name for name in about if name.endswith("/METADATA"))).decode())
    assert contents - about == sources
    assert "patchworks_core_client/py.typed" in sources
    assert any(name.endswith("/licenses/LICENSE") for name in about)
    check_metadata(metadata)


def check_metadata(metadata: Message) -> None:
    assert metadata["Name"] == "patchworks_core_client"
    assert metadata["Version"] == _version.__version__
    assert metadata["License-Expression"] == "MIT"
    required = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert names(required) == {"httpx", "attrs", "python-dateutil"}


def test_sdist_is_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, sdist = built(tmp_path, monkeypatch)
    with tarfile.open(sdist) as archive:
        top = {name.split("/")[1] for name in archive.getnames()}
    files = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert top == {"patchworks_core_client"} | files


def test_building_twice_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (built(tmp_path / name, monkeypatch) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
