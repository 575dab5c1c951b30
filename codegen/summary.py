"""The short report of a build, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .report import Report

if TYPE_CHECKING:
    from .generate import GenerateResult


def print_report(console: Console, report: Report) -> None:
    """Pages, snippets, repairs, unions, overlay actions, names."""
    _table(
        console,
        f"Pages: {report.snippets} snippets",
        [(page.title or page.name, page.snippets, page.date) for page in report.pages],
    )
    _table(console, "Repairs", [(rule, len(places)) for rule, places in sorted(report.repairs.items())])
    _table(console, "United", [(place, "; ".join(sorted(what))) for place, what in sorted(report.unions.items())])
    _table(
        console,
        "Contradictions, left open",
        [(place, "; ".join(sorted(what))) for place, what in sorted(report.contradictions.items())],
    )
    counts = [(kind, sum(action.kind == kind for action in report.actions)) for kind in ("update", "remove", "copy")]
    _table(console, f"Overlay: {len(report.actions)} actions", [row for row in counts if row[1]])
    _table(
        console,
        f"Names: {len(report.names)} operations",
        [(f"by {how}", len(report.names_by(how))) for how in ("title", "overlay", "path") if report.names_by(how)],
    )
    _table(console, "Named by path", [(decision.name, decision.operation) for decision in report.names_by("path")])


def print_result(console: Console, result: GenerateResult, package: Path) -> None:
    """What was generated."""
    figures = [
        ("operations", result.operations),
        ("models", result.models),
        ("files", result.files),
        ("lines", result.lines),
    ]
    _table(console, f"Package: {package}", figures)
    _table(console, "Notes", [(note,) for note in result.notes])


def _table(console: Console, title: str, rows: Iterable[tuple[object, ...]]) -> None:
    rows = list(rows)
    if not rows:
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(Text(" "), *(Text(str(cell)) for cell in row))
    console.print(Text(title, style="bold"))
    console.print(table)
