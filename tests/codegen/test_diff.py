from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen import cli
from codegen.diff import Change, diff_specs, takes, to_markdown

from .generating import OVERRIDES, Json, answer, body, named, query, ref, spec_of

ROOT = OVERRIDES.parent
SPEC = ROOT / "openapi" / "patchworks-core.json"


def in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def choices(name: str, *values: str) -> Json:
    return query(
        name, {"type": "array", "items": {"type": "string", "enum": list(values)}}, style="form", explode=False
    )


def listing(name: str, model: str = "Thing", *parameters: Json) -> Json:
    data = {"type": "object", "properties": {"data": {"type": "array", "items": ref(model)}}}
    return {"get": {"operationId": name, "parameters": list(parameters), "responses": answer(data)}}


def posting(name: str, properties: Json, required: tuple[str, ...] = (), **more: Any) -> Json:
    schema = {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}
    return {"post": {"operationId": name, "requestBody": body(schema), **more}}


def _old() -> Json:
    text = {"type": "string"}
    label = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "old": text, "must": text},
        "required": ["must"],
    }
    paths = {
        "/gone": listing("things.list_gone", "Vanishing"),
        "/renamed": listing("things.list_renamed", "Thing", choices("include", "owner")),
        "/moved/{thing}": {"delete": {"operationId": "things.delete", "parameters": [in_path("thing")]}},
        "/path/{one}": {"get": {"operationId": "things.get_path", "parameters": [in_path("one")]}},
        "/two/{one}/{two}": {"get": {"operationId": "things.get_two", "parameters": [in_path("one"), in_path("two")]}},
        "/arguments": posting(
            "things.create",
            {
                "kept": text,
                "gone": text,
                "optional": text,
                "required": text,
                "wider": {"type": "integer"},
                "narrower": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
                "other": {"type": "integer"},
                "nullable": {"type": "string", "nullable": True},
                "limited": {"type": "string", "maxLength": 100},
                "enum": {"type": "string", "enum": ["a", "b"]},
                "freed": {"type": "string", "enum": ["a"]},
                "bound": text,
                "labels": {"type": "array", "items": label},
                "numbers": {"type": "array", "items": {"type": "integer"}},
            },
            ("kept", "required"),
        ),
        "/body": posting("things.send", {"name": text}),
        "/flags": {"get": {"operationId": "things.flags", "parameters": [query("since"), query("flow_id")]}},
        "/choices": listing(
            "things.list",
            "Thing",
            query("filter[name]"),
            query("filter[id]"),
            choices("include", "a", "b"),
            choices("sort", "x", "-x"),
        ),
        "/unlisted": listing("things.list_unlisted", "Thing", choices("include", "a")),
        "/single": {
            "get": {
                "operationId": "things.get",
                "responses": answer({"type": "object", "properties": {"data": ref("Thing")}}),
            }
        },
        "/lists": listing("things.list_some"),
        "/free": {"get": {"operationId": "things.get_free"}},
        "/typed": {
            "get": {
                "operationId": "things.get_typed",
                "responses": answer({"type": "object", "properties": {"data": ref("Thing")}}),
            }
        },
        "/errors": {
            "get": {
                "operationId": "things.fail",
                "responses": {"200": {"description": ""}, "404": {"description": ""}, "418": {"description": ""}},
            }
        },
        "/deprecated": {"get": {"operationId": "things.age"}},
        "/worded": {"get": {"operationId": "things.word", "description": "Says it."}},
        "/others": listing("others.list", "Other"),
    }
    schemas = {
        "Thing": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "gone": text,
                "count": text,
                "any": {},
                "any_date": {},
                "closed": {"type": "integer"},
                "status": {"type": "string", "enum": ["Draft", "Old"]},
                "other": ref("Other"),
                "inner": {"type": "object", "properties": {"deep": text, "lost": text}},
            },
        },
        "Other": {"type": "object", "properties": {"id": {"type": "integer"}}},
        "Vanishing": {"type": "object", "properties": {"id": {"type": "integer"}}},
    }
    return spec_of(paths, schemas)


