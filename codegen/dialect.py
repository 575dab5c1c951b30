"""From OpenAPI 3.1 to 3.0.3: what JSON Schema 2020-12 says in other words.

Each rule changes one schema in place (not its children) and tells whether it did; its docstring is the reason that the
report gives.
"""

from __future__ import annotations

from typing import Any

from .json_tools import JsonObject, is_array, is_number, is_object
from .repairs import SchemaRule


def null_type(schema: JsonObject) -> bool:
    """OpenAPI 3.0 has one type and `nullable`, not a list of types."""
    kinds = ["null"] if schema.get("type") == "null" else schema.get("type")
    if not is_array(kinds):
        return False
    names = list(dict.fromkeys(kind for kind in kinds if isinstance(kind, str) and kind != "null"))
    del schema["type"]
    if "null" in kinds:
        schema["nullable"] = True
    if len(names) == 1:
        schema["type"] = names[0]
    elif names and "anyOf" not in schema:
        schema["anyOf"] = [{"type": name} for name in names]
    return True


def null_alternative(schema: JsonObject) -> bool:
    """An alternative that is null is `nullable` in OpenAPI 3.0."""
    changed = False
    for key in ("anyOf", "oneOf"):
        alternatives = schema.get(key)
        if is_array(alternatives) and any(_is_null(alternative) for alternative in alternatives):
            rest: list[Any] = [alternative for alternative in alternatives if not _is_null(alternative)]
            schema["nullable"] = changed = True
            del schema[key]
            if len(rest) == 1 and is_object(rest[0]) and "$ref" not in rest[0]:
                for name, value in rest[0].items():
                    schema.setdefault(name, value)
            elif rest:
                schema["allOf" if len(rest) == 1 and "allOf" not in schema else key] = rest
    return changed


def constant(schema: JsonObject) -> bool:
    """`const` is an enum of one in OpenAPI 3.0."""
    if "const" not in schema:
        return False
    schema.setdefault("enum", [schema.pop("const")])
    return True


def exclusive_limit(schema: JsonObject) -> bool:
    """Exclusive limits are booleans beside `minimum` and `maximum` in OpenAPI 3.0."""
    changed = False
    for exclusive, inclusive, stricter in (("exclusiveMinimum", "minimum", max), ("exclusiveMaximum", "maximum", min)):
        limit, other = schema.get(exclusive), schema.get(inclusive)
        if is_number(limit):
            schema[inclusive] = stricter(limit, other) if is_number(other) else limit
            schema[exclusive] = schema[inclusive] == limit
            changed = True
    return changed


def encoded_content(schema: JsonObject) -> bool:
    """Files and Base64 are string formats in OpenAPI 3.0."""
    encoding, media = schema.pop("contentEncoding", None), schema.pop("contentMediaType", None)
    if encoding is None and media is None:
        return False
    schema.setdefault("type", "string")
    schema.setdefault("format", "byte" if encoding in ("base64", "base64url") else "binary")
    return True


RULES: tuple[SchemaRule, ...] = (null_type, null_alternative, constant, exclusive_limit, encoded_content)


def _is_null(schema: Any) -> bool:
    return is_object(schema) and schema.get("type") in ("null", ["null"])
