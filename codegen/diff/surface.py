"""What callers see of a spec: the generated Python, read with griffe, and what only the spec says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import griffe

from ..generator.facts import Lowered, OperationFacts
from ..json_tools import JsonObject, is_object
from .annotations import Annotation, Reader

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_RUNTIME = frozenset(
    (
        "self",
        "timeout",
        "max_retries",
        "extra_query",
        "extra_headers",
        "query",
        "page",
        "per_page",
        "prefetch",
        "on_progress",
        "filter",
        "include",
        "sort",
    )
)


@dataclass(frozen=True)
class Argument:
    """A documented argument of a call."""

    name: str
    annotation: Annotation
    required: bool
    position: int | None
    """Its place, if it can be given without its name."""
    limits: str = ""


@dataclass(frozen=True)
class Call:
    """A method of the client."""

    name: str
    endpoint: str
    deprecated: bool
    description: str
    arguments: dict[str, Argument]
    choices: dict[str, tuple[str, ...]]
    """The documented names of filter, include and sort, where the call takes them."""
    result: Annotation
    statuses: tuple[str, ...]

    @property
    def key(self) -> str:
        """The endpoint, however the placeholders of its path are called."""
        return _PLACEHOLDER.sub("{}", self.endpoint)


@dataclass(frozen=True)
class Key:
    """A key of a mapping type."""

    annotation: Annotation
    required: bool


@dataclass
class Surface:
    """A generated package as its callers see it."""

    package: griffe.Module
    calls: dict[str, Call] = field(default_factory=dict[str, Call])
    models: dict[str, dict[str, Annotation]] = field(default_factory=dict[str, dict[str, Annotation]])
    mappings: dict[str, dict[str, Key]] = field(default_factory=dict[str, dict[str, Key]])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    """The call or model that a generated type belongs to."""


def read_surface(spec: JsonObject, lowered: Lowered, package: Path) -> Surface:
    """Read a generated package.

    Args:
        spec: The spec that it was generated from.
        lowered: The same as the generator lowered it.
        package: Its folder.
    """
    loader = griffe.GriffeLoader(search_paths=[package.parent], allow_inspection=False)
    loaded = loader.load(package.name, try_relative_path=False)
    return _Reading(spec, lowered, cast("griffe.Module", loaded)).surface


class _Reading:
    def __init__(self, spec: JsonObject, lowered: Lowered, package: griffe.Module) -> None:
        self._spec = spec
        self._lowered = lowered
        self.surface = Surface(package)
        self._mapping_sources: dict[str, dict[str, str]] = {}
        aliases = dict(self._types())
        self._reader = Reader(aliases, frozenset(self._mapping_sources))
        for name, keys in self._mapping_sources.items():
            self.surface.mappings[name] = {key: self._key(text) for key, text in keys.items()}
        self._read_calls()
        self._read_models()
        self._read_owners()

    def _types(self) -> Iterator[tuple[str, str]]:
        """The aliases; mapping types are collected on the way."""
        for module in _modules(self.surface.package):
            for name, member in module.members.items():
                if isinstance(member, griffe.Attribute) and str(member.annotation) == "TypeAlias":
                    yield name, str(member.value)
                elif isinstance(member, griffe.Attribute) and str(member.value).startswith("TypedDict("):
                    self._mapping_sources[name] = _functional_keys(str(member.value))
                elif isinstance(member, griffe.Class) and "TypedDict" in map(str, member.bases):
                    self._mapping_sources[name] = {
                        key: str(entry.annotation) for key, entry in _attributes(member) if entry.annotation is not None
                    }

    def _key(self, text: str) -> Key:
        return Key(self._reader.read(text), text.startswith("Required["))

    def _read_calls(self) -> None:
        deprecated = {
            operation["operationId"]: operation.get("deprecated") is True
            for item in self._spec["paths"].values()
            for operation in item.values()
            if is_object(operation)
        }
        for facts in self._lowered.operations.values():
            name = f"{self._lowered.attributes[facts.resource]}.{facts.method}"
            function = self._function(facts)
            choices = {"filter": facts.filters, "include": facts.includes, "sort": facts.sorts}
            self.surface.calls[name] = Call(
                name=name,
                endpoint=f"{facts.http_method} {facts.path}",
                deprecated=deprecated.get(facts.name, False),
                description=facts.description,
                arguments=dict(self._arguments(facts, function)),
                choices={key: tuple(values or ()) for key, values in choices.items() if key in function.parameters},
                result=self._reader.read(str(function.returns)),
                statuses=tuple(status for status in facts.statuses if not status.startswith(("1", "2", "3"))),
            )

    def _function(self, facts: OperationFacts) -> griffe.Function:
        class_name = self._lowered.resources[facts.resource]
        for module in _modules(self.surface.package, "resources"):
            if class_name in module.members:
                return cast("griffe.Function", module.members[class_name].members[facts.method])
        raise AssertionError(f"{facts.name} was not generated")

    def _arguments(self, facts: OperationFacts, function: griffe.Function) -> Iterator[tuple[str, Argument]]:
        limits = {argument.name: argument.limits for argument in facts.arguments.values()}
        for group in self._lowered.classes.values():
            if group.role == "arguments" and group.owner == facts.code:
                limits |= {argument.name: argument.limits for argument in group.fields.values()}
        position = 0
        for parameter in function.parameters:
            if parameter.name in _RUNTIME:
                continue
            by_name = parameter.kind is griffe.ParameterKind.keyword_only
            annotation = self._reader.read(str(parameter.annotation))
            required = parameter.default is None
            place = None if by_name else position
            position += 1
            yield parameter.name, Argument(parameter.name, annotation, required, place, limits.get(parameter.name, ""))

    def _read_models(self) -> None:
        names = {facts.name for facts in self._lowered.classes.values() if facts.role == "model"}
        for module in _modules(self.surface.package, "models"):
            for name, member in module.members.items():
                if name in names and isinstance(member, griffe.Class):
                    self.surface.models[name] = {
                        attribute: self._reader.read(str(entry.annotation))
                        for attribute, entry in _attributes(member)
                        if entry.annotation is not None
                    }

    def _read_owners(self) -> None:
        lowered = self._lowered
        names = {
            code: f"{lowered.attributes[call.resource]}.{call.method}" for code, call in lowered.operations.items()
        }
        names |= {code: group.name for code, group in lowered.classes.items()}
        for code, call in lowered.operations.items():
            self.surface.owners |= dict.fromkeys(call.type_names.values(), names[code])
        for group in lowered.classes.values():
            if group.owner in names:
                self.surface.owners[group.name] = names[group.owner]


def _modules(package: griffe.Object, folder: str = "") -> Iterator[griffe.Module]:
    root = package.members[folder] if folder else package
    for member in root.members.values():
        if isinstance(member, griffe.Module):
            yield member
            yield from _modules(member)


def _attributes(owner: griffe.Class) -> Iterator[tuple[str, griffe.Attribute]]:
    for name, member in owner.members.items():
        if isinstance(member, griffe.Attribute) and not name.startswith("__"):
            yield name, member


def _functional_keys(text: str) -> dict[str, str]:
    call = cast("ast.Call", ast.parse(text, mode="eval").body)
    entries = cast("ast.Dict", call.args[1])
    return {
        str(key.value): ast.unparse(value)
        for key, value in zip(entries.keys, entries.values, strict=True)
        if isinstance(key, ast.Constant)
    }
