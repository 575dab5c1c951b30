from __future__ import annotations

import datetime as dt
import socket
import tomllib
from collections.abc import Generator
from pathlib import Path

import pytest

from codegen import cli
from codegen.errors import CodegenError
from codegen.fetch import fetch

from .documents import one, page, section
from .serving import Reply, Site, serving

THINGS = page(
    section(one("/things", summary="List Things"), "List Things"),
    section(one("/things/{thing}", summary="Get Thing"), "Get Thing"),
)
OTHERS = page(section(one("/others", summary="List Others", tag="Others"), "List Others"), title="Others")


class Project:
    """A folder with sources.toml, and the site its pages are on."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.site = site
        self.sources, self.snippets_folder = folder / "sources.toml", folder / "snippets"
        self.list_pages("/things.md", "/others.md")

    def list_pages(self, *paths: str) -> None:
        self.sources.write_text("".join(f'[[pages]]\nurl = "{self.site.url(path)}"\n' for path in paths))

    def fetch(self, date: str = "2030-01-02", *, accept_removals: bool = False) -> list[str]:
        return fetch(self.sources, self.snippets_folder, date, accept_removals=accept_removals)

    def refusal(self) -> str:
        """The message of a fetch that fails and, as it must, changes nothing."""
        before = self.files()
        with pytest.raises(CodegenError) as caught:
            self.fetch("2031-01-01")
        assert self.files() == before
        return str(caught.value)

    def files(self) -> dict[str, bytes]:
        folder = self.sources.parent
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def snippets(self) -> set[str]:
        return {path.relative_to(self.snippets_folder).as_posix() for path in self.snippets_folder.rglob("*.json")}

    def recorded(self) -> dict[str, dict[str, str]]:
        entries = tomllib.loads(self.sources.read_text())["pages"]
        return {entry["url"].removeprefix(self.site.address): entry for entry in entries}


@pytest.fixture(name="site")
def _site() -> Generator[Site]:
    with serving() as site:
        site.pages = {"/things.md": THINGS, "/others.md": OTHERS}
        yield site


@pytest.fixture(name="project")
def _project(tmp_path: Path, site: Site) -> Project:
    return Project(tmp_path, site)


@pytest.fixture(name="fetched")
def _fetched(project: Project) -> Project:
    project.fetch()
    return project


def test_a_first_fetch_extracts_and_records_every_page(project: Project) -> None:
    result = project.fetch()
    assert project.snippets() == {"things/get-things.json", "things/get-things-thing.json", "others/get-others.json"}
    assert result == ["Things: new, 2 operations", "Others: new, 1 operations"]
    assert {path: (entry["title"], entry["date"]) for path, entry in project.recorded().items()} == {
        "/things.md": ("Things", "2030-01-02"),
        "/others.md": ("Others", "2030-01-02"),
    }
    assert all(len(entry["sha256"]) == 64 for entry in project.recorded().values())


def test_the_same_pages_again_change_no_byte(fetched: Project) -> None:
    before = fetched.files()
    result = fetched.fetch("2031-01-01")
    assert fetched.files() == before
    assert result == ["Things: unchanged, 2 operations", "Others: unchanged, 1 operations"]


def test_only_a_changed_page_is_recorded_anew(fetched: Project, site: Site) -> None:
    old = fetched.recorded()
    site.pages["/things.md"] = THINGS.replace("Get Thing", "Show Thing").replace("# Things", "# All things", 1)
    result = fetched.fetch("2031-01-01")
    new = fetched.recorded()
    assert new["/others.md"] == old["/others.md"]
    assert (new["/things.md"]["title"], new["/things.md"]["date"]) == ("All things", "2031-01-01")
    assert new["/things.md"]["sha256"] != old["/things.md"]["sha256"]
    assert result == ["All things: changed, 2 operations", "Others: unchanged, 1 operations"]


def test_a_page_that_gains_an_operation(fetched: Project, site: Site) -> None:
    site.pages["/others.md"] = OTHERS + section(one("/others", "post", summary="Create Other", tag="Others"), "Create")
    assert fetched.fetch()[1] == "Others: changed, 2 operations"
    assert "others/post-others.json" in fetched.snippets()


def test_lost_snippets_come_back(fetched: Project) -> None:
    expected = fetched.files()
    for path in (fetched.snippets_folder / "things").iterdir():
        path.unlink()
    fetched.fetch("2031-01-01")
    assert fetched.files() == expected


def test_a_page_with_a_folder_of_its_own(project: Project, site: Site) -> None:
    site.pages["/old/things.md"] = OTHERS
    project.list_pages("/things.md", "/old/things.md")
    project.sources.write_text(project.sources.read_text() + 'folder = "old-things"\n')
    project.fetch()
    assert "old-things/get-others.json" in project.snippets()
    assert project.recorded()["/old/things.md"]["folder"] == "old-things"


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("status", [204, 304, 404, 410, 429, 503])
def test_a_page_that_cannot_be_had(fetched: Project, site: Site, status: int) -> None:
    site.pages["/things.md"] = lambda: Reply(b"", status)
    message = fetched.refusal()
    assert f"{site.url('/things.md')}: the server answered {status}" in message
    assert "1 of 2 pages cannot be used, so nothing was written" in message


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<!doctype html><html></html>", headers={"Content-Type": "text/markdown"}),
        Reply(b"\n  <HTML lang='en'>", headers={"Content-Type": "text/plain"}),
    ],
)
def test_html_instead_of_markdown(fetched: Project, site: Site, reply: Reply) -> None:
    site.pages["/things.md"] = lambda: reply
    message = fetched.refusal()
    assert site.url("/things.md") in message
    assert "HTML" in message


@pytest.mark.parametrize("text", ["", "# Things\n\nComing soon.\n", page("```json\n{}\n```")])
def test_a_page_that_lost_its_fragments(fetched: Project, site: Site, text: str) -> None:
    site.pages["/things.md"] = text
    assert f"{site.url('/things.md')}: no OpenAPI fragment on this page" in fetched.refusal()


def test_a_malformed_fragment_names_page_heading_and_line(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = THINGS.replace('"GET', "GET", 1).replace('{"openapi"', '{openapi"', 1)
    assert f"{site.url('/things.md')}, line 8, under the heading 'List Things': broken JSON" in fetched.refusal()


def test_every_bad_page_is_named_and_the_good_ones_are_not_written(fetched: Project, site: Site) -> None:
    site.pages = {"/others.md": lambda: Reply(b"", 403)}
    message = fetched.refusal()
    assert "2 of 2 pages" in message
    assert f"{site.url('/things.md')}: the server answered 404" in message
    assert f"{site.url('/others.md')}: the server answered 403" in message


def test_removed_operations_must_be_accepted(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = page(section(one("/things", summary="List Things")))
    message = fetched.refusal()
    assert "no longer documented:\n- GET /things/{…}\n" in message
    assert "--accept-removals" in message
    assert fetched.fetch(accept_removals=True)[2:] == ["- GET /things/{…}"]
    assert fetched.snippets() == {"things/get-things.json", "others/get-others.json"}


def test_an_operation_that_moved_to_another_page_is_not_removed(fetched: Project, site: Site) -> None:
    get = section(one("/things/{thing}", summary="Get Thing"), "Get Thing")
    site.pages = {"/things.md": page(section(one("/things", summary="List Things"))), "/others.md": OTHERS + get}
    assert fetched.fetch() == ["Things: changed, 1 operations", "Others: changed, 2 operations"]


def test_a_renamed_placeholder_removes_nothing(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = THINGS.replace("{thing}", "{id}")
    assert fetched.fetch() == ["Things: changed, 2 operations", "Others: unchanged, 1 operations"]


def test_snippets_without_a_source_stay(fetched: Project) -> None:
    fetched.list_pages("/things.md")
    assert fetched.fetch() == ["Things: new, 2 operations"]
    assert "others/get-others.json" in fetched.snippets()


def test_a_full_disk_leaves_the_old_snippets(fetched: Project, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/things.md"] = THINGS.replace("Get Thing", "Show Thing")

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert "No space left on device" in fetched.refusal()


def test_a_server_that_is_not_there(fetched: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/things.md"
    fetched.sources.write_text(f'[[pages]]\nurl = "{url}"\n')
    assert f"{url}: no answer: " in fetched.refusal()


def test_redirects_are_followed(fetched: Project, site: Site) -> None:
    site.pages["/new/things.md"] = THINGS
    site.pages["/things.md"] = lambda: Reply(status=301, headers={"Location": "/new/things.md"})
    assert fetched.fetch()[0] == "Things: unchanged, 2 operations"


def test_endless_redirects_end(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = lambda: Reply(status=302, headers={"Location": "/things.md"})
    assert "no answer: Exceeded maximum allowed redirects" in fetched.refusal()


# ------------------------------------------------------------------------------------------------------- the command


def test_the_command_says_what_happened(project: Project, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["fetch", "--sources", str(project.sources)]
    assert cli.main(command) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Things: new, 2 operations",
        "Others: new, 1 operations",
    ]
    site.pages["/things.md"] = page(section(one("/things", summary="List All Things")))
    assert cli.main(command) == 1
    assert "GET /things/{…}" in capsys.readouterr().err
    assert cli.main([*command, "--accept-removals"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["- GET /things/{…}"]
    assert project.recorded()["/things.md"]["date"] == dt.datetime.now(dt.UTC).date().isoformat()
