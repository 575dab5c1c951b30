"""OpenAPI Overlay 1.x: our corrections to the merged spec, each with its reason.

Stricter than the specification: an action must say why (`description`), must match something and must be free of keys
that nobody reads. Merging follows Overlay 1.1, `copy` and values other than objects included.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonpath_rfc9535
import yaml
from jsonpath_rfc9535 import JSONPathNode

from .errors import CodegenError
from .files import read_text
from .json_tools import JsonObject, canonical, is_array, is_object
from .report import AppliedAction

_DOCUMENT_KEYS = {"overlay", "info", "extends", "actions"}
_ACTION_KEYS = {"target", "description", "update", "remove", "copy"}


@dataclass(frozen=True)
class Action:
    """One correction."""

    index: int
    target: str
    description: str
    update: Any = None
    copy: str | None = None
    remove: bool = False
    has_update: bool = False

    @property
    def kind(self) -> str:
        return "remove" if self.remove else "copy" if self.copy is not None else "update" if self.has_update else "none"

    def refusal(self, message: str) -> CodegenError:
        return CodegenError(f"overlay action {self.index}, target {self.target} ({self.description}): {message}")


@dataclass(frozen=True)
class Overlay:
    """A checked overlay document."""

    actions: tuple[Action, ...]

    def apply(self, spec: JsonObject) -> tuple[JsonObject, list[AppliedAction]]:
        """A corrected copy of a spec, and what was done.

        Raises:
            CodegenError: With action, target and description, when an action does not fit the spec.
        """
        corrected = copy.deepcopy(spec)
        return corrected, [_apply(action, corrected) for action in self.actions]


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
    if not is_object(document):
        raise CodegenError(f"{path}: not an overlay")
    try:
        return parse_overlay(document)
    except CodegenError as error:
        raise CodegenError(f"{path}: {error}") from error


def parse_overlay(document: JsonObject) -> Overlay:
    """Check an overlay document.

    Raises:
        CodegenError: With the action, target and description in question.
    """
    unknown = sorted(key for key in document if key not in _DOCUMENT_KEYS and not str(key).startswith("x-"))
    if unknown:
        raise CodegenError(f"unknown keys in the overlay: {', '.join(map(str, unknown))}")
    version = document.get("overlay")
    if not isinstance(version, str) or not re.fullmatch(r"1\.\d+\.\d+", version):
        raise CodegenError(f"overlay: 1.x.y is wanted, not {version!r}")
    info = document.get("info")
    if not is_object(info) or not isinstance(info.get("title"), str) or not isinstance(info.get("version"), str):
        raise CodegenError("overlay: info needs a title and a version, both text")
    actions = document.get("actions")
    if not is_array(actions) or not actions:
        raise CodegenError("overlay: no actions")
    return Overlay(tuple(_action(index, raw) for index, raw in enumerate(actions, 1)))


def _action(index: int, raw: Any) -> Action:
    if not is_object(raw):
        raise CodegenError(f"overlay action {index}: not an object")
    target, description = raw.get("target"), raw.get("description")
    place = f"overlay action {index}, target {target} ({description})"
    unknown = sorted(str(key) for key in raw if key not in _ACTION_KEYS and not str(key).startswith("x-"))
    kinds = [key for key in ("update", "copy") if key in raw] + (["remove"] if raw.get("remove") is True else [])
    problems = (
        (unknown, f"unknown keys: {', '.join(unknown)}"),
        (not isinstance(target, str), "the target must be a JSONPath"),
        (not isinstance(description, str) or not description.strip(), "the description must give the reason"),
        (not isinstance(raw.get("remove", False), bool), "remove must be true or false"),
        (not isinstance(raw.get("copy", ""), str), "copy must be a JSONPath"),
        (len(kinds) > 1 or not {"update", "copy", "remove"} & raw.keys(), "one of update, copy and remove is wanted"),
        (not _is_json(raw.get("update")), "update must be JSON (quote what YAML takes for a date)"),
    )
    problem = next((text for wrong, text in problems if wrong), None)
    if problem:
        raise CodegenError(f"{place}: {problem}")
    return Action(
        index=index,
        target=str(target),
        description=" ".join(str(description).split()),
        update=raw.get("update"),
        copy=raw.get("copy"),
        remove=raw.get("remove", False),
        has_update="update" in raw,
    )


def _apply(action: Action, spec: JsonObject) -> AppliedAction:
    nodes = _find(action, action.target, spec)
    if not nodes:
        raise action.refusal("matches nothing")
    if action.remove:
        _remove(action, nodes)
    elif action.copy is not None:
        sources = _find(action, action.copy, spec)
        if len(sources) != 1:
            raise action.refusal(f"copy must select one node, {action.copy} selects {len(sources)}")
        _update(action, nodes, copy.deepcopy(sources[0].value))
    elif action.has_update:
        _update(action, nodes, action.update)
    return AppliedAction(action.index, action.kind, action.target, action.description, len(nodes))


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


def _update(action: Action, nodes: list[JSONPathNode], value: Any) -> None:
    kinds = {_kind(node.value) for node in nodes}
    if len(kinds) > 1:
        raise action.refusal(f"matches nodes of several kinds: {', '.join(sorted(kinds))}")
    for node in nodes:
        target, fresh = node.value, copy.deepcopy(value)
        if is_object(target) and is_object(fresh):
            for problem in _merge(target, fresh, node.path()):
                raise action.refusal(problem)
        elif is_array(target):
            target += fresh if is_array(fresh) else [fresh]
        elif _kind(target) == _kind(fresh) == "primitive" and node.parent is not None:
            node.value = fresh
        else:
            raise action.refusal(f"{_kind(fresh)} cannot update {_kind(target)} at {node.path()}")


def _merge(target: JsonObject, update: JsonObject, at: str) -> Iterator[str]:
    for key, value in update.items():
        if key not in target:
            target[key] = value
            continue
        present = target[key]
        if is_object(present) and is_object(value):
            yield from _merge(present, value, f"{at}.{key}")
        elif is_array(present) and is_array(value):
            present += value
        elif _kind(present) == _kind(value) == "primitive":
            target[key] = value
        else:
            yield f"{_kind(value)} cannot update {_kind(present)} at {at}.{key}"


def _is_json(value: Any) -> bool:
    try:
        return bool(canonical(value))
    except (TypeError, ValueError):
        return False


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
