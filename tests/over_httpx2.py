"""A pytest plugin for the tests of a copy over httpx2: for them, too, `import httpx` means httpx2.

`make test-all` says `-p tests.over_httpx2 -o "pythonpath=COPY ."`.
"""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

httpx2.alias_httpx()


def pytest_configure() -> None:
    """Else the tests would pass without having seen the copy."""
    import patchworks_core_client

    if Path(patchworks_core_client.__file__).is_relative_to(Path(__file__).parents[1] / "patchworks_core_client"):
        raise pytest.UsageError("the copy must come first on the path: -o 'pythonpath=COPY .'")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """httpx-aiohttp builds on httpx: a copy over httpx2 refuses it before anything else."""
    for item in items:
        if "aiohttp" in item.name:
            item.add_marker(pytest.mark.skip(reason="not over httpx2"))
