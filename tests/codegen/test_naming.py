from __future__ import annotations

import itertools
import keyword
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.errors import CodegenError
from codegen.merge import merge
from codegen.naming import resource_name, title_name
from codegen.overlay import Overlay, load_overlay, parse_overlay
from codegen.report import Report, to_console
from codegen.snippets import Snippet, load_snippets
from codegen.words import singular_word, words
from tests.runtime.cases import cases

from .documents import document, merged, names, one

OPENAPI = Path(__file__).parents[2] / "openapi"
CONTRACT = {
    "packages": {
        "list_deployed": "GET /flow-version-deployments/packages",
        "list": "GET /packages",
        "create": "POST /packages",
        "get": "GET /packages/{package}",
        "update": "PUT /packages/{package}",
        "delete": "DELETE /packages/{package}",
        "compare": "GET /packages/{package}/compare/{virtual_environment}",
        "deploy": "POST /packages/{package}/deploy/{virtual_environment}",
        "add_flow_version": "POST /packages/{package}/flow-versions/{flow_version}",
        "remove_flow_version": "DELETE /packages/{package}/flow-versions/{flow_version}",
        "remove_virtual_environment": "DELETE /packages/{package}/virtual-environments/{virtual_environment}",
    },
    "flow_version_deployments": {
        "list": "GET /flow-version-deployments",
        "list_for_flow_version": "GET /flow-versions/{flow_version}/deployments",
        "create": "POST /flow-versions/{flow_version}/deployments",
        "get": "GET /flow-versions/{flow_version}/deployments/{deployment}",
        "update": "PUT /flow-versions/{flow_version}/deployments/{deployment}",
        "delete": "DELETE /flow-versions/{flow_version}/deployments/{deployment}",
        "enable": "POST /flow-versions/{flow_version}/deployments/{deployment}/enable",
        "disable": "POST /flow-versions/{flow_version}/deployments/{deployment}/disable",
    },
    "virtual_environments": {
        "list_deployed": "GET /flow-version-deployments/virtual-environments",
        "list": "GET /virtual-environments",
        "create": "POST /virtual-environments",
        "get": "GET /virtual-environments/{virtual_environment}",
        "update": "PUT /virtual-environments/{virtual_environment}",
        "delete": "DELETE /virtual-environments/{virtual_environment}",
        "copy": "POST /virtual-environments/{virtual_environment}/copy",
        "list_versions": "GET /virtual-environments/{virtual_environment}/versions",
        "create_version": "POST /virtual-environments/{virtual_environment}/versions",
        "get_version": "GET /virtual-environments/{virtual_environment}/versions/{version}",
        "update_version": "PUT /virtual-environments/{virtual_environment}/versions/{version}",
        "delete_version": "DELETE /virtual-environments/{virtual_environment}/versions/{version}",
        "copy_version": "POST /virtual-environments/{virtual_environment}/versions/{version}/copy",
        "deploy_version": "POST /virtual-environments/{virtual_environment}/versions/{version}/deploy",
    },
    "flow_versions": {
        "list": "GET /flows/{flow}/versions",
        "create": "POST /flows/{flow}/versions",
        "get": "GET /flows/{flow}/versions/{version}",
        "update": "PUT /flows/{flow}/versions/{version}",
        "delete": "DELETE /flows/{flow}/versions/{version}",
        "copy": "POST /flows/{flow}/versions/{version}/copy",
        "upload": "POST /flow-versions/{flow_version}/upload",
        "list_metrics": "GET /flows/{flow}/version-metrics",
        "list_schedules": "GET /flow-versions/{flow_version}/schedules",
        "create_schedule": "POST /flow-versions/{flow_version}/schedules",
        "update_schedule": "PUT /flow-versions/{flow_version}/schedules/{schedule}",
        "delete_schedule": "DELETE /flow-versions/{flow_version}/schedules/{schedule}",
        "update_graph_step": "PATCH /flow-versions/{flow_version}/graph/steps/{step}",
    },
}
EXPECTED = {
    f"{resource}.{method}": endpoint.replace(" ", " /api/v1", 1)
    for resource, methods in CONTRACT.items()
    for method, endpoint in methods.items()
}


def real_names(*more: Snippet) -> dict[str, str]:
    report = Report()
    merge([*load_snippets(OPENAPI / "snippets"), *more], report, load_overlay(OPENAPI / "overlay.yaml"))
    return {decision.name: decision.operation for decision in report.names}


