"""Interleaved measurements, and what is concluded from them."""

from __future__ import annotations

import argparse
import gc
import json
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

OURS = "patchworks_core_client"
STOCK = "openapi-python-client (stock)"
OPENAPI_GENERATOR = "openapi-generator (python)"
OPENAI = "openai-python"

Samples = dict[str, list[float]]


@dataclass(frozen=True)
class Target:
    """What a ratio of two subjects should be.

    Attributes:
        subject: Whose figure is divided.
        baseline: By whose figure; None: the figure itself is compared.
        comparison: How the ratio and the limit compare when the target is met.
        limit: The number of the target.
        inverse: Whether the target is of baseline / subject (how many times faster).
        best: Whether the best rounds are compared: against an ideal, which nothing disturbs.
        label: What the ratio is of, where subject and baseline do not say it.
    """

    subject: str
    baseline: str | None
    comparison: Literal["<=", ">="]
    limit: float
    inverse: bool = False
    best: bool = False
    label: str = ""


@dataclass(frozen=True)
class Row:
    """One thing that was measured, for every subject of it.

    Attributes:
        key: Names the row in file names.
        title: What was measured.
        unit: Of the samples.
        samples: Per subject, one number a round; the same index is the same round.
        baseline: The subject that the others are compared with.
        targets: What should come out.
        notes: What a reader must know to judge the figures.
        missing: Subjects that could not be measured, and why.
        more_is_better: Whether the unit counts work and not cost.
    """

    key: str
    title: str
    unit: str
    samples: Samples
    baseline: str
    targets: list[Target] = field(default_factory=list[Target])
    notes: list[str] = field(default_factory=list[str])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    more_is_better: bool = False


def ratio(samples: Samples, subject: str, baseline: str) -> float:
    """The median of the rounds' ratios: what disturbs a round disturbs both of its subjects."""
    return statistics.median(
        mine / theirs for mine, theirs in zip(samples[subject], samples[baseline], strict=False) if theirs
    )


def outcome(row: Row, target: Target) -> float:
    """The figure that a target is about."""
    if target.baseline is None:
        return statistics.median(row.samples[target.subject])
    if target.best:
        return min(row.samples[target.subject]) / min(row.samples[target.baseline])
    if target.inverse:
        return ratio(row.samples, target.baseline, target.subject)
    return ratio(row.samples, target.subject, target.baseline)


def is_met(row: Row, target: Target) -> bool:
    """Whether a target is met, at the two digits that are shown."""
    value = round(outcome(row, target), 2)
    return value <= target.limit if target.comparison == "<=" else value >= target.limit


def interleave(subjects: Mapping[str, Callable[[], float]], rounds: int) -> Samples:
    """Every subject once a round, each round beginning with another one."""
    samples: Samples = {name: [] for name in subjects}
    for name in _order(list(subjects), rounds):
        gc.collect()
        samples[name].append(subjects[name]())
    return samples


async def interleave_async(subjects: Mapping[str, Callable[[], Awaitable[float]]], rounds: int) -> Samples:
    """As `interleave`, for what is awaited."""
    samples: Samples = {name: [] for name in subjects}
    for name in _order(list(subjects), rounds):
        gc.collect()
        samples[name].append(await subjects[name]())
    return samples


async def usable_of(
    subjects: Mapping[str, Callable[[], Awaitable[float]]],
) -> tuple[dict[str, Callable[[], Awaitable[float]]], dict[str, str]]:
    """The subjects that work, warm now, and why the others do not: a peer that fails must not end the run."""
    working: dict[str, Callable[[], Awaitable[float]]] = {}
    failing: dict[str, str] = {}
    for name, run in subjects.items():
        try:
            await run()
            working[name] = run
        except Exception as error:
            if name.startswith(OURS):
                raise
            failing[name] = f"fails: {brief(error)}"
    return working, failing


def brief(error: Exception) -> str:
    """An error in one line of a table."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:90]}".replace("|", "/")


def _order(names: Sequence[str], rounds: int) -> list[str]:
    return [names[(start + offset) % len(names)] for start in range(rounds) for offset in range(len(names))]


def quick_asked() -> bool:
    """Whether the script that runs was started with --quick."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    return bool(parser.parse_args().quick)


def hand_over(rows: Sequence[Row]) -> None:
    """Print the rows for the process that started this one."""
    print(json.dumps([asdict(row) for row in rows]))


def read_rows(text: str) -> list[Row]:
    """The rows that another process handed over."""
    raw: list[dict[str, Any]] = json.loads(text)
    for row in raw:
        row["targets"] = [Target(**target) for target in row["targets"]]
    return [Row(**row) for row in raw]
