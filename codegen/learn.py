"""Proposes overlay actions that make the spec agree with recorded drift.

They are proposals, for a person to judge: the record has what differs, and is silent about what agrees. They speak of
the place in the documentation that `x-source` names, as every overlay does.
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
from .json_tools import JsonObject

_TYPES = ("boolean", "integer", "number", "string", "array", "object", "null")
_SAYS_THE_TYPE = tuple("$ref type format items properties required enum oneOf anyOf allOf additionalProperties".split())
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Place = tuple[str, ...]
"""A place in the documentation, as the steps that lead there."""


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
        """An overlay document, to be given to merge beside the committed one; its actions can be moved there."""
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
        recorded = Recorded(**json.loads(line))
    except (ValueError, TypeError, RecursionError) as error:
        raise CodegenError(f"{place}: not a record of drift: {error}") from error
    texts: list[Any] = [recorded.operation, recorded.model, recorded.pointer, recorded.documented or ""]
    if recorded.seen not in _TYPES or not all(isinstance(each, str) for each in texts):
        raise CodegenError(f"{place}: not a record of drift: {line[:80]}")
    return recorded


def learn(recorded: Iterable[Recorded], spec: JsonObject) -> Proposals:
    """Propose corrections of the spec that the client which recorded was built from."""
    schemas: JsonObject = spec["components"]["schemas"]
    by_spot: dict[Spot, list[Recorded]] = defaultdict(list)
    for each in recorded:
        by_spot[_spot(each, schemas)].append(each)
    proposed = [(spot, _propose(spot, by_spot[spot], schemas)) for spot in sorted(by_spot)]
    actions = (action for _, each in proposed if not isinstance(each, str) for action in each)
    return Proposals(tuple(actions), tuple(f"{spot}: {each}" for spot, each in proposed if isinstance(each, str)))


def _spot(each: Recorded, schemas: JsonObject) -> Spot:
    """What a pointer means: its end is a key of the model, and behind that the places in lists."""
    parts = ["", *steps(each.pointer)]
    keys = schemas.get(each.model, {}).get("properties", {})
    depth = 0
    while each.documented is not None and parts[-1] not in keys and parts[-1].isdecimal() and len(parts) > 1:
        parts.pop()
        depth += 1
    return Spot(each.model, parts[-1], depth)


def _propose(spot: Spot, found: list[Recorded], schemas: JsonObject) -> list[JsonObject] | str:
    """The actions for one spot, or why there are none."""
    component: JsonObject = schemas.get(spot.model, {})
    if "x-source" not in component:
        return f"the spec has no component {spot.model}"
    properties = (*steps(component["x-source"]), "properties")
    place: Place = properties
    present: JsonObject | None = component.get("properties", {})
    for step in (spot.key, *["items"] * spot.depth):
        place = (*place, step)
        present = _documented((present or {}).get(step), place, schemas)
    documented = sorted({each.documented for each in found if each.documented is not None})
    seen = Counter(each.seen for each in found)
    if documented and present is None:
        return "it is not documented any more, or is a part of a union"
    if documented == ["enum"] and set(seen) == {"string"}:
        return f"undocumented values were seen {_times(len(found))}; drift records no values"
    counts = f"{_listed(seen)}, in answers to {_listed(Counter(each.operation for each in found))}"
    if documented and present is not None:
        reason = f"Inferred: documented as {' and '.join(documented)}; seen as {counts}."
        return list(replacing(place, present, schema_of(seen), reason))
    if present is not None:
        return "it is documented by now"
    if set(seen) == {"null"}:
        return f"not documented, and always null (seen {_times(len(found))})"
    return [action_at(properties, f"Inferred: not documented; seen as {counts}.", {spot.key: schema_of(seen)})]


def _documented(schema: JsonObject | None, place: Place, schemas: JsonObject) -> JsonObject | None:
    """A schema as the documentation has it: what has become a component of its own may stand inline there."""
    for part in (schema, *schema.get("allOf", ())) if schema else ():
        component: JsonObject = schemas.get(part.get("$ref", "").rpartition("/")[2], {})
        if steps(component.get("x-source", "")) == place:
            return component
    return schema


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
    for key in _SAYS_THE_TYPE:
        if key in present and key not in replaced:
            yield action_at((*here, key), reason, None)
    if wanted:
        yield action_at(here, reason, wanted)


def action_at(path: Place, reason: str, update: JsonObject | None) -> JsonObject:
    """An overlay action; without an update it removes what is there."""
    target = "$" + "".join(f".{part}" if _PLAIN_NAME.fullmatch(part) else f"[{_quoted(part)}]" for part in path)
    return {"target": target, "description": reason, **({"remove": True} if update is None else {"update": update})}


def _quoted(name: str) -> str:
    """A name as RFC 9535 writes it between quotes."""
    return "'" + json.dumps(name)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def steps(pointer: str) -> Place:
    """The place that a pointer of `x-source` names."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _listed(counter: Counter[str]) -> str:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} ({_times(count)})" for name, count in ordered)
