"""General repairs: one small rule for each way in which the fragments are broken.

Every rule changes its schema or operation in place. A schema rule tells whether it did, an operation rule names what it
changed. Its docstring is the reason that the report gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .json_tools import JsonObject, is_array, is_integer, is_number, is_object
from .parameters import clean_names, filter_name, is_name, listed_names, without_list
from .places import Place
from .report import Report

SchemaRule = Callable[[JsonObject], bool]

TYPES = ("array", "boolean", "integer", "number", "object", "string")

_ALIASES: dict[str, JsonObject] = {
    "int": {"type": "integer"},
    "int32": {"type": "integer"},
    "int64": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "decimal": {"type": "number"},
    "numeric": {"type": "number"},
    "bool": {"type": "boolean"},
    "str": {"type": "string"},
    "text": {"type": "string"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "date-time": {"type": "string", "format": "date-time"},
    "timestamp": {"type": "string", "format": "date-time"},
    "file": {"type": "string", "format": "binary"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
    "map": {"type": "object"},
}
_STRING_FORMATS = ("date-time", "date", "time", "uuid", "uri", "url", "email", "hostname", "byte", "binary", "password")
_ALTERNATIVES = frozenset(("allOf", "anyOf", "oneOf", "not"))
_ITEM_PATH = re.compile(r"\{[^{}/]+\}/?$")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CLIENT_HEADERS = ("accept", "authorization", "content-type")


@dataclass(frozen=True)
class Operation:
    """An operation and its place in the spec."""

    path: str
    method: str
    body: JsonObject

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[JsonObject]:
        parameters: list[JsonObject] = self.body.setdefault("parameters", [])
        return parameters


OperationRule = Callable[[Operation], Iterator[str]]


# ---------------------------------------------------------------------------------------------------------- schemas


def foreign_type(schema: JsonObject) -> bool:
    """The type is none of OpenAPI's: it becomes the one it stands for, or none."""
    kind = schema.get("type")
    if kind is None or kind in TYPES:
        return False
    del schema["type"]
    alias = _ALIASES.get(kind.lower(), {}) if isinstance(kind, str) else {}
    for key, value in alias.items():
        schema.setdefault(key, value)
    return True


def items_under_star(schema: JsonObject) -> bool:
    """Laravel writes the items of an array as a property `*` (`labels.*.id`)."""
    properties = schema.get("properties")
    if not is_object(properties) or list(properties) != ["*"] or schema.get("type") not in ("array", None):
        return False
    del schema["properties"]
    schema["type"] = "array"
    schema["items"] = properties["*"]
    return True


def values_under_star(schema: JsonObject) -> bool:
    """A property `*` of an object stands for properties of any name."""
    properties = schema.get("properties")
    if not is_object(properties) or "*" not in properties:
        return False
    star = properties["*"]
    schema["properties"] = {name: value for name, value in properties.items() if name != "*"}
    schema.setdefault("additionalProperties", star)
    return True


def array_without_items(schema: JsonObject) -> bool:
    """An array must say what its items are: here they are anything."""
    if schema.get("type") != "array" or "items" in schema:
        return False
    schema["items"] = {}
    return True


def items_on_scalar(schema: JsonObject) -> bool:
    """Only arrays have items: the scraper left those of some other value behind."""
    if "items" not in schema or schema.get("type") in ("array", None):
        return False
    del schema["items"]
    return True


def items_without_type(schema: JsonObject) -> bool:
    """What has items is an array."""
    if "items" not in schema or "type" in schema:
        return False
    schema["type"] = "array"
    return True


def formatted_object(schema: JsonObject) -> bool:
    """Dates and the like are strings in JSON; they are objects only in the server's code."""
    if schema.get("type") != "object" or schema.get("format") not in _STRING_FORMATS or schema.get("properties"):
        return False
    schema["type"] = "string"
    return True


def enum_object(schema: JsonObject) -> bool:
    """Enums are objects only in the server's code: JSON has their values."""
    values = schema.get("enum")
    if schema.get("type") != "object" or not is_array(values) or any(is_object(value) for value in values):
        return False
    del schema["type"]
    kind = _kind_of_all(values)
    if kind:
        schema["type"] = kind
    return True


def untyped_enum(schema: JsonObject) -> bool:
    """The values of an enum tell its type."""
    if "enum" not in schema or "type" in schema or not is_array(schema["enum"]):
        return False
    kind = _kind_of_all(schema["enum"])
    if kind:
        schema["type"] = kind
    return kind is not None