def test_the_46_names() -> None:
    assert real_names() == EXPECTED
    assert len(EXPECTED) == 46


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("method", "path", "title", "tag"),
    [
        ("get", "/api/v1/flow-versions", "List Flow Versions", "Flow Versions"),
        ("post", "/api/v1/flow-versions", "Create Flow Version", "Flow Versions"),
        (
            "get",
            "/api/v1/flow-version-deployments/{deployment}",
            "Get Flow Version Deployment",
            "Flow Version Deployments",
        ),
        ("post", "/api/v1/flow-version-deployments", "Create Flow Version Deployment", "Flow Version Deployments"),
        ("get", "/api/v1/companies/{company}/packages", "List Packages", "Packages"),
        ("get", "/api/v1/all-packages", "List Packages", "Packages"),
        ("patch", "/api/v1/packages/{package}", "Update Package", "Packages"),
        ("post", "/api/v1/packages/{package}/copies", "Create Package", "Packages"),
        ("get", "/api/v1/environments", "List Virtual Environments", "Virtual Environments"),
    ],
)
def test_a_page_added_later_takes_no_name_away(method: str, path: str, title: str, tag: str) -> None:
    found = real_names(Snippet("new/x.json", one(path, method, summary=title, tag=tag)))
    assert found.items() >= EXPECTED.items()
    assert len(found) == 47


@pytest.mark.parametrize(
    ("title", "tag", "name"),
    [
        ("List Flow Version Schedules", "Flow Versions", "list_schedules"),
        ("Update Flow Version Graph Step", "Flow Versions", "update_graph_step"),
        ("List Packages", "Packages", "list"),
        ("Get Virtual Environments", "Virtual Environments", "get"),
        ("Delete Package Virtual Environment", "Packages", "delete_virtual_environment"),
        ("List Data Pools", "Data Pools & Caches", "list_data_pools"),
        ("Get a Package by the Name", "Packages", "get_by_name"),
        ("Import File", "Imports", "import_file"),
        ("Import", "Imports", "import_"),
        ("Flow Versions List", "Flow Versions", "list"),
        ("listPackages", "Packages", "list"),
        ("Get OAuth2 Token", "Tokens", "get_oauth2"),
        ("Größe ändern", "Größen", "grosse_andern"),
        ("Get Cache", "Caches", "get"),
        ("Lambda", "", "lambda_"),
        ("2FA", "Users", None),
        ("", "Users", None),
        ("列出", "Users", None),
        ("Users", "Things", "users"),
        ("word " * 50, "Users", None),
    ],
)
def test_methods_come_from_titles(title: str, tag: str, name: str | None) -> None:
    assert title_name(title, tag) == name


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("Flow Version Deployments", "flow_version_deployments"),
        ("Cross-reference Lookups & Data", "cross_reference_lookups_and_data"),
        ("Imports", "imports"),
        ("import", "import_"),
        ("Request", "request"),
        ("2FA", "api_2fa"),
        ("../../etc", "etc"),
        ("Пакеты", None),
    ],
)
def test_resources_come_from_tags(tag: str, name: str | None) -> None:
    assert resource_name(tag) == name


