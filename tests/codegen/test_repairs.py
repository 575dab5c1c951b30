from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import repairs
from codegen.merge import merge
from codegen.parameters import clean_names, listed_names
from codegen.report import Report
from codegen.snippets import load_snippets

from .documents import Json, answering, document, merged, merged_operation, merged_schema, one, operation, query, united

SNIPPETS = Path(__file__).parents[2] / "openapi" / "snippets"
STRING = {"type": "string"}

SCHEMA_CASES: list[tuple[str, Any, Json]] = [
    # OpenAPI 3.1
    ("null_type", {"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ("null_type", {"type": ["string", "integer"]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    ("null_type", {"type": "null"}, {"nullable": True}),
    (
        "null_type",
        {"type": ["null", "object"], "properties": {}},
        {"type": "object", "nullable": True, "properties": {}},
    ),
    ("null_alternative", {"anyOf": [STRING, {"type": "null"}]}, {"anyOf": [STRING], "nullable": True}),
    (
        "null_alternative",
        {"oneOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]},
        {"oneOf": [{"$ref": "#/components/schemas/Other"}], "nullable": True},
    ),
    (
        "null_alternative",
        {"anyOf": [STRING, {"type": "integer"}, {"type": "null"}]},
        {"anyOf": [STRING, {"type": "integer"}], "nullable": True},
    ),
    ("null_alternative", {"anyOf": [{"type": "null"}]}, {"nullable": True}),
    ("constant", {"const": "a"}, {"type": "string", "enum": ["a"]}),
    ("constant", {"const": 1.5}, {}),
    (
        "enum_values",
        {"type": "string", "enum": ["a", None]},
        {"type": "string", "enum": ["a", None], "nullable": True},
    ),
    (
        "exclusive_limit",
        {"type": "integer", "exclusiveMinimum": 1},
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
    ),
    ("malformed", {"type": "integer", "exclusiveMaximum": 5, "maximum": 3}, {"type": "integer", "maximum": 3}),
    # what scrapers and servers get wrong
    ("unknown_type", {"type": "datetime"}, {}),
    ("unknown_type", {"type": "mixed"}, {}),
    ("unknown_type", {"type": 5}, {}),
    (
        "items_under_star",
        {"type": "array", "properties": {"*": {"type": "object", "properties": {"id": STRING}}}},
        {"type": "array", "items": {"type": "object", "properties": {"id": STRING}}},
    ),
    ("items_under_star", {"properties": {"*": STRING}}, {"type": "array", "items": STRING}),
    ("array_without_items", {"type": "array"}, {"type": "array", "items": {}}),
    ("items_on_scalar", {"type": "string", "items": {"type": "object"}}, STRING),
    ("untyped", {"items": STRING}, {"type": "array", "items": STRING}),
    ("formatted_object", {"type": "object", "format": "date-time"}, {"type": "string", "format": "date-time"}),
    ("enum_values", {"type": "object", "enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
    ("enum_values", {"type": "object", "enum": [1, 2]}, {"type": "integer", "enum": [1, 2]}),
    ("enum_values", {"type": "object", "enum": [1, "a"]}, {}),
    ("enum_values", {"enum": ["a"]}, {"type": "string", "enum": ["a"]}),
    ("enum_values", {"enum": [1, "a"]}, {}),
    ("enum_values", {"type": "string", "enum": []}, STRING),
    ("enum_values", {"type": "string", "enum": "a"}, STRING),
    ("enum_values", {"type": "integer", "enum": ["1", "2"]}, {"type": "integer"}),
    ("enum_values", {"type": "boolean", "enum": [True, False]}, {"type": "boolean"}),
    ("enum_values", {"type": "string", "enum": ["a", "b", "a"]}, {"type": "string", "enum": ["a", "b"]}),
    ("untyped", {"properties": {"a": STRING}}, {"type": "object", "properties": {"a": STRING}}),
    ("properties_on_scalar", {"type": "string", "properties": {"a": {}}, "required": ["a"]}, {}),
    ("impossible_default", {"type": "integer", "default": "1"}, {"type": "integer"}),
    ("impossible_default", {"type": "string", "enum": ["a"], "default": "b"}, {"type": "string", "enum": ["a"]}),
    ("impossible_default", {"type": "string", "maxLength": 1, "default": "bb"}, {"type": "string", "maxLength": 1}),
    ("impossible_default", {"type": "object", "properties": {}, "default": {}}, {"type": "object", "properties": {}}),
    ("malformed", {"type": "string", "maxLength": -1, "pattern": "(", "description": 5}, STRING),
    ("malformed", {"type": "object", "required": True}, {"type": "object"}),
    ("malformed", {"type": "number", "multipleOf": 0}, {"type": "number"}),
    ("malformed", "string", {}),
    ("malformed", None, {}),
]


@pytest.mark.parametrize(("rule", "schema", "expected"), SCHEMA_CASES)
def test_schemas_are_repaired_and_the_report_says_by_which_rule(rule: str, schema: Any, expected: Json) -> None:
    holder = {"type": "object", "properties": {"x": schema}}
    spec, report = united(document({"/things": {"get": operation()}}, {"Thing": holder, "Other": {"type": "object"}}))
    assert spec["components"]["schemas"]["Thing"]["properties"]["x"] == expected
    places = report.repairs[rule]
    assert all(place.startswith("schema Thing.x") for place in places)
    assert report.reasons[rule]


def test_every_rule_has_a_reason_and_a_case() -> None:
    rules = {rule.__name__ for rule in (*repairs.SCHEMA_RULES, *repairs.CLEAN_SCHEMA_RULES)}
    assert rules <= {rule for rule, _, _ in SCHEMA_CASES}
    every = (*repairs.SCHEMA_RULES, *repairs.OPERATION_RULES, repairs.list_parameters_on_item)
    assert all(rule.__doc__ for rule in every)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False, "required": ["a"]},
        {"type": "string", "default": "a", "minLength": 1, "nullable": True, "title": "A", "description": "B"},
        {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}, "uniqueItems": True, "maxItems": 3},
        {"oneOf": [STRING, {"type": "integer"}]},
        {"not": STRING},
        {"type": "number", "multipleOf": 0.5, "minimum": 1, "exclusiveMinimum": True, "default": 2},
        {"type": "object", "format": "custom"},
        {"allOf": [{"$ref": "#/components/schemas/Thing"}], "properties": {"a": {}}},
    ],
)
def test_what_is_sound_stays_as_it_is(schema: Json) -> None:
    holder = {"type": "object", "properties": {"x": schema}}
    thing, report = merged_schema(holder)
    assert thing == holder
    assert not report.repairs


def test_extensions_of_a_fragment_do_not_steer_the_generator() -> None:
    assert merged_schema({"type": "string", "x-default-from-path": "thing"})[0] == STRING


# ------------------------------------------------------------------------------------------------------- operations


def parameters(operation: Json) -> dict[str, Json]:
    return {parameter["name"]: parameter for parameter in operation["parameters"]}


def test_repeated_parameters() -> None:
    result, _ = merged_operation(operation(parameters=[query("a", "first"), query("a", "second")]))
    assert [each["description"] for each in result["parameters"]] == ["first"]


def test_path_parameters_are_those_of_the_path_in_its_order() -> None:
    declared = [
        {"name": "b", "in": "path", "schema": {"type": "integer"}},
        {"name": "gone", "in": "path", "required": True},
        query("x"),
    ]
    result, report = merged_operation(operation(parameters=declared), "/things/{a}/{b}")
    assert [(each["name"], each["required"], each["schema"]) for each in result["parameters"]] == [
        ("a", True, STRING),
        ("b", True, {"type": "integer"}),
        ("x", False, STRING),
    ]
    assert {place.rpartition(": ")[2] for place in report.repairs["undeclared_path_parameter"]} == {
        "a added",
        "b required",
        "gone dropped",
    }


def test_headers_that_the_client_sends_anyway() -> None:
    headers = [{"name": name, "in": "header"} for name in ("Accept", "authorization", "X-Company")]
    result, report = merged_operation(operation(parameters=headers))
    assert list(parameters(result)) == ["X-Company"]
    assert len(report.repairs["header_of_the_client"]) == 2


def test_a_filter_object_is_its_names() -> None:
    declared = [
        {"name": "filter", "in": "query", "style": "deepObject", "schema": {"properties": {"a": {"type": "integer"}}}}
    ]
    result, _ = merged_operation(operation(parameters=declared))
    assert [(each["name"], each["schema"]) for each in result["parameters"]] == [("filter[a]", {"type": "integer"})]


@pytest.mark.parametrize("name", ["LIKE", ",", "DESC", "=", "", "a b", "(SELECT 1)", "x;y", "a][b", "][", "a][]["])
def test_scraped_filters_go(name: str) -> None:
    result, report = merged_operation(operation(parameters=[query(f"filter[{name}]"), query("filter[a.b]")]))
    assert list(parameters(result)) == ["filter[a.b]"]
    assert len(report.repairs["scraped_filter"]) == 1


def test_includes_and_sorts_are_read_out_of_the_description() -> None:
    result, _ = merged_operation(
        operation(
            parameters=[
                query("include", "Relationships. Available: createdBy, flowVersions, createdBy"),
                query("sort", "Sort field. Available: name, -created_at, DESC"),
                query("page", "Available: not a list", type="integer"),
            ]
        )
    )
    found = parameters(result)
    assert found["include"] == {
        "name": "include",
        "in": "query",
        "required": False,
        "description": "Relationships.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": ["createdBy", "flowVersions"]}},
    }
    assert found["sort"]["schema"]["items"]["enum"] == ["name", "-name", "created_at", "-created_at"]
    assert found["page"]["schema"] == {"type": "integer"}


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (query("include", enum=["a", "b"]), {"type": "string", "enum": ["a", "b"]}),
        (
            {
                **query("include"),
                "schema": {"type": "array", "items": {"type": "string", "enum": ["a"]}},
                "explode": True,
            },
            {"type": "string", "enum": ["a"]},
        ),
        (query("include", "Comma-separated."), {"type": "string"}),
    ],
)
def test_includes_are_documented_in_other_ways_too(parameter: Json, expected: Json) -> None:
    include = parameters(merged_operation(operation(parameters=[parameter]))[0])["include"]
    assert include["schema"] == {"type": "array", "items": expected}
    assert include["explode"] is False