def unusable_enum(schema: JsonObject) -> bool:
    """An enum lists strings or integers, each once and of the documented type; any other list is no type."""
    if "enum" not in schema:
        return False
    values = schema["enum"]
    kind = _kind_of_all(values) if is_array(values) else None
    if kind is None or kind != schema.get("type", kind):
        del schema["enum"]
        return True
    once = list(dict.fromkeys(values))
    repaired = len(once) != len(values)
    schema["enum"] = once
    return repaired


def untyped_object(schema: JsonObject) -> bool:
    """What has properties is an object."""
    if "type" in schema or not is_object(schema.get("properties")) or _ALTERNATIVES & schema.keys():
        return False
    schema["type"] = "object"
    return True


def properties_on_scalar(schema: JsonObject) -> bool:
    """Only objects have properties: which of both is meant cannot be known, so the value is open."""
    if not schema.get("properties") or schema.get("type") in ("object", None):
        return False
    for key in ("properties", "required", "type", "format", "items", "enum"):
        schema.pop(key, None)
    return True


def required_unknown(schema: JsonObject) -> bool:
    """A required property that is not described exists all the same, with any value; only objects have some."""
    required, properties = schema.get("required"), schema.get("properties")
    if not is_array(required):
        return False
    if schema.get("type") not in ("object", None):
        del schema["required"]
        return True
    known = properties if is_object(properties) else {}
    unknown = [name for name in required if isinstance(name, str) and name not in known]
    if unknown:
        schema["properties"] = {**known, **{name: {} for name in unknown}}
    return bool(unknown)


def impossible_default(schema: JsonObject) -> bool:
    """A default that its own type excludes is a slip."""
    if "default" not in schema:
        return False
    simple = not (_ALTERNATIVES | {"properties", "items", "additionalProperties"}) & schema.keys()
    if simple and _accepts({key: value for key, value in schema.items() if key != "default"}, schema["default"]):
        return False
    del schema["default"]
    return True


def numeric_text(schema: JsonObject) -> bool:
    """Limits are numbers, even where the documentation quotes them."""
    changed = False
    for key in ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"):
        value = schema.get(key)
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            schema[key] = int(value)
            changed = True
    return changed


def limitless_exclusion(schema: JsonObject) -> bool:
    """What is excluded must be a limit that stands beside it."""
    changed = False
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if exclusive in schema and not is_number(schema.get(limit)):
            del schema[exclusive]
            changed = True
    return changed


SCHEMA_RULES: tuple[SchemaRule, ...] = (
    foreign_type,
    items_under_star,
    values_under_star,
    array_without_items,
    items_on_scalar,
    items_without_type,
    properties_on_scalar,
    formatted_object,
    enum_object,
    untyped_enum,
    unusable_enum,
    required_unknown,
    untyped_object,
    numeric_text,
    limitless_exclusion,
)
# Only of a schema that holds nothing malformed any more.
CLEAN_SCHEMA_RULES: tuple[SchemaRule, ...] = (impossible_default,)


# -------------------------------------------------------------------------------- operations, before they are united


def repeated_parameter(operation: Operation) -> Iterator[str]:
    """A parameter documented twice is one parameter: the first."""
    seen: dict[tuple[str, str], JsonObject] = {}
    for parameter in operation.parameters:
        key = (parameter["in"], parameter["name"])
        if seen.setdefault(key, parameter) is not parameter:
            yield f"{key[0]} {key[1]}"
    operation.body["parameters"] = list(seen.values())


def undeclared_path_parameter(operation: Operation) -> Iterator[str]:
    """Every placeholder of the path is a required parameter, and there are no other path parameters."""
    names = list(dict.fromkeys(_PLACEHOLDER.findall(operation.path)))
    declared = {parameter["name"]: parameter for parameter in operation.parameters if parameter["in"] == "path"}
    for name in names:
        if name not in declared:
            operation.parameters.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
            yield f"{name} added"
        elif declared[name].get("required") is not True:
            declared[name]["required"] = True
            yield f"{name} required"
    for name, parameter in declared.items():
        if name not in names:
            operation.parameters.remove(parameter)
            yield f"{name} dropped"


def header_of_the_client(operation: Operation) -> Iterator[str]:
    """OpenAPI leaves these headers to security and content types; the client sends them anyway."""
    for parameter in list(operation.parameters):
        if parameter["in"] == "header" and parameter["name"].lower() in _CLIENT_HEADERS:
            operation.parameters.remove(parameter)
            yield parameter["name"]


