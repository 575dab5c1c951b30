"""The report of a merge: committed beside the spec, and in short for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .overlay import Action

_NOTHING = "None."


@dataclass(frozen=True)
class PageEntry:
    """A page and what is known of its source."""

    name: str
    snippets: int
    title: str = ""
    url: str = ""
    date: str = ""


@dataclass(frozen=True)
class NameDecision:
    """How an operation got its name: by "title", "overlay" or "path"."""

    operation: str
    name: str
    by: str


@dataclass
class Report:
    """Collects notes while the spec is being made; the order in which they come does not matter."""

    pages: list[PageEntry] = field(default_factory=list[PageEntry])
    repairs: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    unions: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    contradictions: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    actions: list[tuple[Action, int]] = field(default_factory=list[tuple[Action, int]])
    """The actions of the overlay, and how many nodes each changed."""
    names: list[NameDecision] = field(default_factory=list[NameDecision])
    components: dict[str, str] = field(default_factory=dict[str, str])
    """Where in the documentation each component of the spec comes from."""
    open_questions: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def repaired(self, rule: str, reason: str, place: str) -> None:
        self.reasons[rule] = reason
        self.repairs.setdefault(rule, set()).add(place)

    def united(self, place: str, what: str) -> None:
        self.unions.setdefault(place, set()).add(what)

    def contradicted(self, place: str, what: str) -> None:
        self.contradictions.setdefault(place, set()).add(what)

    def not_understood(self, place: str, what: str) -> None:
        self.open_questions.setdefault(place, set()).add(what)

    def names_by(self, how: str) -> list[NameDecision]:
        return [decision for decision in self.names if decision.by == how]

    @property
    def figures(self) -> str:
        snippets = sum(page.snippets for page in self.pages)
        repairs = sum(len(places) for places in self.repairs.values())
        return (
            f"{len(self.pages)} pages, {snippets} snippets, {len(self.names)} operations, {repairs} repairs, "
            f"{len(self.actions)} overlay actions."
        )


def to_markdown(report: Report) -> str:
    """The committed report: the same bytes for the same input."""
    pages = [(each.title or each.name, each.snippets, each.date, each.url or "not recorded") for each in report.pages]
    sections = [
        "# How patchworks-core.json was made",
        "Written by `python -m codegen merge`; do not edit.",
        report.figures,
        "## Pages",
        _table(("page", "snippets", "date", "source"), pages),
        "## Repairs",
        _repairs(report),
        "## Unions",
        "What several snippets document differently, united.",
        _places(report.unions),
        "## Contradictions",
        "Conflicting definitions; the type is left open.",
        _places(report.contradictions),
        "## Not understood",
        "What is open, left out or elsewhere, because no rule understands it.",
        _places(report.open_questions),
        "## Overlay actions",
        "\n".join(_action(*each) for each in report.actions) or _NOTHING,
    ]
    for how in ("overlay", "path"):
        named = [(code(each.name), code(each.operation)) for each in report.names_by(how)]
        sections += [f"## Names decided by the {how}", _table(("name", "operation"), named)]
    components = [(code(name), code(place)) for name, place in sorted(report.components.items())]
    sections += ["## Components", "Where in the documentation each component of the spec comes from."]
    sections += [_table(("component", "documentation"), components)]
    return "\n\n".join(sections) + "\n"


def to_console(report: Report) -> str:
    """The figures, and what somebody should look at; the rest is in the committed report."""
    lines = [report.figures]
    by_path = [(each.name, each.operation) for each in report.names_by("path")]
    for title, notes in (
        ("Contradictions; the type is left open", _sorted(report.contradictions)),
        ("Not understood", _sorted(report.open_questions)),
        ("Named by path, because the title is missing, too long or taken; the overlay can name them", by_path),
    ):
        lines += [f"{title}:", *(f"  {_printable(f'{where}: {what}')}" for where, what in notes)] if notes else []
    return "\n".join(lines) + "\n"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(_cell(str(cell)) for cell in row) + " |" for row in rows]
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join([*head, *lines]) if lines else _NOTHING


def _repairs(report: Report) -> str:
    blocks: list[str] = []
    for rule, places in sorted(report.repairs.items()):
        blocks += [f"### {rule}: {len(places)}", report.reasons[rule]]
        blocks += ["\n".join(f"- {code(place)}" for place in sorted(places))]
    return "\n\n".join(blocks) or _NOTHING


def _places(notes: dict[str, set[str]]) -> str:
    return "\n".join(f"- {code(place)}: {code(what)}" for place, what in _sorted(notes)) or _NOTHING


def _sorted(notes: dict[str, set[str]]) -> list[tuple[str, str]]:
    return sorted((place, what) for place, whats in notes.items() for what in whats)


def _action(action: Action, matches: int) -> str:
    return f"{action.index}. {action.kind} {code(action.target)} ({matches} matched): {_text(action.description)}"


def code(text: str) -> str:
    """Any text as a Markdown code span on one line."""
    return f"`{_printable(text).replace('`', chr(0x2CB))}`"


def _text(text: str) -> str:
    return " ".join(_printable(text).split())


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|").replace("<", "&lt;")


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "␣" if character.isspace() else "�" for character in text)
