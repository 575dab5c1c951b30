from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from codegen.errors import CodegenError
from codegen.json_tools import dump
from codegen.merge import documented_spec, merge
from codegen.overlay import Overlay, load_overlay, parse_overlay
from codegen.report import Report
from codegen.snippets import load_snippets

from .documents import Json, merged, one

OPENAPI = Path(__file__).parents[2] / "openapi"


def overlay(*actions: Json) -> Json:
    return {
        "overlay": "1.1.0",
        "info": {"title": "T", "version": "1"},
        "actions": [{"description": "Inferred: a test.", **each} for each in actions],
    }


def applied(document: Json, *actions: Json) -> Json:
    return parse_overlay(overlay(*actions)).apply(document)[0]


def refusal(document: Json, *actions: Json) -> str:
    with pytest.raises(CodegenError) as caught:
        applied(document, *actions)
    return str(caught.value)


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        (
            {"a": {"b": 1, "c": {"d": 1}}},
            {"target": "$.a", "update": {"b": 2, "c": {"e": 3}}},
            {"a": {"b": 2, "c": {"d": 1, "e": 3}}},
        ),
        ({"a": [1]}, {"target": "$.a", "update": 2}, {"a": [1, 2]}),
        ({"a": [1]}, {"target": "$.a", "update": [2, 3]}, {"a": [1, 2, 3]}),
        ({"a": [1]}, {"target": "$.a", "update": {"x": 1}}, {"a": [1, {"x": 1}]}),
        ({"a": {"b": [1]}}, {"target": "$.a", "update": {"b": [2]}}, {"a": {"b": [1, 2]}}),
        ({"a": 1}, {"target": "$.a", "update": "x"}, {"a": "x"}),
        ({"a": 1}, {"target": "$.a", "update": None}, {"a": None}),
        (
            {"a": {"x": 1}, "b": {"x": 1}},
            {"target": "$[*]", "update": {"y": []}},
            {"a": {"x": 1, "y": []}, "b": {"x": 1, "y": []}},
        ),
        ({"a": 1, "b": 2}, {"target": "$.a", "remove": True}, {"b": 2}),
        ({"a": [1, 2, 3, 2]}, {"target": "$.a[?@==2]", "remove": True}, {"a": [1, 3]}),
        ({"a": list(range(12))}, {"target": "$.a[1:]", "remove": True}, {"a": [0]}),
        ({"a": {"b": {"b": 1}}}, {"target": "$..b", "remove": True}, {"a": {}}),
        ({"a": [1]}, {"target": "$.a[0, 0]", "remove": True}, {"a": []}),
        ({"a": {"x": 1}, "b": {}}, {"target": "$.b", "copy": "$.a"}, {"a": {"x": 1}, "b": {"x": 1}}),
        ({"a": {"x": [1]}}, {"target": "$", "update": {"b": 1}}, {"a": {"x": [1]}, "b": 1}),
        ({"a": 1}, {"target": "$.a", "update": 2, "x-note": "any"}, {"a": 2}),
    ],
)
def test_actions(before: Json, action: Json, after: Json) -> None:
    assert applied(before, action) == after


def test_the_spec_given_is_not_changed_and_copies_share_nothing() -> None:
    before: Json = {"a": {"x": []}, "b": {}, "c": {}}
    after = applied(before, {"target": "$['b', 'c']", "copy": "$.a"}, {"target": "$.b.x", "update": 1})
    assert before == {"a": {"x": []}, "b": {}, "c": {}}
    assert after == {"a": {"x": []}, "b": {"x": [1]}, "c": {"x": []}}