def _new() -> Json:
    spec = copy.deepcopy(_old())
    paths, schemas = spec["paths"], spec["components"]["schemas"]
    text = {"type": "string"}
    del paths["/gone"]
    paths["/renamed"]["get"]["operationId"] = "things.search"
    paths["/elsewhere/{thing}"] = paths.pop("/moved/{thing}")
    paths["/path/{id}"] = paths.pop("/path/{one}")
    paths["/path/{id}"]["get"]["parameters"] = [in_path("id")]
    paths["/two/{two}/{one}"] = paths.pop("/two/{one}/{two}")
    schema = paths["/arguments"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    fields = schema["properties"]
    del fields["gone"]
    schema["required"] = ["kept", "optional", "added_required"]
    fields["added"] = {"type": "string", "enum": ["x", "y"]}
    fields["added_required"] = {"type": "boolean"}
    fields["wider"] = {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}
    fields["narrower"] = {"type": "integer"}
    fields["other"] = {"type": "array", "items": text}
    fields["nullable"] = text
    fields["limited"] = {"type": "string", "maxLength": 10}
    fields["enum"]["enum"] = ["b", "c"]
    fields["freed"] = text
    fields["bound"] = {"type": "string", "enum": ["only"]}
    fields["numbers"]["items"] = {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}
    label = fields["labels"]["items"]
    label["properties"] = {"id": text, "must": text, "new": text, "new_must": text}
    label["required"] = ["id", "new_must"]
    paths["/body"]["post"]["requestBody"] = body(text, "text/plain")
    paths["/flags"]["get"]["parameters"] = [query("since"), query("page_token", required=True)]
    paths["/choices"]["get"]["parameters"] = [
        query("filter[name]"),
        query("filter[size]"),
        choices("include", "b", "c"),
        choices("sort", "x", "-x", "y", "-y"),
    ]
    paths["/unlisted"]["get"]["parameters"] = [query("filter[name]")]
    paths["/single"]["get"]["responses"] = paths["/lists"]["get"]["responses"]
    paths["/lists"]["get"]["responses"] = paths["/typed"]["get"]["responses"]
    paths["/free"]["get"]["responses"] = paths["/typed"]["get"]["responses"]
    paths["/typed"]["get"]["responses"] = {"200": {"description": ""}}
    paths["/errors"]["get"]["responses"] = {code: {"description": ""} for code in ("200", "201", "404", "422", "503")}
    paths["/deprecated"]["get"]["deprecated"] = True
    paths["/worded"]["get"]["description"] = "Puts it differently."
    added = {"operationId": "things.get_added", "parameters": [in_path("thing")], "responses": answer(ref("Arriving"))}
    paths["/added/{thing}"] = {"get": added}
    properties = schemas["Thing"]["properties"]
    del properties["gone"], properties["inner"]["properties"]["lost"], schemas["Vanishing"]
    properties["count"] = {"type": "integer"}
    properties["any"] = text
    properties["any_date"] = {"type": "string", "format": "date-time"}
    properties["closed"] = {}
    properties["status"]["enum"] = ["Draft", "New"]
    properties["stars"] = {"type": "integer"}
    schemas["Arriving"] = {"type": "object", "properties": {"id": {"type": "integer"}}}
    return spec


EXPECTED = {
    "things.list_gone": ["! is gone (`GET /gone`)."],
    "things.list_renamed": ["! is now called `things.search`."],
    "things.search": [],
    "things.delete": ["~ goes to `DELETE /elsewhere/{thing}`, no longer to `DELETE /moved/{thing}`."],
    "things.get_added": ["+ new (`GET /added/{thing}`)."],
    "things.get_path": ["! the arguments from the path are now `id`, no longer `one`."],
    "things.get_two": ["! the arguments from the path are now `two`, `one`, no longer `one`, `two`."],
    "things.create": [
        "! new required argument `added_required` (`bool`).",
        "! the argument `gone` is gone.",
        "! the argument `narrower` takes `int`, no longer `int | bool`.",
        "! the argument `nullable` takes `str`, no longer `str | None`.",
        "! the argument `optional` is now required.",
        "! the argument `other` takes `Sequence[str]`, no longer `int`.",
        "+ new argument `added` (`ThingsCreateAdded`).",
        "+ the argument `numbers` takes `Sequence[int | bool]`, no longer `Sequence[int]`.",
        "+ the argument `required` may now be left out.",
        "+ the argument `wider` takes `int | bool`, no longer `int`.",
        "~ the argument `bound` takes `ThingsCreateBound`, no longer `str`.",
        "~ the argument `freed` takes `str`, no longer `ThingsCreateFreed`.",
        "~ the argument `limited` is described in other words.",
    ],
    "ThingsCreateEnum": ['! value gone: `"a"`.', '+ new value: `"c"`.'],
    "ThingsCreateLabel": [
        "! new required key `new_must` (`str`).",
        "! the key `id` is now required.",
        "! the key `old` is gone.",
        "+ new key `new` (`str`).",
        "+ the key `must` may now be left out.",
    ],
    "things.send": ["! new required argument `body` (`str`).", "! the argument `name` is gone."],
    "things.flags": ["! new required argument `page_token` (`str`).", "! the argument `flow_id` is gone."],
    "things.list": [
        "! filter gone: `id`.",
        "! include gone: `a`.",
        "+ new filter: `size`.",
        "+ new include: `c`.",
        "+ new sort: `y`, `-y`.",
    ],
    "things.list_unlisted": ["! the argument `include` is gone.", "+ takes `filter`: `name`."],
    "things.get": ["! returns `Paginator[Thing]`, no longer `Thing`."],
    "things.list_some": ["! returns `Thing`, no longer `Paginator[Thing]`."],
    "things.get_free": ["! returns `Thing`, no longer `Any`."],
    "things.get_typed": ["! returns `Any`, no longer `Thing`."],
    "things.age": ["~ is deprecated."],
    "things.word": ["~ is described in other words."],
    "others.list": [],
    "Other": [],
    "Vanishing": ["! the model is gone."],
    "Arriving": ["+ new model."],
    "Thing.gone": ["! is no longer documented."],
    "Thing.count": ["! is `int`, no longer `str`."],
    "Thing.any": ["~ is `str`, no longer `Any`."],
    "Thing.any_date": ["! is `datetime`, no longer `Any`."],
    "Thing.closed": ["! is `Any`, no longer `int`."],
    "ThingStatus": ['+ new value: `"New"`.', '~ value gone: `"Old"`.'],
    "Thing.stars": ["+ new attribute, `int`."],
    "ThingInner.lost": ["! is no longer documented."],
}
SIGNS = {"breaking": "!", "added": "+", "changed": "~"}


def write(folder: Path, old: Json, new: Json) -> tuple[Path, Path]:
    paths = folder / "old.json", folder / "new.json"
    for path, spec in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(named(spec)))
    return paths


