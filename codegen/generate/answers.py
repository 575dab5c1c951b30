"""What the runtime must know about the answer of an operation: kind, envelope, media type.

The parser has no word for these; they are read from the spec, whose answers merge has made flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..components import is_envelope
from ..json_tools import JsonObject, canonical
from ..repairs import Operation

_BODY_TYPES = {
    "application/json": "json",
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "form",
    "text/plain": "text",
    "application/octet-stream": "binary",
}
"""The usual media type of each way to encode a body, in the order in which they are preferred."""
_ITEM_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}


@dataclass(frozen=True)
class Answer:
    """The answer of an operation, for the runtime.

    Attributes:
        kind: One of `Kind` in `overrides/_contract.py`.
        result: The component of the model that is answered; empty for JSON as it comes.
        items: The key of the array in a page.
        item: The type of its items, if they are no model.
        nullable: An empty answer is documented beside the model.
        accept: The media type that is asked for.
        note: What is not as documented.
    """

    kind: str
    result: str = ""
    items: str = "data"
    item: str = "dict[str, Any]"
    nullable: bool = False
    accept: str = "application/json"
    note: str = ""


def answer_of(operation: Operation, schemas: JsonObject) -> Answer:
    """The answer of an operation of the spec."""
    contents = [
        response.get("content", {})
        for status, response in sorted(operation.body.get("responses", {}).items())
        if status.startswith("2")
    ]
    types = [kind for content in contents if (kind := media_type(content)) is not None]
    if types and all(body_type(kind) != "json" for kind in types):
        return Answer("text" if body_type(types[0]) == "text" else "bytes", accept=types[0])
    documented = [_json_schema(content) for content in contents]
    said = [each for each in documented if _says_something(_resolved(each, schemas))]
    distinct = {canonical(_resolved(each, schemas)) for each in said}
    paged = operation.method == "get" and any(
        each["in"] == "query" and each["name"] in ("page", "per_page") for each in operation.parameters
    )
    if len(distinct) != 1:
        note = "typed Any: its success responses differ" if distinct else ""
        return Answer("list" if paged else "any", item="Any" if distinct else Answer.item, note=note)
    return _answer(operation.method, said[0], schemas, paged=paged, nullable=len(said) < len(documented))


def _json_schema(content: JsonObject) -> JsonObject:
    kind = media_type(content)
    schema: JsonObject = content[kind].get("schema", {}) if kind is not None and body_type(kind) == "json" else {}
    return schema


def _answer(method: str, schema: JsonObject, schemas: JsonObject, *, paged: bool, nullable: bool) -> Answer:
    outer = _resolved(schema, schemas)
    enveloped = is_envelope(outer)
    inner = outer["properties"]["data"] if enveloped else schema
    resolved = _resolved(inner, schemas)
    properties = resolved.get("properties", {})
    nullable = nullable or bool(schema.get("nullable") or inner.get("nullable"))
    if resolved.get("type") == "array":
        return _list_of(resolved, schemas) if method == "get" else Answer("any")
    if paged and enveloped:
        return Answer("list")
    if paged:
        arrays = [key for key, value in properties.items() if value.get("type") == "array"]
        if len(arrays) == 1:
            return _list_of(properties[arrays[0]], schemas, arrays[0])
        note = "has pages, but documents none or several arrays: its JSON comes as it is" if properties else ""
        return Answer("any" if properties else "list", note=note)
    if not properties:
        return Answer("any")
    if not enveloped and (method == "delete" or properties.keys() == {"message"}):
        return Answer("message", component_of(schema))
    return Answer("model" if enveloped else "plain", component_of(inner), nullable=nullable)


def _list_of(array: JsonObject, schemas: JsonObject, key: str = "data") -> Answer:
    items = array.get("items", {})
    item = "Any" if items.get("nullable") else _ITEM_TYPES.get(_resolved(items, schemas).get("type", ""), "Any")
    return Answer("list", component_of(items), items=key, item=item)


def component_of(schema: JsonObject) -> str:
    """The component that a schema refers to, or none."""
    references: Iterator[str] = (part["$ref"] for part in (schema, *schema.get("allOf", ())) if "$ref" in part)
    return next(references, "").rpartition("/")[2]


def media_type(content: JsonObject) -> str | None:
    """The documented media type to send or to request. JSON is preferred."""
    order = list(_BODY_TYPES.values())
    return min(content, key=lambda each: order.index(body_type(each)), default=None)


def body_type(content_type: str) -> str:
    """How to encode a body of this media type. An answer of the type "json" is decoded."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("*/*", "text/json") or kind.endswith("+json"):
        return "json"
    by_family = "multipart" if kind.startswith("multipart/") else "text" if kind.startswith("text/") else "binary"
    return _BODY_TYPES.get(kind, by_family)


def unusual_media_type(content_type: str) -> str | None:
    """The media type, unless it is the default one."""
    kind = content_type.partition(";")[0].strip().lower()
    return None if kind in (*_BODY_TYPES, "*/*") else content_type


def _resolved(schema: JsonObject, schemas: JsonObject) -> JsonObject:
    """A schema, or the component that it refers to."""
    component: JsonObject = schemas.get(component_of(schema), schema)
    return {key: value for key, value in component.items() if key != "x-source"}


def _says_something(schema: JsonObject) -> bool:
    return (
        bool(schema.keys() & {"properties", "items", "enum", "oneOf", "anyOf"})
        or schema.get("type", "object") != "object"
    )
