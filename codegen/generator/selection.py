"""A part of a client: some resources, and the classes that they need, under the names that they have in the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from codegen.errors import CodegenError
from codegen.json_tools import is_array, is_object

from .facts import FREE_OBJECT, Json, Lowered


def select(lowered: Lowered, only: Iterable[str]) -> Lowered:
    """Leave out all but these resources.

    Args:
        lowered: The whole client.
        only: Attributes of the client, such as "packages".

    Raises:
        CodegenError: When the client has no such attribute, or none is asked for.
    """
    resources = _resources(lowered, only)
    operations = {code: facts for code, facts in lowered.operations.items() if facts.resource in resources}
    paths = {
        path: item
        for path, item in lowered.document["paths"].items()
        if any(operation["operationId"] in operations for operation in item.values())
    }
    components: Json = lowered.document["components"]["schemas"]
    reached = {FREE_OBJECT, *_reached(paths, components)}
    return replace(
        lowered,
        document={
            **lowered.document,
            "paths": paths,
            "components": {"schemas": {name: schema for name, schema in components.items() if name in reached}},
        },
        classes={code: facts for code, facts in lowered.classes.items() if code in reached},
        operations=operations,
        resources={name: lowered.resources[name] for name in lowered.resources if name in resources},
        attributes={name: lowered.attributes[name] for name in lowered.attributes if name in resources},
    )


def _resources(lowered: Lowered, only: Iterable[str]) -> set[str]:
    by_attribute = {attribute: name for name, attribute in lowered.attributes.items()}
    chosen: set[str] = set()
    for attribute in only:
        if attribute not in by_attribute:
            near = get_close_matches(attribute, by_attribute, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(by_attribute))}"
            raise CodegenError(f"the client has no {attribute!r}: {hint}")
        chosen.add(by_attribute[attribute])
    if not chosen:
        raise CodegenError("no resource was chosen")
    return chosen


def _reached(start: Any, components: Json) -> set[str]:
    reached: set[str] = set()
    waiting = list(_references(start))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _references(components[name])
    return reached


def _references(value: Any) -> Iterator[str]:
    if is_object(value):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2]
        for child in value.values():
            yield from _references(child)
    elif is_array(value):
        for child in value:
            yield from _references(child)
