"""The names of resources and methods: `resource.method`, kept in operationId.

The resource is the tag, the method the title without the words of the tag. Where two titles of a resource come to the
same name, the overlay decides; of those it does not name, the endpoint that lies nearest to the resource keeps the name
(so that a page added later renames nothing), and the others are named by their path.
"""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Callable, Iterator
from functools import partial

from .errors import CodegenError
from .json_tools import JsonObject
from .repairs import Operation, operations, path_segments, tag_of_path
from .report import NameDecision, Report
from .snippets import METHODS
from .words import singular_word, words

_ARTICLES = frozenset(("a", "an", "the"))
_VERBS = frozenset(
    "activate add archive cancel compare copy create delete deploy disable enable export get import list move remove "
    "reset restore retry run send set start stop test trigger update upload".split()
)
_VERB_OF_METHOD = {"post": "create", "put": "update", "patch": "update"}
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 80


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
    waiting = sorted(map(_Named, operations(spec)), key=lambda each: each.rank)
    spellings: dict[str, str] = {}
    for each in waiting:  # one spelling for each resource
        spellings[each.resource] = min(spellings.get(each.resource, each.tag), each.tag)
    names: dict[str, _Named] = {}
    for by, find in _STEPS:
        for each in waiting.copy():
            name = find(each)
            if name is None:
                continue
            other = names.setdefault(_folded(name), each)
            if other is each:
                waiting.remove(each)
                report.names.append(NameDecision(each.label, name, by))
                each.body |= {"operationId": name, "tags": [spellings[each.resource]]}
            elif by == "overlay":
                raise CodegenError(f"overlay: {other.label} and {each.label} are both named {name}")
    report.names.sort(key=lambda decision: decision.name)


class _Named:
    """An operation, and the names that it could have: the title's first, then ever longer ones from its path."""

    def __init__(self, operation: Operation) -> None:
        self.label, self.body, self._method = operation.label, operation.body, operation.method
        self._segments = path_segments(operation.path)
        first = _lower(self._segments[0]) if self._segments else []
        of_path = tag_of_path(operation.path)
        tags: list[str] = self.body.get("tags") or [of_path]
        self.tag = next((tag for tag in tags if _lower(tag) == first), tags[0])
        """Of several tags the one that the path begins with, else the first."""
        self.resource = resource_name(self.tag) or resource_name(of_path) or "api"
        elsewhere = "_".join(first) != self.resource
        self.rank = elsewhere, len(self._segments), operation.path, METHODS.index(self._method)
        """The nearest endpoint first: below the resource's own path, short, early in the alphabet."""

    def by_overlay(self) -> str | None:
        name: str | None = self.body.get("operationId")
        if name is None:
            return None
        resource, _, method = name.partition(".")
        if not all(_IDENTIFIER.fullmatch(part) and not keyword.iskeyword(part) for part in (resource, method)):
            raise CodegenError(f"overlay: {self.label}: {name!r} is no name of the form resource.method")
        if resource != self.resource:
            raise CodegenError(f"overlay: {self.label}: {name!r} must begin with {self.resource!r}, as its tag says")
        return name

    def by_title(self) -> str | None:
        name = title_name(self.body.get("summary", ""), self.tag)
        return name and f"{self.resource}.{name}"

    def by_path(self, *, method: bool = False, parameters: bool = False, digest: bool = False) -> str:
        first = next(iter(_lower(self.body.get("summary", ""))), "")
        by_method = _VERB_OF_METHOD.get(self._method, self._method)
        verb = self._method if method else first if first in _VERBS else by_method
        parts = [verb, *self._static_words(verb)]
        by = [word for segment in self._segments if segment.startswith("{") for word in _lower(segment)]
        name = "_".join([*parts, "by", *by] if parameters and by else parts)
        if digest or len(name) > _LONGEST:
            name = f"{name[:_LONGEST].rstrip('_')}_{hashlib.sha256(self.label.encode()).hexdigest()[:8]}"
        return f"{self.resource}.{_identifier(name)}"

    def _static_words(self, verb: str) -> Iterator[str]:
        """The words of the path's fixed segments; one that a parameter follows stands for a single thing."""
        for index, (segment, following) in enumerate(zip(self._segments, [*self._segments[1:], ""], strict=True)):
            parts = _lower(segment)
            own = index == 0 and "_".join(parts) == self.resource
            if segment.startswith("{") or own or (not following and parts == [verb]):
                continue
            if parts and following.startswith("{"):
                parts[-1] = singular_word(parts[-1])
            yield from parts


_STEPS: tuple[tuple[str, Callable[[_Named], str | None]], ...] = (
    ("overlay", _Named.by_overlay),
    ("title", _Named.by_title),
    ("path", _Named.by_path),
    ("path", partial(_Named.by_path, method=True)),
    ("path", partial(_Named.by_path, parameters=True)),
    ("path", partial(_Named.by_path, parameters=True, digest=True)),
)


def _folded(name: str) -> str:
    """`a_b.c` and `a.b_c` are one name to openapi-python-client."""
    return name.replace(".", "_")


def _identifier(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _lower(text: str) -> list[str]:
    return [word.lower() for word in words(text)]
