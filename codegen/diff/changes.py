"""A change, as callers read of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..report import code

Weight: TypeAlias = Literal["breaking", "added", "changed"]

_TITLES: dict[Weight, str] = {"breaking": "Breaking changes", "added": "Added", "changed": "Changed"}


@dataclass(frozen=True)
class Change:
    """One line of the changelog: `subject` is the call, model or type that it is about, `text` Markdown."""

    weight: Weight
    subject: str
    text: str


def to_markdown(changes: Iterable[Change]) -> str:
    """Sections for CHANGELOG.md, breaking changes first; the order of the changes does not matter."""
    found = set(changes)
    sections: list[str] = []
    for weight, title in _TITLES.items():
        chosen = sorted((change for change in found if change.weight == weight), key=lambda c: (c.subject, c.text))
        if chosen:
            lines = "\n".join(f"- {code(change.subject)}: {change.text}" for change in chosen)
            sections.append(f"### {title}\n\n{lines}\n")
    return "\n".join(sections) or "No changes for callers.\n"


def codes(texts: Iterable[str], *, longest: int = 8) -> str:
    """A list of names for a sentence."""
    names = list(texts)
    shown = ", ".join(map(code, names[:longest]))
    return f"{shown} and {len(names) - longest} more" if len(names) > longest else shown
