"""Fixtures that every test may use."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from importlib.util import find_spec
from typing import Any, cast

import pytest
from hypothesis import is_hypothesis_test

from patchworks_core_client import PatchworksClient

TRANSPORT = os.environ.get("PATCHWORKS_TEST_TRANSPORT", "httpx")
"""What every client of every test sends through unless the test says otherwise: `make test-all` tries both."""


@pytest.fixture(autouse=True)
def _no_credentials_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """A developer's own PATCHWORKS_* variables must neither be used nor change what is tested."""
    for name in [name for name in os.environ if name.startswith("PATCHWORKS_")]:
        monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out tests of a transport that is not there, or is not the one that is tried.

    Properties are tried with thousands of cases, which takes twice as long under coverage; what they reach, other
    tests reach too.
    """
    without_extra = find_spec("httpx_aiohttp") is None
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.untraced)
        if without_extra and "aiohttp" in getattr(getattr(item, "callspec", None), "params", {}).values():
            item.add_marker(pytest.mark.skip(reason="the extra aiohttp is not installed"))
        if TRANSPORT != "httpx" and item.get_closest_marker("httpx_only"):
            item.add_marker(pytest.mark.skip(reason=f"about httpx's own transport, and this is {TRANSPORT}"))


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One worker more than there are cores: some tests wait for a timeout, a window or a process."""
    return (yield) + 1


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run tests that are marked `untraced`, and the threads that they start, without coverage's tracer.

    pytest-cov's own marker `no_cover` does nothing in a worker of pytest-xdist: two collectors run there, one inside
    the other, and when the inner one pauses, the outer one goes on.
    """
    if not item.get_closest_marker("untraced"):
        return (yield)
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(cast("Any", None))
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
        threading.settrace(cast("Any", of_threads))


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    defaults = PatchworksClient.__init__.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "transport", TRANSPORT)
