"""Fixtures that every test may use."""

from __future__ import annotations

import os

import pytest

from patchworks_core_client import PatchworksClient

TRANSPORT = os.environ.get("PATCHWORKS_TEST_TRANSPORT", "httpx")
"""What every client of every test sends through unless the test says otherwise: `make test-all` tries both."""


@pytest.fixture(autouse=True)
def _no_credentials_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """A developer's own PATCHWORKS_* variables must neither be used nor change what is tested."""
    for name in [name for name in os.environ if name.startswith("PATCHWORKS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _transport(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    defaults = PatchworksClient.__init__.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "transport", TRANSPORT)
