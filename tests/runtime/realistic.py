"""JSON objects such as the server sends, made from what a model declares."""
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import patchworks_core_client
from patchworks_core_client import Model
from patchworks_core_client.drift import _documented_types

_types: Callable[[Any], dict[str, Any]] = _documented_types

MODELS: list[type[Model]] = sorted(
    (
        value
        for name in patchworks_core_client.__all__
        if isinstance(value := getattr(patchworks_core_client, name), type)
        and issubclass(value, Model)
        and value is not Model
    ),
    key=lambda cls: cls.__name__,
)

DATE = "2025-05-01T10:00:00.000000Z"


def realistic(model: type[Model], depth: int = 1) -> dict[str, Any]:
    """An object with every documented key, each of its documented type."""
    return {key: _value(documented, key, depth) for key, documented in _types(model).items()}


def attributes(model: type[Model]) -> list[str]:
    return list(model._names_by_key.values())


def keys(model: type[Model]) -> list[str]:
    return list(model._names_by_key)


def key_of(model: type[Model], attribute: str) -> str:
    return next(key for key, name in model._names_by_key.items() if name == attribute)


def types(model: type[Model]) -> dict[str, Any]:
    """The documented type of each attribute, by its JSON key and without None."""
    return _types(model)


def _value(documented: Any, key: str, depth: int) -> Any:
    origin = get_origin(documented)
    if origin in (Union, UnionType):
        return _value(get_args(documented)[0], key, depth)
    if origin is Literal:
        return get_args(documented)[0]
    if origin is list:
        return [_value(get_args(documented)[0], key, depth)]
    if isinstance(documented, type) and issubclass(documented, Model):
        return realistic(documented, depth - 1) if depth else {"id": 7}
    plain: dict[Any, Any] = {int: 7, float: 1.5, bool: True, str: f"some {key}", datetime: DATE}
    return plain.get(documented, {"name": "Jane", "value": "hidden", "nested": {"secret": "hidden"}})