def lines(changes: list[Change], subject: str) -> list[str]:
    found = [change for change in changes if change.subject == subject]
    return sorted(f"{SIGNS[change.weight]} {change.text}" for change in found)


@pytest.fixture(scope="module", name="changes")
def _changes() -> list[Change]:
    return changed(_old(), _new())


@pytest.mark.parametrize("subject", EXPECTED)
def test_what_callers_are_told(changes: list[Change], subject: str) -> None:
    assert lines(changes, subject) == EXPECTED[subject]


def test_nothing_else_is_told(changes: list[Change]) -> None:
    assert {change.subject for change in changes} <= EXPECTED.keys()


@pytest.mark.parametrize("spec", [_old(), _new()])
def test_a_spec_does_not_differ_from_itself(spec: Json) -> None:
    again = copy.deepcopy(spec)
    again["info"]["title"] = "Else they are not even compared"
    assert changed(spec, again) == []


def test_breaking_changes_come_first_and_the_order_of_the_changes_makes_no_difference(changes: list[Change]) -> None:
    text = to_markdown(changes)
    assert text == to_markdown(list(reversed(changes)) + changes)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "### Breaking changes",
        "### Added",
        "### Changed",
    ]
    assert text.splitlines()[2].startswith("- `Thing.any_date`: ")
    assert text.endswith(".\n")


