"""The rows as small SVG pictures; the same rows give the same bytes."""

from __future__ import annotations

import statistics
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from .measure import OURS, Row, read_rows

_OURS, _PEER, _BASELINE = "#2563a8", "#b8bec6", "#5d6670"
_NO_BARS = ("growth-", "quota-", "build")


def bars(row: Row, to: Path) -> None:
    """One bar for each subject, ours in colour, sorted by what came out."""
    plot = _pyplot()
    medians = {name: statistics.median(samples) for name, samples in row.samples.items() if any(samples)}
    ordered = sorted(medians, key=lambda name: medians[name], reverse=not row.more_is_better)
    figure, axes = plot.subplots(figsize=(8, 0.8 + 0.32 * len(ordered)), layout="constrained")
    colours = [_OURS if OURS in name else _BASELINE if name == row.baseline else _PEER for name in ordered]
    drawn = axes.barh(ordered, [medians[name] for name in ordered], color=colours, height=0.7)
    axes.bar_label(drawn, labels=[_number(medians[name]) for name in ordered], padding=4, fontsize=8)
    better = "more" if row.more_is_better else "less"
    figure.suptitle(f"{row.title} ({row.unit}; {better} is better)", fontsize=9, x=0.01, ha="left")
    axes.margins(x=0.12)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, to)


def growth(rows: list[Row], to: Path) -> None:
    """Build time and memory, and import time, by the number of operations."""
    plot = _pyplot()
    figure, all_axes = plot.subplots(1, len(rows), figsize=(9, 2.6), layout="constrained")
    for axes, row in zip(all_axes, rows, strict=True):
        sizes = [int(name.split()[0].replace(",", "")) for name in row.samples]
        medians = [statistics.median(samples) for samples in row.samples.values()]
        axes.plot(sizes, medians, marker="o", color=_OURS)
        axes.set_ylim(bottom=0, top=max(medians) * 1.2)
        axes.set_xlim(left=0)
        axes.set_title(f"{row.title.partition(':')[2].strip() or 'import and first use'} ({row.unit})", fontsize=9)
        axes.set_xlabel("operations", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    _save(figure, to)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _pyplot() -> Any:
    matplotlib = import_module("matplotlib")
    matplotlib.use("svg")
    # Text stays text: small files, and the same ones on every machine.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": OURS, "font.family": "sans-serif"})
    return import_module("matplotlib.pyplot")


def _save(figure: Any, to: Path) -> None:
    figure.savefig(to, metadata={"Date": None, "Creator": None}, transparent=True)
    text = "\n".join(line.rstrip() for line in to.read_text(encoding="utf-8").splitlines())
    to.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    folder = Path(sys.argv[1])
    rows = read_rows(sys.stdin.read())
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for row in rows:
        if not row.key.startswith(_NO_BARS):
            bars(row, folder / f"{row.key}.svg")
    growing = [row for row in rows if row.key.startswith("growth-")]
    if growing:
        growth(growing, folder / "growth.svg")


if __name__ == "__main__":
    main()
