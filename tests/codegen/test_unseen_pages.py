"""Pages with everything odd that documentation of this kind has been seen with, from the page to the call."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import typing
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict
from urllib.parse import parse_qs

import httpx
import pytest

from codegen.build import MergedSpec, merge_files
from codegen.extract import extract
from codegen.generate import generate_package

from .generating import OVERRIDES, Generated, Json, importable

ROOT = OVERRIDES.parent
PAGES = Path(__file__).parent / "fixtures" / "pages"
KNOWN = json.loads((ROOT / "openapi" / "patchworks-core.json").read_text())
OPERATIONS = {
    "audit-log": 3,
    "files": 8,
    "hostile": 2,
    "odd-names": 4,
    "oddities": 10,
    "packages-again": 6,
    "reports": 4,
    "shapes": 5,
    "teams": 13,
    "webhooks-and-events": 3,
}


@dataclass
class Built:
    """A client made of the pages."""

    merged: MergedSpec
    generated: Generated
    spec: Json
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])

    @property
    def endpoints(self) -> dict[str, tuple[str, str]]:
        """Method and path of every operation."""
        return {
            operation["operationId"]: (method.upper(), path)
            for path, item in self.spec["paths"].items()
            for method, operation in item.items()
        }

    @property
    def notes(self) -> tuple[str, ...]:
        assert self.generated.result is not None
        return self.generated.result.notes

    def client(self) -> Any:
        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return httpx.Response(200, json={"data": [], "message": "Done"})

        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        return self.generated.package.PatchworksClient(api_key="k", http_client=http, max_retries=0)

    def call(self, name: str, /, *arguments: Any, **keywords: Any) -> httpx.Request:
        """The request that a call makes."""

        async def run() -> None:
            async with self.client() as client:
                resource, _, method = name.partition(".")
                await getattr(getattr(client, resource), method)(*arguments, **keywords)

        self.requests.clear()
        asyncio.run(run())
        [request] = self.requests
        return request


def _build(folder: Path, snippets: Path, overlay: Path | None, name: str) -> Built:
    merged = merge_files(snippets, ROOT / "openapi" / "sources.toml", (overlay,) if overlay else (), strict=False)
    merged.write(folder / "spec.json")
    result = generate_package(folder / "spec.json", OVERRIDES, folder / name)
    return Built(merged, Generated(folder / name, result), json.loads(merged.spec))


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Both clients are built with this as the current folder, so that what escapes into it is seen."""
    folder = tmp_path_factory.mktemp("unseen")
    extract(map(str, sorted(PAGES.glob("*.md"))), folder / "snippets")
    with importable(folder), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module", name="alone")
def _alone(folder: Path) -> Built:
    """The pages alone, without corrections."""
    return _build(folder, folder / "snippets", None, "generated_alone")


@pytest.fixture(scope="module", name="together")
def _together(folder: Path) -> Built:
    """The pages beside those that the client has, with its corrections."""
    shutil.copytree(ROOT / "openapi" / "snippets", folder / "all")
    shutil.copytree(folder / "snippets", folder / "all", dirs_exist_ok=True)
    return _build(folder, folder / "all", ROOT / "openapi" / "overlay.yaml", "generated_together")


@pytest.fixture(params=["alone", "together"], name="built")
def _built(request: pytest.FixtureRequest) -> Built:
    built: Built = request.getfixturevalue(request.param)
    return built


# ------------------------------------------------------------------------------------------------------ page to package


def test_every_fragment_of_every_page_is_extracted(folder: Path) -> None:
    found = {page.name: len(list(page.glob("*.json"))) for page in (folder / "snippets").iterdir()}
    assert found == OPERATIONS
    assert b"\r\n" in (PAGES / "webhooks-and-events.md").read_bytes()


def test_no_operation_is_dropped(built: Built, folder: Path) -> None:
    documented: set[tuple[str, str]] = set()
    for file in (folder / "snippets").rglob("*.json"):
        for path, item in json.loads(file.read_text())["paths"].items():
            documented |= {(method.upper(), path) for method in item if method != "parameters"}
    assert documented <= set(built.endpoints.values())
    for name in built.endpoints:
        resource, _, method = name.partition(".")
        assert callable(getattr(getattr(built.client(), _attribute(built, resource)), method)), name


def _attribute(built: Built, resource: str) -> str:
    """A resource that has the name of a member of the client has an underscore."""
    members = {"request", "auth", "aclose", "with_options"}
    return f"{resource}_" if resource in members else resource