def test_text_of_the_documentation_stays_on_its_line_and_in_its_code_span() -> None:
    old, new = _old(), _old()
    nasty = "a`\n\n# Heading <script>"
    new["paths"]["/choices"]["get"]["parameters"].append(query(f"filter[{nasty}]"))
    schema = new["paths"]["/body"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["mode"] = {"type": "string", "enum": [nasty]}
    text = to_markdown(changed(old, new))
    assert [line for line in text.splitlines() if line and not line.startswith("- `things.")] == ["### Added"]
    assert text.count("`") % 2 == 0


def changed(old: Json, new: Json) -> list[Change]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        before, after = map(str, write(Path(folder), old, new))
        return diff_specs(before, after, OVERRIDES, SPEC)


# -------------------------------------------------------------------------------------------------------- annotations

_TYPES = st.recursive(
    st.sampled_from(["int", "str", "bool", "float", "None", "datetime", "Package", "Any"]),
    lambda inner: st.one_of(
        inner.map(lambda text: f"Sequence[{text}]"),
        st.tuples(inner, inner).map(" | ".join),
        inner.map(lambda text: f"Mapping[str, {text}]"),
    ),
    max_leaves=6,
)


@given(_TYPES)
def test_a_type_takes_itself_and_less(text: str) -> None:
    assert takes(text, text)
    assert takes(f"{text} | None", text)


@given(_TYPES, _TYPES, _TYPES)
def test_taking_is_transitive(first: str, second: str, third: str) -> None:
    if takes(first, second) and takes(second, third):
        assert takes(first, third)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("int | str", "int", True),
        ("int", "int | str", False),
        ("float", "int", True),
        ("int", "float", False),
        ("Any", "Sequence[int]", True),
        ("str", "Any", False),
        ("Sequence[int | str]", "Sequence[int]", True),
        ("Sequence[int]", "Sequence[int | str]", False),
        ("Sequence[int]", "list[int]", False),
    ],
)
def test_wider_types_take_narrower_ones(wide: str, narrow: str, expected: bool) -> None:
    assert takes(wide, narrow) is expected


# -------------------------------------------------------------------------------------------------------- the command


def run_diff(*arguments: object) -> int:
    return cli.main(["diff", *map(str, arguments), "--overrides", str(OVERRIDES)])


def test_equal_specs_have_no_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = json.loads(SPEC.read_text())
    (tmp_path / "new.json").write_text(json.dumps(dict(reversed(spec.items()))))
    assert run_diff(SPEC, tmp_path / "new.json", "--fail-on-breaking") == 0
    assert capsys.readouterr().out == "No changes for callers.\n"


def _small(*names: str) -> Json:
    return spec_of({f"/{name}": listing(f"things.{name}") for name in names}, _old()["components"]["schemas"])


@pytest.mark.parametrize(("after", "flag", "code"), [("a", True, 1), ("a", False, 0), ("abc", True, 0)])
def test_breaking_changes_fail_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], after: str, flag: bool, code: int
) -> None:
    old, new = write(tmp_path, _small("a", "b"), _small(*after))
    assert run_diff(old, new, *(["--fail-on-breaking"] if flag else [])) == code
    captured = capsys.readouterr()
    assert captured.err == ("codegen diff: 1 breaking\n" if code else "")
    assert captured.out.startswith("### Breaking changes" if after == "a" else "### Added")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"paths": {"/a": {"get": {}}}}'])