def filter_object(operation: Operation) -> Iterator[str]:
    """A `filter` object is sent as `filter[name]`: one parameter for each name, as everywhere else."""
    expanded: list[JsonObject] = []
    for parameter in operation.parameters:
        properties = parameter["schema"].get("properties")
        if parameter["in"] == "query" and parameter["name"] == "filter" and is_object(properties):
            expanded += [
                {"name": f"filter[{name}]", "in": "query", "required": False, "schema": schema}
                for name, schema in properties.items()
            ]
            yield ", ".join(properties)
        else:
            expanded.append(parameter)
    operation.body["parameters"] = expanded


def scraped_filter(operation: Operation) -> Iterator[str]:
    """SQL words and punctuation are no filters: the list was scraped from source code."""
    for parameter in list(operation.parameters):
        name = filter_name(parameter["name"])
        if name is not None and parameter["in"] == "query" and not is_name(name):
            operation.parameters.remove(parameter)
            yield parameter["name"]


def include_and_sort_names(operation: Operation) -> Iterator[str]:
    """The names of includes and sorts stand in the description, or as an enum; the parameter is a list of them."""
    for parameter in list(operation.parameters):
        if parameter["in"] != "query" or parameter["name"] not in ("include", "sort"):
            continue
        words = _documented_names(parameter)
        names = clean_names(words or ())
        if words is not None and not names:
            operation.parameters.remove(parameter)
            yield f"{parameter['name']} dropped: no name in its list"
            continue
        if parameter["name"] == "sort":
            names = [direction + name for name in names for direction in ("", "-")]
        items: JsonObject = {"type": "string", "enum": names} if names else {"type": "string"}
        parameter.update(schema={"type": "array", "items": items}, style="form", explode=False)
        description = without_list(parameter.get("description", ""))
        if description:
            parameter["description"] = description
        else:
            parameter.pop("description", None)
        yield parameter["name"]


OPERATION_RULES: tuple[OperationRule, ...] = (
    repeated_parameter,
    undeclared_path_parameter,
    header_of_the_client,
    filter_object,
    scraped_filter,
    include_and_sort_names,
)


# ------------------------------------------------------------------------------------------------- the united spec


def list_parameters_on_item(spec: JsonObject) -> Iterator[str]:
    """Getting one thing has nothing to filter, sort or page: the documentation copied the list's parameters."""
    for operation in operations(spec):
        if operation.method != "get" or not _ITEM_PATH.search(operation.path) or _answers_list(operation, spec):
            continue
        for parameter in list(operation.parameters):
            name = parameter["name"]
            if parameter["in"] == "query" and (name in ("sort", "page", "per_page") or filter_name(name) is not None):
                operation.parameters.remove(parameter)
                yield f"{operation.label} {name}"


def missing_tag(spec: JsonObject) -> Iterator[str]:
    """An operation without a tag belongs to the first segment of its path."""
    for operation in operations(spec):
        if not operation.body.get("tags"):
            operation.body["tags"] = [tag_of_path(operation.path)]
            yield operation.label


def missing_response(spec: JsonObject) -> Iterator[str]:
    """Every operation answers something: where nothing is documented, a success without content."""
    for operation in operations(spec):
        if not operation.body.get("responses"):
            operation.body["responses"] = {"200": {"description": "Successful response"}}
            yield operation.label


def id_in_body(spec: JsonObject) -> Iterator[str]:
    """Identifiers come back as integers but are documented as strings in requests: both are taken."""
    schemas: JsonObject = spec["components"]["schemas"]
    seen: set[str] = set()
    for operation in operations(spec):
        body = operation.body.get("requestBody", {})
        for media in body.get("content", {}).values():
            yield from _widen_ids(media.get("schema", {}), f"{operation.label} body", schemas, seen)


SPEC_RULES: tuple[Callable[[JsonObject], Iterator[str]], ...] = (
    list_parameters_on_item,
    missing_tag,
    missing_response,
    id_in_body,
)


# ------------------------------------------------------------------------------------------------------- application


def repair_schema(schema: JsonObject, at: Place, rules: tuple[SchemaRule, ...], report: Report) -> None:
    for rule in rules:
        if rule(schema):
            report.repaired(_rule_name(rule), _reason(rule), at.label)


def repair_operation(operation: Operation, report: Report) -> None:
    for rule in OPERATION_RULES:
        for what in rule(operation):
            report.repaired(_rule_name(rule), _reason(rule), f"{operation.label}: {what}")


def repair_spec(spec: JsonObject, report: Report) -> None:
    for rule in SPEC_RULES:
        for place in rule(spec):
            report.repaired(_rule_name(rule), _reason(rule), place)


