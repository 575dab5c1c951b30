"""Fixtures of the tests of the runtime."""

from __future__ import annotations

from typing import Any

import pytest

from patchworks_core_client import _limits, _retry


@pytest.fixture(params=["httpx", "aiohttp"])
def transport(request: pytest.FixtureRequest) -> Any:
    """Each transport in turn."""
    return request.param


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without a wait worth speaking of."""
    monkeypatch.setattr(_retry, "BACKOFF_FIRST", 0.001)
    monkeypatch.setattr(_retry, "TOLD_AT_LEAST", (0.0, 0.001))
    monkeypatch.setattr(_limits, "SPREAD", 0.001)
