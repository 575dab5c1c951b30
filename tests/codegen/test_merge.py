from __future__ import annotations

import copy
import itertools
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV30SpecValidator

from codegen.errors import CodegenError
from codegen.json_tools import canonical, dump
from codegen.merge import documented_spec, merge
from codegen.overlay import Action, Overlay
from codegen.report import Report, to_markdown
from codegen.snippets import Snippet, load_snippets
from tests.runtime.cases import cases

from .documents import (
    Json,
    answering,
    document,
    merged,
    merged_schema,
    one,
    operation,
    query,
    united,
    with_schema,
)

ROOT = Path(__file__).parents[2]
SNIPPETS = ROOT / "openapi" / "snippets"


def refusal(*documents: Json, strict: bool = False) -> str:
    with pytest.raises(CodegenError) as caught:
        united(*documents, strict=strict)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------- the real snippets


def test_the_documentation_gives_46_operations_on_28_paths_and_30_schemas() -> None:
    spec = documented_spec(load_snippets(SNIPPETS), Report())
    assert len(spec["paths"]) == 28
    assert sum(map(len, spec["paths"].values())) == 46
    assert len(spec["components"]["schemas"]) == 30
    assert not list(OpenAPIV30SpecValidator(spec).iter_errors())


def test_order_and_page_names_do_not_matter() -> None:
    snippets = load_snippets(SNIPPETS)
    expected = dump(merge(snippets, Report()))
    shuffled = random.Random(1).sample(snippets, len(snippets))
    renamed = [Snippet(f"other/{index}.json", each.document) for index, each in enumerate(shuffled)]
    assert dump(merge(renamed, Report())) == expected


def test_the_snippets_themselves_are_not_changed() -> None:
    snippets = load_snippets(SNIPPETS)
    before = copy.deepcopy(snippets)
    merge(snippets, Report())
    assert snippets == before


# ------------------------------------------------------------------------------------------------------------- union


def test_identical_schemas_and_operations_collapse() -> None:
    spec, report = united(with_schema({"type": "string"}), with_schema({"type": "string"}))
    assert spec["components"]["schemas"] == {"Thing": {"type": "string"}}
    assert not report.unions
    assert not report.contradictions


def test_differing_schemas_are_united() -> None:
    spec, report = united(
        with_schema(
            {
                "type": "object",
                "description": "short",
                "required": ["id", "name"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "integer", "description": "The identifier"},
                    "name": {"type": "string", "maxLength": 10, "minLength": 2, "default": "x"},
                    "state": {"type": "string", "enum": ["b", "a"]},
                    "list": {"type": "array", "items": {"type": "object", "properties": {"x": {}}}},
                    "free": {"type": "object", "additionalProperties": {"type": "string"}},
                    "both": {"additionalProperties": False, "type": "object", "properties": {"a": {}}},
                },
            }
        ),
        with_schema(
            {
                "type": "object",
                "description": "a longer one",
                "required": ["id"],
                "properties": {
                    "id": {"type": "integer", "description": "Id"},
                    "name": {"type": "string", "maxLength": 20, "minLength": 1, "nullable": True, "default": "y"},
                    "state": {"type": "string", "enum": ["c", "a"]},
                    "when": {"type": "string"},
                    "list": {"type": "array", "items": {"type": "object", "properties": {"y": {"type": "string"}}}},
                    "free": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}},
                    "both": {"additionalProperties": False, "type": "object", "properties": {"b": {}}},
                },
            }
        ),
        strict=True,
    )
    thing = spec["components"]["schemas"]["Thing"]
    properties = thing.pop("properties")
    assert thing == {"type": "object", "description": "a longer one", "required": ["id"]}
    assert sorted(properties) == ["both", "free", "id", "list", "name", "state", "when"]
    assert properties["id"] == {"type": "integer", "description": "The identifier"}
    assert properties["name"] == {"type": "string", "nullable": True}
    assert sorted(properties["state"]["enum"]) == ["a", "b", "c"]
    assert sorted(properties["list"]["items"]["properties"]) == ["x", "y"]
    assert properties["free"]["additionalProperties"] == {"type": "string"}
    assert properties["both"]["additionalProperties"] is False
    assert "schema Thing.name" in report.unions


