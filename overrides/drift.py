"""Where answers differ from the documentation. A callback gets the place and the types, never a value."""
# pyright: reportPrivateUsage=false
# (only this module reads how a model was declared)

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from os import PathLike
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

from ._json import is_array, is_object
from .model import Model, parse_datetime

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
    dict: "object",
}
_types_by_model: dict[type[Model], dict[str, Any]] = {}


class DriftRecorder:
    """An `on_drift` callback that appends each difference to a file of JSON lines, for `python -m codegen learn`.

    Args:
        path: The file.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)

    def __call__(self, drift: Drift) -> None:
        """Append one difference."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(attrs.asdict(drift)) + "\n")


def find_drift(operation: str, model: type[Model], data: Any, pointer: str) -> Iterator[Drift]:
    """Yield the differences between a JSON value and its model, outer ones first."""
    pending: deque[tuple[str, Any, Any, str]] = deque([(model.__name__, model, data, pointer)])
    while pending:  # a loop, because an answer may nest deeper than calls can
        owner, documented, value, place = pending.popleft()
        if is_object(value) and isinstance(documented, type) and issubclass(documented, Model):
            types = _documented_types(documented)
            for key, inner in value.items():
                inner_place = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
                if key not in types:
                    yield Drift(operation, documented.__name__, inner_place, None, json_type(inner))
                elif inner is not None:
                    pending.append((documented.__name__, types[key], inner, inner_place))
        elif is_array(value) and get_origin(documented) is list:
            (item,) = get_args(documented)
            entries = enumerate(value)
            pending.extend((owner, item, entry, f"{place}/{index}") for index, entry in entries if entry is not None)
        elif not _fits(name := _type_name(documented), documented, value):
            yield Drift(operation, owner, place, name, json_type(value))


def json_type(value: Any) -> str:
    """The JSON type of a value, named as in OpenAPI."""
    return _TYPE_NAMES.get(type(value), "object")


def _fits(name: str, documented: Any, value: Any) -> bool:
    if name == "date-time":
        return isinstance(parse_datetime(value), datetime)
    if name == "enum":
        return value in _choices(documented)
    # PHP writes an empty object as [].
    return (
        name in ("any", seen := json_type(value))
        or (name, seen) == ("number", "integer")
        or (name, value) == ("object", [])
    )


def _documented_types(model: type[Model]) -> dict[str, Any]:
    """The documented type of each JSON key, without None."""
    if model not in _types_by_model:
        models = import_module(".models", __package__)
        hints = get_type_hints(model, localns={name: getattr(models, name) for name in models.__all__})
        _types_by_model[model] = {key: _without_none(hints[name]) for key, name in model._names_by_key.items()}
    return _types_by_model[model]


def _without_none(hint: Any) -> Any:
    rest = [part for part in get_args(hint) if part is not type(None)]
    return hint if get_origin(hint) not in (Union, UnionType) else Union[tuple(rest)]  # noqa: UP007


def _choices(hint: Any) -> list[Any]:
    return [choice for part in (hint, *get_args(hint)) if get_origin(part) is Literal for choice in get_args(part)]


def _type_name(hint: Any) -> str:
    if _choices(hint):
        return "enum"
    origin = get_origin(hint) or hint
    if isinstance(origin, type) and issubclass(origin, Model):
        return "object"
    return _TYPE_NAMES.get(origin, "any")
