"""What the answers showed: which types stand where, and never a value."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from patchworks_core_client.drift import type_name
from patchworks_core_client.model import date_time

from ..json_tools import JsonObject, is_array, is_object
from .operations import Ids

STATUSES, DATES, THROTTLE = "Statuses", "Forms of dates", "Headers of the throttle"

ENOUGH = 3
"""Objects without a documented key, before it counts as missing."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z_]*(\d{1,2}[A-Za-z_]*)*")
_MOST_UNKNOWN = 40
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(\D.*)?", re.DOTALL)
_COMPONENT = "#/components/schemas/"


class Spot(NamedTuple):
    """A key of a component, or the items in it: `depth` lists deep. `*` is any key that may be data."""

    component: str
    key: str
    depth: int = 0

    def __str__(self) -> str:
        return f"{self.component}.{self.key}{'[]' * self.depth}"


@dataclass(frozen=True)
class Difference:
    """One place where the answers are not as documented.

    Attributes:
        kind: `type`, `null`, `enum`, `unknown` (a key that is not documented) or `missing` (one that never came).
        documented: The documented type; empty for an unknown key.
        seen: How often each type came; of a missing key, how many objects came without it.
    """

    spot: Spot
    kind: str
    documented: str
    seen: Counter[str]
    operations: frozenset[str]


@dataclass
class Names:
    """What an operation said of its filters, includes or sorts."""

    refused: set[str] = field(default_factory=set[str])
    listed: frozenset[str] | None = None
    """All that it allows, where a 400 lists them."""

    def undocumented(self, kind: str, documented: frozenset[str]) -> set[str]:
        """What it allows besides; of includes without those that spatie/laravel-query-builder allows with another one.

        Those are the parents of an include, its count and whether it exists.
        """
        more = set(self.listed or ()) - documented
        if kind != "include":
            return more
        parents = {name[: dot.start()] for name in more | documented for dot in re.finditer(r"\.", name)}
        return {name for name in more - parents if not name.endswith(("Count", "Exists"))}