def test_a_format_that_one_variant_says_is_kept_and_its_limits_are_not() -> None:
    spec, _ = united(
        with_schema({"type": "string", "format": "date-time", "maxLength": 5, "enum": ["a"], "readOnly": True}),
        with_schema({"type": "string"}),
    )
    assert spec["components"]["schemas"]["Thing"] == {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    ("one_says", "another_says", "about"),
    [
        ({"type": "string"}, {"type": "integer"}, "type"),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}, "format"),
        ({"type": "object"}, {"$ref": "#/components/schemas/Other"}, r"\$ref"),
        ({"oneOf": [{"type": "string"}]}, {"oneOf": [{"type": "integer"}]}, "oneOf"),
    ],
)
def test_a_contradiction_is_left_open_and_refused_when_strict(one_says: Json, another_says: Json, about: str) -> None:
    documents = [
        document(
            {"/things": {"get": operation()}},
            {"Thing": {"type": "object", "properties": {"x": {"description": "What it is.", **said}}}, "Other": {}},
        )
        if "$ref" not in said
        else document(
            {"/things": {"get": operation()}}, {"Thing": {"type": "object", "properties": {"x": said}}, "Other": {}}
        )
        for said in (one_says, another_says)
    ]
    spec, report = united(*documents)
    assert spec["components"]["schemas"]["Thing"]["properties"]["x"] == {"description": "What it is."}
    assert list(report.contradictions) == ["schema Thing.x"]
    message = refusal(*documents, strict=True)
    assert message.startswith("contradiction at schema Thing.x: ")
    assert message.endswith("(snippets page/0.json, page/1.json)")
    assert re.search(about, message)


def test_a_reference_and_an_empty_schema_do_not_contradict() -> None:
    documents = [
        document({"/things": {"get": operation()}}, {"Thing": {"type": "object", "properties": {"x": x}}, "Other": {}})
        for x in ({"$ref": "#/components/schemas/Other"}, {"description": "It."})
    ]
    spec, report = united(*documents)
    assert spec["components"]["schemas"]["Thing"]["properties"]["x"]["$ref"] == "#/components/schemas/Other"
    assert not report.contradictions


def test_the_names_that_each_page_lists_are_united() -> None:
    spec, _ = united(
        one(parameters=[query("include", "Relations to load with each. Available: a, b"), query("sort")]),
        one(parameters=[query("include", "Available: c, a"), query("sort", "Available: -name")]),
        one(parameters=[query("include", "Relations."), query("sort", "By what.")]),
    )
    include, sort = spec["paths"]["/things"]["get"]["parameters"]
    assert include["schema"]["items"]["enum"] == ["a", "b", "c"]
    assert include["description"] == "Relations to load with each."
    assert sort["schema"]["items"]["enum"] == ["name", "-name"]
    assert sort["description"] == "By what."


def test_operations_are_united() -> None:
    first = operation(
        description="It lists.",
        parameters=[query("a", "The a", maxLength=3), query("shared", "x")],
        requestBody={"required": True, "content": {"application/json": {"schema": {"properties": {"a": {}}}}}},
        security=[{"Key": []}],
        deprecated=True,
    )
    second = operation(
        "List All Things",
        description="It lists all.",
        parameters=[query("b"), {**query("shared", "longer"), "required": True}],
        requestBody={"required": True, "content": {"application/json": {"schema": {"properties": {"b": {}}}}}},
        responses={"200": {"description": "A list", "content": {"text/csv": {}}}, "404": {"description": "Gone"}},
        security=[{"Token": []}],
    )
    documents = [document({"/things": {"get": each}}) for each in (first, second)]
    spec, report = united(*documents)
    found = spec["paths"]["/things"]["get"]
    assert found["summary"] == "List Things"
    assert found["description"] == "It lists all."
    assert sorted(parameter["name"] for parameter in found["parameters"]) == ["a", "b", "shared"]
    assert not any(parameter["required"] for parameter in found["parameters"])
    body = found["requestBody"]
    assert body["required"] is True
    assert sorted(body["content"]["application/json"]["schema"]["properties"]) == ["a", "b"]
    assert found["responses"] == {
        "200": {"description": "A list", "content": {"text/csv": {}}},
        "404": {"description": "Gone"},
    }
    assert found["security"] == [{"Key": []}, {"Token": []}]
    assert "deprecated" not in found
    assert "GET /things" in report.unions


