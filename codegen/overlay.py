"""OpenAPI Overlay 1.x: our corrections to the merged spec, each with its reason.

Stricter than the specification: an action must say why (`description`), must match something and must be free of keys
that nobody reads. Merging follows Overlay 1.1, `copy` and values other than objects included.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonpath_rfc9535
import yaml
from jsonpath_rfc9535 import JSONPathNode
from openapi_schema_validator import OAS31Validator

from .errors import CodegenError
from .files import read_text
from .json_tools import JsonObject, canonical, is_array, is_object

_TEXT = {"type": "string", "pattern": r"\S"}
_CLOSED: JsonObject = {"type": "object", "patternProperties": {"^x-": {}}, "additionalProperties": False}
_DOCUMENT = _CLOSED | {
    "properties": {
        "overlay": {"type": "string", "pattern": r"^1\.\d+\.\d+$"},
        "info": {"type": "object", "properties": {"title": _TEXT, "version": _TEXT}, "required": ["title", "version"]},
        "extends": _TEXT,
        "actions": {"type": "array", "minItems": 1, "items": {"type": "object"}},
    },
    "required": ["overlay", "info", "actions"],
}
_ACTION = _CLOSED | {
    "properties": {"target": _TEXT, "description": _TEXT, "update": {}, "copy": _TEXT, "remove": {"const": True}},
    "required": ["target", "description"],
}


@dataclass(frozen=True)
class Action:
    """One correction: `kind` is update, copy or remove, `value` what stands behind that key."""

    index: int
    target: str
    description: str
    kind: str
    value: Any

    def refusal(self, message: str) -> CodegenError:
        return CodegenError(f"overlay action {self.index}, target {self.target} ({self.description}): {message}")


@dataclass(frozen=True)
class Overlay:
    """A checked overlay document."""

    actions: tuple[Action, ...]

    def apply(self, spec: JsonObject) -> tuple[JsonObject, list[tuple[Action, int]]]:
        """A corrected copy of a spec, and how many nodes each action changed.

        Raises:
            CodegenError: With action, target and description, when an action does not fit the spec.
        """
        corrected = copy.deepcopy(spec)
        return corrected, [(action, _apply(action, corrected)) for action in self.actions]


def load_overlays(paths: Iterable[Path]) -> Overlay:
    """Several overlays as one: their actions one after the other, numbered through.

    Raises:
        CodegenError: With the file, when one is not what it should be.
    """
    actions = [action for path in paths for action in load_overlay(path).actions]
    return Overlay(tuple(replace(action, index=index) for index, action in enumerate(actions, 1)))


def load_overlay(path: Path) -> Overlay:
    """Read an overlay from YAML.

    Raises:
        CodegenError: When it is not what it should be.
    """
    try:
        document: object = yaml.load(read_text(path), _Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise CodegenError(f"{path}: broken YAML: {' '.join(str(error).split())}") from error
    try:
        return parse_overlay(document)
    except CodegenError as error:
        raise CodegenError(f"{path}: {error}") from error


def parse_overlay(document: Any) -> Overlay:
    """Check an overlay document.

    Raises:
        CodegenError: With the action, target and description in question.
    """
    _check(document, _DOCUMENT, "overlay")
    return Overlay(tuple(_action(index, raw) for index, raw in enumerate(document["actions"], 1)))


def _action(index: int, raw: JsonObject) -> Action:
    place = f"overlay action {index}, target {raw.get('target')} ({raw.get('description')})"
    _check(raw, _ACTION, place)
    kinds = [kind for kind in ("update", "copy", "remove") if kind in raw]
    if len(kinds) != 1:
        raise CodegenError(f"{place}: one of update, copy and remove is wanted")
    try:
        canonical(raw[kinds[0]])
    except (TypeError, ValueError) as error:
        raise CodegenError(f"{place}: update must be JSON (quote what YAML takes for a date)") from error
    return Action(index, raw["target"], " ".join(raw["description"].split()), kinds[0], raw[kinds[0]])


def _check(value: Any, schema: JsonObject, place: str) -> None:
    error = next(iter(OAS31Validator(schema).iter_errors(value)), None)
    if error is not None:
        raise CodegenError(f"{place}: {error.json_path}: {error.message}")


def _apply(action: Action, spec: JsonObject) -> int:
    nodes = _find(action, action.target, spec)
    if not nodes:
        raise action.refusal("matches nothing")
    if action.kind == "remove":
        _remove(action, nodes)
        return len(nodes)
    value = action.value
    if action.kind == "copy":
        sources = _find(action, value, spec)
        if len(sources) != 1:
            raise action.refusal(f"copy must select one node, {value} selects {len(sources)}")
        value = copy.deepcopy(sources[0].value)
    for node in nodes:
        updated = _updated(action, node.value, copy.deepcopy(value), node.path())
        if updated is not node.value:
            node.value = updated
    return len(nodes)


def _find(action: Action, path: str, spec: JsonObject) -> list[JSONPathNode]:
    try:
        return list(jsonpath_rfc9535.find(path, spec))
    except jsonpath_rfc9535.JSONPathError as error:
        raise action.refusal(f"{path} is no RFC 9535 JSONPath: {error}") from error


def _remove(action: Action, nodes: list[JSONPathNode]) -> None:
    """Remove from the last to the first, so that the remaining indexes stay valid."""
    places = {node.location: node for node in nodes}
    for location in sorted(places, key=_sortable, reverse=True):
        parent = places[location].parent
        if parent is None:
            raise action.refusal("the root cannot be removed")
        container: Any = parent.value
        del container[location[-1]]


def _sortable(location: tuple[int | str, ...]) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in location]


def _updated(action: Action, target: Any, update: Any, at: str) -> Any:
    """A value with its update; objects and arrays are changed in place."""
    if is_object(target) and is_object(update):
        for key, value in update.items():
            target[key] = _updated(action, target[key], value, f"{at}.{key}") if key in target else value
    elif is_array(target):
        target += update if is_array(update) else [update]
    elif _kind(target) == _kind(update) == "primitive":
        return update
    else:
        raise action.refusal(f"{_kind(update)} cannot update {_kind(target)} at {at}")
    return target


def _kind(value: Any) -> str:
    return "object" if is_object(value) else "array" if is_array(value) else "primitive"


class _Loader(yaml.SafeLoader):
    """Loads plain data only and rejects repeated keys, because the second would silently replace the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            problem = "is not text (quote it)" if key.tag != "tag:yaml.org,2002:str" else None
            problem = "stands twice" if str(key.value) in seen else problem
            if problem:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} {problem}", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)
