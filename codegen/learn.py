"""What recorded drift says of the spec: overlay actions that would make it agree with the answers.

They are proposals, for a person to judge: the record has what differs, and is silent about what agrees.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import CodegenError
from .files import read_text
from .generator.facts import ClassFacts
from .generator.operations import lower
from .json_tools import JsonObject, is_object

_KEYS = {"operation": str, "model": str, "pointer": str, "seen": str}
_TYPES = ("boolean", "integer", "number", "string", "array", "object")
_SAYS_THE_TYPE = (
    *("$ref", "type", "format", "items", "properties", "required", "enum", "const"),
    *("oneOf", "anyOf", "allOf"),
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Place = tuple[str, ...]


@dataclass(frozen=True)
class Recorded:
    """One line of a record, as `patchworks_core_client.DriftRecorder` writes it."""

    operation: str
    model: str
    pointer: str
    documented: str | None
    seen: str


@dataclass(frozen=True, order=True)
class Spot:
    """A property of a model, or the items in it."""

    model: str
    key: str
    depth: int = 0
    """How many lists deep: 1 is an item of the property, which is a list."""

    def __str__(self) -> str:
        return f"{self.model}.{self.key}{'[]' * self.depth}"


@dataclass(frozen=True)
class Proposals:
    """What is proposed, and what could not be."""

    actions: tuple[JsonObject, ...]
    notes: tuple[str, ...]

    def to_yaml(self) -> str:
        """An overlay document; its actions can be added at the end of overlay.yaml as they are."""
        document = {
            "overlay": "1.1.0",
            "info": {"title": "Corrections that recorded answers propose", "version": "1.0.0"},
            "actions": list(self.actions),
        }
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def read_record(path: Path) -> list[Recorded]:
    """Read JSON lines.

    Raises:
        CodegenError: With the line that is no record of drift.
    """
    lines = enumerate(read_text(path).splitlines(), 1)
    return [_read_line(line, f"{path}, line {number}") for number, line in lines if line.strip()]


def _read_line(line: str, place: str) -> Recorded:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CodegenError(f"{place}: no JSON: {error}") from error
    documented = value.get("documented") if is_object(value) else None
    if (
        not is_object(value)
        or any(not isinstance(value.get(key), kind) for key, kind in _KEYS.items())
        or not isinstance(documented, str | None)
        or value["seen"] not in (*_TYPES, "null")
    ):
        raise CodegenError(f"{place}: no record of drift: {line[:80]}")
    return Recorded(documented=documented, **{key: value[key] for key in _KEYS})


def learn(recorded: Iterable[Recorded], spec: JsonObject, overrides: Path) -> Proposals:
    """Propose corrections of the spec.

    Args:
        recorded: What was recorded with a client that was built from this spec.
        spec: The merged spec.
        overrides: The hand-written modules: whose names no class may take.

    Raises:
        CodegenError: The spec cannot be used.
    """
    classes = {facts.name: facts for facts in lower(spec, overrides).classes.values() if facts.role == "model"}
    paths = {id(value): path for path, value in _objects(spec, ())}
    by_spot: dict[Spot, list[Recorded]] = defaultdict(list)
    for each in recorded:
        by_spot[_spot(each, classes)].append(each)
    actions: list[JsonObject] = []
    notes: list[str] = []
    for spot, found in sorted(by_spot.items(), key=lambda item: item[0]):
        facts = classes.get(spot.model)
        path = paths.get(id(facts.schema)) if facts else None
        if facts and "x-source" in facts.schema:
            parts = facts.schema["x-source"].split("/")[1:]
            path = tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
        if facts is None or path is None:
            notes.append(f"{spot}: the spec has no one place for the model {spot.model}")
            continue
        proposed = _propose(spot, found, facts, path)
        if isinstance(proposed, str):
            notes.append(f"{spot}: {proposed}")
        else:
            actions += proposed
    return Proposals(tuple(actions), tuple(notes))


def _objects(value: Any, path: Place) -> Iterator[tuple[Place, Any]]:
    """Every object of the spec and its place; objects in arrays aside, which no model is made of."""
    if is_object(value):
        yield path, value
        for key, inner in value.items():
            yield from _objects(inner, (*path, key))


def _spot(each: Recorded, classes: dict[str, ClassFacts]) -> Spot:
    """What a pointer means: its end is a key of the model, and behind that the places in lists."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in each.pointer.split("/")]
    facts = classes.get(each.model)
    keys = {field.key for field in facts.fields.values()} if facts else set[str]()
    depth = 0
    while each.documented is not None and parts[-1] not in keys and parts[-1].isdecimal() and len(parts) > 1:
        parts.pop()
        depth += 1
    return Spot(each.model, parts[-1], depth)


