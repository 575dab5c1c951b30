"""The names of resources and methods: `resource.method`, kept in operationId.

The resource is the tag, the method the title without the words of the tag. Where two titles of a resource come to the
same name, the overlay decides; of those it does not name, the endpoint that lies nearest to the resource keeps the name
(so that a page added later renames nothing), and the others are named by their path.
"""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .errors import CodegenError
from .json_tools import JsonObject
from .repairs import Operation, operations, path_segments, tag_of_path
from .report import NameDecision, Report
from .snippets import METHODS
from .words import singular_word, words

_ARTICLES = frozenset(("a", "an", "the"))
_VERBS = frozenset(
    "activate add approve archive assign attach cancel clear clone compare copy create deactivate delete deploy detach "
    "disable download duplicate enable export generate get import invite list move pause publish refresh remove "
    "replace reset restore resume retry revoke rotate run search send set start stop sync test trigger update upload "
    "validate".split()
)
_VERB_OF_METHOD = {"post": "create", "put": "update", "patch": "update"}
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 80
_LEVELS = 5


def resource_name(tag: str) -> str | None:
    """The name of a tag's resource, or None if the tag has no ASCII letter or digit."""
    name = "_".join(words(tag)).lower()
    return _identifier(f"api_{name}" if name[0].isdigit() else name) if name else None


def title_name(title: str, tag: str) -> str | None:
    """The method that a title names under a tag, or None."""
    parts = [word for word in _lower(title) if word not in _ARTICLES]
    topic = [singular_word(word) for word in _lower(tag)]
    # A tag of one word is never taken off the front: "Import File" under "Imports" is about a file, and imports it.
    for start in range(0 if len(topic) > 1 else 1, len(parts) - len(topic) + 1 if topic else 0):
        if [singular_word(part) for part in parts[start : start + len(topic)]] == topic:
            parts = parts[:start] + parts[start + len(topic) :]
            break
    name = "_".join(parts)
    return _identifier(name) if name and not name[0].isdigit() and len(name) <= _LONGEST else None


def name_operations(spec: JsonObject, report: Report) -> None:
    """Give every operation its operationId and its one tag.

    Raises:
        CodegenError: When the overlay names an operation in a way that is no name, or two alike.
    """
    named = [_Named(operation) for operation in operations(spec)]
    _agree_on_tags(named)
    names: dict[str, tuple[_Named, str]] = {}
    waiting: list[_Named] = []
    for each in named:
        if (name := each.operation_id) is None:
            waiting.append(each)
        else:
            other, _ = names.setdefault(_folded(name), (each, name))
            if other is not each:
                raise CodegenError(f"overlay: {other.label} and {each.label} are both named {name}")
            report.names.append(NameDecision(each.label, name, "overlay"))
    for level in range(_LEVELS):
        for each in sorted(waiting, key=_Named.rank):
            name = each.candidate(level)
            if name is not None and names.setdefault(_folded(name), (each, name))[0] is each:
                waiting.remove(each)
                report.names.append(NameDecision(each.label, name, "path" if level else "title"))
    for each, name in names.values():
        each.operation.body["operationId"] = name
    report.names.sort(key=lambda decision: decision.name)


@dataclass(frozen=True)
class _Named:
    """An operation, and the names that it could have: the title's first, then ever longer ones from its path."""

    operation: Operation

    @property
    def label(self) -> str:
        return self.operation.label

    @property
    def operation_id(self) -> str | None:
        name: str | None = self.operation.body.get("operationId")
        if name is None:
            return None
        resource, _, method = name.partition(".")
        if not all(_IDENTIFIER.fullmatch(part) and not keyword.iskeyword(part) for part in (resource, method)):
            raise CodegenError(f"overlay: {self.label}: {name!r} is no name of the form resource.method")
        if resource != self.resource:
            raise CodegenError(f"overlay: {self.label}: {name!r} must begin with {self.resource!r}, as its tag says")
        return name

    @cached_property
    def tag(self) -> str:
        """Of several tags the one that the path begins with, else the first."""
        tags: list[str] = self.operation.body.get("tags") or [tag_of_path(self.operation.path)]
        return next((tag for tag in tags if _lower(tag) == self._first_words), tags[0])

    @cached_property
    def resource(self) -> str:
        return resource_name(self.tag) or resource_name(tag_of_path(self.operation.path)) or "api"

    @cached_property
    def _segments(self) -> list[str]:
        return path_segments(self.operation.path)

    @property
    def _first_words(self) -> list[str]:
        return _lower(self._segments[0]) if self._segments else []

    def rank(self) -> tuple[bool, int, str, int]:
        """The nearest endpoint first: below the resource's own path, short, early in the alphabet."""
        elsewhere = "_".join(self._first_words) != self.resource
        return elsewhere, len(self._segments), self.operation.path, METHODS.index(self.operation.method)

    def candidate(self, level: int) -> str | None:
        title = self.operation.body.get("summary", "")
        if level == 0:
            name = title_name(title, self.tag)
            return name and f"{self.resource}.{name}"
        first = next(iter(_lower(title)), "")
        by_method = _VERB_OF_METHOD.get(self.operation.method, self.operation.method)
        verb = self.operation.method if level == 2 else first if first in _VERBS else by_method
        parts = [verb, *self._static_words(verb)]
        parameters = [segment for segment in self._segments if segment.startswith("{")]
        if level >= 3 and parameters:
            parts += ["by", *(word for parameter in parameters for word in _lower(parameter))]
        name = "_".join(parts)
        if level == 4 or len(name) > _LONGEST:
            digest = hashlib.sha256(self.label.encode()).hexdigest()[:8]
            name = f"{name[:_LONGEST].rstrip('_')}_{digest}"
        return f"{self.resource}.{_identifier(name)}"

    def _static_words(self, verb: str) -> Iterator[str]:
        """The words of the path's fixed segments; one that a parameter follows stands for a single thing."""
        for index, segment in enumerate(self._segments):
            parts, following = _lower(segment), self._segments[index + 1 : index + 2]
            own = index == 0 and "_".join(parts) == self.resource
            if segment.startswith("{") or own or (not following and parts == [verb]):
                continue
            if parts and following and following[0].startswith("{"):
                parts[-1] = singular_word(parts[-1])
            yield from parts


def _agree_on_tags(named: list[_Named]) -> None:
    """One tag an operation, and one spelling a resource."""
    spellings: dict[str, str] = {}
    for each in named:
        spellings[each.resource] = min(spellings.get(each.resource, each.tag), each.tag)
    for each in named:
        each.operation.body["tags"] = [spellings[each.resource]]


def _folded(name: str) -> str:
    """`a_b.c` and `a.b_c` are one name to openapi-python-client."""
    return name.replace(".", "_")


def _identifier(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _lower(text: str) -> list[str]:
    return [word.lower() for word in words(text)]
