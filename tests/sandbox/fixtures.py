"""Fixtures for tests that talk to a sandbox. A conftest imports those that its tests ask for."""

from collections.abc import Iterator

import httpx
import pytest

from .server import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests, on a thread of its own."""
    with Sandbox.start_in_thread() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox as at its start, which must not have seen a request that breaks the contract."""
    running_sandbox.reset()
    yield running_sandbox
    assert running_sandbox.contract_violations == []
    assert running_sandbox.crashes == []


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A plain HTTP client with the sandbox's API key."""
    headers = {"Authorization": sandbox.api_key, "Accept": "application/json"}
    with httpx.Client(base_url=f"{sandbox.base_url}/api/v1", headers=headers, timeout=5) as client:
        yield client
