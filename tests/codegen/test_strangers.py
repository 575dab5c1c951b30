"""What documentation of others showed: each on a small page, from the document to the package."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from codegen.errors import CodegenError
from codegen.merge import merge
from codegen.report import Report
from codegen.snippets import Snippet

from .documents import one, query
from .generating import OVERRIDES, Json, PackageMaker, answer, body, importable, named, ref, spec_of

THING: Json = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
THINGS: Json = {"type": "array", "items": ref("Things")}


@pytest.fixture
def generate(tmp_path: Path) -> Generator[PackageMaker]:
    with importable(tmp_path):
        yield PackageMaker(tmp_path)


def listing(properties: Json, **more: Json) -> Json:
    paged = {"operationId": "things.list", "parameters": [query("page", type="integer")]}
    return spec_of(
        {"/things": {"get": {**paged, "responses": answer({"type": "object", "properties": properties})}}},
        {"Things": THING, **more},
    )


def test_prose_of_pages_does_not_break_the_lint(generate: PackageMaker) -> None:
    text = "lower case, “quoted” … and 'dashed':\n\n" + "verylongword" * 12 + " C:\\path \\d+ ends with a colon:"
    description = {"description": text}
    document = listing({"data": THINGS}, Others={**description, "type": "object", "properties": {"A": description}})
    document["paths"]["/things"]["get"] |= description
    generated = generate(document)
    config = OVERRIDES.parent / "pyproject.toml"
    inside = generated.folder.rename(generated.folder.parent / "patchworks_core_client")
    command = [sys.executable, "-m", "ruff"]
    for arguments in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        paths = [str(inside / part) for part in ("models", "resources", "__init__.py", "_resources.py")]
        done = subprocess.run(
            [*command, *arguments, "--config", str(config), *paths],
            cwd=generated.folder.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("media_type", "kind"), [("text/csv", "text"), ("application/pdf", "bytes"), ("image/png", "bytes")]
)
def test_an_answer_that_is_no_json_is_asked_for(generate: PackageMaker, media_type: str, kind: str) -> None:
    export = {"operationId": "things.export", "responses": answer({"type": "string"}, content_type=media_type)}
    call, _, _ = generate(spec_of({"/things/export": {"get": export}})).call("things.export")
    assert (call.kind, call.accept, call.result) == (kind, media_type, None)


def test_a_list_under_another_key_has_its_items_there(generate: PackageMaker) -> None:
    call, _, _ = generate(listing({"total_count": {"type": "integer"}, "things": THINGS})).call("things.list")
    assert (call.kind, call.items, call.result.__name__) == ("list", "things", "Thing")


def test_pages_with_two_arrays_come_as_they_are(generate: PackageMaker) -> None:
    generated = generate(listing({"things": THINGS, "others": {"type": "array", "items": {"type": "string"}}}))
    assert generated.call("things.list")[0].kind == "any"
    assert "has pages, but documents none or several arrays" in generated.notes


@pytest.mark.parametrize(
    "more",
    [
        {"message": {"type": "string"}, "success": {"type": "boolean"}},
        {"current_page": {"type": "integer"}, "next_page_url": {"type": "string"}, "links": {"type": "array"}},
    ],
    ids=["a message", "Laravel's flat paginator"],
)
def test_an_envelope_may_hold_more_than_data(generate: PackageMaker, more: Json) -> None:
    call, _, _ = generate(listing({"data": THINGS, **more})).call("things.list")
    assert (call.kind, call.items, call.result.__name__) == ("list", "data", "Thing")


@pytest.mark.parametrize("silent", [{"204": {"description": "Nothing"}}, answer({"type": "object"}, "202")])
def test_an_empty_answer_beside_the_model_is_none(generate: PackageMaker, silent: Json) -> None:
    get = {"operationId": "things.get", "responses": {**answer(ref("Things")), **silent}}
    generated = generate(spec_of({"/things/{thing}": {"get": get}}, {"Things": THING}))
    call, _, _ = generated.call("things.get", 1)
    assert (call.kind, call.nullable, call.result.__name__) == ("plain", True, "Thing")
    assert "-> Thing | None:" in generated.source("resources/things.py")


def test_brackets_in_the_name_of_an_array_repeat_it(generate: PackageMaker) -> None:
    ids = {**query("ids[]"), "schema": {"type": "array", "items": {"type": "integer"}}}
    get = {"operationId": "things.find", "parameters": [ids]}
    call, _, arguments = generate(spec_of({"/things": {"get": get}})).call("things.find", ids=[1, 2])
    assert (call.repeat, arguments["params"]) == (("ids[]",), {"ids[]": [1, 2]})


def test_a_schema_of_an_added_page_takes_no_class_away() -> None:
    get = answer(ref("Packages"))
    components = {"components": {"schemas": {"Packages": THING}}}
    known = [one("/packages/{package}", method, responses=get) | components for method in ("get", "put")]
    added = one(
        "/others", responses={"200": get["200"] | {"content": {"application/json": {"schema": ref("Package")}}}}
    )
    added |= {"components": {"schemas": {"Package": {"type": "object", "properties": {"weight": {}}}}}}
    snippets = [Snippet(f"page/{n}.json", each) for n, each in enumerate([*known, added])]
    schemas = merge(snippets, Report())["components"]["schemas"]
    assert schemas["Package"]["x-source"] == "#/components/schemas/Packages"
    assert schemas["PackageModel"]["x-source"] == "#/components/schemas/Package"


def test_a_possessive_is_no_word() -> None:
    spec = merge(
        [Snippet("page/0.json", one("/users/{user}/things", summary="List User's Things", tag="Users"))], Report()
    )
    assert spec["paths"]["/users/{user}/things"]["get"]["operationId"] == "users.list_things"


def test_deprecated_reaches_the_docstring(generate: PackageMaker) -> None:
    old = {"operationId": "things.old", "deprecated": True, "description": "The old way."}
    generated = generate(spec_of({"/things": {"get": old}}))
    assert "Deprecated: " in (generated.module("resources.things").Things.old.__doc__ or "")


def test_dates_are_dates_in_arguments_and_texts_in_answers(generate: PackageMaker) -> None:
    dated: Json = {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}}
    create = {"operationId": "things.create", "requestBody": body(dated), "responses": answer(ref("Things"))}
    generated = generate(spec_of({"/things": {"post": create}}, {"Things": dated}))
    assert "day: date | Unset = UNSET" in generated.source("resources/things.py")
    assert "day: str | None = None" in generated.source("models/thing.py")


def test_one_of_constants_is_one_alias(generate: PackageMaker) -> None:
    kinds = {"oneOf": [{"const": "a"}, {"const": "b"}, {"type": "null"}]}
    things: Json = {"type": "object", "properties": {"kind": kinds}}
    get = {"operationId": "things.get", "responses": answer(ref("Things"))}
    document = spec_of({"/things": {"get": get}}, {"Things": things}) | {"openapi": "3.1.0"}
    source = generate(document).source("models/thing.py")
    assert 'ThingKind: TypeAlias = Literal["a", "b"] | str' in source
    assert "kind: ThingKind | None = None" in source


def test_a_refused_post_is_not_said_to_be_about_filters(generate: PackageMaker) -> None:
    refused = {"400": {"description": "Bad"}}
    document = listing({"data": THINGS})
    document["paths"]["/things"]["get"]["parameters"] += [query("filter[name]")]
    document["paths"]["/things"]["get"]["responses"] |= refused
    document["paths"]["/things"]["post"] = {"operationId": "things.create", "responses": refused}
    things = generate(document).module("resources.things").Things
    assert "BadRequestError: A filter, sort or include is not allowed here." in things.list.__doc__
    assert "BadRequestError: The server refuses the request." in things.create.__doc__


def test_an_unknown_media_type_goes_out_under_its_own_name(generate: PackageMaker) -> None:
    bodies = {"xml": ("application/xml", "binary"), "patch": ("application/merge-patch+json", "json")}
    paths: Json = {
        f"/{name}": {"post": {"operationId": f"things.{name}", "requestBody": body({"type": "object"}, media_type)}}
        for name, (media_type, _) in bodies.items()
    }
    generated = generate(spec_of(paths))
    for name, (media_type, body_type) in bodies.items():
        call, _, _ = generated.call(f"things.{name}", body=b"")
        assert (call.content_type, call.body_type) == (media_type, body_type)


def test_twins_of_a_name_across_the_dot_are_told_apart() -> None:
    documents = [
        one("/user/groups", summary="Groups List", tag="User"),
        one("/user_groups", summary="List", tag="User Groups"),
    ]
    spec = merge([Snippet(f"page/{n}.json", each) for n, each in enumerate(documents)], Report())
    names = {body["operationId"] for item in spec["paths"].values() for body in item.values()}
    assert len({name.replace(".", "_") for name in names}) == 2


def test_the_same_name_by_overlay_across_the_dot_is_refused() -> None:
    both: Json = {"operationId": "user.groups_list"}
    with pytest.raises(CodegenError, match="both named"):
        named(spec_of({"/a": {"get": both}, "/b": {"get": {"operationId": "user_groups.list"}}}))


def test_merge_takes_what_one_fragment_repeats() -> None:
    spec = merge([Snippet("page/0.json", one(parameters=[query("a", "first"), query("a", "second")]))], Report())
    [parameter] = spec["paths"]["/things"]["get"]["parameters"]
    assert parameter["description"] == "first"