def test_actions_see_what_those_before_them_did() -> None:
    assert applied({}, {"target": "$", "update": {"a": {}}}, {"target": "$.a", "update": {"b": 1}}) == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"target": "$.gone", "update": 1}, "matches nothing"),
        ({"target": "$.gone", "remove": True}, "matches nothing"),
        ({"target": "$.a-b", "update": 1}, "$.a-b is no RFC 9535 JSONPath"),
        ({"target": "a.b", "update": 1}, "a.b is no RFC 9535 JSONPath"),
        ({"target": "$.object", "update": 1}, "primitive cannot update object at $['object']"),
        ({"target": "$.object", "update": [1]}, "array cannot update object at $['object']"),
        ({"target": "$.text", "update": ["a"]}, "array cannot update primitive at $['text']"),
        ({"target": "$.text", "update": {"a": 1}}, "object cannot update primitive at $['text']"),
        ({"target": "$", "update": {"text": ["a", None]}}, "array cannot update primitive at $.text"),
        ({"target": "$", "update": {"object": {"x": {}}}}, "object cannot update primitive at $.object.x"),
        ({"target": "$[*]", "update": {}}, "object cannot update primitive at $['text']"),
        ({"target": "$", "remove": True}, "the root cannot be removed"),
        ({"target": "$.text", "copy": "$.gone"}, "copy must select one node, $.gone selects 0"),
        ({"target": "$.text", "copy": "$[*]"}, "copy must select one node, $[*] selects 3"),
    ],
)
def test_an_action_that_does_not_fit_is_named(action: Json, problem: str) -> None:
    message = refusal({"object": {"x": 1}, "array": [], "text": "t"}, {"target": "$.text", "update": "u"}, action)
    assert message.startswith(f"overlay action 2, target {action['target']} (Inferred: a test.): ")
    assert problem in message


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"updat": {}}, "'updat'"),
        ({"target": 5}, "$.target: 5 is not of type 'string'"),
        ({"target": None}, "$.target: None is not of type 'string'"),
        ({"description": None}, "$.description: None is not of type 'string'"),
        ({"description": " "}, "$.description: ' ' does not match"),
        ({"remove": "yes"}, "$.remove: True was expected"),
        ({"copy": 1}, "$.copy: 1 is not of type 'string'"),
        ({"remove": True}, "one of update, copy and remove is wanted"),
        ({"copy": "$.a"}, "one of update, copy and remove is wanted"),
        ({"update": {1, 2}}, "update must be JSON"),
        ({"update": float("nan")}, "update must be JSON"),
    ],
)
def test_a_mistyped_action_is_named(change: Json, problem: str) -> None:
    document = overlay({"target": "$.a", "update": 1} | change)
    with pytest.raises(CodegenError, match=r"^overlay action 1, target ") as caught:
        parse_overlay(document)
    assert problem in str(caught.value)


def test_an_action_that_does_nothing_at_all_is_refused() -> None:
    with pytest.raises(CodegenError, match="one of update, copy and remove is wanted"):
        parse_overlay(overlay({"target": "$.a"}))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"overlay": "2.0.0"}, "overlay: $.overlay: '2.0.0' does not match"),
        ({"overlay": 1.1}, "overlay: $.overlay: 1.1 is not of type 'string'"),
        ({"info": {}}, "overlay: $.info: 'title' is a required property"),
        ({"actions": []}, "overlay: $.actions: []"),
        ({"actions": None}, "overlay: $.actions: None is not of type 'array'"),
        ({"actions": ["x"]}, "overlay: $.actions[0]: 'x' is not of type 'object'"),
        ({"action": []}, "'action'"),
    ],
)
def test_a_document_that_is_no_overlay_is_refused(change: Json, problem: str) -> None:
    with pytest.raises(CodegenError) as caught:
        parse_overlay(overlay({"target": "$", "update": {}}) | change)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "broken YAML"),
        ("- a", "overlay: $: ['a'] is not of type 'object'"),
        ("overlay: 1.1.0\noverlay: 1.1.0", "the key 'overlay' stands twice"),
        ("200: x", "the key '200' is not text (quote it)"),
        ("overlay: !!python/object/apply:os.system [id]", "broken YAML"),
        ("overlay: 1.1.0", "is a required property"),
    ],
)
def test_bad_yaml_is_refused_with_its_file(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(text)
    with pytest.raises(CodegenError) as caught:
        load_overlay(path)
    assert str(caught.value).startswith(str(path))
    assert problem in str(caught.value)


# ------------------------------------------------------------------------------------- what an overlay may do to a spec


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        (
            {"target": "$.components.schemas", "update": {"X": {"$ref": "#/components/schemas/Gone"}}},
            "to nowhere: '#/components/schemas/Gone'",
        ),
        (
            {"target": "$.components.schemas", "update": {"X": {"$ref": "#/components/parameters/Gone"}}},
            "to nowhere: '#/components/parameters/Gone'",
        ),
        (
            {"target": "$.paths['/things'].get.responses['200'].description", "remove": True},
            "not valid OpenAPI 3.0 at paths//things/get",
        ),
        ({"target": "$.paths", "remove": True}, "not valid OpenAPI 3.0"),
        (
            {"target": "$.paths['/things']", "update": {"parameters": []}},
            "/things has 'parameters' beside its operations",
        ),
    ],
)
def test_a_spec_that_an_overlay_breaks_is_refused(action: Json, problem: str) -> None:
    with pytest.raises(CodegenError) as caught:
        merged(one(), overlay=parse_overlay(overlay(action)))
    assert problem in str(caught.value)


