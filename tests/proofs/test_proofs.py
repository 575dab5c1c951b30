"""The proofs in short."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .process import Server, sandbox_process
from .quota import LIMIT, spend
from .soak import ENVIRONMENTS, FLOWS, PACKAGES, soak


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with sandbox_process(flows=FLOWS, packages=PACKAGES, environments=ENVIRONMENTS) as server:
        yield server


@pytest.fixture(autouse=True)
def _fresh(server: Server) -> None:  # pyright: ignore[reportUnusedFunction]
    server.control("POST", "/reset")


@pytest.mark.untraced
async def test_soak_in_short(server: Server) -> None:
    report = await soak(server, calls=600, tasks=50, rate=0.1, memory=False)
    assert report.problems == []
    assert report.calls >= 600
    assert report.faults > 20
    assert report.created > 50
    assert report.uncertain > 0


@pytest.mark.slow
async def test_soak(server: Server) -> None:
    report = await soak(server, calls=20_000, tasks=50, rate=0.05)
    assert report.problems == []
    assert report.bytes_per_call < 100


async def test_quota_in_short(server: Server) -> None:
    report = await spend(server, LIMIT + 60, window=4.0, own_window=True)
    assert report.errors == []
    assert report.throttled == 0
    assert 0 <= report.excess < 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("window", "own_window"), [(10.0, True), (20.0, False)])
async def test_quota(window: float, own_window: bool, server: Server) -> None:
    report = await spend(server, 1000, window, own_window=own_window)
    assert report.errors == []
    assert 0 <= report.excess <= 0.05
