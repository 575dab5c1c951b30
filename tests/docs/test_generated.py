"""The pages that are written from the package are those that it would be given now, and the site can be built."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

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


def test_every_error_and_model_is_in_the_reference() -> None:
    text = "".join(path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md"))
    missing = [name for name in patchworks_core_client.__all__ if f".{name}\n" not in text]
    not_for_it = ("Filter", "Include", "Sort", "Label", "Status", "Format", "__version__")
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
    assert (ROOT / "site" / "reference" / "packages.html").is_file()