def test_what_exists_keeps_its_name_when_pages_are_added(together: Built) -> None:
    known = {
        (method, path): operation["operationId"]
        for path, item in KNOWN["paths"].items()
        for method, operation in item.items()
    }
    assert len(known) == 46
    names = {(method.lower(), path): name for name, (method, path) in together.endpoints.items()}
    assert {endpoint: names.get(endpoint) for endpoint in known} == known
    assert len(together.endpoints) == len(known | dict.fromkeys(names, ""))


def test_every_module_and_every_public_name_can_be_imported(built: Built) -> None:
    built.generated.import_all()


def test_modules_have_plain_names_and_stay_in_their_folder(built: Built, folder: Path) -> None:
    names = [path.stem for path in built.generated.folder.rglob("*.py")]
    assert [name for name in names if not re.fullmatch(r"[a-z_][a-z0-9_]*", name)] == []
    assert {path.name for path in folder.iterdir()} <= {
        "snippets",
        "all",
        "spec.json",
        "spec.report.md",
        "generated_alone",
        "generated_together",
        ".mypy_cache",
    }


def test_mypy_strict_is_content(together: Built, folder: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", together.generated.folder.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --------------------------------------------------------------------------------------------------------------- calls


def sample(hint: Any, depth: int = 0) -> Any:
    """A value of a type; one that holds itself is left out at some depth."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return sample(
            next(each for each in inside if getattr(each, "__name__", "") not in ("NoneType", "Unset")), depth
        )
    if origin is typing.Required:
        return sample(inside[0], depth)
    if origin is Literal:
        return inside[0]
    if is_typeddict(hint):
        return {name: sample(each, depth + 1) for name, each in get_type_hints(hint).items() if depth < 3}
    if origin is not None and issubclass(origin, Mapping):
        return {"k": sample(inside[1], depth)}
    if origin is not None and issubclass(origin, Sequence):
        return [sample(inside[0], depth)]
    plain: dict[Any, Any] = {
        date: date(2030, 1, 2),
        int: 7,
        str: "x",
        float: 1.5,
        bool: True,
        bytes: b"x",
        datetime: datetime(2030, 1, 2, tzinfo=UTC),
    }
    return plain.get(hint, "x")


_OF_EVERY_CALL = {"return", "timeout", "max_retries", "extra_query", "extra_headers"}
_OF_EVERY_LIST = {"query", "prefetch", "on_progress"}


def _call_all(built: Built, *, optional: bool) -> None:
    for name, (method, path) in built.endpoints.items():
        resource, _, function = name.partition(".")
        attribute = _attribute(built, resource)
        bound = getattr(getattr(built.client(), attribute), function)
        hints = {key: hint for key, hint in get_type_hints(bound).items() if key not in _OF_EVERY_CALL | _OF_EVERY_LIST}
        defaults: dict[str, Any] = bound.__kwdefaults__ or {}
        keywords = {key: sample(hint) for key, hint in hints.items() if optional or key not in defaults}
        request = built.call(f"{attribute}.{function}", **keywords)
        assert (request.method, request.url.path) == (method, re.sub(r"\{[^{}]*\}", "7", path)), name


@pytest.mark.parametrize("optional", [False, True], ids=["required arguments", "all arguments"])
def test_every_operation_can_be_called(built: Built, optional: bool) -> None:
    _call_all(built, optional=optional)


def query(request: httpx.Request) -> dict[str, list[str]]:
    return parse_qs(request.url.query.decode(), keep_blank_values=True)


def test_parameters_of_all_kinds(alone: Built) -> None:
    request = alone.call(
        "reports.list",
        limit=5,
        x_account="acme",
        flow_id=7,
        ids=[1, 2],
        tags=["a", "b"],
        states=["on", "off"],
        fields={"reports": ["id", "rows"], "flow.owner": ["name"]},
        include=["owner", "flow"],
        from_=datetime(2030, 1, 2, tzinfo=UTC),
        active=True,
        timeout_=9,
        x_trace_id="t",
    )
    assert query(request) == {
        "limit": ["5"],
        "flow_id": ["7"],
        "ids": ["1,2"],
        "tags": ["a,b"],
        "states": ["on", "off"],
        "fields[reports]": ["id,rows"],
        "fields[flow.owner]": ["name"],
        "include": ["owner,flow"],
        "from": ["2030-01-02T00:00:00Z"],
        "active": ["true"],
        "timeout": ["9"],
    }
    assert (request.headers["X-Account"], request.headers["X-Trace-Id"]) == ("acme", "t")
    assert request.headers["Authorization"] == "k"


def test_parameters_of_the_path_item_and_by_reference(alone: Built) -> None:
    request = alone.call("reports.get", "a/b", verbose=False)
    assert request.url.raw_path == b"/api/v1/reports/a%2Fb?verbose=false"


@pytest.mark.parametrize(
    ("name", "arguments", "keywords", "content_type", "body"),
    [
        ("files.import_", (), {"body": "héllo"}, "text/plain", "héllo".encode()),
        ("files.replace", (7,), {"body": b"\x00\xff"}, "application/octet-stream", b"\x00\xff"),
        ("files.sign", (7,), {"key": "a b", "days": 3}, "application/x-www-form-urlencoded", b"key=a%20b&days=3"),
        ("files.order", (), {"body": [3, 1]}, "application/json", b"[3,1]"),
        ("files.send", (7,), {"body": {"url": "u"}}, "application/json", b'{"url":"u"}'),
        (
            "files.label",
            (7,),
            {"labels": [{"id": 1, "class": "c"}], "owner": {"user": {"id": 2}}, "when": None},
            "application/json",
            b'{"labels":[{"id":1,"class":"c"}],"owner":{"user":{"id":2}},"when":null}',
        ),
    ],
)
def test_bodies_of_all_kinds(
    alone: Built, name: str, arguments: tuple[Any, ...], keywords: Json, content_type: str, body: bytes
) -> None:
    request = alone.call(name, *arguments, **keywords)
    assert request.headers["Content-Type"].partition(";")[0] == content_type
    assert request.content == body


def test_a_multipart_body(alone: Built) -> None:
    request = alone.call("files.upload", file=("a.txt", b"content"), name="A", labels=["x", "y"])
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="a.txt"' in request.content
    assert b"content" in request.content
    assert b'name="name"' in request.content


def test_names_that_python_refuses_are_sent_and_read_as_documented(alone: Built) -> None:
    names = ["payload.id", "first name", "class", "__class__", "Größe", "a-b", "a_b", "a.b", "A_B", "日本", "None"]
    arguments = [
        "payload_id",
        "first_name",
        "class_",
        "class_2",
        "grosse",
        "a_b",
        "a_b_2",
        "a_b_3",
        "a_b_4",
        "field",
        "none",
    ]
    sent = dict(zip(names, map(str, range(len(names))), strict=True))
    request = alone.call("odd_names.create", **dict(zip(arguments, sent.values(), strict=True)), timeout_=3)
    assert json.loads(request.content) == {**sent, "timeout": 3}
    model = alone.generated.package.OddName.from_dict({**sent, "": 1})
    assert model.to_dict() == {**sent, "": 1}
    assert (model.payload_id, model.first_name, model.class_, model.grosse) == ("0", "1", "2", "4")
    assert {name: model[name] for name in names} == sent


def test_filters_with_odd_names(alone: Built) -> None:
    request = alone.call("odd_names.list", filter={"payload.id": 1, "class": ["a", "b"]})
    assert query(request) == {"filter[payload.id]": ["1"], "filter[class]": ["a,b"]}


def test_placeholders_that_become_one_name(alone: Built) -> None:
    assert alone.call("odd_names.two_placeholders", 1, 2, 3).url.path == "/api/v1/odd-names/1/2/3"


def test_models_of_all_shapes_keep_what_they_are_given(alone: Built) -> None:
    shape: Json = {
        "kind": "circle",
        "many": "value-599",
        "mixed": None,
        "either": 3,
        "any": {"radius": 1.5},
        "all": {"radius": 2, "border": 1},
        "parent": {"parent": {"id": 1}},
        "children": [{"children": []}],
        "tree": {"left": {"right": None}},
        "deployed_at": "2030-01-02T00:00:00.000000Z",
        "matrix": [[1, 2.5]],
        "inline": {"x": {"y": "z"}},
        "unknown": {"a": [1]},
    }
    model = alone.generated.package.Shape.from_dict(shape)
    assert model.to_dict() == shape
    assert model.all.border == 1
    assert model.parent.parent.id == 1
    assert model.children[0].children == []
    assert model.tree.left.right is None
    assert model.deployed_at == datetime(2030, 1, 2, tzinfo=UTC)
    assert model.inline.x.y == "z"


# -------------------------------------------------------------------------------------------------------------- naming


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("webhooks_and_events.list_webhooks", "GET /api/v1/webhooks"),
        ("webhooks_and_events.list_webhook_events", "GET /api/v1/webhooks/{webhook}/events"),
        ("packages.archive", "POST /api/v1/packages/{package}/archive"),
        ("packages.list_archive_packages", "GET /api/v1/archive/packages"),
        ("packages.get_company_package", "GET /api/v1/companies/{company}/packages/{package}"),
        ("teams.list_members", "GET /api/v1/teams/{team}/members"),
        ("teams.get_members", "GET /api/v1/members"),
        ("teams.get_member", "GET /api/v1/teams/{team}/members/{member}"),
        ("audit_log.list_entries", "GET /api/v1/audit-log"),
        ("limits.show", "GET /api/v1/limits"),
        ("companies.list_teams", "GET /api/v1/companies/{company}/teams"),
        ("odd_names.import_", "POST /api/v1/odd-names/{odd_name}/import"),
        ("class_.list", "GET /api/v1/class"),
        ("api_2fa.enable", "POST /api/v1/2fa"),
        ("emoji.wave", "GET /api/v1/emoji"),
        ("etc_passwd.read", "GET /api/v1/passwd"),
    ],
)
def test_names(built: Built, name: str, endpoint: str) -> None:
    assert " ".join(built.endpoints[name]) == endpoint


# ---------------------------------------------------------------------------------------------------- what is reported


def test_what_is_typed_open_is_reported(alone: Built) -> None:
    assert [note for note in alone.notes if "typed open" in note] == [
        "Shape.any: typed open: it is one of several schemas",
        "reports.list deep: typed open: it is no text, nor a list of texts",
    ]


@pytest.mark.parametrize(
    "note",
    [
        "reports.list: cookie parameter `session` is not generated; use extra_headers",
        "ShapeMany: typed string: its enum has 600 values",
    ],
)
def test_what_is_offered_otherwise_than_documented_is_noted(alone: Built, note: str) -> None:
    assert note in alone.notes


def test_an_answer_that_is_no_json_is_asked_for_by_its_type(alone: Built) -> None:
    assert alone.call("reports.export", 7).headers["Accept"] == "text/csv"


def test_pages_that_contradict_each_other_are_reported_and_typed_open(together: Built) -> None:
    assert "schema VirtualEnvironments.name" in together.merged.report.contradictions
    assert "type" not in together.spec["components"]["schemas"]["VirtualEnvironment"]["properties"]["name"]
    assert "name: Any" in together.generated.source("models/virtual_environment.py")


def test_pages_that_agree_or_add_are_united(together: Built) -> None:
    report = together.merged.report
    assert "schema Packages" in report.unions
    assert not any("Packages" in place for place in report.contradictions)
    package = together.generated.package.Package
    assert package.from_dict({"stars": 3, "notes": "n"}).stars == 3
    assert "verbose: bool" in together.generated.source("resources/packages.py")


def test_what_was_scraped_wrongly_is_repaired_and_reported(alone: Built) -> None:
    repairs = alone.merged.report.repairs
    assert {"scraped_filter", "enum_values", "array_without_items", "items_under_star", "null_type"} <= repairs.keys()
    request = alone.call("webhooks_and_events.list_webhooks", filter={"name": "x"}, sort="-name")
    assert query(request) == {"filter[name]": ["x"], "sort": ["-name"]}
    source = alone.generated.source("resources/webhooks_and_events.py")
    assert "LIKE" not in source
    assert "select" not in source


# -------------------------------------------------------------------------------------------------------------- hostile


def test_hostile_text_is_only_text(built: Built, folder: Path) -> None:
    built.generated.import_all()
    assert not list(folder.rglob("owned"))
    method = built.generated.module("resources.hostile").Hostile.patch_x_import_os_os_system_x
    assert '"""' in method.__doc__
    assert "{{ 7*7 }}" in method.__doc__
    hostile = json.loads((folder / "snippets" / "hostile" / "patch-hostile-thing.json").read_text())
    operation = hostile["paths"]["/api/v1/hostile/{thing}"]["patch"]
    properties = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    [value, _] = properties['k"\\\n']["enum"]
    request = built.call("hostile.patch_x_import_os_os_system_x", 1, k=value, def_f_pass="x", q="&=")
    assert json.loads(request.content) == {'k"\\\n': value, "def f(): pass": "x"}
    assert query(request) == {'q"""': ["&="]}
