"""What an operation answers, as the runtime has to know it: kind, envelope, media type.

The parser has no word for these; they are read from the spec, whose answers merge has made flat. The class of what is
answered is the parser's: `within` says where in the answer it finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..components import is_envelope
from ..json_tools import JsonObject
from ..repairs import Operation

_BODY_TYPES = {
    "application/json": "json",
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "form",
    "text/plain": "text",
    "application/octet-stream": "binary",
}
"""The usual media type of each way to encode a body, in the order in which they are preferred."""


@dataclass(frozen=True)
class Answer:
    """What the runtime has to know.

    Attributes:
        kind: One of `Kind` in `overrides/_contract.py`.
        within: Where the result is: a key of the answer, "[]" for each of an array; None for JSON as it comes.
        items: The key of the array in a page.
        nullable: An empty answer is documented beside the model.
        accept: The media type that is asked for.
        note: What is not as documented.
    """

    kind: str
    within: tuple[str, ...] | None = None
    items: str = "data"
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
    chosen = [media_type(content) for content in contents]
    other = [kind for kind in chosen if kind is not None and body_type(kind) != "json"]
    if other and len(other) == len([kind for kind in chosen if kind is not None]):
        return Answer("text" if body_type(other[0]) == "text" else "bytes", accept=other[0])
    documented = [
        _resolved(content[kind].get("schema", {}), schemas) if kind is not None and body_type(kind) == "json" else {}
        for content, kind in zip(contents, chosen, strict=True)
    ]
    distinct = [each for n, each in enumerate(documented) if _says_something(each) and each not in documented[:n]]
    paged = operation.method == "get" and any(
        each["in"] == "query" and each["name"] in ("page", "per_page") for each in operation.parameters
    )
    if len(distinct) != 1:
        note = "typed open: its successful answers have different schemas" if distinct else ""
        return Answer("list" if paged else "any", note=note)
    nullable = not all(map(_says_something, documented))
    return _answer(operation.method, distinct[0], schemas, paged=paged, nullable=nullable)


def _answer(method: str, schema: JsonObject, schemas: JsonObject, *, paged: bool, nullable: bool) -> Answer:
    if schema.get("type") == "array":
        return Answer("list", ("[]",)) if method == "get" else Answer("any")
    properties = schema.get("properties", {})
    if is_envelope(schema):
        data = _resolved(properties["data"], schemas)
        if data.get("type") == "array":
            return Answer("list", ("data", "[]")) if method == "get" else Answer("any")
        if paged:
            return Answer("list")
        return Answer("model", ("data",), nullable=nullable) if "properties" in data else Answer("any")
    if paged:
        arrays = [key for key, value in properties.items() if _resolved(value, schemas).get("type") == "array"]
        if len(arrays) == 1:
            return Answer("list", (arrays[0], "[]"), items=arrays[0])
        note = "has pages, but documents none or several arrays: its JSON comes as it is" if properties else ""
        return Answer("any" if properties else "list", note=note)
    if not properties:
        return Answer("any")
    if method == "delete" or properties.keys() == {"message"}:
        return Answer("message", ())
    return Answer("plain", (), nullable=nullable)


def media_type(content: JsonObject) -> str | None:
    """The media type that is sent or asked for, of those documented; JSON wins."""
    order = list(_BODY_TYPES.values())
    return min(content, key=lambda each: order.index(body_type(each)), default=None)


def body_type(content_type: str) -> str:
    """How a body of this media type is encoded; an answer of the type "json" is decoded."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("*/*", "text/json") or kind.endswith("+json"):
        return "json"
    by_family = "multipart" if kind.startswith("multipart/") else "text" if kind.startswith("text/") else "binary"
    return _BODY_TYPES.get(kind, by_family)


def unusual_media_type(content_type: str) -> str | None:
    """The media type, unless it is the one that is sent anyway."""
    kind = content_type.partition(";")[0].strip().lower()
    return None if kind in (*_BODY_TYPES, "*/*") else content_type


def _resolved(schema: JsonObject, schemas: JsonObject) -> JsonObject:
    """A schema, or the component that it refers to."""
    references: Iterator[str] = (part["$ref"] for part in (schema, *schema.get("allOf", ())) if "$ref" in part)
    reference = next(references, None)
    component: JsonObject = schema if reference is None else schemas.get(reference.rpartition("/")[2], {})
    return {key: value for key, value in component.items() if key != "x-source"}


def _says_something(schema: JsonObject) -> bool:
    return (
        bool(schema.keys() & {"properties", "items", "enum", "oneOf", "anyOf"})
        or schema.get("type", "object") != "object"
    )
