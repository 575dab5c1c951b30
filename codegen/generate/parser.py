"""openapi-python-client's parser: how it is run, and how its objects are read.

It warns and goes on where it does not understand something; here that is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from openapi_python_client.config import ClassOverride, Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.strings import ClassName, PythonIdentifier

from ..errors import CodegenError
from ..json_tools import JsonObject
from ..words import Names
from .names import Reserved


def config_for(destination: Path, schemas: Iterable[str], reserved: Reserved) -> Config:
    """The parser's settings: enums are literals; a class that hand-written code has already gets another name."""
    names = Names(schemas)
    overrides: dict[str, ClassOverride] = {
        ClassName(name, "field_"): ClassOverride.model_validate({"class_name": names.claim(f"{name}Model")})
        for name in schemas
        if name in reserved.classes
    }
    return Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[], class_overrides=overrides),
        meta_type=MetaType.NONE,
        document_source=destination,
        file_encoding="utf-8",
        overwrite=False,
        output_path=destination,
    )


def parse(document: JsonObject, config: Config) -> GeneratorData:
    """What the parser makes of the prepared document.

    Raises:
        CodegenError: The parser refused or dropped something.
    """
    try:
        data = GeneratorData.from_dict(document, config=config)
    except (RecursionError, UnicodeEncodeError) as error:
        raise CodegenError(f"openapi-python-client cannot parse the spec: {error}") from error
    if isinstance(data, GeneratorError):
        raise _refusal([data])
    collections = data.endpoint_collections_by_tag.values()
    if errors := [*data.errors, *(error for each in collections for error in each.parse_errors)]:
        raise _refusal(errors)
    return data


def endpoints_of(data: GeneratorData) -> dict[str, Endpoint]:
    """The parsed operations by the parser's name for their operationId."""
    return {
        str(item.name): item
        for collection in data.endpoint_collections_by_tag.values()
        for item in collection.endpoints
    }


def endpoint_name(operation_id: str) -> str:
    return str(PythonIdentifier(operation_id, "field_"))


def classes_of(data: GeneratorData) -> dict[str, str]:
    """The parser's class of each component."""
    return {raw(each).rpartition("/")[2]: str(each.class_info.name) for each in (*data.models, *data.enums)}


def raw(prop: PropertyProtocol) -> str:
    """A property's name in the document that the parser was given."""
    return prop.name.get_untrusted_value()


def properties_of(model: ModelProperty) -> list[PropertyProtocol]:
    """The properties in documented order; the parser has required ones apart."""
    order = {str(key.get_untrusted_value()): n for n, key in enumerate(model.data.properties or ())}
    found = [*(model.required_properties or []), *(model.optional_properties or [])]
    return sorted(found, key=lambda prop: order.get(raw(prop), len(order)))


def _refusal(errors: Iterable[GeneratorError]) -> CodegenError:
    lines = [f"{error.header} {error.detail or ''}".strip() for error in errors]
    return CodegenError("\n".join(["openapi-python-client refuses the spec:", *lines]))
