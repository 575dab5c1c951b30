"""What a spec becomes: methods, types, models, packages."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import PropertyError
from openapi_python_client.parser.properties import Class, Schemas
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

from codegen.errors import CodegenError
from codegen.generate import generate_package
from codegen.generate.writer import tidy
from tests.codegen.generating import Json, PackageMaker, answer, body, importable, named, query, ref, spec_of

PACKAGE: Json = {
    "type": "object",
    "description": "A bundle of flow versions.",
    "properties": {
        "id": {"type": "integer", "description": "Unique identifier"},
        "status": {"type": "string", "enum": ["Draft", "Deployed"]},
        "created_at": {"type": "string", "format": "date-time"},
        "flow_versions": {"type": "array", "items": ref("FlowVersions")},
        "config": {"type": "object"},
        "from": {"type": "integer"},
        "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}
LIST = {
    "operationId": "packages.list",
    "tags": ["Packages"],
    "description": "Lists packages. Newest first.",
    "parameters": [
        query("filter[name]"),
        query("filter[flowVersion.flow]"),
        query("include", {"type": "array", "items": {"type": "string", "enum": ["createdBy", "flows.steps"]}}),
        query("sort", {"type": "array", "items": {"type": "string", "enum": ["name", "-name"]}}),
        query("page", {"type": "integer"}),
        query("per_page", {"type": "integer"}),
    ],
    "responses": answer(ref("PackagesListResponse")),
}
CREATE = {
    "operationId": "packages.create",
    "tags": ["Packages"],
    "requestBody": body(
        {
            "type": "object",
            "required": ["name", "labels"],
            "properties": {
                "notes": {"type": "string", "maxLength": 255, "nullable": True},
                "name": {"type": "string", "description": "Shown in lists"},
                "labels": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id"],
                        "properties": {"id": {"oneOf": [{"type": "integer"}, {"type": "string"}]}},
                    },
                },
                "deployed_at": {"type": "string", "format": "date-time"},
            },
        }
    ),
    "responses": {**answer(ref("PackagesResponse")), "422": {"description": "Invalid"}},
}
SPEC = spec_of(
    {
        "/api/v1/packages": {"get": LIST, "post": CREATE},
        "/api/v1/packages/{package}": {
            "parameters": [{"name": "package", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "packages.get",
                "parameters": [
                    query("include", {"type": "array", "items": {"type": "string", "enum": ["createdBy"]}}),
                    query("page", {"type": "integer"}),
                ],
                "responses": answer({"type": "object", "properties": {"data": ref("Packages")}}),
            },
            "delete": {"operationId": "packages.delete", "responses": answer(ref("MessageResponse"))},
        },
    },
    {
        "Packages": PACKAGE,
        "FlowVersions": {"type": "object", "properties": {"id": {"type": "integer"}, "package": ref("Packages")}},
        "PackagesListResponse": {
            "type": "object",
            "properties": {"data": {"type": "array", "items": ref("Packages")}, "meta": ref("PaginationMeta")},
        },
        "PackagesResponse": {"type": "object", "properties": {"data": ref("Packages")}},
        "PaginationMeta": {"type": "object", "properties": {"total": {"type": "integer"}}},
        "MessageResponse": {"type": "object", "properties": {"message": {"type": "string"}}},
    },
)
# The list's own page parameter makes a list of any GET; the repair of copied parameters is merge's.
del SPEC["paths"]["/api/v1/packages/{package}"]["get"]["parameters"][1]


@pytest.fixture
def generate(tmp_path: Path) -> Generator[PackageMaker]:
    with importable(tmp_path):
        yield PackageMaker(tmp_path)


def test_a_list_declares_its_query_and_pages(generate: PackageMaker) -> None:
    package = generate(SPEC)
    operation, identifiers, arguments = package.call(
        "packages.list", filter={"name": "x"}, include="createdBy", per_page=5, prefetch=2
    )
    assert (operation.name, operation.method, operation.path) == ("packages.list", "GET", "/api/v1/packages")
    assert operation.kind == "list"
    assert operation.result is package.package.Package
    assert operation.known_names() == {
        "filter": {"name", "flowVersion.flow"},
        "include": {"createdBy", "flows", "flows.steps"},
        "sort": {"name", "-name"},
    }
    assert identifiers == ()
    assert arguments["filter"] == {"name": "x"}
    assert arguments["include"] == "createdBy"
    assert (arguments["page"], arguments["per_page"], arguments["prefetch"]) == (None, 5, 2)
    assert {"query", "sort", "on_progress", "timeout", "max_retries", "extra_query", "extra_headers"} <= set(arguments)
    assert not inspect.iscoroutinefunction(package.package.Packages.list)


def test_a_body_is_keyword_arguments(generate: PackageMaker) -> None:
    package = generate(SPEC)
    unset = package.package.UNSET
    operation, _, arguments = package.call("packages.create", name="Checkout", labels=[{"id": 1}])
    assert operation.kind == "model"
    assert operation.result is package.package.Package
    assert arguments["body"] == {"notes": unset, "name": "Checkout", "labels": [{"id": 1}], "deployed_at": unset}
    assert list(arguments["body"]) == ["notes", "name", "labels", "deployed_at"]
    signature = inspect.signature(package.package.Packages.create)
    assert list(signature.parameters)[1:5] == ["name", "labels", "notes", "deployed_at"]
    assert signature.parameters["notes"].annotation == "str | Unset | None"
    assert signature.parameters["labels"].annotation == "Sequence[PackagesCreateLabel]"
    assert signature.parameters["deployed_at"].annotation == "datetime | Unset"
    with pytest.raises(TypeError, match="labels"):
        package.call("packages.create", name="Checkout")


def test_docstrings_say_what_the_documentation_says(generate: PackageMaker) -> None:
    package = generate(SPEC)
    lists, creates = (inspect.getdoc(getattr(package.package.Packages, name)) or "" for name in ("list", "create"))
    assert lists.startswith("Lists packages.\n\nNewest first.\n\nGET /api/v1/packages\n")
    assert "name: Shown in lists." in creates
    assert "notes: At most 255 characters." in creates
    assert "UnprocessableEntityError: " in creates
    assert "UnprocessableEntityError" not in lists
    assert inspect.getdoc(package.package.Package) == "A bundle of flow versions.\n\nFrom the schema `Packages`."


def test_a_single_item_takes_its_identifier_and_include_only(generate: PackageMaker) -> None:
    package = generate(SPEC)
    operation, identifiers, arguments = package.call("packages.get", 7, include=["createdBy"])
    assert operation.path == "/api/v1/packages/{package}"
    assert operation.kind == "model"
    assert identifiers == (7,)
    assert arguments["include"] == ["createdBy"]
    assert arguments["query"] is None
    assert not {"page", "sort", "filter"} & set(arguments)


def test_an_answer_of_a_message_alone_may_be_empty(generate: PackageMaker) -> None:
    package = generate(SPEC)
    operation, _, _ = package.call("packages.delete", "a")
    assert operation.kind == "message"
    assert operation.result is package.package.Message


def test_models_decode_what_the_schema_says(generate: PackageMaker) -> None:
    package = generate(SPEC).package
    found = package.Package.from_dict(
        {
            "id": 1,
            "created_at": "2025-05-01T10:00:00Z",
            "flow_versions": [{"id": 2, "package": {"id": 1}}],
            "from": 3,
            "owner": {"name": "Ada"},
        }
    )
    assert found.created_at == datetime(2025, 5, 1, 10, tzinfo=UTC)
    assert isinstance(found.flow_versions[0], package.FlowVersion)
    assert isinstance(found.flow_versions[0].package, package.Package)
    assert (found.from_, found.owner.name, found.status) == (3, "Ada", None)
    assert type(found.owner).__name__ == "PackageOwner"
    assert get_args(get_args(package.PackageStatus)[0]) == ("Draft", "Deployed")


def test_envelopes_bodies_and_errors_are_no_models(generate: PackageMaker) -> None:
    generated = generate(SPEC)
    assert sorted(path.stem for path in (generated.folder / "models").glob("*.py")) == [
        "__init__",
        "flow_version",
        "message",
        "package",
        "package_owner",
    ]
    assert generated.result is not None
    assert (generated.result.operations, generated.result.models) == (4, 4)
    assert generated.result.lines == sum(path.read_bytes().count(b"\n") for path in generated.folder.rglob("*.py"))


def test_everything_public_is_at_the_top_and_lazy(generate: PackageMaker) -> None:
    generated = generate(SPEC)
    loaded = {name for name in sys.modules if name.startswith(f"{generated.folder.name}.")}
    assert loaded == set()
    names = set(generated.package.__all__)
    assert {"Package", "PackageStatus", "Packages", "PackagesListFilter", "PackagesListSort", "Query"} <= names
    assert {"PackagesCreateLabel", "UNSET", "NotFoundError", "PatchworksClient", "Paginator"} <= names
    assert names <= set(dir(generated.package))
    generated.import_all()
    with pytest.raises(AttributeError, match="nothing"):
        _ = generated.package.nothing


def test_default_from_path(generate: PackageMaker) -> None:
    schema: Json = {"type": "object", "required": ["flow_version_id"], "properties": {"flow_version_id": {}}}
    operation = {"operationId": "deployments.create", "requestBody": body(schema)}
    spec = named(spec_of({"/flow-versions/{flow-version}": {"post": operation}}))
    properties = spec["components"]["schemas"]["DeploymentsCreateBody"]["properties"]
    properties["flow_version_id"]["x-default-from-path"] = "flow-version"
    package = generate.from_spec(spec)
    _, identifiers, arguments = package.call("deployments.create", 5)
    assert identifiers == (5,)
    assert arguments["body"] == {"flow_version_id": 5}
    _, _, arguments = package.call("deployments.create", 5, flow_version_id=6)
    assert arguments["body"] == {"flow_version_id": 6}


def test_twice_is_the_same_bytes(generate: PackageMaker) -> None:
    first, second = generate(SPEC), generate(SPEC)
    files = sorted(
        path.relative_to(first.folder)
        for path in first.folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"  # the fixture imports the package; byte code holds times
    )
    assert files
    assert [(first.folder / name).read_bytes() for name in files] == [
        (second.folder / name).read_bytes() for name in files
    ]


def test_hash_order_does_not_show(generate: PackageMaker, tmp_path: Path) -> None:
    spec = generate.write(SPEC)
    outputs: list[list[bytes]] = []
    for seed in ("1", "2"):
        target = tmp_path / f"seed{seed}" / "package"
        code = (
            "import sys; from pathlib import Path; from codegen.generate import generate_package;"
            "generate_package(*map(Path, sys.argv[1:]))"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(spec), str(generate.overrides), str(target)],
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        )
        outputs.append([path.read_bytes() for path in sorted(target.rglob("*.py"))])
    assert outputs[0] == outputs[1]


def test_overrides_are_copied_as_they_are_without_byte_code(generate: PackageMaker) -> None:
    (generate.overrides / "__pycache__").mkdir()
    (generate.overrides / "__pycache__" / "model.pyc").write_bytes(b"")
    (generate.overrides / "py.typed").write_bytes(b"")
    odd = b"x   =  1 # not formatted\r\n"
    (generate.overrides / "_odd.py").write_bytes(odd)
    generated = generate(SPEC)
    assert (generated.folder / "_odd.py").read_bytes() == odd
    assert (generated.folder / "py.typed").exists()
    for path in generate.overrides.glob("*.py"):
        assert (generated.folder / path.name).read_bytes() == path.read_bytes()
    assert not (generated.folder / "__pycache__" / "model.pyc").exists()


def test_an_override_cannot_hide_a_generated_module(generate: PackageMaker) -> None:
    (generate.overrides / "_resources.py").write_text("")
    with pytest.raises(CodegenError, match=r"_resources\.py"):
        generate(SPEC)


@pytest.mark.parametrize("broken", ["def f(:", "x = '\0'"])
def test_a_failure_leaves_the_old_package_and_nothing_else(generate: PackageMaker, tmp_path: Path, broken: str) -> None:
    destination = tmp_path / "out" / "package"
    generate_package(generate.write(SPEC), generate.overrides, destination)
    (destination / "models" / "package.py").write_text("old")
    (generate.overrides / "broken.py").write_text(broken)
    with pytest.raises(CodegenError, match=r"broken\.py"):
        generate_package(generate.write(SPEC), generate.overrides, destination)
    assert (destination / "models" / "package.py").read_text() == "old"
    assert [path.name for path in destination.parent.iterdir()] == ["package"]


def test_a_new_package_replaces_the_old_one_whole(generate: PackageMaker, tmp_path: Path) -> None:
    destination = tmp_path / "out" / "package"
    generate_package(generate.write(SPEC), generate.overrides, destination)
    (destination / "models" / "gone.py").write_text("")
    generate_package(generate.write(SPEC), generate.overrides, destination)
    assert not (destination / "models" / "gone.py").exists()
    assert [path.name for path in destination.parent.iterdir()] == ["package"]


def test_only_a_generated_package_or_an_empty_folder_is_replaced(generate: PackageMaker, tmp_path: Path) -> None:
    spec = generate.write(SPEC)
    (tmp_path / "empty").mkdir()
    generate_package(spec, generate.overrides, tmp_path / "empty")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "__init__.py").write_text("work = 1")
    (tmp_path / "file").write_text("")
    for name in ("precious", "file", "empty/models"):
        with pytest.raises(CodegenError, match=f"{name}: not replaced"):
            generate_package(spec, generate.overrides, tmp_path / name)
    assert (tmp_path / "precious" / "__init__.py").read_text() == "work = 1"


def test_a_rename_that_fails_puts_the_old_package_back(
    generate: PackageMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    destination = tmp_path / "out" / "package"
    generate_package(generate.write(SPEC), generate.overrides, destination)
    rename = Path.replace

    def refuse_the_new(source: Path, target: Path) -> Path:
        if source.name == "new":
            raise PermissionError(13, "Permission denied", str(target))
        return rename(source, target)

    monkeypatch.setattr(Path, "replace", refuse_the_new)
    with pytest.raises(CodegenError, match="package: Permission denied"):
        generate_package(generate.write(SPEC), generate.overrides, destination)
    assert (destination / "__init__.py").exists()
    assert [path.name for path in destination.parent.iterdir()] == ["package"]


@pytest.mark.parametrize("inside", [".", "..", "package"])
def test_package_and_overrides_do_not_lie_in_each_other(generate: PackageMaker, inside: str) -> None:
    before = sorted(generate.overrides.rglob("*"))
    with pytest.raises(CodegenError, match="must not lie in each other"):
        generate_package(generate.write(SPEC), generate.overrides, generate.overrides / inside)
    assert sorted(generate.overrides.rglob("*")) == before


def test_a_spec_without_operations_is_refused(generate: PackageMaker, tmp_path: Path) -> None:
    with pytest.raises(CodegenError, match="no operation"):
        generate_package(generate.write_spec({**SPEC, "paths": {}}), generate.overrides, tmp_path / "generated_x")
    assert not (tmp_path / "generated_x").exists()


def test_overrides_must_be_the_hand_written_modules(generate: PackageMaker, tmp_path: Path) -> None:
    with pytest.raises(CodegenError, match="nowhere: no folder with the hand-written modules"):
        generate_package(generate.write(SPEC), tmp_path / "nowhere", tmp_path / "generated_x")


def test_what_the_parser_refuses_is_told(generate: PackageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> Any:
        return PropertyError(detail="no such property"), Schemas()

    monkeypatch.setattr(ListProperty, "build", refuse)
    with pytest.raises(CodegenError, match=r"(?s)openapi-python-client refuses the spec.*no such property"):
        generate(SPEC)


def test_what_the_parser_loses_is_told(generate: PackageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = named(SPEC)
    parsed = GeneratorData.from_dict

    def forgetful(document: Json, *, config: Any) -> Any:
        del document["components"]["schemas"]["Package"]["properties"]["status"]
        del document["paths"]["/api/v1/packages"]["post"]["requestBody"]
        document["paths"]["/api/v1/packages/{package}"]["delete"]["responses"]["400"] = {"description": ""}
        return parsed(document, config=config)

    monkeypatch.setattr(GeneratorData, "from_dict", forgetful)
    with pytest.raises(CodegenError) as caught:
        generate.from_spec(spec)
    lost = str(caught.value).splitlines()
    assert lost[0] == "openapi-python-client lost a part of the spec:"
    assert [line.partition(" [")[0] for line in lost[1:]] == [
        "Package:",
        "Package:",
        "packages.create: body",
        "packages.delete: answer 400",
    ]


def test_names_of_classes_and_arguments_are_the_parsers(
    generate: PackageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """openapi-python-client is what generates: a mark in its parser shows in the package."""
    from_string = Class.from_string

    def marked(*, string: Any, config: Any) -> Class:
        found = from_string(string=string, config=config)
        return Class(ClassName(f"{found.name}Marked", ""), found.module_name) if found.name == "Package" else found

    monkeypatch.setattr(Class, "from_string", marked)
    new = PythonIdentifier.__new__

    def renamed(cls: Any, value: Any, prefix: str, skip_snake_case: bool = False) -> Any:
        found = new(cls, value, prefix, skip_snake_case)
        return str.__new__(cls, "remarks") if found == "notes" else found

    monkeypatch.setattr(PythonIdentifier, "__new__", renamed)
    package = generate(SPEC)
    assert "class PackageMarked(Model)" in package.source("models/package.py")
    assert "-> PackageMarked:" in package.source("resources/packages.py")
    _, _, arguments = package.call("packages.create", name="Checkout", labels=[], remarks="n")
    assert arguments["body"]["notes"] == "n"


def test_generated_code_that_ruff_cannot_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def f(:")
    with pytest.raises(CodegenError, match="ruff format fails"):
        tidy(tmp_path / "bad.py")


def _operation(**more: Any) -> Json:
    return {"operationId": "things.get", "responses": {}, **more}


_OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"openapi": "3.0.3"}, "paths: no operation"),
        (
            spec_of({"/a": {"get": {}}}),
            "GET /a: no operation with an operationId .* takes what",
        ),
        (spec_of({"/a": {"get": _operation(operationId="List Things")}}), "GET /a: no operation with an operationId"),
        (spec_of({"/a": {"get": _operation(), "post": _operation()}}), "a second operation .* 'things.get'"),
        (spec_of({"/a": {"get": _operation(responses=answer(ref("Gone")))}}), "GET /a 200: the reference .*Gone"),
        (spec_of({"/a": {"get": _operation(responses=answer(_OBJECT))}}), "GET /a 200: .* that is no component"),
        (spec_of({"/a": {"get": _operation()}}, {"Thing": {"type": "string"}}), "component Thing: neither an object"),
        (
            spec_of(
                {
                    "/a": {"post": _operation(requestBody=body(ref("Body")))},
                    "/b": {"post": _operation(operationId="things.do", requestBody=body(ref("Body")))},
                },
                {"Body": _OBJECT},
            ),
            "POST /b body: the component Body is the body of another operation too",
        ),
        (
            spec_of(
                {"/a": {"post": _operation(requestBody=body(ref("Body")))}},
                {"Body": {"type": "object", "properties": {"b": {"type": "string", "x-default-from-path": "c"}}}},
            ),
            "x-default-from-path of 'b'",
        ),
    ],
)
def test_what_merge_does_not_write_is_refused_with_its_place(generate: PackageMaker, spec: Json, message: str) -> None:
    with pytest.raises(CodegenError, match=message):
        generate.from_spec(spec)
    assert not list(generate.folder.glob("generated_*"))


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000])
def test_a_spec_that_is_no_json_object(generate: PackageMaker, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(CodegenError, match=r"bad\.json"):
        generate_package(path, generate.overrides, tmp_path / "generated_bad")


def test_a_missing_spec_is_named(generate: PackageMaker, tmp_path: Path) -> None:
    with pytest.raises(CodegenError, match=r"missing\.json"):
        generate_package(tmp_path / "missing.json", generate.overrides, tmp_path / "generated_bad")