def test_a_body_that_one_page_leaves_out_is_not_required() -> None:
    body: Json = {"required": True, "content": {"application/json": {"schema": {}}}}
    spec, _ = united(one(method="post", requestBody=body), one(method="post"))
    assert spec["paths"]["/things"]["post"]["requestBody"]["required"] is False


def test_deprecated_everywhere_stays() -> None:
    parameters = [{**query("a"), "deprecated": True}]
    documents = [one(deprecated=True, description=text, parameters=parameters) for text in ("a", "b")]
    spec, _ = united(*documents)
    found = spec["paths"]["/things"]["get"]
    assert found["deprecated"] is True
    assert found["parameters"][0]["deprecated"] is True


def test_several_tags_become_the_one_of_the_path() -> None:
    spec, _ = merged(one(tag="Others"), one(tag="Things"))
    assert spec["paths"]["/things"]["get"]["tags"] == ["Things"]
    assert spec["tags"] == [{"name": "Things"}]


def test_paths_that_differ_only_in_their_placeholders_are_one() -> None:
    spec, report = united(
        one("/things/{thing}", summary="Get Thing"), one("/things/{id}", "delete", summary="Delete Thing")
    )
    assert list(spec["paths"]) == ["/things/{id}"]
    assert {each["parameters"][0]["name"] for each in spec["paths"]["/things/{id}"].values()} == {"id"}
    assert report.unions == {"/things/{id}": {"the same path as /things/{thing}"}}


def test_the_placeholder_that_most_operations_have_is_kept() -> None:
    spec, _ = united(
        one("/things/{thing}", summary="Get Thing"),
        one("/things/{thing}", "delete", summary="Delete Thing"),
        one("/things/{id}", "patch", summary="Update Thing"),
    )
    assert list(spec["paths"]) == ["/things/{thing}"]


