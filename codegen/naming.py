"""The names of resources and methods: `resource.method`, kept in operationId.

The resource is the tag, the method the title without the words of the tag. Where two titles of a resource come to the
same name, the overlay decides; of those it does not name, the endpoint that lies nearest to the resource keeps the name
(so that a page added later renames nothing), and the others are named by their path.
"""

from __future__ import annotations

import hashlib
import html
import keyword
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .errors import CodegenError
from .extract import METHODS
from .generator.words import singular_word
from .json_tools import JsonObject
from .repairs import Operation, operations, path_segments, tag_of_path
from .report import NameDecision, Report

_ARTICLES = frozenset(("a", "an", "the"))
_VERBS = frozenset(
    (
        "activate",
        "add",
        "approve",
        "archive",
        "assign",
        "attach",
        "cancel",
        "clear",
        "clone",
        "compare",
        "copy",
        "create",
        "deactivate",
        "delete",
        "deploy",
        "detach",
        "disable",
        "download",
        "duplicate",
        "enable",
        "export",
        "generate",
        "get",
        "import",
        "invite",
        "list",
        "move",
        "pause",
        "publish",
        "refresh",
        "remove",
        "replace",
        "reset",
        "restore",
        "resume",
        "retry",
        "revoke",
        "rotate",
        "run",
        "search",
        "send",
        "set",
        "start",
        "stop",
        "sync",
        "test",
        "trigger",
        "update",
        "upload",
        "validate",
    )
)
_VERB_OF_METHOD = {"post": "create", "put": "update", "patch": "update"}
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 80
_REASON = (
    "The documentation has no operationId, or none to rely on: names come from tag and title, the overlay and paths."
)


def words(text: str) -> list[str]:
    """The lower-case ASCII words of any text; `&`, also as an HTML entity, is the word "and"."""
    plain = unicodedata.normalize("NFKD", html.unescape(text).replace("&", " and "))
    ascii_only = "".join(character for character in plain if not unicodedata.combining(character))
    found: list[str] = re.findall(r"[A-Za-z0-9]+", ascii_only)
    return [part.lower() for word in found for part in _camel_parts(word)]


def resource_name(tag: str) -> str | None:
    """The name of a tag's resource; None where the tag has no letter or digit of ASCII."""
    name = "_".join(words(tag))
    if not name:
        return None
    if name[0].isdigit():
        name = f"api_{name}"
    return _identifier(name)


def title_name(title: str, tag: str) -> str | None:
    """The method that a title names under a tag; None where it names nothing."""
    parts = [word for word in words(title) if word not in _ARTICLES]
    topic = [singular_word(word) for word in words(tag)]
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
        CodegenError: When the overlay names an operation in a way that is no name.
    """
    named = [_Named(operation) for operation in operations(spec)]
    _agree_on_tags(named)
    names = {each.operation_id: each for each in named if each.operation_id is not None}
    by = {id(each): "overlay" for each in names.values()}
    waiting = sorted((each for each in named if each.operation_id is None), key=_Named.rank)
    for level in range(_Named.LEVELS):
        for each in list(waiting):
            name = each.candidate(level)
            if name is not None and names.setdefault(name, each) is each:
                waiting.remove(each)
                by[id(each)] = "path" if level else "title"
    for name, each in names.items():
        each.operation.body["operationId"] = name
    if names:
        report.repaired("missing_operation_id", _REASON, f"{len(names)} operations: see the names below")
    report.names = sorted(
        (NameDecision(each.label, name, by[id(each)]) for name, each in names.items()),
        key=lambda decision: decision.name,
    )


@dataclass(frozen=True)
class _Named:
    """An operation, and the names that it could have: the title's first, then ever longer ones from its path."""

    operation: Operation

    LEVELS = 5

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
        first = words(self._segments[0]) if self._segments else []
        return next((tag for tag in tags if words(tag) == first), tags[0])

    @cached_property
    def resource(self) -> str:
        static = next((segment for segment in self._segments if not segment.startswith("{")), "")
        return resource_name(self.tag) or resource_name(static) or "api"

    @cached_property
    def _segments(self) -> list[str]:
        return path_segments(self.operation.path)

    def rank(self) -> tuple[bool, int, str, int]:
        """The nearest endpoint first: below the resource's own path, short, early in the alphabet."""
        first = words(self._segments[0]) if self._segments else []
        canonical = "_".join(first) == self.resource
        return not canonical, len(self._segments), self.operation.path, METHODS.index(self.operation.method)

    def candidate(self, level: int) -> str | None:
        method = self._method_name(level)
        return None if method is None else f"{self.resource}.{method}"

    def _method_name(self, level: int) -> str | None:
        title = self.operation.body.get("summary", "")
        if level == 0:
            return title_name(title, self.tag)
        first = next(iter(words(title)), "")
        by_method = _VERB_OF_METHOD.get(self.operation.method, self.operation.method)
        verb = self.operation.method if level == 2 else first if first in _VERBS else by_method
        static = list(self._static_words(verb))
        if level in (3, 4):
            parameters = [segment for segment in self._segments if segment.startswith("{")]
            static += ["by", *(word for parameter in parameters for word in words(parameter))] if parameters else []
        name = "_".join((verb, *static))
        if level == 4 or len(name) > _LONGEST:
            digest = hashlib.sha256(self.label.encode()).hexdigest()[:8]
            name = f"{name[:_LONGEST].rstrip('_')}_{digest}"
        return _identifier(name)

    def _static_words(self, verb: str) -> Iterator[str]:
        """The words of the path's fixed segments; one that a parameter follows stands for a single thing."""
        segments = self._segments
        for index, segment in enumerate(segments):
            if segment.startswith("{") or (index == 0 and "_".join(words(segment)) == self.resource):
                continue
            parts = words(segment)
            if index + 1 == len(segments) and parts == [verb]:
                continue
            if parts and segments[index + 1 : index + 2] and segments[index + 1].startswith("{"):
                parts[-1] = singular_word(parts[-1])
            yield from parts


def _agree_on_tags(named: list[_Named]) -> None:
    """One tag an operation, and one spelling a resource."""
    spellings: dict[str, str] = {}
    for each in named:
        spellings[each.resource] = min(spellings.get(each.resource, each.tag), each.tag)
    for each in named:
        each.operation.body["tags"] = [spellings[each.resource]]


def _identifier(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _camel_parts(word: str) -> list[str]:
    """`listPackages` is two words, `OAuth2` is one."""
    return re.findall(r"[a-z0-9]+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", word) if word[0].islower() else [word]
