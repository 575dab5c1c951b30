"""Checks that openapi-python-client understood the whole spec: it drops some things silently.

What the parser's objects say is compared with the spec itself, not with the copy that the parser was given.
"""

from __future__ import annotations

from collections.abc import Iterator

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol

from ..components import FREE_OBJECT
from ..errors import CodegenError
from ..json_tools import JsonObject
from ..repairs import Operation
from .parser import classes_of, endpoint_name, endpoints_of, properties_of, raw
from .parser_input import MAX_ENUM_VALUES, ParserInput


def check(data: GeneratorData, spec: JsonObject, prepared: ParserInput) -> None:
    """Compare.

    Raises:
        CodegenError: With everything that was lost.
    """
    lost = [*_operations(data, prepared), *_components(data, spec, prepared)]
    if lost:
        raise CodegenError("openapi-python-client lost a part of the spec:\n" + "\n".join(sorted(lost)))


def _operations(data: GeneratorData, prepared: ParserInput) -> Iterator[str]:
    endpoints = endpoints_of(data)
    for name, operation in prepared.operations.items():
        endpoint = endpoints.pop(endpoint_name(name), None)
        if endpoint is None or endpoint.method != operation.method:
            yield f"{operation.label}: the operation"
        else:
            yield from (f"{operation.label}: {what}" for what in _parts_of(name, operation, endpoint, prepared))
    yield from (f"{name}: no operation has this name" for name in endpoints)


def _parts_of(name: str, operation: Operation, endpoint: Endpoint, prepared: ParserInput) -> Iterator[str]:
    parameters = [(where.value, prop) for where, prop in endpoint.iter_all_parameters()]
    found = {(where, prepared.wire_name(name, raw(prop))) for where, prop in parameters}
    documented = {(each["in"], each["name"]) for each in operation.parameters}
    if found != documented - prepared.set_aside.get(name, set()):
        yield "parameters"
    if _twice([prop for _, prop in parameters]):
        yield "two parameters of one name"
    if len(endpoint.bodies) != ("requestBody" in operation.body):
        yield "the body"
    if {response.status_code.pattern for response in endpoint.responses} != operation.body["responses"].keys():
        yield "answers"


def _components(data: GeneratorData, spec: JsonObject, prepared: ParserInput) -> Iterator[str]:
    classes = classes_of(data)
    models = {str(model.class_info.name): model for model in data.models}
    enums = {str(enum.class_info.name): enum for enum in data.enums}
    for component, schema in spec.get("components", {}).get("schemas", {}).items():
        name = classes.get(component, "")
        if "enum" in schema:
            enum = enums.pop(name, None)
            known = isinstance(enum, LiteralEnumProperty) and enum.values == set(schema["enum"])
            if not known and len(schema["enum"]) <= MAX_ENUM_VALUES:
                yield f"{component}: values"
        else:
            properties = properties_of(models.pop(name)) if name in models else []
            if [prepared.wire_name(component, raw(prop)) for prop in properties] != list(schema["properties"]):
                yield f"{component}: properties"
            if _twice(properties):
                yield f"{component}: two properties of one name"
    models.pop(classes[FREE_OBJECT])
    yield from (f"{name}: no component has this class" for name in (*models, *enums))


def _twice(properties: list[PropertyProtocol]) -> bool:
    return len({str(prop.python_name) for prop in properties}) != len(properties)
