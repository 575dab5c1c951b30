"""All benchmarks: beside the peers into results.md, or (`--quick`) the ratios alone, in about two minutes."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from . import environment, report
from .environment import Environment
from .measure import Row, read_rows

HERE = Path(__file__).parent
RESULTS = HERE / "results.md"
PLOTS = HERE.parent / "docs" / "assets" / "benchmarks"
"""There, because the documentation site holds nothing from outside its folder."""
ROWS = ("imports", "decode", "call", "throughput", "pages", "quota", "memory", "build")
LONGEST = 1200.0


def measure(name: str, where: Environment, *, quick: bool) -> list[Row]:
    """The rows of one module, measured in a process of its own."""
    command = [str(where.python), "-m", f"benchmarks.{name}", *(["--quick"] if quick else [])]
    done = subprocess.run(
        command, cwd=HERE.parent, env=where.variables(), stdout=subprocess.PIPE, text=True, check=True, timeout=LONGEST
    )
    return read_rows(done.stdout)


def draw(rows: Sequence[Row], where: Environment) -> None:
    """The plots; matplotlib is in the environment of the peers."""
    command = [str(where.python), "-m", "benchmarks.plots", str(PLOTS)]
    text = json.dumps([asdict(row) for row in rows])
    subprocess.run(command, cwd=HERE.parent, env=where.variables(), input=text, text=True, check=True)


def write(rows: Sequence[Row], where: Environment, load: tuple[float, float]) -> None:
    """results.md."""
    site_packages = next((where.python.parent.parent / "lib").glob("python3*/site-packages"))
    parts = [
        "# Benchmarks",
        (
            "Written by `make bench`, not by hand. All subjects of a table were measured in one run, taking turns in "
            "every round, each round beginning with another one. *Ratio* is the median of the rounds' ratios, which a "
            "busy machine disturbs least; *best* is the least disturbed round; *spread* is the middle half of the "
            "rounds as a share of their median. What to choose, and why: "
            "[docs/performance.md](../docs/performance.md)."
        ),
        report.machine(load),
        f"Releases: {report.versions(site_packages)}.",
        "## Targets",
        report.targets(rows),
        "## Figures",
    ]
    parts += [f"{name} could not be measured: {why}." for name, why in where.missing.items()]
    for row in rows:
        parts.append(report.details(row))
        if (PLOTS / f"{row.key}.svg").exists():
            parts.append(f"![{row.title}](../docs/assets/benchmarks/{row.key}.svg)")
    if (PLOTS / "growth.svg").exists():
        parts.append("![Growth with the number of operations](../docs/assets/benchmarks/growth.svg)")
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without peers, few rounds, nothing written")
    parser.add_argument("--only", nargs="+", choices=ROWS, help="some rows only; nothing written")
    arguments = parser.parse_args()
    where = environment.own() if arguments.quick else environment.with_peers()
    started = os.getloadavg()[0]
    rows: list[Row] = []
    for name in arguments.only or ROWS:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += measure(name, where, quick=arguments.quick)
    if arguments.quick or arguments.only:
        for row in rows:
            print(report.details(row), end="\n\n")
        print(report.targets(rows))
    else:
        draw(rows, where)
        write(rows, where, (started, os.getloadavg()[0]))
        print(f"{report.targets(rows)}\n\nAll figures: {RESULTS.relative_to(HERE.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
