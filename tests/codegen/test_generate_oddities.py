"""Constructs that other pages of the documentation have, and some that none should: open at worst, never dropped."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.codegen.generating import Generated, Json, PackageMaker, answer, body, importable, query, ref, spec_of

THING: Json = {"type": "object", "properties": {"id": {"type": "integer"}}}


@pytest.fixture
def generate(tmp_path: Path) -> Generator[PackageMaker]:
    with importable(tmp_path):
        yield PackageMaker(tmp_path)


def annotations_of(generated: Generated, class_name: str) -> dict[str, str]:
    return {
        name: annotation
        for name, annotation in getattr(generated.package, class_name).__annotations__.items()
        if not name.startswith("_")
    }


def parameters_of(generated: Generated, class_name: str, method: str) -> dict[str, str]:
    signature = inspect.signature(getattr(getattr(generated.package, class_name), method))
    common = {"self", "timeout", "max_retries", "extra_query", "extra_headers"}
    return {name: str(p.annotation) for name, p in signature.parameters.items() if name not in common}


def model_of(generate: PackageMaker, properties: Json, **schemas: Json) -> tuple[Generated, dict[str, str]]:
    spec = spec_of(
        {"/odd": {"get": {"operationId": "odds.get", "responses": answer(ref("Odd"))}}},
        {"Odd": {"type": "object", "properties": properties}, **schemas},
    )
    generated = generate(spec)
    generated.import_all()
    return generated, annotations_of(generated, "Odd")


def test_names_that_are_no_names(generate: PackageMaker) -> None:
    keys = [
        *("payload.id", "class", "2fa", "__class__", "größe", "日本", "***", "camelCase", "camel_case", "camel-case"),
        *("key", "one", "many", "model", "date_time", "self", "int", "str", "list", "dict", "datetime", "True"),
        *("to_dict", "from_dict", "fields_set", "additional_properties", "_data", "__slots__", "two words"),
        *("keys", "rest", "validate", "mapping", "field"),
    ]
    generated, annotations = model_of(generate, {key: {"type": "string"} for key in keys})
    values = {key: f"value of {key}" for key in keys}
    found = generated.package.Odd.from_dict(values)
    assert found.to_dict() == values
    assert [getattr(found, name) for name in annotations] == list(values.values())
    assert {"payload_id", "two_words", "class_", "field_2fa", "grosse", "key", "self_", "int_", "to_dict_"} <= set(
        annotations
    )
    assert {"camel_case", "camel_case_2", "camel_case_3", "true", "data", "slots"} <= set(annotations)
    assert {"keys_", "additional_properties_", "rest", "validate", "mapping"} <= set(annotations)
    assert not any(name.startswith("_") for name in annotations)


def test_types_of_fields(generate: PackageMaker) -> None:
    generated, annotations = model_of(
        generate,
        {
            "open": {},
            "number": {"type": "number"},
            "date": {"type": "string", "format": "date"},
            "dates": {"type": "array", "items": {"type": "string", "format": "date-time"}},
            "bare_array": {"type": "array"},
            "nested": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            "nullable": {"type": "integer", "nullable": True},
            "listed_types": {"type": ["integer", "null"]},
            "two_types": {"type": ["integer", "string"]},
            "unknown_type": {"type": "money"},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
            "empty_object": {"type": "object", "properties": {}},
            "untyped_object": {"properties": {"x": {"type": "integer"}}},
            "untyped_array": {"items": {"type": "integer"}},
            "file": {"type": "string", "format": "binary"},
            "anything": True,
            "nothing": None,
        },
    )
    assert annotations == {
        "open": "Any",
        "number": "float | None",
        "date": "str | None",
        "dates": "list[str] | None",
        "bare_array": "list[Any] | None",
        "nested": "list[list[int]] | None",
        "nullable": "int | None",
        "listed_types": "int | None",
        "two_types": "int | str | None",
        "unknown_type": "Any",
        "map": "dict[str, Any] | None",
        "empty_object": "dict[str, Any] | None",
        "untyped_object": "OddUntypedObject | None",
        "untyped_array": "list[int] | None",
        "file": "str | None",
        "anything": "Any",
        "nothing": "Any",
    }
    assert generated.report.repairs["unknown_type"] == {"schema Odd.unknown_type"}
    assert generated.report.repairs["malformed"] == {"schema Odd.nothing", "schema Odd.anything"}


def test_unions(generate: PackageMaker) -> None:
    generated, annotations = model_of(
        generate,
        {
            "scalars": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
            "one_reference": {"allOf": [ref("Things")], "description": "The thing."},
            "null_or_reference": {"anyOf": [ref("Things"), {"type": "null"}], "nullable": True},
            "two_references": {"oneOf": [ref("Things"), ref("Others")]},
            "same": {"anyOf": [{"type": "string"}, {"type": "string"}]},
            "united": {"allOf": [ref("Things"), {"type": "object", "properties": {"more": {"type": "string"}}}]},
            "contradicting": {"allOf": [{"type": "string"}, {"type": "integer"}]},
            "constrained": {"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]},
        },
        Things=THING,
        Others={"type": "object", "properties": {"x": {"type": "string"}}},
    )
    assert annotations == {
        "scalars": "int | str | None",
        "one_reference": "Thing | None",
        "null_or_reference": "Thing | None",
        "two_references": "Any",
        "same": "str | None",
        "united": "OddUnited | None",
        "contradicting": "Any",
        "constrained": "OddConstrained | None",
    }
    assert set(annotations_of(generated, "OddUnited")) == {"id", "more"}
    assert set(annotations_of(generated, "Other")) == {"x"}
    assert "Odd.two_references: typed open: it is one of several schemas" in generated.notes
    assert "schema Odd.contradicting: typed open: the parts of an allOf have different types" in generated.notes


def test_enums(generate: PackageMaker) -> None:
    generated, annotations = model_of(
        generate,
        {
            "status": {"type": "string", "enum": ["b", "a", "b", None]},
            "level": {"type": "integer", "enum": [3, 1]},
            "flag": {"type": "boolean", "enum": [True]},
            "ratio": {"type": "number", "enum": [0.5, 1]},
            "mixed": {"enum": ["a", 1]},
            "object": {"type": "object", "enum": ["x", "y"]},
            "const": {"const": "only"},
            "empty": {"type": "string", "enum": []},
            "null": {"enum": [None]},
            "big": {"type": "string", "enum": [f"v{n}" for n in range(501)]},
            "large": {"type": "string", "enum": [f"v{n}" for n in range(500)]},
            "shared": ref("Statuses"),
            "shared_too": {"type": "array", "items": ref("Statuses")},
        },
        Statuses={"type": "string", "enum": ["on", "off"]},
    )
    assert annotations == {
        "status": "OddStatus | None",
        "level": "OddLevel | None",
        "flag": "bool | None",
        "ratio": "float | None",
        "mixed": "Any",
        "object": "OddObject | None",
        "const": "OddConst | None",
        "empty": "str | None",
        "null": "Any",
        "big": "str | None",
        "large": "OddLarge | None",
        "shared": "Status | None",
        "shared_too": "list[Status] | None",
    }
    values = {
        name: get_args(get_args(getattr(generated.package, name))[0]) for name in ("OddStatus", "OddLevel", "Status")
    }
    assert values == {"OddStatus": ("b", "a"), "OddLevel": (3, 1), "Status": ("on", "off")}
    assert "OddBig: typed string: its enum has 501 values" in generated.notes
    assert "schema Odd.object" in generated.report.repairs["enum_values"]


def test_recursive_schemas(generate: PackageMaker) -> None:
    generated, annotations = model_of(
        generate,
        {
            "self": ref("Odd"),
            "children": {"type": "array", "items": ref("Odd")},
            "other": ref("Other"),
        },
        Other={"type": "object", "properties": {"odd": ref("Odd")}},
    )
    assert annotations == {
        "self_": "Odd | None",
        "children": "list[Odd] | None",
        "other": "Other | None",
    }
    odd = generated.package.Odd.from_dict({"children": [{"children": [{"other": {"odd": {}}}]}]})
    assert isinstance(odd.children[0].children[0].other.odd, generated.package.Odd)


def test_schemas_nested_deep(generate: PackageMaker) -> None:
    schema: Json = {"type": "string"}
    for _ in range(60):
        schema = {"type": "object", "properties": {"in": schema}}
    chain = {f"Link{n}": {"type": "object", "properties": {"next": ref(f"Link{n + 1}")}} for n in range(300)}
    generated, _ = model_of(generate, {"deep": schema, "link": ref("Link0")}, **chain, Link300=THING)
    deep = generated.package.Odd.from_dict({"deep": {"in": {"in": {"in": {}}}}}).deep
    assert deep.in_.in_.in_.to_dict() == {}
    assert annotations_of(generated, "Link299") == {"next": "Link300 | None"}


def test_class_names_never_collide(generate: PackageMaker) -> None:
    names = [
        *("Package", "Packages", "Query", "Page", "Model", "Any", "Literal", "None", "Exception", "odds", "ODD-1"),
        *("odd_1", "Odds2", "2fa", "日本", "Package_", "packageS", "Con", "aux", "__init__", "../../etc/passwd"),
        *("a/b", "a~b", "a b%20c", "List", "import"),
    ]
    properties = {
        f"p{n}": ref(name.replace("~", "~0").replace("/", "~1").replace("%", "%25")) for n, name in enumerate(names)
    }
    schemas = {name: {"type": "object", "properties": {f"of_{n}": {"type": "integer"}}} for n, name in enumerate(names)}
    generated, annotations = model_of(generate, properties, **schemas)
    classes = [annotation.removesuffix(" | None") for annotation in annotations.values()]
    assert len({name.lower() for name in classes}) == len(names)
    for number, name in enumerate(classes):
        assert list(annotations_of(generated, name)) == [f"of_{number}"]
    assert (
        classes[:6] == ["Package", "PackagesModel", "QueryModel", "PageModel", "ModelModel", "AnyModel"]
        or classes[0] == "Package"
    )
    assert {path.parent.name for path in generated.folder.rglob("*.py")} == {
        generated.folder.name,
        "models",
        "resources",
    }


def test_resources_and_methods_with_names_of_their_surroundings(generate: PackageMaker) -> None:
    names = ["list", "str", "int", "bool", "dict", "type", "id", "create"]
    paths: Json = {
        f"/x/{name}/{{list}}": {
            "post": {
                "operationId": f"request.{name}",
                "requestBody": body(
                    {"type": "object", "properties": {"str": {"type": "string"}, "page": {"type": "boolean"}}}
                ),
                "responses": answer(ref("Things")),
            }
        }
        for name in names
    }
    generated = generate(spec_of(paths, {"Things": THING, "Request": THING}))
    generated.import_all()
    assert "resource request: named client.request_, because request is taken" in generated.notes
    operation, _, arguments = generated.call("request_.list", 1, str="a", page_=True)
    assert operation.name == "request.list"
    assert arguments["body"] == {"str": "a", "page": True}
    assert parameters_of(generated, "Request", "list") == {
        "list": "Identifier",
        "str": "str | Unset",
        "page_": "bool | Unset",
    }
    assert generated.call("request_.list", 1)[0].result is generated.package.Thing


def test_arguments_that_become_one(generate: PackageMaker) -> None:
    schema = {
        "type": "object",
        "properties": {"user-id": {"type": "string"}, "userId": {"type": "string"}, "timeout": {}},
    }
    operation = {
        "operationId": "things.create",
        "parameters": [query("user id"), query("user_id[]", {"type": "array", "items": {"type": "string"}})],
        "requestBody": body(schema),
    }
    generated = generate(spec_of({"/things/{user_id}": {"post": operation}}))
    _, identifiers, arguments = generated.call(
        "things.create", 1, user_id_2="b", user_id_3="c", user_id_4="d", user_id_5="e", timeout_=3
    )
    assert identifiers == (1,)
    assert arguments["params"] == {"user id": "b", "user_id[]": "c"}
    assert arguments["body"] == {"user-id": "d", "userId": "e", "timeout": 3}


def test_a_filter_that_takes_an_array(generate: PackageMaker) -> None:
    numbers = {"type": "array", "items": {"type": "integer"}}
    operation = {"operationId": "a.list", "parameters": [query("filter[tags][]", numbers), query("filter[name]")]}
    generated = generate(spec_of({"/a": {"get": {**operation, "responses": answer({"type": "array"})}}}))
    call, _, arguments = generated.call("a.list", filter={"tags[]": [1, 2]})
    assert call.known_names()["filter"] == {"tags[]", "name"}
    sent = generated.module("query").Query(filter=arguments["filter"]).to_params()
    assert sent == [("filter[tags][]", "1"), ("filter[tags][]", "2")]


def test_parameters_that_are_no_filter(generate: PackageMaker) -> None:
    operation = {
        "operationId": "things.list",
        "parameters": [
            query("flow_id", {"type": "integer"}, required=True, description="The flow"),
            query("fields[things]"),
            query("fields[users]"),
            query("ids[]", {"type": "array", "items": {"type": "integer"}}, explode=True),
            query("tags", {"type": "array", "items": {"type": "string"}}),
            query("piped", {"type": "array", "items": {"type": "string"}}, style="pipeDelimited"),
            query("format", {"type": "string", "enum": ["csv", "json"]}),
            query("since", {"type": "string", "format": "date-time"}),
            query("day", {"type": "string", "format": "date"}),
            query("days", {"type": "array", "items": {"type": "string", "format": "date"}, "nullable": True}),
            query("deep", {"type": "object", "properties": {"a": {"type": "string"}}}, style="deepObject"),
            query("filter[name]"),
            query("sort"),
            {"name": "X-Team", "in": "header", "schema": {"type": "array", "items": {"type": "integer"}}},
            {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
            {"name": "session", "in": "cookie", "schema": {"type": "string"}},
            {"$ref": "#/components/parameters/Page"},
        ],
        "responses": answer({"type": "array", "items": ref("Things")}),
    }
    spec = spec_of({"/things": {"get": operation}}, {"Things": THING}, parameters={"Page": query("page")})
    generated = generate(spec)
    generated.import_all()
    found = parameters_of(generated, "Things", "list")
    assert {name: found[name] for name in list(found)[:11]} == {
        "fields": "Mapping[str, Sequence[str]] | Unset",
        "flow_id": "Identifier",
        "ids": "Sequence[Identifier] | Unset",
        "tags": "Sequence[str] | Unset",
        "piped": "Sequence[str] | Unset",
        "format": "ThingsListFormat | Unset",
        "since": "datetime | Unset",
        "day": "date | Unset",
        "days": "Sequence[date] | Unset | None",
        "deep": "Any",
        "x_team": "str | Unset",
    }
    call, _, arguments = generated.call("things.list", flow_id=1, ids=[1, 2], fields={"things": ["a"]}, x_team="t")
    assert call.repeat == ("ids[]", "piped")
    assert call.dates == ("day", "days")
    assert call.kind == "list"
    assert call.result is generated.package.Thing
    assert arguments["params"]["flow_id"] == 1
    assert arguments["params"]["ids[]"] == [1, 2]
    assert arguments["params"]["fields"] == {"things": ["a"]}
    assert arguments["headers"] == {"X-Team": "t"}
    assert call.known_names()["filter"] == {"name"}
    assert call.known_names()["sort"] == set()
    assert found["sort"] == "ThingsListSort | Sequence[ThingsListSort] | None"
    assert generated.report.repairs["header_of_the_client"] == {"GET /things: Authorization"}
    for note in ("cookie parameter `session` is not generated; use extra_headers", "deep: typed open"):
        assert note in generated.notes


@pytest.mark.parametrize(
    ("content_type", "schema", "body_type", "annotations"),
    [
        (
            "multipart/form-data",
            {
                "properties": {"file": {"type": "string", "format": "binary"}, "name": {"type": "string"}},
                "required": ["file"],
            },
            "multipart",
            {"file": "Any", "name": "str | Unset"},
        ),
        ("application/x-www-form-urlencoded", {"properties": {"a": {"type": "integer"}}}, "form", {"a": "int | Unset"}),
        ("text/plain", {"type": "string"}, "text", {"body": "str"}),
        ("text/csv", {"type": "object", "properties": {"a": {"type": "string"}}}, "text", {"body": "str"}),
        ("application/octet-stream", {"type": "string", "format": "binary"}, "binary", {"body": "bytes"}),
        ("application/json", {"type": "array", "items": {"type": "integer"}}, "json", {"body": "Sequence[int]"}),
        ("application/json", {"type": "object"}, "json", {"body": "Mapping[str, Any]"}),
        ("application/json", {}, "json", {"body": "Any"}),
        (
            "application/vnd.api+json",
            {"oneOf": [{"type": "string"}, {"type": "object"}]},
            "json",
            {"body": "str | Mapping[str, Any]"},
        ),
        (
            "application/json",
            {"type": "array", "items": ref("Things")},
            "json",
            {"body": "Sequence[ThingsPutBodyItem]"},
        ),
    ],
)
def test_bodies(
    generate: PackageMaker, content_type: str, schema: Json, body_type: str, annotations: dict[str, str]
) -> None:
    operation = {"operationId": "things.put", "requestBody": body(schema, content_type)}
    generated = generate(spec_of({"/things": {"put": operation}}, {"Things": THING}))
    generated.import_all()
    found = parameters_of(generated, "Things", "put")
    assert list(found) == list(annotations)
    if "Sequence[Things" not in str(annotations):
        assert found == annotations
    call, _, arguments = generated.call("things.put", **dict.fromkeys(annotations, "x"))
    assert call.body_type == body_type
    assert arguments["body"] == ("x" if list(annotations) == ["body"] else dict.fromkeys(annotations, "x"))


def test_json_is_preferred_and_bodies_can_be_references(generate: PackageMaker) -> None:
    request = body({"type": "object", "properties": {"form": {}}}, "multipart/form-data")
    request["content"].update(body({"type": "object", "properties": {"json": {}}})["content"])
    paths: Json = {"/a": {"post": {"operationId": "a.create", "requestBody": {"$ref": "#/components/requestBodies/A"}}}}
    generated = generate(spec_of(paths, requestBodies={"A": request}))
    assert list(parameters_of(generated, "A", "create")) == ["json"]


def test_writes_without_a_documented_body(generate: PackageMaker) -> None:
    paths: Json = {"/a": {verb: {"operationId": f"a.{verb}"} for verb in ("post", "put", "patch", "delete")}}
    generated = generate(spec_of(paths))
    found = {verb: list(parameters_of(generated, "A", verb)) for verb in ("post", "put", "patch", "delete")}
    assert found == {"post": [], "put": [], "patch": [], "delete": []}


def test_nested_bodies(generate: PackageMaker) -> None:
    schema: Json = {
        "type": "object",
        "properties": {
            "node": ref("Nodes"),
            "again": ref("Nodes"),
            "odd": {
                "type": "object",
                "required": ["a b"],
                "properties": {"a b": {"type": "string"}, "str": {"type": "string"}},
            },
            "level": {"type": "string", "enum": ["x"], "nullable": True},
            "maybe": {"type": "string", "nullable": True},
            "thing_ids": {"type": "array", "items": {"type": "integer"}},
        },
    }
    nodes = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "children": {"type": "array", "items": ref("Nodes")}},
    }
    spec = spec_of({"/a": {"post": {"operationId": "a.create", "requestBody": body(schema)}}}, {"Nodes": nodes})
    generated = generate(spec)
    generated.import_all()
    assert parameters_of(generated, "A", "create") == {
        "node": "NodeInput | Unset",
        "again": "NodeInput | Unset",
        "odd": "ACreateOdd | Unset",
        "level": "ACreateLevel | Unset | None",
        "maybe": "str | Unset | None",
        "thing_ids": "Sequence[Identifier] | Unset",
    }
    assert generated.package.NodeInput.__annotations__.keys() == {"id", "children"}
    assert "a b" in generated.package.ACreateOdd.__annotations__
    assert "children: Sequence[NodeInput]" in generated.source("resources/a.py")


@pytest.mark.parametrize(
    ("method", "properties", "kind"),
    [
        ("delete", {"message": {"type": "string"}, "success": {"type": "boolean"}}, "message"),
        ("delete", {"success": {"type": "boolean"}}, "message"),
        ("post", {"message": {"type": "string"}}, "message"),
        ("post", {"message": {"type": "string"}, "success": {"type": "boolean"}}, "plain"),
    ],
)
def test_answers_that_may_be_empty(generate: PackageMaker, method: str, properties: Json, kind: str) -> None:
    operation = {"operationId": "things.do", "responses": answer({"type": "object", "properties": properties})}
    generated = generate(spec_of({"/things": {method: operation}}))
    assert generated.call("things.do")[0].kind == kind


@pytest.mark.parametrize(
    ("responses", "parameters", "kind", "result"),
    [
        (
            answer({"type": "object", "properties": {"data": {"type": "array", "items": THING}}}),
            [],
            "list",
            "ThingsGetResult",
        ),
        (answer({"type": "object", "properties": {"data": {"type": "array"}}}), [], "list", None),
        (answer({"type": "object"}), [query("per_page")], "list", None),
        ({"200": {"description": ""}}, [query("page")], "list", None),
        (answer({"type": "object", "properties": {"data": THING}}, "201"), [], "model", "ThingsGetResult"),
        (answer({"type": "object", "properties": {"data": {"type": "object"}}}), [], "any", None),
        (
            answer({"type": "object", "properties": {"data": THING, "message": {"type": "string"}}}),
            [],
            "model",
            "ThingsGetResult",
        ),
        (answer({"type": "object"}), [], "any", None),
        (answer({"type": "string"}), [], "any", None),
        (answer(THING, content_type="text/csv"), [], "text", None),
        (answer({}, content_type="image/png"), [], "bytes", None),
        (
            {"200": {"description": "", "content": {"text/csv": {}, "application/json": {"schema": THING}}}},
            [],
            "plain",
            "ThingsGetResult",
        ),
        ({**answer(THING), **answer({"type": "string"}, "202")}, [], "any", None),
        ({**answer(THING), **answer(THING, "202")}, [], "plain", "ThingsGetResult"),
        (answer(THING, "2XX"), [], "plain", "ThingsGetResult"),
        ({"404": {"description": ""}}, [], "any", None),
        ({"200": {"$ref": "#/components/responses/Shared"}}, [], "plain", "ThingsGetResult"),
    ],
)
def test_answers(
    generate: PackageMaker, responses: Json, parameters: list[Json], kind: str, result: str | None
) -> None:
    operation = {"operationId": "things.get", "responses": responses, "parameters": parameters}
    shared = {"Shared": {"description": "", "content": {"application/json": {"schema": THING}}}}
    generated = generate(spec_of({"/things": {"get": operation}}, responses=shared))
    generated.import_all()
    call, _, _ = generated.call("things.get")
    assert call.kind == kind
    assert (call.result and call.result.__name__) == result


def test_lists_are_typed_as_their_items(generate: PackageMaker) -> None:
    several = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    typed: list[tuple[Json, str]] = [
        ({"type": "string"}, "str"),
        ({"type": "string", "format": "date-time"}, "str"),
        ({"type": "string", "enum": ["a", "b"]}, "str"),
        ({"type": "integer"}, "int"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": "string", "nullable": True}, "Any"),
        ({"type": "array", "items": {"type": "string"}}, "Any"),
        (several, "Any"),
        ({}, "Any"),
    ]
    paths: Json = {}
    for number, (items, _) in enumerate(typed):
        array = {"type": "array", "items": items}
        for key in ("", "data", "rows"):
            name = f"list_{number}_{key}".strip("_")
            schema = {"type": "object", "properties": {key: array}} if key else array
            operation = {"operationId": f"a.{name}", "responses": answer(schema), "parameters": [query("page")]}
            paths[f"/{name}"] = {"get": operation}
    source = generate(spec_of(paths)).source("resources/a.py")
    found = re.findall(r"def list_(\d+)\w*\(.*?\) -> Paginator\[(.*?)\]:", source, re.DOTALL)
    assert found == [(str(number), annotation) for number, (_, annotation) in enumerate(typed) for _ in range(3)]
    assert source.count("A paginator of `str`:") == 9
    assert source.count("A paginator of JSON values:") == 12


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "object", "properties": {"data": {"nullable": True, "allOf": [ref("Thing")]}}}, "model"),
        ({"type": "object", "properties": {"data": {"oneOf": [ref("Thing"), {"type": "null"}]}}}, "model"),
        ({"type": ["object", "null"], "properties": {"data": ref("Thing")}}, "model"),
        ({**THING, "type": ["object", "null"]}, "plain"),
    ],
)
def test_an_answer_documented_as_nullable_may_be_none(generate: PackageMaker, schema: Json, kind: str) -> None:
    document = spec_of({"/a": {"get": {"operationId": "a.get", "responses": answer(schema)}}}, {"Thing": THING})
    generated = generate({**document, "openapi": "3.1.0"})
    call, _, _ = generated.call("a.get")
    assert (call.kind, call.nullable) == (kind, True)
    assert f") -> {call.result.__name__} | None:" in generated.source("resources/a.py")
    assert "None if the answer is empty." in generated.source("resources/a.py")


def test_an_array_answer_of_a_write_is_open(generate: PackageMaker) -> None:
    schema = {"type": "object", "properties": {"data": {"type": "array", "items": THING}}}
    generated = generate(spec_of({"/a": {"post": {"operationId": "a.copy", "responses": answer(schema)}}}))
    assert generated.call("a.copy")[0].kind == "any"


def test_a_spec_without_components(generate: PackageMaker) -> None:
    generated = generate({"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "a.get"}}}})
    generated.import_all()
    assert generated.result is not None
    assert (generated.result.operations, generated.result.models) == (1, 0)
    assert "PatchworksClient" in generated.package.__all__


EVERYTHING = spec_of(
    {
        "/things": {
            "get": {
                "operationId": "things.list",
                "parameters": [
                    query("filter[flow.name]"),
                    query("filter[name]"),
                    query("page"),
                    query("fields[a]"),
                    query("x", {"type": "integer"}),
                    query("include", {"type": "array", "items": {"type": "string", "enum": ["a", "b.c"]}}),
                    {"name": "X-A", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": answer({"properties": {"data": {"type": "array", "items": ref("Things")}}}),
            },
            "post": {
                "operationId": "things.create",
                "requestBody": body(
                    {
                        "required": ["str", "node"],
                        "properties": {
                            "str": {"type": "string"},
                            "list": {"type": "array", "items": {"type": "string"}},
                            "node": ref("Nodes"),
                            "when": {"type": "string", "format": "date-time"},
                            "kind": {"enum": ["a"]},
                            "map": {"type": "object"},
                            "odd": {
                                "properties": {
                                    "a b": {"type": "integer"},
                                    "int": {"type": "integer"},
                                    "ok": {"type": "integer"},
                                }
                            },
                        },
                    }
                ),
                "responses": answer(ref("MessageResponse")),
            },
            "put": {"operationId": "things.update", "responses": answer({"properties": {"data": ref("Things")}})},
        },
        "/things/{id}/x/{list}": {"get": {"operationId": "things.get"}},
        "/plain": {"get": {"operationId": "list.list", "parameters": [query("page")]}},
    },
    {
        "Things": {
            "properties": {
                "key": {"type": "string"},
                "from": {"type": "string"},
                "one": ref("Things"),
                "many": {"type": "array", "items": ref("Nodes")},
                "date_time": {"type": "string", "format": "date-time"},
                "class": {"type": "array", "items": ref("Things")},
                "status": {"enum": ["a", "b"]},
                "kind": ref("Kinds"),
                "kinds": {"type": "array", "items": ref("Kinds")},
                "level": {"enum": [1]},
                "open": {},
                "free": {"type": "object"},
                "str": {"type": "string"},
                "datetime": {"type": "string", "format": "date-time"},
            },
        },
        "Nodes": {"properties": {"id": {"type": "integer"}, "nodes": {"type": "array", "items": ref("Nodes")}}},
        "Kinds": {"type": "string", "enum": ["x", "y"]},
        "MessageResponse": {"properties": {"message": {"type": "string"}}},
    },
)


def test_generated_code_passes_the_strict_type_checkers(generate: PackageMaker, tmp_path: Path) -> None:
    """One with everything, and one without models."""
    everything = generate(EVERYTHING)
    everything.import_all()
    bare = generate(spec_of({"/things": {"get": {"operationId": "things.get"}}}))
    assert [path.name for path in (bare.folder / "models").glob("*.py")] == ["__init__.py"]
    parts = ("models", "resources", "__init__.py", "_resources.py")
    modules = [str(package.folder / part) for package in (everything, bare) for part in parts]
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "include": ["generated_*"]}')
    checks: list[list[Any]] = [
        ["mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), *modules],
        ["pyright", "--pythonpath", sys.executable, *modules],
    ]
    for tool, *arguments in checks:
        command = [sys.executable, "-m", tool, *arguments]
        done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        ours = ("models/", "resources/", "/__init__.py", "/_resources.py")
        found = [line for line in done.stdout.splitlines() if "error" in line and any(part in line for part in ours)]
        assert not found, "\n".join(found)
        assert not done.stderr
