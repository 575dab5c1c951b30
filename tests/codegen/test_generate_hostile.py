"""Text of the documentation is data: it cannot run, break what holds it, or leave the folder."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.errors import CodegenError
from codegen.generate import generate_package
from codegen.generate.client import read_client
from codegen.generate.names import reserved_by
from codegen.generate.project import ClientProject
from codegen.json_tools import JsonError, parse
from tests.codegen.generating import Generated, Json, PackageMaker, answer, body, importable, named, query, ref, spec_of
from tests.runtime.cases import cases

MARK = "pwned_by_the_documentation"
HOSTILE = [
    f'"""\nraise SystemExit("{MARK}")\n"""',
    f"'''\nraise SystemExit('{MARK}')\n'''",
    f'"); raise SystemExit("{MARK}") #',
    f"'); raise SystemExit('{MARK}') #",
    f"\nraise SystemExit('{MARK}')\n",
    f"\r\nraise SystemExit('{MARK}')\r",
    f"\u2028raise SystemExit('{MARK}')\u2029\x85\x0b\x0c",
    "{{ self.__init__.__globals__ }}{% raise %}{# #}${x}%(x)s{0}",
    "\\", '\\"', "\\'", "\\N{BULLET}\\x\\u\\U1", '"', "'", "''' \"\"\"", "`", "# type: ignore", "# noqa",
    "\0\x01\x1b[31m\x7f", "\udfff\ud800", "\u202e\u2066abc\u2069", "тест", "\uff3f\uff3fimport\uff3f\uff3f", "😀",
    "../../../../tmp/escaped", "..\\..\\escaped", "/etc/passwd", "C:\\x", "a/../b", "__init__", "__class__",
    "import os", "", " ", "\t", "None", "self", "UNSET", "lambda", "0", "-1", "x" * 300,
]  # fmt: skip


@pytest.fixture
def generate(tmp_path: Path) -> Generator[PackageMaker]:
    with importable(tmp_path):
        yield PackageMaker(tmp_path)


def spec_with(text: str, other: str = "other") -> Json:
    """The text everywhere that a spec has room for text."""
    name = text.replace("~", "~0").replace("/", "~1")
    properties: Json = {
        text: {"type": "string", "description": text, "enum": [text, other], "default": text, "title": text},
        other: {"type": "array", "items": {"type": "object", "title": text, "properties": {text: {"default": text}}}},
        "pattern": {"type": "string", "pattern": text, "format": text, "minLength": 1},
        "const": {"const": text},
        "kind": {"type": text},
    }
    schema = {"type": "object", "title": text, "description": text, "properties": properties, "required": [text]}
    operation: Json = {
        "operationId": "things.list",
        "summary": text,
        "description": text,
        "tags": [text],
        "parameters": [
            query(f"q{text}", {"type": "string", "enum": [text], "description": text}, style=text),
            query(f"fields[{text}]", description=text),
            {"name": f"h{text}", "in": "header", "schema": {"type": "string"}, "description": text},
            {"name": f"c{text}", "in": "cookie", "schema": {"type": "string"}},
        ],
        "responses": {
            **answer({"properties": {"data": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}}}),
            text: {"description": text},
        },
    }
    create: Json = {
        "operationId": "things.create",
        "description": f"{text} {text}\n\n{text}",
        "requestBody": body(schema),
        "responses": answer(schema),
    }
    raw: Json = {"operationId": "things.put", "requestBody": body({"type": "string"}, f"text/{text}")}
    spec = spec_of(
        {f"/things/{other}": {"get": operation, "post": create, "put": raw}}, {text: schema, f"{text}s": schema}
    )
    spec["info"] = {"title": text, "description": text, "version": text}
    return spec


@pytest.mark.untraced
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(generate: PackageMaker, text: str) -> None:
    before = set(generate.folder.rglob("*"))
    if not _is_text(text):
        with pytest.raises(JsonError):
            parse(json.dumps(spec_with(text)))
        return
    spec = named(spec_with(text))
    # What merge takes for junk may come from an overlay.
    spec["paths"]["/things/other"]["get"]["parameters"] += [
        query(f"filter[{text}]", description=text),
        query("include", {"type": "array", "items": {"type": "string", "enum": [text]}}, description=text),
        query("sort", {"type": "array", "items": {"enum": [text, f"-{text}"]}}),
    ]
    generated = generate.from_spec(spec)
    generated.import_all()
    inside = {path for path in generate.folder.rglob("*") if generated.folder not in (path, *path.parents)}
    assert inside - before <= {generate.folder / "spec.json", generate.folder / "__pycache__"}
    call, _, _ = generated.call("things.list")
    assert call.known_names()["filter"] == ({text} if text else set())
    assert call.known_names()["include"] == {text}
    assert call.known_names()["sort"] == {text, f"-{text}"}
    if call.result is not None:  # a model, unless its one property makes an envelope of it
        assert call.result.from_dict({text: "1", "kind": 2}).to_dict() == {text: "1", "kind": 2}
    parameters = inspect.signature(generated.package.Things.create).parameters.values()
    required = {item.name: "v" for item in parameters if item.kind is item.KEYWORD_ONLY and item.default is item.empty}
    _, _, arguments = generated.call("things.create", **required)
    assert arguments["body"][text] == "v"


def _is_text(text: str) -> bool:
    return text.isprintable() or not any("\ud800" <= character <= "\udfff" for character in text)


@pytest.mark.untraced
def test_hostile_paths(generate: PackageMaker) -> None:
    """Refused by merge, or no more than a literal."""
    for text in HOSTILE:
        literal = text.replace("{", "").replace("}", "")
        document = spec_of({f"/a/{{{literal}}}/{literal}": {"get": {"operationId": "a.get"}}})
        try:
            generated = generate(document)
        except CodegenError as error:
            assert "snippet page/0.json" in str(error)  # noqa: PT017
            continue
        operation, identifiers, _ = generated.call("a.get", 5)
        assert identifiers == (5,)
        assert operation.path_for((5,)) == f"/a/5/{literal}"


@pytest.mark.parametrize(
    "text", [*HOSTILE, "a.b.c", "A.b", "a.b\n", "ä.b", "a.\uff42", "_a.b", "a._b", "a.b-c", "con.list", "a.True"]
)
def test_operation_ids_are_names_or_refused(generate: PackageMaker, text: str) -> None:
    for name in (text, f"{text}.list", f"things.{text}"):
        spec = spec_of({"/a": {"get": {"operationId": name}}})
        with suppress(CodegenError):
            generate(spec).import_all()


def test_a_reference_cannot_reach_outside(generate: PackageMaker) -> None:
    for target in ("file:///etc/passwd", "http://example.com/x", "../x.json#/a", "#/gone", "#", ""):
        with pytest.raises(CodegenError, match=r"leaves the fragment|to nowhere"):
            generate(spec_of({"/a": {"get": {"operationId": "a.get", "responses": answer({"$ref": target})}}}))


# -- fuzz ------------------------------------------------------------------------------------------------------------

NAMES = st.one_of(st.sampled_from(["id", "data", "meta", "A", "a", "B", "page", "list", "key", "filter[x]", "class"]),
                  st.sampled_from(HOSTILE), st.text(max_size=6))  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), NAMES)
JUNK = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null", "money"])
COMPONENTS = ["A", "B", "Pages", "x y"]


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": TYPES | st.lists(TYPES, max_size=3) | JUNK,
        "format": st.sampled_from(["date-time", "date", "binary", "uuid"]) | JUNK,
        "nullable": st.booleans(),
        "enum": st.lists(SCALARS, max_size=3) | JUNK,
        "const": SCALARS,
        "items": inner,
        "properties": st.dictionaries(NAMES, inner, max_size=3),
        "required": st.lists(NAMES, max_size=2) | JUNK,
        "additionalProperties": inner | st.booleans(),
        "allOf": st.lists(inner, max_size=3),
        "oneOf": st.lists(inner, max_size=3),
        "anyOf": st.lists(inner, max_size=3),
        "description": JUNK,
        "default": JUNK,
        "maxLength": JUNK,
        "title": JUNK,
    }
    return st.fixed_dictionaries({}, optional=keywords)


REFERENCES = st.sampled_from(COMPONENTS).map(ref)
SCHEMAS = st.recursive(REFERENCES | SCALARS | TYPES.map(lambda kind: {"type": kind}), _schemas, max_leaves=8)
PARAMETERS = st.fixed_dictionaries(
    {"name": NAMES, "in": st.sampled_from(["query", "header", "cookie", "path"])},
    optional={
        "schema": SCHEMAS,
        "required": JUNK,
        "explode": JUNK,
        "style": JUNK,
        "content": JUNK,
        "description": JUNK,
    },
)
CONTENT = st.dictionaries(
    st.sampled_from(
        ["application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "x"]
    ),
    st.fixed_dictionaries({}, optional={"schema": SCHEMAS}) | JUNK,
    max_size=2,
)
OPERATIONS = st.fixed_dictionaries(
    {"responses": st.dictionaries(st.sampled_from(["200", "201", "2XX", "404", "default", "x"]),
                                  st.fixed_dictionaries({"content": CONTENT}), max_size=2)},
    optional={
        "parameters": st.lists(PARAMETERS, max_size=4) | JUNK,
        "requestBody": st.fixed_dictionaries({"content": CONTENT}, optional={"required": JUNK}),
        "description": JUNK,
        "tags": JUNK,
    },
)  # fmt: skip
VERBS = st.sampled_from(["get", "post", "put", "patch", "delete"])


@st.composite
def specs(draw: st.DrawFn) -> Json:
    paths: Json = {}
    for index, (verb, operation) in enumerate(draw(st.lists(st.tuples(VERBS, OPERATIONS), min_size=1, max_size=3))):
        path = draw(st.sampled_from([f"/a{index}", f"/a{index}/{{id}}", f"/a{index}/{{list}}/{{b c}}"]))
        name = draw(st.sampled_from(["things", "list", "models"]))
        paths[path] = {
            verb: {**operation, "operationId": f"{name}.{draw(st.sampled_from(['list', 'get', 'str']))}_{index}"}
        }
    schemas = draw(st.fixed_dictionaries(dict.fromkeys(COMPONENTS, SCHEMAS)))
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}


@pytest.fixture(scope="module")
def workshop() -> Generator[PackageMaker]:
    folder = Path(mkdtemp())
    with importable(folder):
        yield PackageMaker(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"properties": {"more": {"allOf": [ref("Nested"), {"maxItems": 1}]}}}},
        {
            "type": "array",
            "items": {"oneOf": [{"$ref": "#/components/schemas/Name"}, {"type": "string", "const": "a"}]},
        },
    ],
    ids=["a list that holds itself", "a list of a union with a constant"],
)
@pytest.mark.parametrize("place", ["parameter", "answer"])
def test_odd_lists_have_an_end(workshop: PackageMaker, schema: Json, place: str) -> None:
    used = ref("Nested")
    operation: Json = {"operationId": "things.list_0", "responses": {}}
    if place == "parameter":
        operation["parameters"] = [{"name": "kinds", "in": "query", "schema": used}]
    else:
        operation["responses"] = {"200": {"description": "", "content": {"application/json": {"schema": used}}}}
    schemas = {"Nested": schema, "Name": {"type": "string"}}
    spec = {"openapi": "3.1.0", "paths": {"/a": {"get": operation}}, "components": {"schemas": schemas}}
    client = read_client(named(spec), reserved_by(workshop.overrides), workshop.folder / "unused")
    assert [method.name for resource in client.resources for method in resource.methods] == ["list_0"]


@cases(40)
@given(spec=specs())
def test_any_spec_gives_a_package_that_imports_or_a_clear_error(workshop: PackageMaker, spec: Json) -> None:
    """Without ruff, whose start would cost more than all the rest; the test below has it."""
    destination = Path(mkdtemp(prefix="generated_", dir=workshop.folder))
    try:
        merged = named(spec)
    except CodegenError:
        return
    reserved = reserved_by(workshop.overrides)
    client = read_client(merged, reserved, destination)
    ClientProject(client, reserved).write()
    shutil.copytree(workshop.overrides, destination, dirs_exist_ok=True)
    for path in destination.rglob("*.py"):
        ast.parse(path.read_bytes())
    Generated(destination).import_all()
    assert sum(len(resource.methods) for resource in client.resources) == sum(map(len, spec["paths"].values()))
    shutil.rmtree(destination)


@cases(12)
@given(spec=specs())
def test_any_spec_gives_a_package_that_compiles_or_a_clear_error(workshop: PackageMaker, spec: Json) -> None:
    destination = Path(mkdtemp(prefix="generated_", dir=workshop.folder))
    try:
        generate_package(workshop.write(spec), workshop.overrides, destination)
    except CodegenError:
        return
    for path in destination.rglob("*.py"):
        compile(path.read_bytes(), str(path), "exec")
    shutil.rmtree(destination)
