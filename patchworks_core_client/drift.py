"""Where answers differ from the documentation. A callback gets the place and the types, never a value."""
# pyright: reportPrivateUsage=false
# (only this module reads how a model was declared)

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import attrs

from ._types import is_array, is_object
from .model import Model, date_time

__all__ = ["Drift", "DriftCallback", "DriftRecorder"]


@attrs.frozen
class Drift:
    """One difference between an answer and the documentation.

    Attributes:
        operation: The call, as `packages.list`.
        model: The name of the model.
        pointer: The place in the answer, as a JSON pointer.
        documented: The documented JSON type, or the narrower `date-time` or `enum`. None for an unknown key.
        seen: The JSON type that the server sent.
    """

    operation: str
    model: str
    pointer: str
    documented: str | None
    seen: str


DriftCallback: TypeAlias = Callable[[Drift], object]

_TYPE_NAMES: dict[Any, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    datetime: "date-time",
    list: "array",
    Literal: "enum",
    Any: "any",
}


@attrs.frozen
class DriftRecorder:
    """An `on_drift` callback that appends each difference to a file of JSON lines, for `python -m codegen learn`.

    Attributes:
        path: The file.
    """

    path: str | Path

    def __call__(self, drift: Drift) -> None:
        """Append one difference."""
        with Path(self.path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(attrs.asdict(drift)) + "\n")


def find_drift(operation: str, model: type[Model], data: Any, pointer: str) -> Iterator[Drift]:
    """Yield the differences between a JSON value and its model, outer ones first."""
    pending: list[tuple[str, Any, Any, str]] = [(model.__name__, model, data, pointer)]
    for owner, documented, value, place in pending:  # a loop, because JSON may nest deeper than Python can recurse
        if is_object(value) and Model in getattr(documented, "__mro__", ()):
            types = _documented_types(documented)
            for key, inner in value.items():
                inner_place = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
                pending.append((documented.__name__, types.get(key), inner, inner_place))
        elif is_array(value) and get_origin(documented) is list:
            for index, entry in enumerate(value):
                pending.append((owner, get_args(documented)[0], entry, f"{place}/{index}"))
        elif documented is None or (value is not None and not _fits(documented, value)):
            yield Drift(operation, owner, place, documented and type_name(documented), type_name(type(value)))


def type_name(documented: Any) -> str:
    """The OpenAPI name of a Python type or annotation. That of a model is `object`."""
    return _TYPE_NAMES.get(get_origin(documented) or documented, "object")


def _fits(documented: Any, value: Any) -> bool:
    name, seen = type_name(documented), type_name(type(value))
    if name == "date-time":
        return isinstance(date_time(value), datetime)
    if name == "enum":
        return value in get_args(documented)
    # An integer is a number, and PHP writes an empty object as [].
    return name in ("any", seen) or (name, seen) == ("number", "integer") or (name, value) == ("object", [])


@cache
def _documented_types(model: type[Model]) -> dict[str, Any]:
    """The documented type of each JSON key."""
    models = import_module(".models", __package__)
    hints = get_type_hints(model, localns={name: getattr(models, name) for name in models.__all__})
    return {key: _documented_type(hints[name]) for key, name in model._names_by_key.items()}


def _documented_type(hint: Any) -> Any:
    """A hint without None. An enum, which is open to other texts, is its Literal; any other union is Any."""
    first, *others = [part for part in get_args(hint | None) if part is not type(None)]
    return Any if others and get_origin(first) is not Literal else first