def test_a_spec_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(text)
    assert run_diff(SPEC, broken) == 1
    assert str(broken) in capsys.readouterr().err


@pytest.fixture(name="changed_spec")
def _changed_spec(tmp_path: Path) -> Path:
    spec = json.loads(SPEC.read_text())
    del spec["paths"]["/api/v1/packages/{package}/compare/{virtual_environment}"]
    schemas = spec["components"]["schemas"]
    schemas["PackagesCreateBody"]["required"] = ["name", "notes"]
    del schemas["Package"]["properties"]["notes"]
    parameters = spec["paths"]["/api/v1/packages"]["get"]["parameters"]
    spec["paths"]["/api/v1/packages"]["get"]["parameters"] = [
        {**each, "name": "filter[title]"} if each["name"] == "filter[name]" else each for each in parameters
    ]
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(spec))
    return path


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(name="repository")
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the spec, in a subfolder of the clone."""
    root = tmp_path / "clone"
    (root / "openapi").mkdir(parents=True)
    shutil.copyfile(SPEC, root / "openapi" / SPEC.name)
    _git(tmp_path, "init", "-q", str(root))
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "First")
    monkeypatch.chdir(root)
    return root


def test_what_is_committed_against_what_is_there(
    repository: Path, changed_spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copyfile(changed_spec, repository / "openapi" / SPEC.name)
    assert run_diff("git:HEAD", f"openapi/{SPEC.name}") == 0
    out = capsys.readouterr().out
    assert "- `packages.compare`: is gone" in out
    _git(repository, "commit", "-qam", "Second")
    assert run_diff("git:HEAD", f"openapi/{SPEC.name}") == 0
    assert capsys.readouterr().out == "No changes for callers.\n"
    assert run_diff("git:HEAD~1", "git:HEAD") == 0
    assert "- `packages.compare`: is gone" in capsys.readouterr().out


@pytest.mark.parametrize("revision", ["git:", "git:--output=x", "git:nowhere"])
def test_a_revision_that_is_none(repository: Path, capsys: pytest.CaptureFixture[str], revision: str) -> None:
    assert run_diff(revision, "git:HEAD") == 1
    assert "codegen diff: " in capsys.readouterr().err
    assert not (repository / "x").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_diff(SPEC, tmp_path / "missing.json") == 1
    assert "missing.json" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------- a renamed component


def renamed(text: str, old: str, new: str) -> Json:
    spec: Json = json.loads(text.replace(f'#/components/schemas/{old}"', f'#/components/schemas/{new}"'))
    spec["components"]["schemas"][new] = spec["components"]["schemas"].pop(old)
    return spec


def test_attributes_that_go_with_a_renamed_component_are_named() -> None:
    new = renamed(json.dumps(_old()), "Thing", "Widget")
    del new["components"]["schemas"]["Widget"]["properties"]["gone"]
    changes = changed(_old(), new)
    assert lines(changes, "Thing") == ["! is now called `Widget`."]
    assert lines(changes, "Thing.gone") == ["! is no longer documented."]
    others = {change.subject: change.text for change in changes if change.subject not in ("Thing", "Thing.gone")}
    assert others == {
        "ThingInner": "is now called `WidgetInner`.",
        "ThingStatus": "is now called `WidgetStatus`.",
    }


def test_attributes_that_go_because_a_call_answers_something_else_are_named() -> None:
    new = _old()
    new["paths"]["/single"]["get"]["responses"] = answer({"type": "object", "properties": {"data": ref("Other")}})
    changes = changed(_old(), new)
    assert lines(changes, "things.get") == ["! returns `Other`, no longer `Thing`."]
    assert lines(changes, "Thing.count") == ["! is no longer documented."]
