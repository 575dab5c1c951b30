"""The peers, as far as they are installed: imported by name, so that nothing here depends on them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from importlib import import_module
from types import GenericAlias
from typing import Any

from .samples import schemas

STOCK_MODULE = "stock_peer"
OPENAPI_GENERATOR_MODULE = "openapi_generator_peer"

_SCALARS: dict[str, Any] = {"integer": int, "number": float, "string": str, "boolean": bool, "object": dict[str, Any]}


@cache
def peer(module: str) -> Any:
    """A module that may not be there; None then."""
    try:
        return import_module(module)
    except ImportError:
        return None


def absent(*modules: str) -> dict[str, str]:
    """Why subjects are missing, by module."""
    return {module: "not installed in this environment" for module in modules if peer(module) is None}


def stock_model(schema: str) -> Any:
    """The class of openapi-python-client's stock output for a schema of the spec."""
    return getattr(import_module(f"{STOCK_MODULE}.models.{_snake(schema)}"), schema)


def openapi_generator_model(schema: str) -> Any:
    """The class of openapi-generator's Python client for a schema of the spec."""
    return getattr(import_module(f"{OPENAPI_GENERATOR_MODULE}.models.{_snake(schema)}"), schema)


def pydantic_model(schema: str, base: Any = None) -> Any:
    """A pydantic model of a schema of the spec; `base` may be another SDK's base class."""
    pydantic = peer("pydantic")

    def make(name: str, fields: dict[str, Any]) -> Any:
        settings: dict[str, Any] = {"__base__": base} if base is not None else {}
        return pydantic.create_model(name, **settings, **{key: (type_, None) for key, type_ in fields.items()})

    return _shape(schema, make, ())


def msgspec_model(schema: str) -> Any:
    """A msgspec Struct of a schema of the spec."""
    msgspec = peer("msgspec")

    def make(name: str, fields: dict[str, Any]) -> Any:
        return msgspec.defstruct(name, [(key, type_, None) for key, type_ in fields.items()], kw_only=True)

    return _shape(schema, make, ())


def list_of(item: Any) -> Any:
    """The type of a list whose items' type is only known at run time."""
    return GenericAlias(list, (item,))


def _shape(schema: str, make: Any, above: tuple[str, ...]) -> Any:
    # A schema that contains itself stays a plain object at the second meeting: no sample goes so deep.
    if schema in above:
        return dict[str, Any]
    properties: dict[str, Any] = schemas()[schema]["properties"]
    return make(schema, {name: _type(each, make, (*above, schema)) | None for name, each in properties.items()})


def _type(schema: dict[str, Any], make: Any, above: tuple[str, ...]) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        named = schemas()[name]
        return _shape(name, make, above) if "properties" in named else _type(named, make, above)
    if schema.get("type") == "array":
        return list_of(_type(schema["items"], make, above))
    if schema.get("format") == "date-time":
        return datetime
    return _SCALARS.get(schema.get("type", ""), Any)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
