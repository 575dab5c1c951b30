"""docs/architecture.md names modules and names that exist, and shows each way in at most eight stops."""

from __future__ import annotations

import re
from collections import Counter
from functools import reduce
from importlib import import_module

import pytest

import patchworks_core_client

from .pages import DOCS, ROOT

TEXT = (DOCS / "architecture.md").read_text("utf-8")
PACKAGE = ROOT / "patchworks_core_client"
FILES = re.findall(r"^\| \d+ \| `(codegen/[\w./]+)`", TEXT, re.MULTILINE)
STOPS = re.findall(r"^\| (\d+) \| `([\w/]+)\.py`: ((?:`[\w.]+`(?:, )?)+) \|", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("number", "module", "names"), STOPS, ids=lambda value: value)
def test_stop_exists(number: str, module: str, names: str) -> None:
    found = import_module(f"{patchworks_core_client.__name__}.{module.replace('/', '.')}")
    for name in re.findall(r"`([\w.]+)`", names):
        assert reduce(getattr, name.split("."), found)


@pytest.mark.parametrize("name", FILES)
def test_file_exists(name: str) -> None:
    assert (ROOT / name).is_file()


def test_each_way_has_at_most_eight_stops() -> None:
    ways = TEXT.split("\n## ")
    stops = [len(re.findall(r"^\| \d+ \|", way, re.MULTILINE)) for way in ways]
    assert len([count for count in stops if count]) >= 4
    assert max(stops) <= 8
    assert sum(stops) == len(STOPS) + len(FILES)  # each of them is checked


def test_every_module_of_the_runtime_is_there() -> None:
    """Small ones, which are told by their names alone, aside."""
    modules = {path.name for path in (ROOT / "overrides").glob("*.py")} - {"_contract.py", "_types.py", "_version.py"}
    counted = Counter(re.findall(r"`(\w+\.py)`", TEXT))
    assert sorted(modules - counted.keys()) == []
