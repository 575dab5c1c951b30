"""openapi-python-client's parser, and the check that it understood all of the spec.

The parser warns and goes on where it understands nothing, and some things it loses without a word. Here both are errors.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from openapi_python_client.config import ClassOverride, Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.strings import ClassName, PythonIdentifier

from ..components import FREE_OBJECT
from ..errors import CodegenError
from ..json_tools import JsonObject
from .names import Reserved
from .parser_input import ParserInput

_RECURSION_LIMIT = 20_000
"""The parser copies models with all that they lead to."""


def config_for(destination: Path, schemas: JsonObject = {}, reserved: Reserved | None = None) -> Config:
    """The parser's settings: enums are literals; a class that hand-written code has already gets another name."""
    overrides: dict[str, ClassOverride] = {}
    for name in schemas if reserved else ():
        if reserved and name in reserved.classes:
            free = next(f"{name}Model{n}" for n in ("", *range(2, 100)) if f"{name}Model{n}" not in schemas)
            overrides[ClassName(name, "field_")] = ClassOverride.model_validate({"class_name": free})
    return Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[], class_overrides=overrides),
        meta_type=MetaType.NONE,
        document_source=destination,
        file_encoding="utf-8",
        overwrite=False,
        output_path=destination,
    )


def parse(prepared: ParserInput, config: Config) -> GeneratorData:
    """What the parser makes of the prepared document.

    Raises:
        CodegenError: The parser refused, dropped or lost something.
    """
    try:
        with _deep_recursion():
            data = GeneratorData.from_dict(prepared.document, config=config)
    except (RecursionError, UnicodeEncodeError) as error:
        raise CodegenError(f"openapi-python-client cannot parse the spec: {error}") from error
    if isinstance(data, GeneratorError):
        raise CodegenError(_refusal([data]))
    errors: list[GeneratorError] = list(data.errors)
    for collection in data.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
    if errors:
        raise CodegenError(_refusal(errors))
    lost = sorted(_lost(data, prepared.document, config))
    if lost:
        raise CodegenError("openapi-python-client lost a part of the spec:\n" + "\n".join(lost))
    return data


def endpoints_of(data: GeneratorData) -> dict[str, Endpoint]:
    """The parsed operations by the parser's name for their operationId."""
    return {
        str(item.name): item for collection in data.endpoint_collections_by_tag.values() for item in collection.endpoints
    }


def endpoint_name(operation_id: str) -> str:
    return str(PythonIdentifier(operation_id, "field_"))


def class_name(component: str, config: Config) -> str:
    """The class of a component, as the parser names it."""
    name = ClassName(component, config.field_prefix)
    override = config.class_overrides.get(name)
    return str(ClassName(override.class_name, config.field_prefix) if override and override.class_name else name)


def raw(prop: PropertyProtocol) -> str:
    """A property's name in the document that the parser was given."""
    return prop.name.get_untrusted_value()


def properties_of(model: ModelProperty) -> list[PropertyProtocol]:
    """The properties in documented order; the parser has required ones apart."""
    order = {str(key.get_untrusted_value()): n for n, key in enumerate(model.data.properties or ())}
    found = [*(model.required_properties or []), *(model.optional_properties or [])]
    return sorted(found, key=lambda prop: order.get(raw(prop), len(order)))


def _lost(data: GeneratorData, document: JsonObject, config: Config) -> Iterable[str]:
    """What the document says and the parser's objects do not."""
    endpoints = endpoints_of(data)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            endpoint = endpoints.get(endpoint_name(operation["operationId"]))
            if endpoint is None or endpoint.method != method:
                yield f"{method.upper()} {path}"
                continue
            expected = sorted((each["in"], each["name"]) for each in operation["parameters"])
            found = [(where.value, raw(prop)) for where, prop in endpoint.iter_all_parameters()]
            names = [str(prop.python_name) for _, prop in endpoint.iter_all_parameters()]
            statuses = {response.status_code.pattern for response in endpoint.responses}
            if sorted(found) != expected or len(set(names)) != len(names):
                yield f"{operation['operationId']}: parameters"
            if len(endpoint.bodies) != ("requestBody" in operation):
                yield f"{operation['operationId']}: its body"
            if statuses != operation["responses"].keys():
                yield f"{operation['operationId']}: answers"
    models = {str(model.class_info.name): model for model in data.models}
    enums = {str(enum.class_info.name): enum for enum in data.enums}
    for component, schema in document["components"]["schemas"].items():
        name = class_name(component, config)
        if "enum" in schema:
            enum = enums.pop(name, None)
            if not isinstance(enum, LiteralEnumProperty) or enum.values != set(schema["enum"]):
                yield f"{component}: values"
        elif "properties" in schema or component == FREE_OBJECT:
            properties = properties_of(models.pop(name)) if name in models else []
            if [raw(prop) for prop in properties] != list(schema.get("properties", ())):
                yield f"{component}: properties"
            if len({str(prop.python_name) for prop in properties}) != len(properties):
                yield f"{component}: two properties of one name"
    yield from (f"{name}: no component has this class" for name in [*models, *enums])


def _refusal(errors: Iterable[GeneratorError]) -> str:
    lines = [f"{error.header} {error.detail or ''}".strip() for error in errors]
    return "\n".join(["openapi-python-client refuses the spec:", *lines])


@contextmanager
def _deep_recursion() -> Generator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
