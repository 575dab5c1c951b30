from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen import build as build_module
from codegen.cli import main
from codegen.errors import CodegenError
from codegen.files import write_files
from codegen.sources import Source, dump_sources, load_sources, page_entries

from .documents import document, one, operation, page, section

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in a folder of its own and gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project's sources."""
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    shutil.copytree(ROOT / "overrides", tmp_path / "overrides", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


# ----------------------------------------------------------------------------------------------------- extract, sources


def test_extract_writes_snippets_and_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "things.md").write_text(page(section(one())))
    assert run("extract", "things.md", "--to", "snippets") == (0, "Things: 1 snippets in snippets/things\n", "")
    assert json.loads((tmp_path / "snippets/things/get-things.json").read_text()) == one()
    assert not (tmp_path / "sources.toml").exists()


def test_a_bad_page_is_one_message_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "things.md").write_text(page(section("{", "Get \x1b[31mThing")))
    code, out, error = run("extract", "things.md", "--to", "snippets")
    assert (code, out) == (1, "")
    assert error.startswith("codegen extract: things.md, line 8, under the heading 'Get �[31mThing': broken JSON: ")
    assert not (tmp_path / "snippets").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[pages]]\nurl = "https://x.example/a.md"\ncolour = "red"\n', "unexpected keyword argument 'colour'"),
        ("", "a list of [[pages]] is wanted"),
        ("pages = 1", "a list of [[pages]] is wanted"),
        ("pages = [1]", "a list of [[pages]] is wanted"),
        ("[[pages", "broken TOML"),
        ("[[pages]]\n", "missing 1 required positional argument: 'url'"),
        (
            '[[pages]]\nurl = "https://x.example/a.md"\n[[pages]]\nurl = "https://x.example/b/a.md"\n',
            "https://x.example/a.md and https://x.example/b/a.md are both 'a': give one a folder",
        ),
    ],
)
def test_a_bad_sources_file_says_what_is_wrong(run: Run, tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "sources.toml").write_text(text)
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "a.json").write_text(json.dumps(one()))
    code, _, error = run("merge", "--snippets", "snippets", "--to", "spec.json")
    assert code == 1
    assert error.startswith("codegen merge: sources.toml: ")
    assert problem in error
    assert not (tmp_path / "spec.json").exists()


def test_sources_are_written_as_they_are_read(tmp_path: Path) -> None:
    sources = [
        Source("https://x.example/a.md", 'A "quoted" \x7f\n\t title é', "2026-11-21", "00", "other"),
        Source("https://x.example/b.md"),
    ]
    path = tmp_path / "sources.toml"
    path.write_text(dump_sources(sources))
    assert load_sources(path) == sources
    path.write_text('[[pages]]\nurl = "https://x.example/a.md"\ndate = 2026-11-21\n')
    assert load_sources(path)[0].date == "2026-11-21"


def test_the_report_lists_pages_without_source_and_sources_without_snippets() -> None:
    entries = page_entries({"a": 2}, [Source("https://x.example/b.md", "B")])
    assert [(each.name, each.snippets, each.title) for each in entries] == [("a", 2, ""), ("b", 0, "B")]


def test_our_sources_are_the_four_pages() -> None:
    assert sorted(source.name for source in load_sources(ROOT / "openapi" / "sources.toml")) == sorted(
        path.name for path in (ROOT / "openapi" / "snippets").iterdir()
    )


# --------------------------------------------------------------------------------------------------------------- merge


def test_merge_writes_spec_and_report(run: Run, project: Path) -> None:
    before = contents(project / "openapi")
    (project / "openapi" / "patchworks-core.json").unlink()
    arguments = ("--overlay", "openapi/overlay.yaml", "--to", "openapi/patchworks-core.json")
    code, out, _ = run("merge", "--snippets", "openapi/snippets", *arguments)
    assert code == 0
    assert contents(project / "openapi") == before
    figures, files = out.splitlines()
    assert figures.startswith("4 pages, 46 snippets, 46 operations, ")
    assert figures in (project / "openapi" / "patchworks-core.report.md").read_text()
    assert files == "openapi/patchworks-core.json; how it was made: openapi/patchworks-core.report.md"


