from __future__ import annotations

import copy
import json
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen import cli
from codegen.diff import Change, diff_specs, to_markdown
from codegen.diff.annotations import Reader, Union
from codegen.diff.compare import compare
from codegen.diff.leftovers import leftovers
from codegen.diff.run import Generated, both_generated, changes_between
from codegen.errors import CodegenError

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
        "/gone": listing("things.list_gone"),
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
    paths["/added/{thing}"] = {"get": {"operationId": "things.get_added", "parameters": [in_path("thing")]}}
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
    "things.get_path": ["! the argument `one` is now called `id` (only calls that name it break)."],
    "things.get_two": ["! the arguments from the path stand in another order: `two`, `one`."],
    "things.create": [
        "! new required argument `added_required` (`bool`).",
        '! the argument `enum`: `"a"` is no longer among its documented values.',
        "! the argument `gone` is gone.",
        "! the argument `labels`: its key `id` is now required.",
        "! the argument `labels`: its key `old` is gone.",
        "! the argument `labels`: new required key `new_must` (`str`).",
        "! the argument `narrower` takes `int`, no longer `bool | int`.",
        "! the argument `nullable` takes `str`, no longer `str | None`.",
        "! the argument `optional` is now required.",
        "! the argument `other` takes `Sequence[str]`, no longer `int`.",
        '+ new argument `added` (`str`, documented: `"x"`, `"y"`).',
        '+ the argument `enum`: new documented value `"c"`.',
        "+ the argument `labels`: its key `must` may now be left out.",
        "+ the argument `labels`: new key `new` (`str`).",
        "+ the argument `numbers` takes `Sequence[bool | int]`, before only `Sequence[int]`.",
        "+ the argument `required` may now be left out.",
        "+ the argument `wider` takes `bool | int`, before only `int`.",
        '~ the argument `bound`: its values are now documented: `"only"`.',
        "~ the argument `freed`: its values are no longer documented.",
        "~ the argument `limited`: documented as “At most 10 characters”, before as “At most 100 characters”.",
    ],
    "things.send": ["! new required argument `body` (`str`).", "! the argument `name` is gone."],
    "things.flags": ["! new required argument `page_token` (`str`).", "! the argument `flow_id` is gone."],
    "things.list": [
        "! the filter `id` is gone.",
        "! the include `a` is gone.",
        "+ new filter `size`.",
        "+ new include `c`.",
        "+ new sort orders `y`, `-y`.",
    ],
    "things.list_unlisted": ["! the argument `include` is gone.", "+ takes `filter`: `name`."],
    "things.get": ["! returns `Paginator[Thing]`, no longer `Thing`: iterate over it, or await one page."],
    "things.list_some": ["! returns `Thing`, no longer `Paginator[Thing]`: await it, it is no list any more."],
    "things.get_free": ["! returns `Thing`, no longer `Any`."],
    "things.get_typed": ["! returns `Any`, no longer `Thing`."],
    "things.fail": [
        "~ can raise `UnprocessableEntityError` (422), `ServerError` (503), as is documented now.",
        "~ no longer documents `APIStatusError` (418).",
    ],
    "things.age": ["~ is deprecated."],
    "things.word": ["~ is described in other words."],
    "others.list": [],
    "Other": [],
    "Vanishing": ["! the model is gone."],
    "Arriving": ["+ new model."],
    "Thing.gone": [
        "! is no longer documented (returned by `things.get`, `things.get_free`, `things.list` and 3 more)."
    ],
    "Thing.count": ["! is `int | None`, no longer `str | None`."],
    "Thing.any": ["~ is `str | None`, no longer `Any`."],
    "Thing.any_date": ["! is `datetime | None`, no longer `Any`."],
    "Thing.closed": ["! is `Any`, no longer `int | None`."],
    "Thing.status": ['+ new documented value `"New"`.', '~ the value `"Old"` is no longer documented.'],
    "Thing.stars": [
        "+ new attribute, `int | None` (returned by `things.get`, `things.get_free`, `things.list` and 3 more)."
    ],
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


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("diff")
    with both_generated(*write(folder, _old(), _new()), OVERRIDES) as pair:
        yield pair


@pytest.fixture(scope="module", name="changes")
def _changes(pair: tuple[Generated, Generated]) -> list[Change]:
    return changes_between(*pair)


@pytest.mark.parametrize("subject", EXPECTED)
def test_what_callers_are_told(changes: list[Change], subject: str) -> None:
    assert lines(changes, subject) == EXPECTED[subject]


def test_nothing_else_is_told(changes: list[Change]) -> None:
    assert {change.subject for change in changes} <= EXPECTED.keys()


def test_griffe_sees_no_breakage_that_is_not_told(pair: tuple[Generated, Generated]) -> None:
    before, after = pair
    seen = {change.subject for change in leftovers(before.surface, after.surface, [])}
    assert {"things.list_gone", "things.create", "ThingsCreateLabel", "Thing.gone"} <= seen
    assert not list(leftovers(before.surface, after.surface, compare(before.surface, after.surface)))


