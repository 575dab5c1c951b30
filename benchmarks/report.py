"""The rows as text: a table of targets, and one table for each row."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Iterable, Sequence
from importlib.metadata import distributions
from pathlib import Path

from .measure import OPENAPI_GENERATOR, STOCK, Row, Target, is_met, outcome, ratio
from .peers import OPENAPI_GENERATOR_MODULE, STOCK_MODULE

_SHOWN_NAMES = {STOCK_MODULE: STOCK, OPENAPI_GENERATOR_MODULE: OPENAPI_GENERATOR}
_SHOWN_VERSIONS = (
    "httpx",
    "httpcore",
    "h11",
    "attrs",
    "orjson",
    "httpx-aiohttp",
    "aiohttp",
    "httpx2",
    "openai",
    "openapi-python-client",
    "openapi-generator-cli",
    "msgspec",
    "pydantic",
)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A Markdown table; the first columns hold text, the others figures."""
    lines = [header, ["---" if column < left else "---:" for column in range(len(header))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def targets(rows: Sequence[Row]) -> str:
    """Every target, what came out, and whether it was met."""
    lines = [
        (
            f"{row.title}: {_about(target)}",
            f"{'≤' if target.comparison == '<=' else '≥'} {target.limit:g}",
            f"{outcome(row, target):.2f}",
            "yes" if is_met(row, target) else "**no**",
        )
        for row in rows
        for target in row.targets
    ]
    return table(("What", "Target", "Measured", "Met"), lines)


def _about(target: Target) -> str:
    if target.label:
        return target.label
    relation = "times as fast as" if target.inverse else "over"
    rounds = ", best round" if target.best else ""
    return f"{target.subject} {relation} {target.baseline}{rounds}"


def details(row: Row) -> str:
    """A row's table, with its plot and its notes."""
    best = max if row.more_is_better else min
    lines: list[tuple[str, ...]] = []
    for name, samples in row.samples.items():
        compared = ("", "")
        if any(row.samples[row.baseline]):
            paired = ratio(row.samples, name, row.baseline)
            compared = (f"{paired:.2f}", f"{best(samples) / best(row.samples[row.baseline]):.2f}")
        lines.append((name, _number(statistics.median(samples)), _number(best(samples)), _spread(samples), *compared))
    lines += [(_SHOWN_NAMES.get(name, name), why, "", "", "", "") for name, why in row.missing.items()]
    header = ("", f"median, {row.unit}", "best", "spread", "ratio", "ratio of the best")
    about = f"Ratios are over {row.baseline}. {_rounds(row)}."
    notes = "\n".join(f"- {note}" for note in row.notes)
    return "\n\n".join(part for part in (f"### {row.title}", about, table(header, lines), notes) if part)


def _rounds(row: Row) -> str:
    rounds = len(row.samples[row.baseline])
    return "1 round" if rounds == 1 else f"{rounds} rounds"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _spread(samples: Sequence[float]) -> str:
    """The middle half of the samples, as a share of their median."""
    if len(samples) < 3 or not statistics.median(samples):
        return "-"
    low, _, high = statistics.quantiles(samples, n=4)
    return f"{(high - low) / statistics.median(samples):.0%}"


def machine(load: tuple[float, float]) -> str:
    """What it ran on: kind of processor, memory, system, Python, and how busy it was otherwise."""
    facts = [
        ("Processor", f"{_processor()}, {_cores()} cores"),
        ("Memory", f"{_memory():.0f} GB"),
        ("System", f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Load average at the start and the end", f"{load[0]:.1f}, {load[1]:.1f}"),
    ]
    return table(("Machine", ""), facts, left=2)


def versions(site_packages: Path | None) -> str:
    """The releases that were compared, as installed."""
    found = distributions() if site_packages is None else distributions(path=[str(site_packages)])
    installed = {each.metadata["Name"].lower(): each.version for each in found}
    return ", ".join(f"{name} {installed[name]}" for name in _SHOWN_VERSIONS if name in installed)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _cores() -> int:
    import os

    return os.cpu_count() or 1


def _memory() -> float:
    import os

    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) / 2**30
