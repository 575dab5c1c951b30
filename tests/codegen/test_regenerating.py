"""From a changed page to what it means for callers: the commands behind `make update`, on a copy of the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from codegen import cli
from codegen.sources import Source, dump_sources

from .documents import FENCE, page, section
from .generating import Json
from .serving import Site, serving

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("openapi", "overrides", "patchworks_core_client")
PACKAGE = "/api/v1/packages/{package}"


class Documentation:
    """The documentation pages as they must have been, made of the snippets again."""

    def __init__(self, snippets: Path, titles: dict[str, str]) -> None:
        self.titles = titles
        self.fragments: dict[str, dict[str, Json]] = {
            name: {path.stem: json.loads(path.read_text()) for path in sorted((snippets / name).glob("*.json"))}
            for name in titles
        }

    def pages(self) -> dict[str, str]:
        return {
            f"/{name}.md": page(
                *(section(fragment, stem) for stem, fragment in fragments.items()), title=self.titles[name]
            )
            for name, fragments in self.fragments.items()
        }


def change(documentation: Documentation) -> None:
    """An operation added, one removed, one renamed, an argument made required, a value of an enum gone."""
    packages = documentation.fragments["packages"]
    del packages["get-packages-package-compare-virtual_environment"]
    archive = json.loads(json.dumps(packages["delete-packages-package"]))
    archive["paths"] = {
        f"{PACKAGE}/archive": {"post": {**archive["paths"][PACKAGE]["delete"], "summary": "Archive Package"}}
    }
    packages["post-packages-package-archive"] = archive
    deploy = packages["post-packages-package-deploy-virtual_environment"]
    deploy["paths"][f"{PACKAGE}/deploy/{{virtual_environment}}"]["post"]["summary"] = "Release Package"
    create = packages["post-packages"]
    create["components"]["schemas"]["PackagesStoreRequest"]["required"] = ["name", "notes"]
    for parameter in packages["get-packages"]["paths"]["/api/v1/packages"]["get"]["parameters"]:
        parameter["description"] = parameter["description"].replace("createdBy, ", "")


@pytest.fixture(scope="module", name="site")
def _site() -> Generator[Site]:
    with serving() as site:
        yield site


@pytest.fixture(scope="module", name="built")
def _built(tmp_path_factory: pytest.TempPathFactory, site: Site) -> tuple[Path, dict[str, str]]:
    """A committed copy of what the commands need, built of pages on the site; and the titles of the pages."""
    folder = tmp_path_factory.mktemp("built")
    for name in NEEDED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    pages = tomllib.loads((folder / "openapi" / "sources.toml").read_text())["pages"]
    titles = {each["url"].rpartition("/")[2].removesuffix(".md"): each["title"] for each in pages}
    site.pages = dict(Documentation(folder / "openapi" / "snippets", titles).pages())
    sources = [Source(site.url(f"/{name}.md")) for name in titles]
    (folder / "openapi" / "sources.toml").write_text(dump_sources(sources))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert cli.main(["fetch"]) == 0
        assert cli.main(["build"]) == 0
        git("init", "-q")
        git("add", ".")
        git("commit", "-qm", "Before")
    return folder, titles


@pytest.fixture(name="project")
def _project(
    built: tuple[Path, dict[str, str]], tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> Documentation:
    """The current folder is a project of the test's own; its pages are on the site."""
    folder, titles = built
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    documentation = Documentation(tmp_path / "openapi" / "snippets", titles)
    site.pages = dict(documentation.pages())
    return documentation


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def test_pages_made_of_the_snippets_give_the_same_snippets_and_package(project: Documentation) -> None:
    assert project.titles
    for name in ("snippets", "patchworks-core.json"):
        ours, made = ROOT / "openapi" / name, Path("openapi") / name
        assert subprocess.run(["diff", "-r", ours, made], capture_output=True, check=False).stdout == b""


def test_from_a_changed_page_to_a_reviewed_diff(
    project: Documentation, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    change(project)
    site.pages = dict(project.pages())
    started = sum(os.times()[:4])
    assert cli.main(["fetch"]) == 1
    assert f"GET {PACKAGE}/compare".replace("{package}", "{…}") in capsys.readouterr().err
    assert git("status", "--porcelain") == ""
    assert cli.main(["fetch", "--accept-removals"]) == 0
    assert cli.main(["build"]) == 0
    capsys.readouterr()
    assert cli.main(["diff", "git:HEAD", "openapi/patchworks-core.json"]) == 0
    assert sum(os.times()[:4]) - started < 15
    out = capsys.readouterr().out
    breaking, _, added = out.partition("### Added")
    for line in (
        f"- `packages.compare`: is gone (`GET {PACKAGE}/compare/{{virtual_environment}}`).",
        "- `packages.deploy`: is now called `packages.release`.",
        "- `packages.create`: the argument `notes` is now required.",
        "- `packages.list`: include gone: `createdBy`.",
    ):
        assert line in breaking
    assert f"- `packages.archive`: new (`POST {PACKAGE}/archive`)." in added
    changed = git("status", "--porcelain").splitlines()
    assert {line[3:].partition("/")[0] for line in changed} == {"openapi", "patchworks_core_client"}
    assert cli.main(["check"]) == 0


def _empty(site: Site) -> None:
    site.pages["/packages.md"] = "# Packages\n"


def _html(site: Site) -> None:
    site.pages["/packages.md"] = "<!doctype html>\n<title>Packages</title>\n"


def _gone(site: Site) -> None:
    del site.pages["/packages.md"]


def _broken(site: Site) -> None:
    text = site.pages["/packages.md"]
    assert isinstance(text, str)
    site.pages["/packages.md"] = text.replace(f"}}\n{FENCE}", f"\n{FENCE}", 1)


@pytest.mark.parametrize("spoil", [_empty, _html, _gone, _broken])
def test_a_page_that_is_none_stops_everything(
    project: Documentation, site: Site, capsys: pytest.CaptureFixture[str], spoil: Callable[[Site], None]
) -> None:
    assert project.titles
    spoil(site)
    assert cli.main(["fetch", "--accept-removals"]) == 1
    assert site.url("/packages.md") in capsys.readouterr().err
    assert git("status", "--porcelain", "--ignored") == ""