def test_servers_security_and_tags_of_all_documents_are_kept() -> None:
    first: Json = one() | {"servers": [{"url": "https://a.example"}], "tags": [{"name": "Things"}]}
    first["security"] = [{"Key": []}]
    second: Json = one("/b") | {
        "servers": [{"url": "https://a.example", "description": "A"}],
        "tags": [{"name": "Things", "description": "All things"}, {"name": "Unused"}],
        "security": [{"Key": []}],
        "components": {"securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "Authorization"}}},
    }
    spec, report = merged(first, second)
    assert [server["url"] for server in spec["servers"]] == ["https://a.example"]
    assert spec["security"] == [{"Key": []}]
    assert spec["tags"] == [{"name": "Things", "description": "All things"}]
    assert spec["components"]["securitySchemes"]["Key"]["type"] == "apiKey"
    assert spec["components"]["securitySchemes"]["Key"]["x-source"] == "#/components/securitySchemes/Key"
    assert "tag Things" in report.unions


def test_a_servers_path_stands_before_the_operations_and_another_host_is_reported() -> None:
    documents = [one("/a"), one("/b"), one("/c")]
    urls = ("https://core.example/api/v2/", "https://core.example", "https://other.example/x")
    for each, url in zip(documents, urls, strict=True):
        each["servers"] = [{"url": url}]
    spec, report = merged(*documents)
    assert list(spec["paths"]) == ["/api/v2/a", "/b", "/x/c"]
    assert [server["url"] for server in spec["servers"]] == ["https://core.example", "https://other.example"]
    assert report.open_questions == {"GET /x/c": {"is documented on another host: https://other.example"}}


schemas = st.recursive(
    st.sampled_from(
        [
            {},
            {"type": "string"},
            {"type": "integer", "minimum": 1},
            {"type": "integer", "minimum": 2, "description": "two"},
            {"type": "string", "enum": ["a", "b"]},
            {"type": "string", "enum": ["b", "c"]},
            {"$ref": "#/components/schemas/Other"},
        ]
    ),
    lambda children: st.one_of(
        st.dictionaries(st.sampled_from("abc"), children, max_size=3).map(
            lambda properties: {"type": "object", "properties": properties, "required": sorted(properties)[:1] or ["a"]}
        ),
        children.map(lambda items: {"type": "array", "items": items}),
    ),
    max_leaves=6,
)


@cases(100)
@given(st.lists(schemas, min_size=2, max_size=4))
def test_a_union_is_the_same_in_every_order_and_holds_every_property(variants: list[Json]) -> None:
    def result_of(order: tuple[Json, ...]) -> Json:
        documents = [document({"/a": {"get": operation()}}, {"Thing": each, "Other": {}}) for each in order]
        result: Json = united(*documents)[0]["components"]["schemas"]["Thing"]
        return result

    results = {dump(result_of(order)) for order in itertools.islice(itertools.permutations(variants), 6)}
    assert len(results) == 1
    if all(each.get("type") == "object" for each in variants):
        names = {name for each in variants for name in each["properties"]}
        assert names <= set(json.loads(results.pop())["properties"])


# --------------------------------------------------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (
            {"responses": answering({"$ref": "#/components/schemas/Gone"})},
            "/responses/200/content/application~1json/schema",
        ),
        ({"parameters": [{"$ref": "#/components/parameters/Gone"}]}, "/parameters/0"),
        ({"requestBody": {"$ref": "#/components/requestBodies/Gone"}}, "/requestBody"),
        ({"responses": {"200": {"$ref": "#/components/responses/Gone"}}}, "/responses/200"),
    ],
)
def test_a_reference_to_nowhere_is_refused(body: Json, pointer: str) -> None:
    message = refusal(one(**body))
    assert message.startswith(f"snippet page/0.json, #/paths/~1things/get{pointer}: $ref to nowhere: ")


@pytest.mark.parametrize("reference", ["https://example.com/x.json", "other.json#/x", "#anchor", 1, None])
def test_a_reference_out_of_the_fragment_is_refused(reference: Any) -> None:
    assert "leaves the fragment" in refusal(with_schema({"properties": {"x": {"$ref": reference}}}))


def test_a_parameter_that_is_a_reference_in_a_circle_is_left_out() -> None:
    components = {
        "parameters": {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    }
    spec, report = united(one(parameters=[{"$ref": "#/components/parameters/A"}]) | {"components": components})
    assert spec["paths"]["/things"]["get"]["parameters"] == []
    assert report.repairs["malformed"] == {"GET /things parameters/0"}


@pytest.mark.parametrize(
    "schemas",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
        {"A": {"allOf": [{"$ref": "#/components/schemas/B"}]}, "B": {"anyOf": [{"$ref": "#/components/schemas/A"}]}},
    ],
)
def test_a_schema_that_is_made_of_itself_is_refused(schemas: Json) -> None:
    bad = document({"/things": {"get": operation(responses=answering({"$ref": "#/components/schemas/A"}))}}, schemas)
    assert "made of itself" in refusal(bad)