def test_what_griffe_alone_sees_is_told(pair: tuple[Generated, Generated]) -> None:
    before, after = pair
    compared = [change for change in compare(before.surface, after.surface) if change.subject != "Thing.gone"]
    [left] = leftovers(before.surface, after.surface, compared)
    assert left == Change("breaking", "Thing.gone", "can no longer be imported.")


@pytest.mark.parametrize("index", [0, 1])
def test_a_surface_does_not_differ_from_itself(pair: tuple[Generated, Generated], index: int) -> None:
    assert changes_between(pair[index], pair[index]) == []


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
        return diff_specs(*write(Path(folder), old, new), OVERRIDES)


# -------------------------------------------------------------------------------------------------------- annotations

_TYPES = st.recursive(
    st.sampled_from(["int", "str", "bool", "float", "None", "datetime", "Package", "Color", "Label", "Any"]),
    lambda inner: st.one_of(
        inner.map(lambda text: f"Sequence[{text}]"),
        st.tuples(inner, inner).map(" | ".join),
        st.tuples(inner, inner).map(lambda pair: f"Mapping[{pair[0]}, {pair[1]}]"),
    ),
    max_leaves=6,
)
READER = Reader({"Color": 'Literal["red", "green"] | str', "Paint": "Color | None"}, frozenset({"Label"}))


@given(_TYPES)
def test_a_type_takes_itself_and_less(text: str) -> None:
    plain = READER.read(text).type
    assert plain.takes(plain)
    assert READER.read(f"{text} | None").type.takes(plain)
    assert READER.read(f"Unset | {text}") == READER.read(text)
    assert READER.read(str(plain)).type == plain


@given(_TYPES, _TYPES, _TYPES)
def test_taking_is_transitive(first: str, second: str, third: str) -> None:
    one, two, three = (READER.read(text).type for text in (first, second, third))
    if one.takes(two) and two.takes(three):
        assert one.takes(three)


@pytest.mark.parametrize(
    ("wide", "narrow", "takes"),
    [
        ("int | str", "int", True),
        ("int", "int | str", False),
        ("float", "int", True),
        ("int", "float", False),
        ("Any", "Sequence[int]", True),
        ("str", "Any", False),
        ("Sequence[int | str]", "Sequence[int]", True),
        ("Sequence[int]", "Sequence[int | str]", False),
        ("Sequence[int]", "Mapping[str, int]", False),
        ("Paint", "Color", True),
        ("Color", "Paint", False),
        ("builtins.list[int]", "list[int]", True),
        ("Sequence['Package']", "Sequence[Package]", True),
    ],
)
def test_wider_types_take_narrower_ones(wide: str, narrow: str, takes: bool) -> None:
    types: list[Union] = [READER.read(text).type for text in (wide, narrow)]
    assert types[0].takes(types[1]) is takes


def test_values_and_mappings_are_found_at_any_depth() -> None:
    read = READER.read("Sequence[Label] | Mapping[str, Color] | Unset")
    assert read.values == ('"red"', '"green"')
    assert read.mappings == ("Label",)
    assert str(read) == "Mapping[str, str] | Sequence[dict]"
    assert READER.read("Literal[1, 2] | int").values == ("1", "2")


# -------------------------------------------------------------------------------------------------------- the command


def run_diff(*arguments: object) -> int:
    return cli.main(["diff", *map(str, arguments), "--overrides", str(OVERRIDES)])


def test_equal_specs_have_no_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = json.loads(SPEC.read_text())
    old, new = write(tmp_path, spec, dict(reversed(spec.items())))
    assert run_diff(old, new, "--fail-on-breaking") == 0
    assert capsys.readouterr().out == "No changes for callers.\n"
    assert diff_specs(old, new, OVERRIDES) == []


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
    schema = spec["components"]["schemas"]["PackagesStoreRequest"]
    schema["required"] = ["name", "notes"]
    del spec["components"]["schemas"]["Packages"]["properties"]["notes"]
    parameters = spec["paths"]["/api/v1/packages"]["get"]["parameters"]
    spec["paths"]["/api/v1/packages"]["get"]["parameters"] = [
        {**each, "name": "filter[title]"} if each["name"] == "filter[name]" else each for each in parameters
    ]
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(spec))
    return path


def cpu_seconds() -> float:
    """The work done so far, also by other programs on our behalf: unlike the clock, the same on a busy machine."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


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
    started = cpu_seconds()
    assert run_diff("git:HEAD", f"openapi/{SPEC.name}") == 0
    assert cpu_seconds() - started < 15
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


def test_diff_specs_says_which_spec_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(CodegenError, match=r"missing\.json"):
        diff_specs(SPEC, tmp_path / "missing.json", OVERRIDES)
