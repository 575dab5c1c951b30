"""The position of something in a fragment, for machines and for readers."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import CodegenError
from .json_tools import pointer


@dataclass(frozen=True)
class Place:
    """A position in a snippet: `parts` is its JSON pointer, `label` describes it to a reader."""

    snippet: str
    parts: tuple[str | int, ...] = ()
    label: str = ""

    def down(self, *parts: str | int, label: str = "") -> Place:
        return Place(self.snippet, (*self.parts, *parts), self.label + label)

    def refusal(self, message: str) -> CodegenError:
        return CodegenError(f"snippet {self.snippet}, {pointer(self.parts)}: {message}")
