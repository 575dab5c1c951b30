"""One snippet made clean: OpenAPI 3.0.3, every reference inline but those to schemas, nothing but what a client needs.

The tables below say which keys are kept, and what their values must be. A key that OpenAPI has no use for here is
dropped; a value of another kind is dropped too, and the report says so. What comes out can be relied on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import repairs
from .json_tools import JsonObject, is_array, is_integer, is_number, is_object
from .places import Place
from .references import References
from .repairs import PLACEHOLDER, Operation
from .report import Report
from .snippets import METHODS, Snippet

_COMPONENT_REASON = "OpenAPI allows letters, digits, `.`, `_` and `-` in names."
_MEDIA_TYPE = r"[A-Za-z0-9_.+*-]+/[A-Za-z0-9_.+*-]+(\s*;[ -~]*)?"
_PATH = re.compile(r"/|(/(?!\.\.?(/|$))([^/?#\\\s{}]|\{[^/{}]+\})+)+/?")
_SERVER = re.compile(r"(https?://[^/?#\s]+)?(/[^?#{}]*)?", re.IGNORECASE)
_STATUS = r"[1-5]([0-9]{2}|XX)|default"
_STYLES = {
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "path": ("simple", "label", "matrix"),
    "header": ("simple",),
    "cookie": ("form",),
}


@dataclass(frozen=True)
class Fragment:
    """The clean content of one snippet."""

    name: str
    operations: list[Operation]
    schemas: dict[str, JsonObject]
    security_schemes: JsonObject
    security: list[Any]
    info: JsonObject
    server: str
    """Scheme and host; the path of the server's URL is put before those of the operations."""
    tags: dict[str, JsonObject]


def clean(snippet: Snippet, report: Report) -> Fragment:
    """Clean one snippet.

    Raises:
        CodegenError: With snippet and pointer, where it cannot be understood.
    """
    root, raw = Place(snippet.name, report), snippet.document
    if not re.match(r"3\.[01](\.|$)", str(raw.get("openapi"))):
        raise root.down("openapi").refusal(f"not OpenAPI 3.0 or 3.1: {raw.get('openapi')!r}")
    references = References(raw)
    paths = references.inlined(raw.get("paths"), root.down("paths"))
    document: JsonObject = _DOCUMENT(
        {**raw, "components": references.inlined(raw.get("components", {}), root.down("components"))}, root
    )
    server = _SERVER.fullmatch(next((each.get("url", "") for each in document.get("servers", ())), ""))
    origin, prefix = (server[1] or "", (server[2] or "").rstrip("/")) if server else ("", "")
    operations = list(_operations(paths, prefix, root.down("paths")))
    if not operations:
        raise root.down("paths").refusal("no operation")
    components, security = document.get("components", {}), document.get("security", [])
    names, schemas = references.schema_names, components.get("schemas", {})
    for name in schemas:
        if names[name] != name:
            report.repaired("schema_name", _COMPONENT_REASON, f"schema {names[name]}")
    requirements = [*security, *(each for o in operations for each in o.body.get("security", ()))]
    used = {name for requirement in requirements for name in requirement}
    return Fragment(
        name=snippet.name,
        operations=operations,
        schemas={names[name]: schema for name, schema in schemas.items()},
        security_schemes={name: each for name, each in components.get("securitySchemes", {}).items() if name in used},
        security=security,
        info=document.get("info", {}),
        server=origin,
        tags={tag["name"]: tag for tag in document.get("tags", ()) if "name" in tag},
    )


def _operations(paths: Any, prefix: str, paths_at: Place) -> Iterator[Operation]:
    for documented, item in _object(paths, paths_at).items():
        path, at = prefix + documented, paths_at.down(documented)
        placeholders = PLACEHOLDER.findall(path)
        if not _PATH.fullmatch(path) or not path.isprintable() or len(set(placeholders)) != len(placeholders):
            raise at.refusal("a path consists of /segments, and its {placeholders} have different names")
        shared = _fields({"parameters": _PARAMETERS})(_object(item, at), at).get("parameters", [])
        for method in METHODS:
            if method in item:
                body = _OPERATION(_object(item[method], at.down(method)), at.down(method))
                once: dict[tuple[str, str], JsonObject] = {}
                for parameter in body.get("parameters", []) + shared:
                    once.setdefault((parameter["in"], parameter["name"]), parameter)
                operation = Operation(path, method, {**body, "parameters": [dict(each) for each in once.values()]})
                repairs.repair_operation(operation, repairs.OPERATION_RULES, at.report)
                # Path parameters come first, as they are in the path: it is the order of the method's arguments.
                order = {("path", name): position for position, name in enumerate(placeholders)}
                operation.parameters.sort(key=lambda each: order.get((each["in"], each["name"]), len(order)))
                yield operation


def _object(value: Any, at: Place) -> JsonObject:
    if not is_object(value):
        raise at.refusal("an object is wanted here")
    return value


# ---------------------------------------------------------------------------------------------- how values are kept

_Kind = Callable[[Any, Place], Any]
"""Returns what is kept of a value at a place, or raises `_MalformedError`."""


class _MalformedError(Exception):
    """The value is none of its kind."""


def _value(accepts: Callable[[Any], object]) -> _Kind:
    """A value that is kept as it is."""

    def kept(raw: Any, _: Place) -> Any:
        if not accepts(raw):
            raise _MalformedError
        return raw

    return kept


def _fields(kinds: dict[str, _Kind]) -> _Kind:
    """An object, of which these keys are kept."""
    return _object_of(lambda raw: ((key, kind) for key, kind in kinds.items() if key in raw))


def _members(kind: _Kind, name: str = r"(?s:.*)") -> _Kind:
    """An object whose values are all of one kind."""
    return _object_of(lambda raw: ((key, kind if re.fullmatch(name, key) else _NOTHING) for key in raw))