@pytest.mark.parametrize("other", [[], [{"type": "string"}], [{"type": "string", "enum": ["a"]}]])
def test_a_union_of_itself_is_open(other: list[Json]) -> None:
    schemas = {"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, *other]}}
    responses = answering({"$ref": "#/components/schemas/A"})
    spec, report = merged(document({"/things": {"get": operation(responses=responses)}}, schemas))
    assert "A" not in spec["components"]["schemas"]
    assert "schema A" in " ".join(report.open_questions)


def test_a_property_called_ref_is_a_property() -> None:
    thing, _ = merged_schema({"type": "object", "properties": {"$ref": {"type": "string"}}})
    assert thing["properties"] == {"$ref": {"type": "string"}}


def test_components_other_than_schemas_are_written_out() -> None:
    spec, _ = united(
        document(
            {"/things/{a}": {"$ref": "#/components/pathItems/Things"}},
            version="3.1.0",
            components={
                "pathItems": {
                    "Things": {
                        "parameters": [{"$ref": "#/components/parameters/A"}, query("b")],
                        "put": operation(
                            parameters=[query("b", "own")],
                            requestBody={"$ref": "#/components/requestBodies/Body"},
                            responses={"200": {"$ref": "#/components/responses/OK"}},
                        ),
                    }
                },
                "parameters": {"A": {"name": "a", "in": "path", "required": True, "schema": {"type": "integer"}}},
                "requestBodies": {"Body": {"content": {"text/plain": {"schema": {"type": "string"}}}}},
                "responses": {"OK": {"description": "Fine", "headers": {"X": {}}, "links": {}}},
            },
        )
    )
    put = spec["paths"]["/things/{a}"]["put"]
    assert [(each["name"], each.get("description")) for each in put["parameters"]] == [("a", None), ("b", "own")]
    assert put["requestBody"] == {"content": {"text/plain": {"schema": {"type": "string"}}}, "required": False}
    assert put["responses"] == {"200": {"description": "Fine"}}
    assert set(spec["components"]) == {"schemas", "securitySchemes"}


def test_a_reference_into_a_schema_is_written_out_and_an_endless_one_is_open() -> None:
    thing, report = merged_schema(
        {
            "type": "object",
            "properties": {
                "a": {"type": "string"},
                "b": {"$ref": "#/components/schemas/Thing/properties/a"},
                "c": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Thing/properties/c"}}},
                "d": {"allOf": [{"$ref": "#/components/schemas/Thing/properties/e/allOf/0"}]},
                "e": {"allOf": [{"type": "integer"}]},
            },
        }
    )
    properties = thing["properties"]
    assert properties["b"] == {"type": "string"}
    assert properties["c"]["properties"]["next"]["properties"]["next"] == {}
    assert properties["d"] == properties["e"]
    assert any("contains itself" in what for whats in report.open_questions.values() for what in whats)


def test_a_description_beside_a_reference_is_kept() -> None:
    thing, _ = merged_schema({"properties": {"x": {"$ref": "#/components/schemas/Thing", "nullable": True, "x": 1}}})
    assert thing["properties"]["x"] == {"allOf": [{"$ref": "#/components/schemas/Thing"}], "nullable": True}


def test_recursive_schemas_stay_references() -> None:
    thing, _ = merged_schema({"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Thing"}}})
    assert thing["properties"]["child"] == {"$ref": "#/components/schemas/Thing"}


def test_names_of_schemas_become_what_openapi_allows() -> None:
    schemas = {"A Thing": {"type": "string"}, "A_Thing": {"type": "integer"}, "../../etc": {}, "…": {}}
    reference = {"$ref": "#/components/schemas/A%20Thing"}
    spec, report = united(document({"/a": {"get": operation(responses=answering(reference))}}, schemas))
    assert set(spec["components"]["schemas"]) == {"A_Thing", "A_Thing2", "etc", "Schema"}
    assert spec["components"]["schemas"]["A_Thing"] == {"type": "integer"}
    response = spec["paths"]["/a"]["get"]["responses"]["200"]
    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/A_Thing2"}
    assert len(report.repairs["schema_name"]) == 3


# ------------------------------------------------------------------------------------------------------- bad skeletons


_OBJECT = "an object is wanted here"
_PATH = "a path consists of /segments, and its {placeholders} have different names"
BAD_SKELETONS: list[tuple[Json, str]] = [
    ({"openapi": "2.0"}, "#/openapi: not OpenAPI 3.0 or 3.1: '2.0'"),
    ({"openapi": "3.0.0", "paths": {}}, "#/paths: no operation"),
    ({"openapi": "3.0.0", "paths": []}, f"#/paths: {_OBJECT}"),
    ({"openapi": "3.0.0"}, f"#/paths: {_OBJECT}"),
    (document({"/a": []}), f"#/paths/~1a: {_OBJECT}"),
    (document({"/a": {"get": 1}}), f"#/paths/~1a/get: {_OBJECT}"),
    *(
        (one(path), _PATH)
        for path in (
            *("things", "//evil.example/x", "/a/../b", "/a/..", "/a?b=1", "/a\x00", "/a\u202e"),
            *("/a/{b", "/a/{}", "/a/{b}/{b}", "/a/{b/c}"),
        )
    ),
]


