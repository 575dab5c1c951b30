"""The fixture `patchworks_sandbox`, found by pytest through an entry point.

It is imported in every run of pytest, so it imports nothing: the server is loaded when a test asks for the fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .server import Sandbox


@pytest.fixture(scope="session")
def _patchworks_sandbox_server() -> "Iterator[Sandbox]":  # pyright: ignore[reportUnusedFunction]
    from .server import Sandbox

    with Sandbox.start_in_thread() as sandbox:
        yield sandbox


@pytest.fixture
def patchworks_sandbox(_patchworks_sandbox_server: "Sandbox") -> "Sandbox":
    """A local Patchworks Core: one server for the session, its data, faults and clock as new for every test."""
    _patchworks_sandbox_server.reset()
    return _patchworks_sandbox_server