@pytest.mark.parametrize(
    ("plural", "one_of_them"),
    [
        ("packages", "package"),
        ("caches", "cache"),
        ("batches", "batch"),
        ("queries", "query"),
        ("statuses", "status"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("addresses", "address"),
        ("ties", "tie"),
        ("class", "class"),
        ("boxes", "box"),
        ("canvas", "canvas"),
    ],
)
def test_singulars(plural: str, one_of_them: str) -> None:
    assert singular_word(plural) == one_of_them


def test_of_equal_titles_the_endpoint_nearest_to_the_resource_keeps_the_name() -> None:
    operations = [
        ("get", "/api/v1/companies/{company}/things", "List Things", "Things"),
        ("get", "/api/v1/things", "List Things", "Things"),
        ("get", "/api/v1/things/archived", "List Things", "Things"),
        ("put", "/api/v1/things/{thing}", "Update Thing", "Things"),
        ("patch", "/api/v1/things/{thing}", "Update Thing", "Things"),
        ("post", "/api/v1/things/{thing}/copy", "Copy Thing", "Things"),
        ("post", "/api/v1/other-things/{thing}/copy", "Copy Thing", "Things"),
        ("get", "/api/v1/parts/{part}", "Get Part", "Things"),
        ("get", "/api/v1/parts", "Get Part", "Things"),
        ("delete", "/api/v1/things/{thing}", "", "Things"),
    ]
    expected = {
        "GET /api/v1/things": "things.list",
        "GET /api/v1/things/archived": "things.list_archived",
        "GET /api/v1/companies/{company}/things": "things.list_company_things",
        "PUT /api/v1/things/{thing}": "things.update",
        "PATCH /api/v1/things/{thing}": "things.patch",
        "POST /api/v1/things/{thing}/copy": "things.copy",
        "POST /api/v1/other-things/{thing}/copy": "things.copy_other_thing",
        "GET /api/v1/parts": "things.get_part",
        "GET /api/v1/parts/{part}": "things.get_part_by_part",
        "DELETE /api/v1/things/{thing}": "things.delete",
    }
    for order in itertools.islice(itertools.permutations(operations), 0, 40, 5):
        assert names(*order) == expected


def test_names_that_the_path_cannot_tell_apart_get_a_number_of_their_own() -> None:
    found = names(*(("get", f"/things/{{a}}/x{separator}y", "Get Thing", "Things") for separator in "-_.~"))
    assert len(set(found.values())) == 4
    assert sorted(found.values())[:3] == ["things.get", "things.get_x_y", "things.get_x_y_by_a"]
    assert re.fullmatch(r"things\.get_x_y_by_a_[0-9a-f]{8}", max(found.values(), key=len))


def test_the_overlay_goes_first_and_others_yield() -> None:
    overlay = name_by_overlay("$.paths['/other'].get", "things.list")
    spec, report = merged(one("/things"), one("/other", summary="Anything"), overlay=overlay)
    assert spec["paths"]["/other"]["get"]["operationId"] == "things.list"
    assert [(each.name, each.by) for each in report.names] == [("things.get", "path"), ("things.list", "overlay")]


@pytest.mark.parametrize("name", ["things", "things.", "things.class", "Things.list", "things.a.b", "things._x", ""])
def test_an_overlay_cannot_give_what_is_no_name(name: str) -> None:
    with pytest.raises(CodegenError, match=r"overlay: GET /things: .* is no name of the form resource\.method"):
        merged(one(), overlay=name_by_overlay("$.paths['/things'].get", name))


def test_a_name_by_path_is_told_with_every_reason_that_it_may_have() -> None:
    """Not only where titles collide: the first has none, the second one that is too long."""
    _, report = merged(document({"/a": {"get": {}}}), one("/b", summary="Get " + "very " * 20 + "long"))
    head, *named = to_console(report).splitlines()[1:]
    assert head == "Named by path, because the title is missing, too long or taken; the overlay can name them:"
    assert named == ["  a.get: GET /a", "  things.get_b: GET /b"]


def test_an_overlay_cannot_name_two_alike_nor_leave_the_resource() -> None:
    with pytest.raises(CodegenError, match=r"'things\.x' for 'get' in '/b' is not unique"):
        merged(one("/a"), one("/b"), overlay=name_by_overlay("$.paths[*].get", "things.x"))
    with pytest.raises(CodegenError, match=r"'others\.x' must begin with 'things', as its tag says"):
        merged(one(), overlay=name_by_overlay("$.paths[*].get", "others.x"))


def test_tags_of_one_resource_are_spelt_alike() -> None:
    spec, _ = merged(one("/a", tag="Flow Versions"), one("/b", tag="Flow-versions", summary="Get Flow Version"))
    assert {item["get"]["tags"][0] for item in spec["paths"].values()} == {"Flow Versions"}
    assert spec["tags"] == [{"name": "Flow Versions"}]


text = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [*keyword.kwlist, "__class__", "../../x", '"""', "{{ 7 }}", "\\", "列出", "a" * 200, "List Things"]
    ),
)


@cases(150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["get", "post", "patch"]), st.integers(0, 9), text, text), min_size=1, max_size=6
    )
)
def test_every_name_is_an_identifier_of_its_own_whatever_the_text(operations: list[tuple[str, int, str, str]]) -> None:
    unique = {(method, f"/api/v1/things/{{a}}/{'-' * number}x") for method, number, _, _ in operations}
    found = names(
        *(
            (method, path, title, tag)
            for (method, path), (_, _, title, tag) in zip(sorted(unique), operations, strict=False)
        )
    )
    assert len(set(found.values())) == len(found) == len(unique)
    for name in found.values():
        resource, method = name.split(".")
        for part in (resource, method):
            assert part.isidentifier()
            assert part.isascii()
            assert not keyword.iskeyword(part)
            assert not part.startswith("_")
            assert len(part) < 400


def test_words_of_any_text() -> None:
    assert words("R&D: Über-Äpfel #1") == ["R", "and", "D", "Uber", "Apfel", "1"]


def name_by_overlay(target: str, name: str) -> Overlay:
    action = {"target": target, "description": "Inferred: a test.", "update": {"operationId": name}}
    return parse_overlay({"overlay": "1.1.0", "info": {"title": "T", "version": "1"}, "actions": [action]})