def _object_of(kinds: Callable[[JsonObject], Iterable[tuple[str, _Kind]]]) -> _Kind:
    def kept(raw: Any, at: Place) -> JsonObject:
        if not is_object(raw):
            raise _MalformedError
        return dict(_sound((key, raw[key], kind, at.down(key)) for key, kind in kinds(raw)))

    return kept


def _each(kind: _Kind) -> _Kind:
    """An array whose items are all of one kind."""

    def kept(raw: Any, at: Place) -> list[Any]:
        if not is_array(raw):
            raise _MalformedError
        return [value for _, value in _sound((n, value, kind, at.down(n)) for n, value in enumerate(raw))]

    return kept


def _sound(values: Iterable[tuple[Any, Any, _Kind, Place]]) -> Iterator[tuple[Any, Any]]:
    for key, value, kind, at in values:
        try:
            yield key, kind(value, at)
        except _MalformedError:
            at.malformed()


# ---------------------------------------------------------------------------------------------------- what is kept


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value))
    except re.error:
        return False


def _are_names(value: Any) -> bool:
    return is_array(value) and bool(value) and all(isinstance(v, str) for v in value) and len(set(value)) == len(value)


_NOTHING, _OBJECT = _value(lambda value: False), _value(is_object)
_TEXT, _BOOL = _value(lambda value: isinstance(value, str)), _value(lambda value: isinstance(value, bool))
_NAME = _value(lambda value: isinstance(value, str) and value.strip())
_COUNT = _value(lambda value: is_integer(value) and value >= 0)


def _schema(raw: Any, at: Place) -> JsonObject:
    if not is_object(raw):
        at.malformed()
        return {}
    if isinstance(raw.get("$ref"), str):
        reference = {"$ref": raw["$ref"]}
        beside: JsonObject = _fields({"description": _TEXT, "nullable": _BOOL})(raw, at)
        return {"allOf": [reference], **beside} if beside else reference
    schema = dict(raw)
    repairs.repair_schema(schema, repairs.SCHEMA_RULES, at)
    result: JsonObject = _KEYWORDS(schema, at)
    for limit in ("Minimum", "Maximum"):
        if limit.lower() not in result:
            result.pop(f"exclusive{limit}", None)
    repairs.repair_schema(result, repairs.CLEAN_SCHEMA_RULES, at)
    return result


def _schema_or_flag(raw: Any, at: Place) -> Any:
    return raw if isinstance(raw, bool) else _schema(raw, at)


def _schemas(raw: Any, at: Place) -> list[Any]:
    found: list[Any] = _each(_schema)(raw, at)
    if not found:
        raise _MalformedError
    return found


_KEYWORDS = _fields(
    {
        **dict.fromkeys(("title", "description", "format"), _TEXT),
        **dict.fromkeys(("nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems"), _BOOL),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _BOOL),
        **dict.fromkeys(("minimum", "maximum"), _value(is_number)),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _COUNT),
        **dict.fromkeys(("minProperties", "maxProperties"), _COUNT),
        "type": _value(repairs.TYPES.__contains__),
        "enum": _value(is_array),
        "default": _value(lambda value: True),
        "pattern": _value(_is_pattern),
        "multipleOf": _value(lambda value: is_number(value) and value > 0),
        "required": _value(_are_names),
        "properties": _members(_schema),
        "items": _schema,
        "additionalProperties": _schema_or_flag,
        "not": _schema,
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), _schemas),
    }
)
_CONTENT = _members(_fields({"schema": _schema}), _MEDIA_TYPE)


def _parameter(raw: Any, at: Place) -> JsonObject:
    parameter: JsonObject = _PARAMETER(raw, at)
    if "name" not in parameter or "in" not in parameter:
        raise _MalformedError
    described: list[JsonObject] = [parameter, *parameter.pop("content", {}).values()]
    schema = next((each["schema"] for each in described if "schema" in each), {"type": "string"})
    if parameter.get("style") not in _STYLES[parameter["in"]]:
        parameter.pop("style", None)
    return {"required": False, **parameter, "schema": schema}


_PARAMETER = _fields(
    {
        "name": _NAME,
        "in": _value(lambda value: value in tuple(_STYLES)),
        "schema": _schema,
        "content": _CONTENT,
        "description": _TEXT,
        "style": _TEXT,
        **dict.fromkeys(("required", "deprecated", "explode"), _BOOL),
    }
)
_PARAMETERS = _each(_parameter)


def _request_body(raw: Any, at: Place) -> JsonObject:
    kept = _fields({"description": _TEXT, "required": _BOOL, "content": _CONTENT})
    return {"required": False, "content": {}, **kept(raw, at)}


def _response(raw: Any, at: Place) -> JsonObject:
    kept = _fields({"description": _TEXT, "content": _CONTENT})(raw, at)
    return {"description": "", **{key: value for key, value in kept.items() if value}}


_OPERATION = _fields(
    {
        "summary": _TEXT,
        "description": _TEXT,
        "deprecated": _BOOL,
        "tags": _each(_NAME),
        "parameters": _PARAMETERS,
        "requestBody": _request_body,
        "responses": _members(_response, _STATUS),
        "security": _each(_OBJECT),
    }
)
_DOCUMENT = _fields(
    {
        "info": _fields({"title": _TEXT, "version": _TEXT}),
        "servers": _each(_fields({"url": _value(lambda value: isinstance(value, str) and _SERVER.fullmatch(value))})),
        "tags": _each(_fields({"name": _NAME, "description": _TEXT})),
        "security": _each(_OBJECT),
        "components": _fields({"schemas": _members(_schema), "securitySchemes": _members(_OBJECT)}),
    }
)