def test_an_overlay_must_leave_an_operation() -> None:
    action = {"target": "$.paths['/things']", "remove": True}
    with pytest.raises(CodegenError, match="no operation is left"):
        merged(one(), overlay=parse_overlay(overlay(action)))


def test_an_overlay_may_empty_required_drop_tags_and_components_and_add_operations() -> None:
    spec, _ = merged(
        one(
            requestBody={
                "content": {
                    "application/json": {"schema": {"type": "object", "required": ["a"], "properties": {"a": {}}}}
                }
            },
            method="post",
        ),
        overlay=parse_overlay(
            overlay(
                {"target": "$..required[?@=='a']", "remove": True},
                {"target": "$['components', 'tags']", "remove": True},
                {"target": "$.paths", "update": {"/parts": {"get": {"responses": {"200": {"description": ""}}}}}},
            )
        ),
    )
    schema = spec["components"]["schemas"]["ThingsListBody"]
    assert (schema["type"], schema["properties"], "required" in schema) == ("object", {"a": {}}, False)
    assert spec["paths"]["/parts"]["get"]["operationId"] == "parts.get"
    assert [tag["name"] for tag in spec["tags"]] == ["Parts", "Things"]


# --------------------------------------------------------------------------------------------------------- our overlay


@pytest.fixture(scope="module")
def corrected() -> Json:
    """In the documentation's names, which the overlay speaks."""
    return documented_spec(load_snippets(OPENAPI / "snippets"), Report(), load_overlay(OPENAPI / "overlay.yaml"))


@cache
def committed() -> Json:
    """The spec as merge makes it of our snippets and overlay."""
    return merge(load_snippets(OPENAPI / "snippets"), Report(), load_overlay(OPENAPI / "overlay.yaml"))


def answer(spec: Json, name: str) -> Any:
    """The schema that a named operation answers with."""
    for path, item in committed()["paths"].items():
        for method, operation in item.items():
            if operation["operationId"] == name:
                body = spec["paths"][path][method]
                return body["responses"]["200"].get("content", {}).get("application/json", {}).get("schema")
    raise KeyError(name)


def properties(spec: Json, schema: str) -> Json:
    found: Json = spec["components"]["schemas"][schema]["properties"]
    return found


def test_the_committed_spec_is_what_the_overlay_makes() -> None:
    assert (OPENAPI / "patchworks-core.json").read_text() == dump(committed())


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("packages.list_deployed", "PackagesListResponse"),
        ("virtual_environments.list_deployed", "VirtualEnvironmentsListResponse"),
        ("flow_version_deployments.list", "FlowVersionDeploymentsListResponse"),
        ("flow_version_deployments.list_for_flow_version", "FlowVersionDeploymentsListResponse"),
        ("flow_version_deployments.create", "FlowVersionDeploymentsResponse"),
        ("flow_version_deployments.get", "FlowVersionDeploymentsResponse"),
        ("flow_version_deployments.update", "FlowVersionDeploymentsResponse"),
        ("flow_versions.list", "FlowVersionsListResponse"),
        ("flow_versions.create", "FlowVersionsResponse"),
        ("flow_versions.get", "FlowVersionsResponse"),
        ("flow_versions.update", "FlowVersionsResponse"),
        ("flow_versions.list_metrics", "FlowVersionMetricsListResponse"),
        ("flow_versions.list_schedules", "FlowVersionSchedulesListResponse"),
        ("flow_versions.create_schedule", "FlowVersionSchedulesResponse"),
        ("flow_versions.update_schedule", "FlowVersionSchedulesResponse"),
        ("packages.add_flow_version", "FlowVersionsResponse"),
        ("virtual_environments.get", "VirtualEnvironmentsResponse"),
        ("virtual_environments.list_versions", "VirtualEnvironmentVersionsListResponse"),
        ("virtual_environments.create_version", "VirtualEnvironmentVersionsResponse"),
        ("virtual_environments.get_version", "VirtualEnvironmentVersionsResponse"),
        ("virtual_environments.update_version", "VirtualEnvironmentVersionsResponse"),
        ("packages.delete", "MessageResponse"),
    ],
)
def test_operations_answer_with_the_thing_that_they_name(corrected: Json, name: str, schema: str) -> None:
    assert answer(corrected, name) == {"$ref": f"#/components/schemas/{schema}"}


