"""The report in Markdown: names, types and counts; no value, no id and no host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from .findings import DATES, STATUSES, THROTTLE, Findings
from .operations import ReadOperation

_COUNTED = {STATUSES: ("operation", "status", "answers"), DATES: ("form", "times"), THROTTLE: ("header", "answers")}


def report(findings: Findings, operations: list[ReadOperation], proposed: int) -> str:
    """All findings, for a person to read before anybody else does."""
    return "\n".join([*_lines(findings, operations, proposed), ""])


def _lines(findings: Findings, operations: list[ReadOperation], proposed: int) -> Iterator[str]:
    called = {operation for operation, _ in findings.counts[STATUSES]}
    requests = findings.counts[STATUSES].total()
    yield from ("# Survey of the Patchworks Core API", "")
    yield f"{requests} requests to {len(called)} of {len(operations)} read-only operations."
    if findings.stopped:
        yield f"**Not complete:** {findings.stopped}. So nothing is said of documented keys that never came."
    yield from (
        "",
        "Names of the API, types and counts only: no value, no id and no host. `*` is a key that may be data.",
        "",
        f"Proposed corrections: {proposed}.",
    )
    differences = list(findings.differences())
    yield from _table(
        "Answers that are not as documented",
        ("where", "documented", "seen", "in answers to"),
        (
            (str(each.spot), each.documented or "not at all", _counts(each.seen), _few(each.operations))
            for each in differences
            if each.kind != "missing"
        ),
    )
    yield from _table(
        "Documented keys that never came",
        ("where", "documented", "objects without it"),
        ((str(each.spot), each.documented, each.seen.total()) for each in differences if each.kind == "missing"),
    )
    yield from _table(
        "Filters, includes and sorts",
        ("operation", "", "documented but refused", "allowed but not documented"),
        _names(findings, operations),
    )
    yield from _table(
        "Page sizes",
        ("operation", "without per_page", "largest asked for", "answered with"),
        (
            (name, sizes.get("default", ""), sizes.get("asked", ""), sizes.get("largest", ""))
            for name, sizes in sorted(findings.pages.items())
        ),
    )
    for title, heads in _COUNTED.items():
        yield from _table(title, heads, ((*row, count) for row, count in sorted(findings.counts[title].items())))
    left = [(each.name,) for each in operations if each.name not in called]
    yield from _table("Not called" if findings.stopped else "Not called, for no id came", ("operation",), left)


def _names(findings: Findings, operations: list[ReadOperation]) -> Iterator[tuple[str, str, str, str]]:
    for operation in operations:
        for kind, documented in operation.choices.items():
            names = findings.names.get((operation.name, kind))
            if names is None:
                continue
            refused = ", ".join(sorted(names.refused & documented))
            more = ", ".join(sorted(names.undocumented(kind, documented)))
            if names.listed is None:
                more = "(unknown: the server lists none)"
            if refused or more:
                yield operation.name, kind, refused, more


def _few(names: Iterable[str]) -> str:
    """The first three."""
    first, *rest = sorted(names)
    return ", ".join([first, *rest[:2], *([f"and {len(rest) - 2} more"] if len(rest) > 2 else [])])


def _counts(counter: Counter[Any]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(counter.items()))


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    """A section, where it has rows."""
    written = [f"| {' | '.join(map(str, row))} |" for row in rows]
    if written:
        yield from ("", f"## {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *written)