@pytest.mark.parametrize(("bad", "message"), BAD_SKELETONS)
def test_a_skeleton_that_is_none_is_refused_with_its_pointer(bad: Json, message: str) -> None:
    said = refusal(bad)
    assert said.startswith("snippet page/0.json, #/")
    assert said.endswith(message)


def test_what_the_validator_still_finds_is_said_with_its_place() -> None:
    broken = Overlay((Action(1, "$.info", "Why not.", "update", {"title": 5}),))
    with pytest.raises(CodegenError, match=r"^the merged spec is not valid OpenAPI 3\.0 at info/title"):
        merged(one(), overlay=broken)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"parameters": "x"}, "parameters"),
        ({"parameters": [True]}, "parameters/0"),
        ({"parameters": [{"in": "query"}]}, "parameters/0"),
        ({"parameters": [{"name": "a", "in": "body"}]}, "parameters/0"),
        ({"responses": []}, "responses"),
        ({"responses": {"200": {"description": 5}}}, "responses/200/description"),
        ({"requestBody": 1}, "requestBody"),
        ({"requestBody": {"content": {"not a type": {}}}}, "requestBody/content/not a type"),
        ({"deprecated": "no"}, "deprecated"),
    ],
)
def test_what_is_malformed_in_an_operation_is_left_out_and_reported(body: Json, place: str) -> None:
    _, report = united(one(method="post", **body))
    assert f"POST /things {place}" in report.repairs["malformed"]


@pytest.mark.parametrize(("part", "place"), [("components", "components"), ("servers", "servers"), ("tags", "tags")])
def test_what_is_malformed_beside_the_operations_is_left_out_and_reported(part: str, place: str) -> None:
    _, report = united(one() | {part: 1})
    assert report.repairs["malformed"] == {place}


def test_only_the_security_schemes_that_are_used_are_kept() -> None:
    odd = one() | {"components": {"securitySchemes": {"Odd": {"type": "mutualTLS"}}}}
    assert merged(odd)[0]["components"]["securitySchemes"] == {}
    assert "not valid OpenAPI 3.0 at components/securitySchemes/Odd" in refusal(odd | {"security": [{"Odd": []}]})


def test_a_path_of_only_a_slash_is_one() -> None:
    spec, _ = united(one("/"), one("/trailing/", summary="Get Trailing"))
    assert list(spec["paths"]) == ["/", "/trailing/"]


# ----------------------------------------------------------------------------------------------------- loading, report


def test_snippets_are_loaded_from_any_depth_but_not_from_scratch_space(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "a.json").write_text("{}")
    (tmp_path / "page" / "README.md").write_text("not JSON")
    (tmp_path / ".page.new").mkdir()
    (tmp_path / ".page.new" / "b.json").write_text("broken")
    assert load_snippets(tmp_path) == [Snippet("page/a.json", {})]
    assert load_snippets(tmp_path)[0].page == "page"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no snippets in this folder"),
        (b"{\n broken", "snippet page/a.json, line 2: broken JSON"),
        (b"[]", "snippet page/a.json: not a JSON object"),
        (b"\xff", "not UTF-8 text"),
    ],
)
def test_bad_snippets_are_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    (tmp_path / "page").mkdir()
    if content is not None:
        (tmp_path / "page" / "a.json").write_bytes(content)
    with pytest.raises(CodegenError, match=message):
        load_snippets(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CodegenError, match="none: no such folder"):
        load_snippets(tmp_path / "none")


