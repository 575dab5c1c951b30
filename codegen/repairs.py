"""General repairs: one small rule for each way in which the fragments are broken.

Every rule changes its schema or operation in place. A schema rule tells whether it did, an operation rule names what it
changed. Its docstring is the reason that the report gives. What no rule understands is left open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from .json_tools import JsonObject, is_array, is_integer, is_number, is_object
from .parameters import clean_names, filter_name, is_name, is_query_argument, listed_names, with_parents, without_list
from .places import Place
from .report import Report

SchemaRule = Callable[[JsonObject], bool]

TYPES = ("array", "boolean", "integer", "number", "object", "string")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""A parameter in a path."""

_STRING_FORMATS = ("date-time", "date", "time", "uuid", "uri", "url", "email", "hostname", "byte", "binary", "password")
_ALTERNATIVES = frozenset(("allOf", "anyOf", "oneOf", "not"))
_ITEM_PATH = re.compile(r"\{[^{}/]+\}/?$")
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


# OpenAPI 3.1


def null_type(schema: JsonObject) -> bool:
    """OpenAPI 3.0 has one type and `nullable`, not a list of types."""
    kinds = ["null"] if schema.get("type") == "null" else schema.get("type")
    if not is_array(kinds):
        return False
    del schema["type"]
    schema |= {"nullable": True} if "null" in kinds else {}
    names = [kind for kind in TYPES if kind in kinds]
    if len(names) == 1:
        schema["type"] = names[0]
    elif names:
        schema.setdefault("anyOf", [{"type": name} for name in names])
    return True


def null_alternative(schema: JsonObject) -> bool:
    """An alternative that is null is `nullable` in OpenAPI 3.0."""
    for key in ("anyOf", "oneOf"):
        alternatives = schema.get(key)
        rest = [each for each in alternatives if each != {"type": "null"}] if is_array(alternatives) else []
        if rest != (alternatives or []):
            schema |= {"nullable": True, key: rest}
            return True
    return False


def constant(schema: JsonObject) -> bool:
    """`const` is an enum of one in OpenAPI 3.0."""
    return "const" in schema and schema.setdefault("enum", [schema.pop("const")]) is not None


def exclusive_limit(schema: JsonObject) -> bool:
    """Exclusive limits are booleans beside `minimum` and `maximum` in OpenAPI 3.0."""
    before = dict(schema)
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if is_number(schema.get(exclusive)) and inclusive not in schema:
            schema |= {inclusive: schema[exclusive], exclusive: True}
    return schema != before


# what scrapers and servers get wrong


def unknown_type(schema: JsonObject) -> bool:
    """The type is none of OpenAPI's, so the value is open."""
    known = schema.get("type") is None or schema["type"] in TYPES
    return not known and schema.pop("type") is not None


def items_under_star(schema: JsonObject) -> bool:
    """Laravel writes the items of an array as a property `*` (`labels.*.id`)."""
    properties = schema.get("properties")
    if not is_object(properties) or list(properties) != ["*"] or schema.get("type") not in ("array", None):
        return False
    del schema["properties"]
    schema |= {"type": "array", "items": properties["*"]}
    return True


def array_without_items(schema: JsonObject) -> bool:
    """No `items` given: any value is allowed."""
    return schema.get("type") == "array" and "items" not in schema and schema.setdefault("items", {}) == {}


def items_on_scalar(schema: JsonObject) -> bool:
    """Only arrays have items: the scraper left those of some other value behind."""
    return schema.get("type") not in ("array", None) and schema.pop("items", None) is not None


def untyped(schema: JsonObject) -> bool:
    """What has items is an array, what has properties is an object."""
    if "type" in schema or _ALTERNATIVES & schema.keys():
        return False
    kind = "array" if "items" in schema else "object" if is_object(schema.get("properties")) else None
    return kind is not None and schema.setdefault("type", kind) == kind


def properties_on_scalar(schema: JsonObject) -> bool:
    """Only objects have properties: which of both is meant cannot be known, so the value is open."""
    if not schema.get("properties") or schema.get("type") in ("object", None):
        return False
    for key in ("properties", "required", "type", "format", "items", "enum"):
        schema.pop(key, None)
    return True


def formatted_object(schema: JsonObject) -> bool:
    """Dates and the like are strings in JSON; they are objects only in the server's code."""
    if schema.get("type") != "object" or schema.get("format") not in _STRING_FORMATS or schema.get("properties"):
        return False
    schema["type"] = "string"
    return True


def enum_values(schema: JsonObject) -> bool:
    """An enum lists strings or integers, each once, which tell its type; any other list is no enum."""
    if "enum" not in schema:
        return False
    before, values = dict(schema), schema.pop("enum")
    kind = _kind_of_all(values) if is_array(values) else None
    if kind is not None and schema.get("type", kind) in (kind, "object"):
        schema |= {"type": kind, "enum": list(dict.fromkeys(values))}
        schema |= {"nullable": True} if None in values else {}
    elif schema.get("type") == "object" and is_array(values) and not any(map(is_object, values)):
        del schema["type"]  # enums are objects only in the server's code
    return schema != before


def impossible_default(schema: JsonObject) -> bool:
    """A default that its own type excludes is a slip."""
    if "default" not in schema:
        return False
    default = schema.pop("default")
    simple = not (_ALTERNATIVES | {"properties", "items", "additionalProperties"}) & schema.keys()
    if simple and OAS30Validator(schema, format_checker=oas30_format_checker).is_valid(default):
        schema["default"] = default
    return "default" not in schema