def test_a_list_of_nothing_but_junk_drops_the_parameter() -> None:
    result, report = merged_operation(operation(parameters=[query("sort", "Available: =, DESC, (SELECT 1, 2)")]))
    assert result["parameters"] == []
    assert report.repairs["include_and_sort_names"] == {"GET /things: sort dropped: no name in its list"}


def test_a_description_of_nothing_but_the_list_goes() -> None:
    result, _ = merged_operation(operation(parameters=[query("include", "Available: a")]))
    assert "description" not in parameters(result)["include"]


def test_sub_selects_with_commas_and_parentheses_are_one_word() -> None:
    words = listed_names("Sort. Available: a, (\n SELECT COUNT(*), f(x, y) FROM t\n) AS iteration, =, b, a.")
    assert words == ["a", "(\n SELECT COUNT(*), f(x, y) FROM t\n) AS iteration", "=", "b", "a"]
    assert words is not None
    assert clean_names(words) == ["a", "b"]
    assert listed_names("Nothing of the kind") is None


def test_the_scraped_sorts_of_deployments_are_cleaned() -> None:
    spec = merge(load_snippets(SNIPPETS), Report())
    sorts = parameters(spec["paths"]["/api/v1/flow-version-deployments"]["get"])["sort"]["schema"]["items"]["enum"]
    assert {"created_at", "-created_at", "enabled_at", "flow_name", "flow_version_iteration"} <= set(sorts)
    assert not any(junk in sorts for junk in ("DESC", "ASC", "=", "-DESC"))
    assert not any("SELECT" in sort for sort in sorts)


