"""Fixtures for tests of the client against a sandbox that checks every request against the spec."""

from collections.abc import Iterator

import pytest

from .contract import CheckedSandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[CheckedSandbox]:
    """One sandbox for all tests, on a thread of its own."""
    with CheckedSandbox.start_in_thread() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: CheckedSandbox) -> Iterator[CheckedSandbox]:
    """A sandbox as at its start, which must not have seen a request that breaks the contract."""
    running_sandbox.reset()
    yield running_sandbox
    assert running_sandbox.contract_violations == []
    assert running_sandbox.crashes == []
