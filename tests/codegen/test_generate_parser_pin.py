"""What the generator relies on in openapi-python-client, so that an upgrade fails here and says why.

Its parser is no public API. Each of these is used by codegen/generate; when one fails after an upgrade, read that
release's notes, see what the new parser does instead, and change codegen/generate and this file together.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import attrs
import openapi_python_client
import pytest
from jinja2 import Environment
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, EndpointCollection
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.literal_enum_property import LiteralEnumProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.schema import Schema
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import PythonIdentifier

from codegen.generate.project import refuse_untrusted

PINNED = "0.29.1"


def config() -> Config:
    return Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=Path("x"),
        file_encoding="utf-8",
        overwrite=False,
        output_path=Path("x"),
    )


def parse(operation: dict[str, Any], schemas: dict[str, Any] | None = None) -> GeneratorData | GeneratorError:
    operation = {"operationId": "op_0", "tags": ["all"], "responses": {"200": {"description": ""}}, **operation}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "API", "version": "1"},
        "paths": {"/op_0/{arg_1}/{arg_0}": {"post": operation}},
        "components": {"schemas": schemas or {}},
    }
    return GeneratorData.from_dict(document, config=config())


PATH_PARAMETERS = [
    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("arg_0", "arg_1")
]


def endpoint(operation: dict[str, Any], schemas: dict[str, Any] | None = None) -> tuple[GeneratorData, Endpoint]:
    parameters = [*PATH_PARAMETERS, *operation.pop("parameters", [])]
    data = parse({"parameters": parameters, **operation}, schemas)
    assert isinstance(data, GeneratorData)
    (collection,) = data.endpoint_collections_by_tag.values()
    assert collection.parse_errors == []
    assert data.errors == []
    (found,) = collection.endpoints
    return data, found


def test_the_version_is_the_one_we_read() -> None:
    assert version("openapi-python-client") == PINNED, "an upgrade: go through this file and docs/regenerating.md"


def test_the_attributes_we_read_exist() -> None:
    assert {"models", "enums", "errors", "endpoint_collections_by_tag"} <= {
        field.name for field in fields(GeneratorData)
    }
    assert {"endpoints", "parse_errors"} <= {field.name for field in fields(EndpointCollection)}
    used = {
        "name",
        "description",
        "method",
        "path_parameters",
        "query_parameters",
        "header_parameters",
        "bodies",
        "responses",
    }
    assert used <= {field.name for field in fields(Endpoint)}
    assert {"header", "detail"} <= {field.name for field in fields(GeneratorError)}
    model_fields = {field.name for field in attrs.fields(ModelProperty)}
    assert {"class_info", "required_properties", "optional_properties", "name", "required"} <= model_fields
    assert "class_info" in {field.name for field in attrs.fields(LiteralEnumProperty)}
    assert "inner_property" in {field.name for field in attrs.fields(ListProperty)}
    assert "inner_properties" in {field.name for field in attrs.fields(UnionProperty)}


def test_the_project_can_be_subclassed_as_we_do() -> None:
    parameters = inspect.signature(openapi_python_client.Project.__init__).parameters
    assert {"openapi", "config", "custom_template_path"} <= set(parameters)


def test_path_parameters_come_in_the_order_of_the_path_and_names_come_back() -> None:
    query = {"name": "arg_2", "in": "query", "required": False, "schema": {"type": "integer"}}
    _, found = endpoint({"parameters": [query]})
    assert found.name == "op_0"
    assert [item.name.get_untrusted_value() for item in found.path_parameters] == ["arg_1", "arg_0"]
    assert [(item.name.get_untrusted_value(), item.required) for item in found.query_parameters] == [("arg_2", False)]


def test_required_properties_come_apart_in_documented_order_and_classes_keep_their_names() -> None:
    properties = {f"field_{n}": {"type": "string"} for n in range(4)}
    schema = {"type": "object", "properties": properties, "required": ["field_3", "field_1"]}
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Class12"}}}}
    data, found = endpoint({"requestBody": body}, {"Class12": schema})
    (model,) = data.models
    assert model.class_info.name == "Class12"
    assert [p.name.get_untrusted_value() for p in model.required_properties or []] == ["field_1", "field_3"]
    assert [p.name.get_untrusted_value() for p in model.optional_properties or []] == ["field_0", "field_2"]
    prop = found.bodies[0].prop
    assert isinstance(prop, ModelProperty)
    assert prop.class_info.name == "Class12"


def test_unions_arrays_and_enums_are_resolved() -> None:
    schemas = {
        "Class0": {
            "type": "object",
            "properties": {
                "field_0": {"oneOf": [{"type": "integer", "nullable": True}, {"type": "string"}]},
                "field_1": {"type": "array", "items": {"$ref": "#/components/schemas/Class1"}},
                "field_2": {"$ref": "#/components/schemas/Class0"},
                "field_3": {},
            },
        },
        "Class1": {"type": "string", "enum": ["v0", "v1"]},
    }
    answer = {
        "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Class0"}}}}
    }
    _, found = endpoint({"responses": answer}, schemas)
    prop = found.responses.patterns[0].prop
    assert isinstance(prop, ModelProperty)
    assert prop.class_info.name == "Class0"
    data, _ = endpoint({}, schemas)
    union, array, own, anything = data.models[0].optional_properties or []
    assert isinstance(union, UnionProperty)
    assert [type(inner).__name__ for inner in union.inner_properties] == [
        "IntProperty",
        "NoneProperty",
        "StringProperty",
    ]
    assert isinstance(array, ListProperty)
    assert isinstance(array.inner_property, LiteralEnumProperty)
    assert isinstance(own, ModelProperty)
    assert type(anything).__name__ == "AnyProperty"


def test_what_is_dropped_is_told() -> None:
    """A construct the parser refuses must end in one of the two places where we look for errors."""
    refused = parse({"parameters": PATH_PARAMETERS}, {"Class0": {"type": "array"}})
    assert isinstance(refused, GeneratorData)
    assert refused.errors
    dropped = parse({"parameters": PATH_PARAMETERS[:1]})
    assert isinstance(dropped, GeneratorData)
    (collection,) = dropped.endpoint_collections_by_tag.values()
    assert collection.parse_errors
    assert collection.endpoints == []
    assert isinstance(GeneratorData.from_dict({"openapi": "3.1.0"}, config=config()), GeneratorError)


def test_a_component_is_found_by_the_name_of_its_class_and_says_which_it_is() -> None:
    schemas = {
        "FlowVersion": {"type": "object", "properties": {"a": {"type": "string"}}},
        "FlowStatus": {"type": "string", "enum": ["b", "a"]},
    }
    data, _ = endpoint({}, schemas)
    for found, component in ((data.models[0], "FlowVersion"), (data.enums[0], "FlowStatus")):
        assert found.name.get_untrusted_value() == f"/components/schemas/{component}"
        assert found.class_info.name == component
    assert data.models[0].class_info.module_name == "flow_version"
    assert isinstance(data.enums[0], LiteralEnumProperty)
    assert data.enums[0].values == {"a", "b"}  # without order: the spec has it


def test_null_beside_a_reference_is_a_union_with_none() -> None:
    maybe = {"allOf": [{"$ref": "#/components/schemas/Thing"}], "nullable": True, "description": "Own."}
    schemas = {
        "Thing": {"type": "object", "description": "The class.", "properties": {"a": {"type": "string"}}},
        "Other": {
            "type": "object",
            "properties": {"maybe": maybe, "surely": {"allOf": maybe["allOf"], "description": "Own."}},
        },
    }
    data, _ = endpoint({}, schemas)
    other = next(model for model in data.models if model.class_info.name == "Other")
    union, reference = other.optional_properties or []
    assert isinstance(union, UnionProperty)
    assert {type(inner).__name__ for inner in union.inner_properties} == {"NoneProperty", "ModelProperty"}
    assert str(reference.description and reference.description.get_untrusted_value()) == "The class."
    written = (other.data.properties or {})[UntrustedString("surely")]
    assert isinstance(written, Schema)
    assert written.description is not None
    assert written.description.get_untrusted_value() == "Own."


def test_python_names_of_builtins_have_an_underscore_and_id_has_none() -> None:
    names = {
        "type": "type_",
        "id": "id",
        "class": "class_",
        "filter": "filter_",
        "2fa": "field_2fa",
        "userId": "user_id",
    }
    assert {name: str(PythonIdentifier(name, "field_")) for name in names} == names


def test_the_document_is_not_changed() -> None:
    schemas = {"Thing": {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}}}
    before = json.dumps(schemas)
    parse({"parameters": PATH_PARAMETERS}, schemas)
    assert json.dumps(schemas) == before


def test_a_template_cannot_print_what_is_not_trusted() -> None:
    """Jinja prints an UntrustedString without a word; our templates are stopped."""
    environment = Environment(finalize=refuse_untrusted)
    with pytest.raises(TypeError, match="of the documentation as code"):
        environment.from_string("{{ text }}").render(text=UntrustedString("import os"))
    assert environment.from_string("{{ text }}").render(text="plain") == "plain"