def test_a_parameter_may_be_described_by_content_or_not_at_all() -> None:
    declared = [
        {"name": "a", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
        {"name": "b", "in": "cookie"},
        {"name": "ids", "in": "query", "schema": {"type": "array"}, "style": "pipeDelimited", "explode": True},
        {"name": "c", "in": "header", "style": "form"},
    ]
    result, _ = merged_operation(operation(parameters=declared))
    found = parameters(result)
    assert found["a"]["schema"] == {"type": "object"}
    assert found["b"]["schema"] == STRING
    assert (found["ids"]["style"], found["ids"]["explode"]) == ("pipeDelimited", True)
    assert "style" not in found["c"]


def test_statuses_that_do_not_exist_are_left_out() -> None:
    responses = {"200": {"description": "OK"}, "2XX": {}, "default": {"description": 1}, "abc": {}, "99": {}}
    result, report = merged_operation(operation(responses=responses))
    assert result["responses"] == {
        "200": {"description": "OK"},
        "2XX": {"description": ""},
        "default": {"description": ""},
    }
    assert {"GET /things responses/abc", "GET /things responses/99"} <= report.repairs["malformed"]


def test_documented_operation_ids_do_not_name_methods() -> None:
    spec, _ = merged(one(operationId="../../etc/passwd"))
    assert spec["paths"]["/things"]["get"]["operationId"] == "things.list"


# ------------------------------------------------------------------------------------------------------ the whole spec


def test_single_items_do_not_take_the_parameters_of_the_list() -> None:
    declared = [query(name) for name in ("filter[a]", "include", "sort", "page", "per_page", "fields")]
    item, report = merged_operation(operation("Get Thing", parameters=declared), "/things/{thing}")
    assert list(parameters(item)) == ["thing", "include", "fields"]
    assert len(report.repairs["list_parameters_on_item"]) == 4
    for path, schema in (
        ("/things", {}),
        ("/things/{thing}/parts", {}),
        ("/by/{owner}", {"properties": {"data": {"type": "array"}}}),
    ):
        kept, _ = merged_operation(operation(parameters=declared, responses=answering(schema)), path)
        assert "filter[a]" in parameters(kept)


def test_a_list_behind_a_reference_keeps_its_parameters() -> None:
    schemas = {"Page": {"properties": {"data": {"$ref": "#/components/schemas/All"}}}, "All": {"type": "array"}}
    body = operation(parameters=[query("page")], responses=answering({"$ref": "#/components/schemas/Page"}))
    spec, _ = united(document({"/by/{owner}": {"get": body}}, schemas))
    assert "page" in parameters(spec["paths"]["/by/{owner}"]["get"])


def test_operations_without_tag_belong_to_their_path() -> None:
    spec, _ = merged(one("/api/v2/{company}/big-things/{thing}", tag=None, summary="Get it"), one("/{x}", tag=" "))
    assert [tag["name"] for tag in spec["tags"]] == ["Api", "Big Things"]


def test_ids_in_bodies_are_integers_or_strings() -> None:
    body = {
        "type": "object",
        "properties": {
            "id": STRING,
            "thing_id": {"type": "string", "nullable": True, "maxLength": 9, "default": "1"},
            "thing_ids": {"type": "array", "items": STRING},
            "uuid_id": {"type": "string", "format": "uuid"},
            "state_id": {"type": "string", "enum": ["a"]},
            "number_id": {"type": "integer"},
            "name": STRING,
            "nested": {"type": "array", "items": {"oneOf": [{"type": "object", "properties": {"id": STRING}}]}},
            "map": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Thing"}},
            "again": {"$ref": "#/components/schemas/Thing"},
        },
    }
    either = {"oneOf": [{"type": "integer"}, {"type": "string"}]}
    thing = {"type": "object", "properties": {"id": STRING, "me": {"$ref": "#/components/schemas/Thing"}}}
    create = operation(
        "Create Thing",
        requestBody={"content": {"application/json": {"schema": body}}},
        responses=answering({"$ref": "#/components/schemas/Thing"}),
    )
    spec, report = merged(document({"/things": {"post": create}}, {"Thing": thing}))
    schemas = spec["components"]["schemas"]
    found = schemas["ThingsCreateBody"]["properties"]
    assert found["id"] == either
    assert found["thing_id"] == {"oneOf": [{"type": "integer", "nullable": True}, {"type": "string", "maxLength": 9}]}
    assert found["thing_ids"]["items"] == either
    assert schemas["ThingsCreateNested"]["properties"]["id"] == either
    assert schemas["ThingInput"]["properties"]["id"] == either
    assert schemas["Thing"]["properties"]["id"] == STRING
    for name in ("uuid_id", "number_id", "name"):
        assert found[name] == body["properties"][name]  # type: ignore[index]
    assert len(report.repairs["id_in_body"]) == 5


def test_ids_in_answers_stay_as_documented() -> None:
    spec, _ = united(one(responses=answering({"type": "object", "properties": {"id": STRING}})))
    schema = spec["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["id"] == STRING