def test_merge_without_overlay_has_no_corrections(run: Run, project: Path) -> None:
    code, out, _ = run("merge", "--snippets", "openapi/snippets", "--to", "elsewhere/spec.json")
    spec = json.loads((project / "elsewhere/spec.json").read_text())
    assert code == 0
    assert len(spec["paths"]) == 28
    assert "Named by path" in out
    assert "packages.create_flow_version: POST /api/v1/packages/{package}/flow-versions/{flow_version}" in out
    assert "## Names decided by the path\n\n| name" in (project / "elsewhere/spec.report.md").read_text()


def test_overlays_are_applied_one_after_the_other(run: Run, project: Path) -> None:
    head = "overlay: 1.1.0\ninfo: {title: T, version: '1'}\nactions:\n"
    target = "$.paths['/api/v1/packages'].get"
    for name, text in (("first", "one"), ("second", "two")):
        action = f"  - {{target: \"{target}\", description: 'Inferred: a test.', update: {{summary: {text}}}}}\n"
        (project / f"{name}.yaml").write_text(head + action)
    arguments = ("merge", "--snippets", "openapi/snippets", "--overlay", "openapi/overlay.yaml")
    assert run(*arguments, "--overlay", "first.yaml", "--overlay", "second.yaml", "--to", "spec.json")[0] == 0
    assert json.loads((project / "spec.json").read_text())["paths"]["/api/v1/packages"]["get"]["summary"] == "two"
    assert run("build", "--overlay", "openapi/overlay.yaml", "--overlay", "first.yaml", "--spec", "spec.json")[0] == 0
    assert json.loads((project / "spec.json").read_text())["paths"]["/api/v1/packages"]["get"]["summary"] == "one"
    (project / "second.yaml").write_text((project / "second.yaml").read_text().replace("/packages", "/gone"))
    code, _, error = run(*arguments, "--overlay", "second.yaml", "--to", "other.json")
    assert (code, (project / "other.json").exists()) == (1, False)
    assert "/api/v1/gone'].get (Inferred: a test.): matches nothing" in error


def test_a_merge_that_fails_leaves_spec_and_report(run: Run, project: Path) -> None:
    overlay = project / "openapi" / "overlay.yaml"
    overlay.write_text(overlay.read_text().replace("$.components.schemas.Flows.properties.deployed_at", "$.x.gone"))
    before = contents(project)
    code, _, error = run(
        "merge", "--snippets", "openapi/snippets", "--overlay", overlay, "--to", "openapi/patchworks-core.json"
    )
    assert code == 1
    assert error.startswith("codegen merge: overlay action ")
    assert "target $.x.gone (Documented: a date-time in every other schema" in error
    assert error.endswith("matches nothing\n")
    assert contents(project) == before


def test_sources_that_are_asked_for_must_be_there(run: Run, project: Path) -> None:
    before = contents(project)
    code, _, error = run("build", "--sources", "gone.toml")
    assert (code, error) == (1, "codegen build: gone.toml: No such file or directory\n")
    assert contents(project) == before


def test_contradictions_are_shown_and_refused_when_strict(run: Run, tmp_path: Path) -> None:
    for name, kind in (("a", "string"), ("b", "integer")):
        (tmp_path / "snippets" / name).mkdir(parents=True)
        schemas = {"Thing": {"type": "object", "properties": {"x": {"type": kind}, "y": {"type": kind}}}}
        text = json.dumps(document({"/things": {"get": operation()}}, schemas))
        (tmp_path / "snippets" / name / "get-things.json").write_text(text)
    arguments = ("merge", "--snippets", "snippets", "--to", "spec.json")
    code, out, _ = run(*arguments)
    assert code == 0
    assert "schema Thing.x" in out
    assert "- `schema Thing.x`: `type: integer / string`" in (tmp_path / "spec.report.md").read_text()
    before = contents(tmp_path)
    code, _, error = run(*arguments, "--strict")
    assert code == 1
    assert error == (
        "codegen merge: contradiction at schema Thing.x: type: integer / string "
        "(snippets a/get-things.json, b/get-things.json)\n"
        "contradiction at schema Thing.y: type: integer / string "
        "(snippets a/get-things.json, b/get-things.json)\n"
    )
    assert contents(tmp_path) == before