@dataclass
class Findings:
    """Everything that is kept of the calls."""

    spec: JsonObject
    ids: Ids = field(default_factory=Ids)
    counts: dict[str, Counter[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(Counter[tuple[str, ...]]))
    """How often something was seen, by the title under which it is reported."""
    names: dict[tuple[str, str], Names] = field(default_factory=lambda: defaultdict(Names))
    pages: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict[str, int]))
    stopped: str = ""
    objects: Counter[str] = field(default_factory=Counter[str])
    types: dict[Spot, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))
    operations: dict[Spot | str, set[str]] = field(default_factory=lambda: defaultdict(set[str]))

    def see(self, operation: str, schema: JsonObject, value: Any) -> None:
        """Record the types of a whole answer."""
        self._see(operation, Spot("", "answer"), schema, value)

    def _see(self, operation: str, spot: Spot, schema: JsonObject, value: Any) -> None:
        component, resolved = self.resolve(schema)
        if spot.component:
            self.types[spot][self._type(resolved, value)] += 1
            self.operations[spot].add(operation)
        if looks_like_date(value):
            self.counts[DATES][re.sub(r"\d", "0", re.sub(r"[A-Za-z]{3,}", "…", value[:40])),] += 1
        if is_array(value) and resolved.get("type") == "array":
            for item in value:
                self._see(operation, spot._replace(depth=spot.depth + 1), resolved.get("items", {}), item)
        elif is_object(value) and is_object(resolved.get("properties")):
            self._see_object(operation, component, resolved["properties"], value)

    def _see_object(self, operation: str, component: str, properties: JsonObject, value: JsonObject) -> None:
        if component:
            self.objects[component] += 1
            self.operations[component].add(operation)
        unknown = value.keys() - properties.keys()
        for key, inner in value.items():
            self.ids.learn_named(component, key, inner)
            if key in properties:
                self._see(operation, Spot(component, key), properties[key], inner)
            else:
                told = key if _NAME.fullmatch(key) and len(unknown) <= _MOST_UNKNOWN else "*"
                self._see(operation, Spot(component, told), {}, inner)

    def resolve(self, schema: JsonObject) -> tuple[str, JsonObject]:
        """The component that a schema refers to, and its schema; of one that stands inline, no name."""
        name, nullable = "", False
        while True:
            nullable = nullable or schema.get("nullable", False)
            reference = schema.get("allOf", [schema])[0].get("$ref")  # allOf, where something stands beside it
            if reference is None:
                return name, {**schema, "nullable": nullable}
            name = reference.removeprefix(_COMPONENT)
            schema = self.spec["components"]["schemas"][name]

    def _type(self, schema: JsonObject, value: Any) -> str:
        """The JSON type, or a narrower one: the documented one where the value is of it, and `date-time`."""
        kind = type_name(type(value))
        match documented := documented_type(schema):
            case "enum":
                fits = value in schema["enum"]
            case "date-time":
                fits = is_datetime(value)
            case "number":
                fits = kind == "integer"
            case "object":
                fits = value == []  # PHP writes an empty object so
            case "any":
                return "date-time" if looks_like_date(value) else kind
            case _:
                fits = False
        return documented if fits else kind

    def differences(self) -> Iterator[Difference]:
        """Where the answers are not as documented, in a stable order; what is missing, only if the survey is whole."""
        for spot, seen in sorted(self.types.items()):
            if spot.key not in self.properties(spot.component):
                yield self._difference(spot, "unknown", "", seen)
                continue
            resolved = self.resolve(self.documented(spot))[1]
            documented = documented_type(resolved)
            others = seen.keys() - {documented, "null"}
            if documented != "any" and others:
                enum = documented == "enum" and others <= {"string", "integer"}
                yield self._difference(spot, "enum" if enum else "type", documented, seen)
            elif "null" in seen and documented != "any" and not resolved.get("nullable"):
                yield self._difference(spot, "null", documented, seen)
        for component, count in sorted(self.objects.items()) if not self.stopped else ():
            for key, schema in sorted(self.properties(component).items()):
                if Spot(component, key) not in self.types and count >= ENOUGH:
                    documented = documented_type(self.resolve(schema)[1])
                    yield self._difference(Spot(component, key), "missing", documented, Counter(absent=count))

    def documented(self, spot: Spot) -> JsonObject:
        """The schema of a documented spot, a reference perhaps."""
        schema: JsonObject = self.properties(spot.component)[spot.key]
        for _ in range(spot.depth):
            schema = self.resolve(schema)[1].get("items", {})
        return schema

    def _difference(self, spot: Spot, kind: str, documented: str, seen: Counter[str]) -> Difference:
        operations = self.operations[spot] or self.operations[spot.component]
        return Difference(spot, kind, documented, seen, frozenset(operations))

    @cached_property
    def documented_keys(self) -> set[str]:
        """The keys of all components."""
        schemas: JsonObject = self.spec["components"]["schemas"]
        return {key for component in schemas for key in self.properties(component)}

    def properties(self, component: str) -> JsonObject:
        properties: JsonObject = self.spec["components"]["schemas"].get(component, {}).get("properties", {})
        return properties


def is_datetime(value: Any) -> bool:
    return isinstance(date_time(value), datetime)


def looks_like_date(value: Any) -> bool:
    return isinstance(value, str) and _DATE.fullmatch(value) is not None and is_datetime(value)


def documented_type(schema: JsonObject) -> str:
    """`enum`, `date-time`, a JSON type, or `any`."""
    if is_array(schema.get("enum")):
        return "enum"
    if schema.get("format") == "date-time" and schema.get("type") == "string":
        return "date-time"
    kind = schema.get("type")
    return kind if isinstance(kind, str) else "any"