def test_the_report_is_plain_text_whatever_the_documentation_says() -> None:
    hostile = "x`\n# Heading\n| <script> \x1b[31m"
    report = united(
        one(parameters=[query(f"filter[{hostile}]")], summary="Delete Everything"),
        one(parameters=[query("include", "Available: a")]),
    )[1]
    report.pages.clear()
    text = to_markdown(report)
    assert "\x1b" not in text
    assert "\n# Heading" not in text
    assert [line for line in text.splitlines() if line.startswith("# ")] == ["# How patchworks-core.json was made"]


def test_the_committed_report_has_one_line_for_every_fact() -> None:
    report = Report()
    spec = merge(load_snippets(SNIPPETS), report)
    text = to_markdown(report)
    assert "0 pages, 0 snippets, 46 operations" in text
    assert "| `packages.create_flow_version` | `POST /api/v1/packages/{package}/flow-versions/{flow_version}` |" in text
    assert to_markdown(report) == text
    assert spec["paths"]


# ---------------------------------------------------------------------------------------------------------------- fuzz

anything: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), st.text(max_size=5)),
    lambda children: st.one_of(
        st.lists(children, max_size=3), st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)
KEYWORDS = [
    *("type", "format", "enum", "const", "items", "properties", "required", "additionalProperties", "allOf", "anyOf"),
    *("oneOf", "not", "nullable", "default", "minimum", "exclusiveMinimum", "maxLength", "pattern", "examples", "$ref"),
    *(
        "prefixItems",
        "patternProperties",
        "contentEncoding",
        "readOnly",
        "title",
        "discriminator",
        "x-default-from-path",
    ),
]
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        ["string", "integer", "array", "object", "null", "datetime", "date-time", ["string", "null"], True]
    ),
    st.sampled_from(["#/components/schemas/Thing", 1, -1, "1", [], {}, ["a", "a"], [1, "a"], [None], {"*": {}}, "a(b"]),
    anything,
)
hostile_schemas: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.dictionaries(st.sampled_from(KEYWORDS), VALUES, max_size=4), anything),
    lambda children: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", ["object", "null"], "string"]),
            "properties": st.dictionaries(st.text(max_size=6), children, max_size=3),
            "items": children,
            "anyOf": st.lists(children, max_size=3),
            "required": st.lists(st.text(max_size=3), max_size=2),
        },
    ),
    max_leaves=5,
)


@cases(300)
@given(hostile_schemas)
def test_any_schema_becomes_valid_openapi_or_a_clear_error(schema: Any) -> None:
    try:
        spec, _ = united(
            document(
                {
                    "/things": {
                        "post": operation(
                            parameters=[{"name": "a", "in": "query", "schema": schema}],
                            requestBody={"content": {"application/json": {"schema": schema}}},
                            responses=answering(schema),
                        )
                    }
                },
                {"Thing": schema},
            )
        )
    except CodegenError as error:
        assert "$ref" in str(error)  # noqa: PT017
    else:
        assert canonical(spec)


@cases(300)
@given(st.dictionaries(st.sampled_from(["/a", "/a/{b}", "b", "/{c}/d"]), anything, max_size=2), anything, anything)
def test_any_document_becomes_valid_openapi_or_a_clear_error(paths: Json, components: Any, tags: Any) -> None:
    body = {"tags": tags, "summary": tags, "responses": components, "security": tags, "parameters": tags}
    for item in (None, body, dict.fromkeys(body, components)):
        bad = document(
            {**paths, "/things": {"get": operation() if item is None else item}}, components=components, tags=tags
        )
        try:
            assert canonical(united(bad)[0])
        except CodegenError as error:
            assert "snippet page/0.json" in str(error) or "not valid OpenAPI" in str(error)  # noqa: PT017


def test_an_operation_without_anything_becomes_one_that_can_be_called() -> None:
    spec, _ = merged(document({"/things": {"get": {}}}))
    assert spec["paths"]["/things"]["get"] == {
        "operationId": "things.get",
        "parameters": [],
        "responses": {"200": {"description": "Successful response"}},
        "tags": ["Things"],
        "x-source": "#/paths/~1things/get",
    }