def _propose(spot: Spot, found: list[Recorded], facts: ClassFacts, path: Place) -> list[JsonObject] | str:
    """The actions for one spot, or why there are none."""
    seen = Counter(each.seen for each in found)
    wanted = schema_of(seen)
    present = _documented(spot, facts.schema)
    here = (*path, "properties", spot.key, *("items",) * spot.depth)
    if found[0].documented is None:
        if present is not None:
            return "it is documented by now"
        if set(seen) == {"null"}:
            return f"unknown, and null whenever it came ({len(found)} times)"
        reason = f"Inferred: not documented; {_counts(found)}."
        properties = facts.schema.get("properties")
        update = {spot.key: wanted} if is_object(properties) else {"properties": {spot.key: wanted}}
        return [action_at((*path, "properties") if is_object(properties) else path, reason, update)]
    if present is None:
        return "it is not documented any more, or is a part of a union"
    documented = sorted({str(each.documented) for each in found})
    if documented == ["enum"] and set(seen) == {"string"}:
        return f"values that are not documented came {len(found)} times; drift does not tell which"
    reason = f"Inferred: documented as {' and '.join(documented)}; {_counts(found)}."
    return list(replacing(here, present, wanted, reason))


def _documented(spot: Spot, schema: JsonObject) -> JsonObject | None:
    properties = schema.get("properties")
    present: Any = properties.get(spot.key) if is_object(properties) else None
    for _ in range(spot.depth):
        present = present.get("items") if is_object(present) else None
    return present if is_object(present) else None


def schema_of(seen: Counter[str]) -> JsonObject:
    """The type that was seen; an open schema where there were several."""
    types = set(seen) - {"null"}
    if types == {"integer", "number"}:
        types = {"number"}
    if len(types) != 1:
        return {}
    (kind,) = types
    schema: JsonObject = {"type": kind, "items": {}} if kind == "array" else {"type": kind}
    return {**schema, "nullable": True} if "null" in seen else schema


def replacing(here: Place, present: JsonObject, wanted: JsonObject, reason: str) -> Iterator[JsonObject]:
    """Overlays merge: what says another type has to go before, and an open schema is what is left without any."""
    replaced = {"type"} if isinstance(present.get("type"), str) and "type" in wanted else set[str]()
    gone = [key for key in _SAYS_THE_TYPE if key in present and key not in replaced]
    if gone:
        yield action_at((*here, *([gone[0]] if len(gone) == 1 else [])), reason, None, gone if len(gone) > 1 else None)
    if wanted:
        yield action_at(here, reason, wanted)


def action_at(path: Place, reason: str, update: JsonObject | None, several: list[str] | None = None) -> JsonObject:
    target = _json_path(path) + (f"[{', '.join(map(_quoted, several))}]" if several else "")
    return {"target": target, "description": reason, **({"remove": True} if update is None else {"update": update})}


def _json_path(path: Place) -> str:
    return "$" + "".join(f".{part}" if _PLAIN_NAME.fullmatch(part) else f"[{_quoted(part)}]" for part in path)


def _quoted(name: str) -> str:
    """A name as RFC 9535 writes it between quotes."""
    return "'" + json.dumps(name)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _counts(found: list[Recorded]) -> str:
    """How often each type was seen, and in the answers to which calls."""
    types = Counter(each.seen for each in found)
    operations = Counter(each.operation for each in found)
    times = f"{_listed(types)}, in answers to {_listed(operations)}"
    return f"seen as {times}"


def _listed(counter: Counter[str]) -> str:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} ({count} {'time' if count == 1 else 'times'})" for name, count in ordered)
