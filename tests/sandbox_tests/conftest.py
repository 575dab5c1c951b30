"""The sandbox by itself, asked over plain HTTP: whether a request keeps to the spec does not matter here."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from patchworks_core_sandbox import Sandbox


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[Sandbox]:
    with Sandbox.start_in_thread() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox as at its start, which must not crash."""
    one_sandbox.reset()
    yield one_sandbox
    assert one_sandbox.crashes == []


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A plain HTTP client with the sandbox's API key."""
    headers = {"Authorization": sandbox.api_key, "Accept": "application/json"}
    with httpx.Client(base_url=f"{sandbox.url}/api/v1", headers=headers, timeout=5) as client:
        yield client
