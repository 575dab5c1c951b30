from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen import cli
from codegen import vendor as vendor_module
from codegen.build import Paths, differing_files
from codegen.errors import CodegenError
from codegen.generate import GenerateResult
from codegen.vendor import NOTE, PACKAGE, vendor
from tests.runtime.cases import cases

ROOT = Path(__file__).resolve().parents[2]
PATHS = Paths(
    snippets=ROOT / "openapi" / "snippets",
    sources=ROOT / "openapi" / "sources.toml",
    overlays=(ROOT / "openapi" / "overlay.yaml",),
    spec=ROOT / "openapi" / "patchworks-core.json",
    overrides=ROOT / "overrides",
    package=ROOT / PACKAGE,
    license=ROOT / "LICENSE",
)
OPTIONS = [f"--{name}={getattr(PATHS, name)}" for name in ("spec", "overrides", "sources", "license")]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module", name="whole")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with everything vendored; tests copy it before they change it."""
    return vendor(PATHS, tmp_path_factory.mktemp("whole")).folder


@pytest.fixture(scope="module", name="part")
def _part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vendor(PATHS, tmp_path_factory.mktemp("part"), only=["virtual_environments", "packages"]).folder


@pytest.fixture(name="there")
def _there(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vendored client, and a generator that makes the same one again without taking its time."""
    return _copy(whole, tmp_path, monkeypatch)


def _copy(whole: Path, to: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def generate(spec: Path, overrides: Path, fresh: Path, *, only: Iterable[str] | None) -> GenerateResult:
        shutil.copytree(whole, fresh, ignore=shutil.ignore_patterns(NOTE, "LICENSE", "__pycache__"))
        return GenerateResult(fresh, 0, 0, 0, 0, ())

    monkeypatch.setattr(vendor_module, "generate_package", generate)
    shutil.copytree(whole, to / PACKAGE)
    return to / PACKAGE


def refusal(folder: Path) -> str:
    """The message of a run that fails and, as it must, changes nothing."""
    before = contents(folder)
    with pytest.raises(CodegenError) as caught:
        vendor(PATHS, folder.parent)
    assert contents(folder) == before
    return str(caught.value)


# ------------------------------------------------------------------------------------------------------ what is written


def test_the_package_comes_whole_with_its_licence_and_a_note(whole: Path) -> None:
    """The same bytes as the package of this project, if that is up to date."""
    vendored = contents(whole)
    assert vendored.pop("LICENSE") == PATHS.license.read_bytes()
    assert vendored.pop(NOTE)
    own = contents(ROOT / PACKAGE)
    stale = {str(Path(name).relative_to(ROOT / PACKAGE)) for name in _stale()}
    assert vendored.keys() >= {"client.py", "py.typed", "models/package.py", "resources/packages.py"}
    assert {name for name in {*vendored, *own} if vendored.get(name) != own.get(name)} <= stale


def _stale() -> Iterable[str]:
    """What is not up to date in this project's package: nothing, except while somebody works on it."""
    return [name for name in differing_files(PATHS) if Path(name).is_relative_to(ROOT / PACKAGE)]


def test_the_note_says_where_it_comes_from(whole: Path) -> None:
    note = (whole / NOTE).read_text()
    assert f"| spec | `{hashlib.sha256(PATHS.spec.read_bytes()).hexdigest()}` |" in note
    assert "| resources | all |" in note
    version = (whole / "_version.py").read_text().rpartition('__version__ = "')[2].removesuffix('"\n')
    assert f"| version | {version} |" in note
    sources = PATHS.sources.read_text()
    assert all(line.partition('"')[2].rstrip('"') in note for line in sources.splitlines() if line.startswith("date"))
    for name in ("LICENSE", "models/package.py"):
        assert f"{hashlib.sha256((whole / name).read_bytes()).hexdigest()}  {name}\n" in note


def test_a_part_has_what_it_needs_under_the_same_names(whole: Path, part: Path) -> None:
    all_files, some = contents(whole), contents(part)
    left_out = all_files.keys() - some.keys()
    assert left_out == {"resources/flow_versions.py", "resources/flow_version_deployments.py"}
    differing = {name for name in some if some[name] != all_files[name]}
    assert differing == {"__init__.py", "_resources.py", "resources/__init__.py", NOTE}


def test_models_that_nothing_reaches_are_left_out(tmp_path: Path) -> None:
    spec = json.loads(PATHS.spec.read_text())
    schemas = spec["components"]["schemas"]
    schemas["Island"] = {"type": "object", "properties": {"id": {"type": "integer"}}}
    schemas["FlowVersion"]["properties"]["island"] = {"$ref": "#/components/schemas/Island"}
    schemas["Package"]["properties"] = {"id": {"type": "integer"}}
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    folder = vendor(replace(PATHS, spec=path), tmp_path, only=["virtual_environments"]).folder
    models = {file.stem for file in (folder / "models").glob("*.py")}
    assert {"virtual_environment", "virtual_environment_version"} <= models
    reached = _reached_models(folder)
    assert models - {"__init__"} == reached | {"message"}


def _reached_models(folder: Path) -> set[str]:
    """The modules that a resource imports, and those that these import."""
    waiting = {path for path in (folder / "resources").glob("*.py") if path.stem != "__init__"}
    found: set[str] = set()
    while waiting:
        text = waiting.pop().read_text()
        names = {path.stem for path in (folder / "models").glob("*.py") if f"from .{path.stem} " in text}
        names |= {path.stem for path in (folder / "models").glob("*.py") if f"from ..models.{path.stem} " in text}
        waiting |= {folder / "models" / f"{name}.py" for name in names - found}
        found |= names
    return found


# -------------------------------------------------------------------------------------------------------- running again


def test_again_changes_nothing(there: Path) -> None:
    before = contents(there)
    vendor(PATHS, there.parent)
    assert contents(there) == before


def test_an_update_writes_what_is_new_and_removes_what_is_gone(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(whole, tmp_path / PACKAGE)
    overrides = tmp_path / "later" / "overrides"
    shutil.copytree(PATHS.overrides, overrides)
    (overrides / "_version.py").write_text('"""Later."""\n\n__version__ = "99.0.0"\n')
    (overrides / "extra.py").write_text('"""New."""\n')
    options = [option if "overrides" not in option else f"--overrides={overrides}" for option in OPTIONS]
    assert cli.main(["vendor", str(tmp_path), "--only", "packages", *options]) == 0
    before, after = contents(whole), contents(tmp_path / PACKAGE)
    assert capsys.readouterr().out == (
        f"{tmp_path / PACKAGE}: version 99.0.0, {len(after) - 1} files, resources: packages, http: httpx.\n"
    )
    assert after.keys() - before.keys() == {"extra.py"}
    assert before.keys() - after.keys() == {
        "resources/flow_version_deployments.py",
        "resources/flow_versions.py",
        "resources/virtual_environments.py",
    }
    assert b"99.0.0" in after["_version.py"]


def test_the_choice_of_resources_is_kept_until_another_is_made(part: Path, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(part, tmp_path / PACKAGE)
    assert vendor(PATHS, tmp_path).resources == "packages, virtual_environments"
    assert contents(tmp_path / PACKAGE) == contents(part)
    assert vendor(PATHS, tmp_path, only=["all"]).resources == "all"
    assert contents(tmp_path / PACKAGE) == contents(whole)


@pytest.mark.parametrize("force", [False, True])
def test_files_of_others_and_caches_stay_out_of_it(there: Path, force: bool) -> None:
    (there / "ours.txt").write_text("mine")
    (there / "deep").mkdir()
    (there / "deep" / "notes.md").write_text("mine too")
    (there / "__pycache__").mkdir(exist_ok=True)
    (there / "__pycache__" / "client.cpython-311.pyc").write_bytes(b"\0")
    vendor(PATHS, there.parent, force=force)
    assert "client.cpython-311.pyc" not in (there / NOTE).read_text()
    assert (there / "ours.txt").read_text() == "mine"
    assert (there / "deep" / "notes.md").read_text() == "mine too"


@pytest.mark.parametrize("eol", ["\r\n"])
def test_other_line_ends_are_no_edit(there: Path, eol: str) -> None:
    client = there / "client.py"
    client.write_bytes(client.read_bytes().replace(b"\n", eol.encode()))
    vendor(PATHS, there.parent)
    assert b"\r" not in client.read_bytes()


@cases(20)
@given(st.data())
def test_every_edit_is_found_and_refused(whole: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        there = _copy(whole, Path(scratch), patch)
        name = data.draw(st.sampled_from(sorted(contents(there).keys() - {NOTE})))
        file = there / name
        text = file.read_bytes()
        at = data.draw(st.integers(0, len(text)))
        file.write_bytes(text[:at] + data.draw(st.sampled_from([b"x", b"\n", b" "])) + text[at:])
        assert f"  {name}\n" in refusal(there)
        vendor(PATHS, there.parent, force=True)
        assert contents(there) == contents(whole)


def test_deleted_files_are_edits(there: Path) -> None:
    (there / "_auth.py").unlink()
    assert "  _auth.py (deleted)\n" in refusal(there)


def test_a_file_in_the_place_of_a_new_one(there: Path) -> None:
    note = there / NOTE
    lines = note.read_text().splitlines(keepends=True)
    note.write_text("".join(line for line in lines if not line.endswith("  _auth.py\n")))
    (there / "_auth.py").write_text("mine")
    assert "  _auth.py\n" in refusal(there)


@pytest.mark.parametrize("text", [None, "", "# My notes\n"])
def test_without_a_note_every_difference_is_an_edit(there: Path, whole: Path, text: str | None) -> None:
    (there / NOTE).unlink()
    if text is not None:
        (there / NOTE).write_text(text)
    client = there / "client.py"
    client.write_text(f"{client.read_text()}# mine\n")
    assert "  client.py\n" in refusal(there)
    assert str(vendor(PATHS, there.parent, force=True)).endswith(".\nOverwritten:\n  client.py\n")
    assert "Overwritten" not in str(vendor(PATHS, there.parent, force=True))
    assert contents(there) == contents(whole)


def _spec_missing(tmp_path: Path) -> Paths:
    return replace(PATHS, spec=tmp_path / "missing.json")


def _license_missing(tmp_path: Path) -> Paths:
    return replace(PATHS, license=tmp_path / "missing.txt")


@pytest.mark.parametrize("spoil", [_spec_missing, _license_missing])
def test_what_is_missing_is_named_and_nothing_is_written(tmp_path: Path, spoil: Callable[[Path], Paths]) -> None:
    with pytest.raises(CodegenError, match=r"missing\.(json|txt)"):
        vendor(spoil(tmp_path), tmp_path / "project")
    assert not (tmp_path / "project").exists()


def test_a_misspelt_resource_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["vendor", str(tmp_path), "--only", "package", *OPTIONS]) == 1
    assert "the client has no 'package': did you mean packages?" in capsys.readouterr().err
    assert cli.main(["vendor", str(tmp_path), "--only", "xyz", *OPTIONS]) == 1
    assert "there are flow_version_deployments, flow_versions, packages" in capsys.readouterr().err
    assert cli.main(["vendor", str(tmp_path), "--only", "", *OPTIONS]) == 1
    assert "no resource was chosen" in capsys.readouterr().err


def test_the_client_is_not_vendored_over_itself() -> None:
    before = contents(ROOT / PACKAGE)
    with pytest.raises(CodegenError, match="is the client itself"):
        vendor(PATHS, ROOT, force=True)
    assert contents(ROOT / PACKAGE) == before


def test_a_destination_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CodegenError):
        vendor(PATHS, tmp_path / "file")


# -------------------------------------------------------------------------------------------------------- over httpx2


def imports(folder: Path) -> set[str]:
    """The modules that the package in a folder imports from outside, at any level."""
    nodes = [node for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.partition(".")[0] for name in names}


def test_a_copy_over_httpx2_imports_it_and_never_httpx(whole: Path, tmp_path: Path) -> None:
    assert vendor(PATHS, tmp_path, http="httpx2").http == "httpx2"
    folder = tmp_path / PACKAGE
    assert {"httpx2"} == {name for name in imports(folder) if name.startswith("httpx") and name != "httpx_aiohttp"}
    assert {name for name in contents(whole) if contents(whole)[name] != contents(folder)[name]} <= {
        "_http.py",
        "_aiohttp.py",
        NOTE,
    }
    note = (folder / NOTE).read_text()
    assert "| http | httpx2 |" in note
    assert "It needs\nhttpx2, attrs and python-dateutil." in note


def test_the_choice_of_the_http_library_is_kept_until_another_is_made(whole: Path, tmp_path: Path) -> None:
    assert cli.main(["vendor", str(tmp_path), "--http", "httpx2", *OPTIONS]) == 0
    before = contents(tmp_path / PACKAGE)
    assert vendor(PATHS, tmp_path).http == "httpx2"
    assert contents(tmp_path / PACKAGE) == before
    assert vendor(PATHS, tmp_path, http="httpx").http == "httpx"
    assert contents(tmp_path / PACKAGE) == contents(whole)


OVER_HTTPX2 = """
import asyncio, sys
import httpx2
from patchworks_core_client import ConfigurationError, NotFoundError, PatchworksClient


def answer(request):
    return httpx2.Response(404, json={"message": "No such package"})


async def main():
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    async with PatchworksClient(api_key="k", http_client=http) as client:
        try:
            await client.packages.get(7)
        except NotFoundError as error:
            print(error.message)
    async with PatchworksClient(api_key="k", base_url="http://127.0.0.1:9", max_retries=0) as client:
        try:
            await client.packages.get(7)
        except Exception as error:
            print(type(error).__name__, error.delivered, type(error.__cause__).__module__.partition(".")[0])
    try:
        PatchworksClient(api_key="k", transport="aiohttp")
    except ConfigurationError as error:
        print(error)


asyncio.run(main())
print({"httpx", "httpcore", "aiohttp"} & sys.modules.keys())
"""


def test_a_copy_over_httpx2_works_without_httpx(tmp_path: Path) -> None:
    vendor(PATHS, tmp_path, http="httpx2")
    (tmp_path / "main.py").write_text(OVER_HTTPX2)
    done = subprocess.run([sys.executable, tmp_path / "main.py"], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "No such package",
        "APIConnectionError False httpx2",
        'transport="aiohttp" needs httpx, and this client uses httpx2',
        "set()",
    ], done.stderr


# ------------------------------------------------------------------------------------------------- in another project

MAIN = '''
"""Uses two copies, one of them a part of a later version."""

import asyncio
import importlib.util
import pickle
import sys

import httpx

from app._vendor.patchworks_core_client import NotFoundError, Package, PatchworksClient
from app._vendor.patchworks_core_client._version import __version__ as old
from app.deeper.still.patchworks_core_client import PatchworksClient as Later
from app.deeper.still.patchworks_core_client._version import __version__ as new
from app.deeper.still.patchworks_core_client.models import Package as LaterPackage


def answer(request: httpx.Request) -> httpx.Response:
    if request.method == "DELETE":
        return httpx.Response(404, json={"message": "No such package"})
    return httpx.Response(200, json={"data": {"id": 7, "name": "Checkout", "later": 1}})


async def main() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client, later = PatchworksClient(api_key="k", http_client=http), Later(api_key="k", http_client=http)
        async with client, later:
            package: Package = await client.packages.get(7)
            other: LaterPackage = await later.packages.get(7)
            try:
                await client.packages.delete(8)
            except NotFoundError as error:
                print(error.message)
            print(package.name, other.later, len({old, new}))
            print(pickle.loads(pickle.dumps(package)) == package, isinstance(other, Package))
            print(hasattr(client, "flow_versions"), hasattr(later, "flow_versions"))


asyncio.run(main())
print(importlib.util.find_spec("patchworks_core_client"), "patchworks_core_client" in sys.modules)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"codegen", "openapi_python_client"}))
'''


@pytest.fixture(scope="module", name="project")
def _project(tmp_path_factory: pytest.TempPathFactory, whole: Path) -> Path:
    """A project with a copy of today's client and, elsewhere, a part of a later one."""
    root = tmp_path_factory.mktemp("project")
    app = root / "app"
    shutil.copytree(whole, app / "_vendor" / PACKAGE)
    spec = json.loads(PATHS.spec.read_text())
    spec["components"]["schemas"]["Package"]["properties"]["later"] = {"type": "integer"}
    (root / "later.json").write_text(json.dumps(spec))
    overrides = root / "overrides"
    shutil.copytree(PATHS.overrides, overrides)
    (overrides / "_version.py").write_text('"""Later."""\n\n__version__ = "99.0.0"\n')
    later = replace(PATHS, spec=root / "later.json", overrides=overrides)
    vendor(later, app / "deeper" / "still", only=["packages"])
    shutil.rmtree(overrides)
    (app / "__init__.py").write_text("")
    (app / "__main__.py").write_text(MAIN)
    return root


def test_two_versions_work_side_by_side_where_the_original_is_not_importable(project: Path) -> None:
    """Without `site` no editable install is found; the dependencies are put on the path by hand."""
    start = f"import runpy, sys; sys.path[:0] = {[str(project), sysconfig.get_path('purelib')]!r}; "
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", f"{start} runpy.run_module('app', run_name='__main__')"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "No such package",
        "Checkout 1 2",
        "True False",
        "True False",
        "None False",
        "[]",
    ]


@pytest.fixture(scope="module", name="bare")
def _bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the three dependencies and what they need, no extras and no stubs."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    for name in ("httpx", "httpcore", "anyio", "attr", "attrs", "dateutil"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        (packages / name).symlink_to(Path(spec.origin).parent)
    return folder / "bin" / "python"


def check_types(project: Path, *command: str) -> str:
    """What a type checker says of the project, copies included."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=project, capture_output=True, text=True, check=False)
    return done.stdout


def test_mypy_strict_is_content_there(project: Path, bare: Path) -> None:
    command = ["mypy", "--strict", "--config-file=", "--cache-dir=.cache", f"--python-executable={bare}"]
    assert check_types(project, *command, "app").startswith("Success: no issues found in ")
    (project / "wrong.py").write_text(
        "from app.deeper.still.patchworks_core_client import PatchworksClient, Pakage\n"
        "PatchworksClient().flow_versions\n"
    )
    said = check_types(project, *command, "wrong.py")
    assert '"PatchworksClient" has no attribute "flow_versions"' in said
    assert 'has no attribute "Pakage"' in said


def test_pyright_strict_is_content_there(project: Path, bare: Path) -> None:
    (project / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "include": ["app"]}')
    assert check_types(project, "pyright", "--pythonpath", str(bare)).startswith("0 errors, 0 warnings")


@pytest.mark.parametrize("place", ["app/_vendor", "app/deeper/still", "src"])
def test_setuptools_finds_all_of_it(there: Path, tmp_path: Path, place: str) -> None:
    """As the note says it: find_packages passes over folders that are no packages, and data must be named."""
    project = tmp_path / "project"
    (project / "app").mkdir(parents=True)
    (project / "app" / "__init__.py").write_text("")
    vendor(PATHS, project / place)
    assert not (project / "src" / "__init__.py").exists()
    advice = re.findall(r"```toml\n(.*?)```", (project / place / PACKAGE / NOTE).read_text(), re.DOTALL)
    where = "src" if place == "src" else "."
    (project / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "1"\n[tool.setuptools.packages.find]\nwhere = ["{where}"]\n'
        f"namespaces = false\n{''.join(advice)}"
    )
    build = "import setuptools.build_meta as build; print(build.build_wheel('dist'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wheel = zipfile.ZipFile(project / "dist" / done.stdout.splitlines()[-1])
    inside = f"{place.removeprefix('src')}/{PACKAGE}/".removeprefix("/")
    packed = {name.removeprefix(inside) for name in wheel.namelist() if name.startswith(inside)}
    assert packed == contents(there).keys()