def operations(spec: JsonObject) -> Iterator[Operation]:
    """The operations of a spec of ours, whose path items hold nothing else."""
    for path, item in spec["paths"].items():
        for method, body in item.items():
            yield Operation(path, method, body)


def path_segments(path: str) -> list[str]:
    """The segments of a path after the API's prefix (`/api/v1`)."""
    segments = [segment for segment in path.split("/") if segment]
    while segments and (segments[0] == "api" or re.fullmatch(r"v\d+", segments[0])):
        segments = segments[1:]
    return segments


def tag_of_path(path: str) -> str:
    """The first fixed segment of a path, as a title."""
    static = next((segment for segment in path_segments(path) if not segment.startswith("{")), "api")
    return re.sub(r"[^A-Za-z0-9]+", " ", static).strip().title() or "Api"


def _rule_name(rule: Callable[..., Any]) -> str:
    return rule.__name__


def _reason(rule: Callable[..., Any]) -> str:
    return " ".join((rule.__doc__ or "").split())


def _kind_of_all(values: list[Any]) -> str | None:
    present = [value for value in values if value is not None]
    for kind in ("string", "integer"):
        if present and all(_is_kind(value, kind) for value in present):
            return kind
    return None


def _accepts(schema: JsonObject, value: Any) -> bool:
    from openapi_schema_validator import OAS30Validator, oas30_format_checker

    return bool(OAS30Validator(schema, format_checker=oas30_format_checker).is_valid(value))


def _is_kind(value: Any, kind: Any) -> bool:
    checks: dict[str, Callable[[Any], bool]] = {
        "string": lambda value: isinstance(value, str),
        "integer": is_integer,
        "number": is_number,
        "boolean": lambda value: isinstance(value, bool),
        "array": is_array,
        "object": is_object,
    }
    return value is None or (kind in checks and checks[kind](value))


def _documented_names(parameter: JsonObject) -> list[str] | None:
    schema: JsonObject = parameter["schema"]
    items = schema.get("items")
    enum = schema.get("enum", items.get("enum") if is_object(items) else None)
    if is_array(enum):
        return [value for value in enum if isinstance(value, str)]
    return listed_names(parameter.get("description", ""))


def _answers_list(operation: Operation, spec: JsonObject) -> bool:
    for status, response in operation.body.get("responses", {}).items():
        for media in response.get("content", {}).values() if status.startswith("2") else ():
            schema = _referenced(media.get("schema", {}), spec["components"]["schemas"])
            data = _referenced(schema.get("properties", {}).get("data", {}), spec["components"]["schemas"])
            if "array" in (schema.get("type"), data.get("type")):
                return True
    return False


def _referenced(schema: JsonObject, schemas: JsonObject) -> JsonObject:
    reference = schema.get("$ref")
    target: JsonObject = schemas[reference.rpartition("/")[2]] if isinstance(reference, str) else schema
    return target


def _widen_ids(schema: JsonObject, label: str, schemas: JsonObject, seen: set[str]) -> Iterator[str]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference not in seen:
            seen.add(reference)
            name = reference.rpartition("/")[2]
            yield from _widen_ids(schemas[name], f"schema {name}", schemas, seen)
        return
    for name, child in schema.get("properties", {}).items():
        where = f"{label}.{name}"
        if _is_id(name) and _plain_string(child):
            _widen(child)
            yield where
        elif name.endswith("_ids") and _plain_string(child.get("items", {})):
            _widen(child["items"])
            yield f"{where}[]"
        else:
            yield from _widen_ids(child, where, schemas, seen)
    for key in ("allOf", "anyOf", "oneOf"):
        for child in schema.get(key, ()):
            yield from _widen_ids(child, label, schemas, seen)
    for key, suffix in (("items", "[]"), ("additionalProperties", ".*")):
        child = schema.get(key)
        if is_object(child):
            yield from _widen_ids(child, label + suffix, schemas, seen)


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")


def _plain_string(schema: JsonObject) -> bool:
    return schema.get("type") == "string" and "enum" not in schema and "format" not in schema


def _widen(schema: JsonObject) -> None:
    """Null goes into an alternative: OpenAPI 3.0 knows `nullable` only beside a type."""
    limits = {key: schema.pop(key) for key in ("minLength", "maxLength", "pattern") if key in schema}
    integer: JsonObject = {"type": "integer"}
    if schema.pop("nullable", False):
        integer["nullable"] = True
    del schema["type"]
    schema.pop("default", None)
    schema["oneOf"] = [integer, {"type": "string", **limits}]