def test_a_file_that_cannot_be_written_is_named_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").touch()
    with pytest.raises(CodegenError, match=r"/b: Is a directory"):
        write_files({tmp_path / "a": "new", tmp_path / "b": "new"})
    assert (tmp_path / "a").read_text() == "old"
    with pytest.raises(CodegenError, match=r"not a directory|Not a directory|File exists"):
        write_files({tmp_path / "a2": "new", tmp_path / "a" / "x": "new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


# ----------------------------------------------------------------------------------------------- generate, build, check


def test_generate(run: Run, project: Path) -> None:
    code, out, _ = run(
        "generate", "--spec", "openapi/patchworks-core.json", "--overrides", "overrides", "--to", "out/some_client"
    )
    assert code == 0
    assert out.startswith("out/some_client: 46 operations, ")
    assert (project / "out/some_client/resources/packages.py").exists()


def test_build_then_check_then_an_edit(run: Run, project: Path) -> None:
    code, out, _ = run("build")
    assert code == 0
    assert "\npatchworks_core_client: 46 operations, " in out
    assert run("check") == (0, "Spec, report and package are what the build makes.\n", "")

    package = project / "patchworks_core_client"
    (package / "__pycache__").mkdir(exist_ok=True)
    (package / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"byte code")
    assert run("check")[0] == 0

    append(package / "resources" / "packages.py", "# edited\n")
    (package / "client.py").unlink()
    (package / "extra.txt").write_text("left behind")
    append(project / "openapi" / "patchworks-core.report.md", "\n")
    before = contents(project)
    code, out, error = run("check")
    assert (code, out) == (1, "")
    assert [line.strip() for line in error.splitlines()[1:]] == [
        "openapi/patchworks-core.report.md",
        "patchworks_core_client/client.py",
        "patchworks_core_client/extra.txt",
        "patchworks_core_client/resources/packages.py",
    ]
    assert contents(project) == before


def test_a_build_that_fails_leaves_everything(run: Run, project: Path) -> None:
    assert run("build")[0] == 0
    before = contents(project)
    snippet = project / "openapi/snippets/packages/get-packages.json"
    sound = snippet.read_text()
    snippet.write_text(
        sound.replace("List Packages", "List All Packages").replace("/schemas/PackagesListResponse", "/schemas/Gone")
    )
    code, _, error = run("build")
    assert code == 1
    assert error.startswith(
        "codegen build: snippet packages/get-packages.json, #/paths/~1api~1v1~1packages/get/responses/200/"
    )
    snippet.write_text(sound)
    assert contents(project) == before


def test_a_spec_that_cannot_be_written_leaves_the_package(run: Run, project: Path) -> None:
    assert run("build")[0] == 0
    append(project / "overrides" / "_types.py", "# changed\n")
    spec = project / "openapi" / "patchworks-core.json"
    spec.unlink()
    spec.mkdir()
    before = contents(project)
    code, _, error = run("build")
    assert (code, error) == (1, "codegen build: openapi/patchworks-core.json: Is a directory\n")
    assert contents(project) == before


def test_a_generator_that_fails_leaves_the_spec(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(project)

    def fail(*_: object, **__: object) -> None:
        raise CodegenError("no package today")

    monkeypatch.setattr("codegen.generate.generate_package", fail)
    (project / "openapi" / "overlay.yaml").unlink()
    code, _, error = run("build")
    assert code == 1
    assert "overlay.yaml: No such file" in error
    code, _, error = run("build", "--overlay", ROOT / "openapi" / "overlay.yaml")
    assert (code, error) == (1, "codegen build: no package today\n")
    assert contents(project / "openapi").items() <= {k.removeprefix("openapi/"): v for k, v in before.items()}.items()


def test_building_twice_makes_the_same_bytes_whatever_the_hash_seed(project: Path) -> None:
    made: list[dict[str, bytes]] = []
    for seed in ("0", "1"):
        subprocess.run(
            [
                sys.executable,
                "-m",
                "codegen",
                "build",
                "--package",
                f"out{seed}/client",
                "--spec",
                f"out{seed}/spec.json",
            ],
            cwd=project,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        )
        made.append(contents(project / f"out{seed}"))
    assert made[0] == made[1]


def test_the_module_says_what_it_can_do() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "codegen", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in ("extract", "merge", "generate", "build", "check", "diff", "fetch", "vendor", "learn"):
        assert name in done.stdout


def test_without_sources_pages_are_listed_by_their_folders(tmp_path: Path) -> None:
    (tmp_path / "snippets" / "things").mkdir(parents=True)
    (tmp_path / "snippets" / "things" / "a.json").write_text(json.dumps(one()))
    merged = build_module.merge_files(tmp_path / "snippets", None, (), strict=True)
    assert "| things | 1 |  | not recorded |" in merged.report_text
