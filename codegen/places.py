"""Where something is in a fragment, for messages and for the report."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .errors import CodegenError
from .json_tools import pointer
from .report import Report

_MALFORMED = "What is not as OpenAPI has it is left out."


@dataclass(frozen=True)
class Place:
    """A position in a snippet: `parts` is its JSON pointer."""

    snippet: str
    report: Report
    parts: tuple[str | int, ...] = ()

    def down(self, *parts: str | int) -> Place:
        return replace(self, parts=(*self.parts, *parts))

    @property
    def label(self) -> str:
        return place_label(pointer(self.parts))

    def malformed(self) -> None:
        """Report that what is documented here is left out."""
        self.report.repaired("malformed", _MALFORMED, self.label)

    def refusal(self, message: str) -> CodegenError:
        return CodegenError(f"snippet {self.snippet}, {pointer(self.parts)}: {message}")


def place_label(place: str) -> str:
    """A pointer for readers: `schema Packages.owner`, `POST /packages body.labels[]`."""
    label = re.sub(r"/properties/", ".", place.removeprefix("#/").removeprefix("components/schemas/"))
    label = label.replace("/items", "[]").replace("/additionalProperties", ".*").replace("~1", "/").replace("~0", "~")
    if found := re.fullmatch(r"paths/(.*)/(get|put|post|delete|options|head|patch|trace)/(.*)", label):
        return f"{found[2].upper()} {found[1]} {found[3]}"
    return f"schema {label}" if place.startswith("#/components/schemas/") else label
