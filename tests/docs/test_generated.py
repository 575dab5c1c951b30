"""The pages that are written from the package are those that it would be given now, and the site can be built."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import patchworks_core_client
from docs import generate

from .pages import DOCS, ROOT


@pytest.mark.parametrize("path", sorted(generate.pages()), ids=str)
def test_page_is_fresh(path: Path) -> None:
    assert (DOCS / path).read_text("utf-8") == generate.pages()[path], "run `make generate`"


def test_index_has_every_operation_of_the_spec() -> None:
    spec = json.loads((ROOT / "openapi" / "patchworks-core.json").read_text("utf-8"))
    text = (DOCS / "api.md").read_text("utf-8")
    for path, item in spec["paths"].items():
        for method in item:
            assert f"`{method.upper()} {path}`" in text


def test_every_query_name_of_the_spec_is_listed_under_its_call() -> None:
    spec = json.loads((ROOT / "openapi" / "patchworks-core.json").read_text("utf-8"))
    entries = (DOCS / "api.md").read_text("utf-8").split("\n- ")
    missing: list[str] = []
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            entry = next(entry for entry in entries if f"`{method.upper()} {path}`" in entry)
            missing += [f"{operation['operationId']}: {name}" for name in query_names(operation) - listed_in(entry)]
    assert missing == []


def query_names(operation: dict[str, Any]) -> set[str]:
    """The documented filters, includes and sorts, each as the index introduces it."""
    names: set[str] = set()
    for parameter in operation.get("parameters", ()):
        if parameter["name"].startswith("filter["):
            names.add(f"Filters {parameter['name'][7:].partition(']')[0]}")
        elif parameter["name"] in ("include", "sort"):
            kind = {"include": "Includes", "sort": "Sorts"}[parameter["name"]]
            allowed = parameter["schema"].get("items", {}).get("enum", [])
            names |= {f"{kind} {name}" for name in allowed if not name.startswith("-")}
    return names


def listed_in(entry: str) -> set[str]:
    lines = re.findall(r"^  (\w+): (.*)$", entry, re.MULTILINE)
    return {f"{kind} {name}" for kind, names in lines for name in re.findall(r"`([^`]+)`", names)}


@pytest.mark.parametrize("name", generate.resource_classes())
def test_types_of_query_names_can_be_linked_to(name: str) -> None:
    cls = generate.resource_classes()[name]
    page = (DOCS / "reference" / f"{name}.md").read_text("utf-8")
    for call in generate.calls(name, cls):
        for names in call.names:
            assert f"[](){{#{cls.__module__}.{names.type_name}}}" in page


def test_every_error_and_model_is_in_the_reference() -> None:
    text = "".join(path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md"))
    missing = [name for name in patchworks_core_client.__all__ if f".{name}\n" not in text]
    not_for_it = ("Filter", "Include", "Sort", "__version__")
    assert [name for name in missing if not name.endswith(not_for_it)] == []


def test_generator_writes_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    assert generate.main() == 0
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.md")}
    assert written == set(generate.pages())


@pytest.mark.slow
def test_site_is_built_without_a_warning() -> None:
    done = subprocess.run(["make", "docs"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    client = (ROOT / "site" / "reference" / "client.html").read_text("utf-8")
    assert "DEFAULT_TIMEOUT" not in client
    assert "Seconds for one attempt" in (ROOT / "site" / "reference" / "types.html").read_text("utf-8")
    packages = (ROOT / "site" / "reference" / "packages.html").read_text("utf-8")
    assert 'href="#patchworks_core_client.resources.packages.PackagesListFilter"' in packages
    loaded = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="(https?:[^"]+)"', packages)
    assert loaded == []  # the site works without a network
    assert 'src="../assets/iframe-worker.js"' in packages  # … and its search from the disk