def test_what_nothing_is_said_of_stays_free(corrected: Json) -> None:
    assert properties(corrected, "FlowVersionMetricsListResponse")["data"]["items"] == {"type": "object"}
    assert answer(corrected, "packages.compare") == {"type": "object"}
    assert answer(corrected, "flow_versions.update_graph_step") is None


def test_the_unions_lost_no_property(corrected: Json) -> None:
    documented = documented_spec(load_snippets(OPENAPI / "snippets"), Report())
    for union, parts in {
        "FlowVersions": ["FlowVersions", "FlowVersionDeployments", "FlowVersionSchedules"],
        "VirtualEnvironments": ["VirtualEnvironments", "VirtualEnvironmentVersions"],
        "Packages": ["Packages"],
        "Flows": ["Flows"],
    }.items():
        split = {name for part in parts for name in properties(corrected, part)}
        assert set(properties(documented, union)) <= split


def test_properties_belong_to_one_thing(corrected: Json) -> None:
    assert not {"cron_string", "virtual_environment_id", "enabled_at"} & set(properties(corrected, "FlowVersions"))
    assert not {"notes", "deployed_at"} & set(properties(corrected, "VirtualEnvironments"))
    assert "steps" not in properties(corrected, "FlowVersionDeployments")


@pytest.mark.parametrize(
    ("schema", "name", "expected"),
    [
        ("FlowVersions", "iteration", {"type": "integer"}),
        ("FlowVersions", "flow_priority", {"type": "integer"}),
        ("FlowVersions", "has_callback_step", {"type": "boolean"}),
        ("FlowVersions", "steps_count", {"type": "integer"}),
        ("VirtualEnvironments", "deployments_count", {"type": "integer"}),
        ("Packages", "flow_versions", {"type": "array", "items": {"$ref": "#/components/schemas/FlowVersions"}}),
        ("Packages", "flow_versions_count", {"type": "integer"}),
        ("Packages", "notes", {"type": "string", "nullable": True}),
        ("VirtualEnvironments", "deployed_version", {"$ref": "#/components/schemas/VirtualEnvironmentVersions"}),
        ("FlowVersionDeployments", "package", {"$ref": "#/components/schemas/Packages"}),
        ("FlowVersions", "deployed_at", {"type": "string", "format": "date-time", "nullable": True}),
    ],
)
def test_real_types(corrected: Json, schema: str, name: str, expected: Json) -> None:
    assert properties(corrected, schema)[name] == expected


def test_request_bodies(corrected: Json) -> None:
    store = corrected["components"]["schemas"]["FlowVersionsStoreDeploymentsRequest"]
    assert "required" not in store
    assert store["properties"]["flow_version_id"]["x-default-from-path"] == "flow_version"
    for name in ("VirtualEnvironmentsStoreRequest", "VirtualEnvironmentsUpdateRequest"):
        assert properties(corrected, name)["labels"]["items"]["required"] == ["id"]
    body = corrected["paths"]["/api/v1/flow-versions/{flow_version}/graph/steps/{step}"]["patch"]["requestBody"]
    assert body == {"content": {"application/json": {"schema": {}}}, "required": True}


def test_every_action_says_what_it_was_concluded_from() -> None:
    actions = load_overlay(OPENAPI / "overlay.yaml").actions
    assert [each.target for each in actions if not each.description.startswith(("Documented: ", "Inferred: "))] == []


def test_the_sorts_of_deployments(corrected: Json) -> None:
    parameters = corrected["paths"]["/api/v1/flow-version-deployments"]["get"]["parameters"]
    [enum] = [each["schema"]["items"]["enum"] for each in parameters if each["name"] == "sort"]
    assert [name for name in enum if not name.startswith("-")] == [
        "created_at",
        "enabled_at",
        "flow_name",
        "flow_version_iteration",
    ]
    assert len(enum) == 8


def test_every_action_of_ours_is_needed() -> None:
    """Without any one action the spec would be another."""
    documented = documented_spec(load_snippets(OPENAPI / "snippets"), Report())
    for body in (body for item in documented["paths"].values() for body in item.values()):
        body.pop("operationId", None)
    actions = load_overlay(OPENAPI / "overlay.yaml").actions
    for action in actions:
        corrected, _ = Overlay((action,)).apply(documented)
        assert corrected != documented, action
        documented = corrected
