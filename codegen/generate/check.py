"""Checks that openapi-python-client understood the whole spec: it drops some things silently.

What the parser's objects say is compared with the spec itself, not with the copy that the parser was given.
"""

from __future__ import annotations

from collections.abc import Iterator

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties.protocol import PropertyProtocol

from ..components import FREE_OBJECT
from ..errors import CodegenError
from ..json_tools import JsonObject
from .parser import classes_of, endpoint_name, endpoints_of, properties_of, raw
from .parser_input import MAX_ENUM_VALUES, ParserInput


def check(data: GeneratorData, spec: JsonObject, prepared: ParserInput) -> None:
    """Compare.

    Raises:
        CodegenError: With everything that was lost.
    """
    documented = {*_documented_operations(prepared), *_documented_components(spec)}
    lost = documented ^ {*_parsed_operations(data, prepared), *_parsed_components(data, prepared)}
    if lost:
        raise CodegenError("openapi-python-client lost a part of the spec:\n" + "\n".join(sorted(lost)))


def _documented_operations(prepared: ParserInput) -> Iterator[str]:
    for name, operation in prepared.operations.items():
        yield f"{name}: {operation.method}"
        yield from (f"{name}: answer {status}" for status in operation.body["responses"])
        yield from ([f"{name}: body"] if "requestBody" in operation.body else [])
        known = {(each["in"], each["name"]) for each in operation.parameters} - prepared.set_aside[name]
        yield from (f"{name}: {where} parameter {key!r}" for where, key in known)


def _parsed_operations(data: GeneratorData, prepared: ParserInput) -> Iterator[str]:
    names = {endpoint_name(name): name for name in prepared.operations}
    for parsed, endpoint in endpoints_of(data).items():
        name = names.get(parsed, parsed)
        yield f"{name}: {endpoint.method}"
        yield from (f"{name}: answer {each.status_code.pattern}" for each in endpoint.responses)
        yield from (f"{name}: body" for _ in endpoint.bodies)
        parameters = list(endpoint.iter_all_parameters())
        for where, prop in parameters:
            yield f"{name}: {where.value} parameter {prepared.wire_name(name, raw(prop))!r}"
        yield from _twins(name, [prop for _, prop in parameters])


def _documented_components(spec: JsonObject) -> Iterator[str]:
    for name, schema in spec.get("components", {}).get("schemas", {}).items():
        if "enum" not in schema:
            yield f"{name}: {list(schema['properties'])}"
        elif len(schema["enum"]) <= MAX_ENUM_VALUES:
            yield f"{name}: {sorted(schema['enum'])}"


def _parsed_components(data: GeneratorData, prepared: ParserInput) -> Iterator[str]:
    names = {class_name: component for component, class_name in classes_of(data).items()}
    for enum in data.enums:
        yield f"{names[enum.class_info.name]}: {sorted(enum.values)}"
    for model in data.models:
        component = names[model.class_info.name]
        properties = properties_of(model)
        if component != FREE_OBJECT:
            yield f"{component}: {[prepared.wire_name(component, raw(prop)) for prop in properties]}"
        yield from _twins(component, properties)


def _twins(place: str, properties: list[PropertyProtocol]) -> Iterator[str]:
    names = [str(prop.python_name) for prop in properties]
    yield from (f"{place}: two of the name {name}" for name in names if names.count(name) > 1)
