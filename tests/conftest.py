"""Fixtures that every test may use."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_credentials_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """A developer's own PATCHWORKS_* variables must neither be used nor change what is tested."""
    for name in [name for name in os.environ if name.startswith("PATCHWORKS_")]:
        monkeypatch.delenv(name)