SCHEMA_RULES: tuple[SchemaRule, ...] = (
    null_type,
    null_alternative,
    constant,
    exclusive_limit,
    unknown_type,
    items_under_star,
    array_without_items,
    items_on_scalar,
    properties_on_scalar,
    formatted_object,
    enum_values,
    untyped,
)
# Only of a schema that holds nothing malformed any more.
CLEAN_SCHEMA_RULES: tuple[SchemaRule, ...] = (impossible_default,)


# -------------------------------------------------------------------------------- operations, before they are united


def undeclared_path_parameter(operation: Operation) -> Iterator[str]:
    """Every placeholder of the path is a required parameter, and there are no other path parameters."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(operation.path)))
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
    return _dropped(operation, lambda each: each["in"] == "header" and each["name"].lower() in _CLIENT_HEADERS)


def filter_object(operation: Operation) -> Iterator[str]:
    """A `filter` object is sent as `filter[name]`: one parameter for each name, as everywhere else."""
    for parameter in list(operation.parameters):
        properties = parameter["schema"].get("properties")
        if parameter["in"] == "query" and parameter["name"] == "filter" and properties:
            operation.parameters.remove(parameter)
            operation.parameters.extend(
                {"name": f"filter[{name}]", "in": "query", "required": False, "schema": schema}
                for name, schema in properties.items()
            )
            yield ", ".join(properties)


def scraped_filter(operation: Operation) -> Iterator[str]:
    """SQL words and punctuation are no filters: the list was scraped from source code."""

    def unwanted(parameter: JsonObject) -> bool:
        name = filter_name(parameter["name"])
        return parameter["in"] == "query" and name is not None and not is_name(name.removesuffix("[]"))

    return _dropped(operation, unwanted)


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
        description = without_list(parameter.pop("description", ""))
        parameter.update({"description": description} if description else {})
        yield parameter["name"]


def include_parents(operation: Operation) -> Iterator[str]:
    """A nested include leads through others, and the server's query builder takes each of them by itself."""
    for parameter in operation.parameters:
        items = parameter["schema"].get("items", {})
        if parameter["in"] == "query" and parameter["name"] == "include" and "enum" in items:
            names = with_parents(items["enum"])
            if added := [name for name in names if name not in items["enum"]]:
                items["enum"] = names
                yield ", ".join(added)


def missing_response(operation: Operation) -> Iterator[str]:
    """Every operation answers something: where nothing is documented, a success without content."""
    if not operation.body.get("responses"):
        operation.body["responses"] = {"200": {"description": "Successful response"}}
        yield "200"


OPERATION_RULES: tuple[OperationRule, ...] = (
    undeclared_path_parameter,
    header_of_the_client,
    filter_object,
    scraped_filter,
    include_and_sort_names,
    include_parents,
    missing_response,
)


# ------------------------------------------------------------------------------------------------- the united spec


def list_parameters_on_item(operation: Operation) -> Iterator[str]:
    """Getting one thing has nothing to filter, sort or page: the documentation copied the list's parameters."""
    return _dropped(
        operation,
        lambda each: each["in"] == "query" and each["name"] != "include" and is_query_argument(each["name"]),
    )


def drop_list_parameters(spec: JsonObject, report: Report) -> None:
    """Repair the operations that get one thing, which only the united schemas tell from a list."""
    for operation in operations(spec):
        if operation.method == "get" and _ITEM_PATH.search(operation.path) and not _answers_list(operation, spec):
            repair_operation(operation, (list_parameters_on_item,), report)


# ------------------------------------------------------------------------------------------------------- application


def repair_schema(schema: JsonObject, rules: tuple[SchemaRule, ...], at: Place) -> None:
    for rule in rules:
        if rule(schema):
            at.report.repaired(rule.__name__, _reason(rule), at.label)


def repair_operation(operation: Operation, rules: tuple[OperationRule, ...], report: Report) -> None:
    for rule in rules:
        for what in rule(operation):
            report.repaired(rule.__name__, _reason(rule), f"{operation.label}: {what}")


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


def _dropped(operation: Operation, unwanted: Callable[[JsonObject], bool]) -> Iterator[str]:
    for parameter in [each for each in operation.parameters if unwanted(each)]:
        operation.parameters.remove(parameter)
        yield parameter["name"]


def _reason(rule: Callable[..., Any]) -> str:
    return " ".join((rule.__doc__ or "").split())


def _kind_of_all(values: list[Any]) -> str | None:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, str) for value in present):
        return "string"
    return "integer" if present and all(map(is_integer, present)) else None


def _documented_names(parameter: JsonObject) -> list[str] | None:
    schema: JsonObject = parameter["schema"]
    items = schema.get("items")
    enum = schema.get("enum", items.get("enum") if is_object(items) else None)
    if is_array(enum):
        return [value for value in enum if isinstance(value, str)]
    return listed_names(parameter.get("description", ""))


def _answers_list(operation: Operation, spec: JsonObject) -> bool:
    schemas = spec["components"]["schemas"]
    for status, response in operation.body.get("responses", {}).items():
        for media in response.get("content", {}).values() if status.startswith("2") else ():
            schema = _referenced(media.get("schema", {}), schemas)
            data = _referenced(schema.get("properties", {}).get("data", {}), schemas)
            if "array" in (schema.get("type"), data.get("type")):
                return True
    return False


def _referenced(schema: JsonObject, schemas: JsonObject) -> JsonObject:
    reference = schema.get("$ref")
    target: JsonObject = schemas[reference.rpartition("/")[2]] if isinstance(reference, str) else schema
    return target
