"""From OpenAPI 3.1 to 3.0.3: what JSON Schema 2020-12 says in other words.

Each rule changes one schema in place (not its children) and tells whether it did; its docstring is the reason that the
report gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .json_tools import JsonObject, is_array, is_number, is_object

SchemaRule = Callable[[JsonObject], bool]


def null_type(schema: JsonObject) -> bool:
    """OpenAPI 3.0 has one type and `nullable`, not a list of types."""
    kinds = schema.get("type")
    if kinds == "null":
        kinds = ["null"]
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
    value = schema.pop("const")
    schema.setdefault("enum", [value])
    return True


def null_in_enum(schema: JsonObject) -> bool:
    """An enum with null is a nullable enum."""
    values = schema.get("enum")
    if not is_array(values) or None not in values or schema.get("nullable") is True:
        return False
    schema["nullable"] = True
    return True


def exclusive_limit(schema: JsonObject) -> bool:
    """Exclusive limits are booleans beside `minimum` and `maximum` in OpenAPI 3.0."""
    changed = False
    for exclusive, inclusive, stricter in (("exclusiveMinimum", "minimum", max), ("exclusiveMaximum", "maximum", min)):
        limit = schema.get(exclusive)
        if not is_number(limit):
            continue
        changed = True
        other = schema.get(inclusive)
        strictest = stricter(limit, other) if is_number(other) else limit
        schema[inclusive] = strictest
        schema[exclusive] = strictest == limit
    return changed


def example_list(schema: JsonObject) -> bool:
    """Schemas have one `example` in OpenAPI 3.0."""
    if "examples" not in schema:
        return False
    examples = schema.pop("examples")
    if is_array(examples) and examples:
        schema.setdefault("example", examples[0])
    return True


def encoded_content(schema: JsonObject) -> bool:
    """Files and Base64 are string formats in OpenAPI 3.0."""
    encoding, media = schema.pop("contentEncoding", None), schema.pop("contentMediaType", None)
    if encoding is None and media is None:
        return False
    schema.setdefault("type", "string")
    schema.setdefault("format", "byte" if encoding in ("base64", "base64url") else "binary")
    return True


def tuple_items(schema: JsonObject) -> bool:
    """Arrays whose items differ by position cannot be typed in OpenAPI 3.0: their items are anything."""
    if "prefixItems" not in schema and not is_array(schema.get("items")):
        return False
    schema.pop("prefixItems", None)
    schema["items"] = {}
    return True


def pattern_properties(schema: JsonObject) -> bool:
    """Properties named by a pattern are additional properties in OpenAPI 3.0."""
    patterns = schema.pop("patternProperties", None)
    if patterns is None:
        return False
    values = list(patterns.values()) if is_object(patterns) else []
    schema.setdefault("additionalProperties", values[0] if len(values) == 1 else True)
    return True


RULES: tuple[SchemaRule, ...] = (
    null_type,
    null_alternative,
    constant,
    null_in_enum,
    exclusive_limit,
    example_list,
    encoded_content,
    tuple_items,
    pattern_properties,
)


def _is_null(schema: Any) -> bool:
    return is_object(schema) and schema.get("type") in ("null", ["null"])
