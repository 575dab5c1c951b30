from __future__ import annotations

import datetime as dt
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Generator, Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen import cli
from codegen.download import Download, Failure, Manners, Validators, download
from codegen.errors import CodegenError
from codegen.fetch import FetchPaths, FetchResult, fetch

from .documents import one, page, section
from .serving import Reply, Site, serving

QUICK = Manners(attempts=3, first_pause=0.01, longest_pause=1, timeout=5)

THINGS = page(
    section(one("/things", summary="List Things"), "List Things"),
    section(one("/things/{thing}", summary="Get Thing"), "Get Thing"),
)
OTHERS = page(section(one("/others", summary="List Others", tag="Others"), "List Others"), title="Others")


class Project:
    """A folder with sources.toml, and the site its pages are on."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.site = site
        self.paths = FetchPaths(folder / "sources.toml", folder / "snippets", folder / ".validators.json")
        self.list_pages("/things.md", "/others.md")

    def list_pages(self, *paths: str) -> None:
        self.paths.sources.write_text("".join(f'[[pages]]\nurl = "{self.site.url(path)}"\n' for path in paths))

    def fetch(self, date: str = "2030-01-02", *, accept_removals: bool = False, refresh: bool = False) -> FetchResult:
        return fetch(self.paths, date, accept_removals=accept_removals, refresh=refresh, manners=QUICK)

    def refusal(self) -> str:
        """The message of a fetch that fails and, as it must, changes nothing."""
        before = self.files()
        with pytest.raises(CodegenError) as caught:
            self.fetch("2031-01-01")
        assert self.files() == before
        return str(caught.value)

    def files(self) -> dict[str, bytes]:
        folder = self.paths.sources.parent
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def snippets(self) -> set[str]:
        return {path.relative_to(self.paths.snippets).as_posix() for path in self.paths.snippets.rglob("*.json")}

    def recorded(self) -> dict[str, dict[str, str]]:
        entries = tomllib.loads(self.paths.sources.read_text())["pages"]
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
    assert [(each.title, each.state, each.operations) for each in result.pages] == [
        ("Things", "new", 2),
        ("Others", "new", 1),
    ]
    assert result.added == ("GET /others", "GET /things", "GET /things/{…}")
    assert (result.changed, result.removed, result.orphans) == ((), (), ())
    assert {path: (entry["title"], entry["date"]) for path, entry in project.recorded().items()} == {
        "/things.md": ("Things", "2030-01-02"),
        "/others.md": ("Others", "2030-01-02"),
    }
    assert all(len(entry["sha256"]) == 64 for entry in project.recorded().values())


def test_the_same_pages_again_change_no_byte(fetched: Project) -> None:
    before = fetched.files()
    result = fetched.fetch("2031-01-01")
    assert fetched.files() == before
    assert [each.state for each in result.pages] == ["unchanged", "unchanged"]
    assert result.added == result.changed == result.removed == ()


def test_only_a_changed_page_is_recorded_anew(fetched: Project, site: Site) -> None:
    old = fetched.recorded()
    site.pages["/things.md"] = THINGS.replace("Get Thing", "Show Thing").replace("# Things", "# All things", 1)
    result = fetched.fetch("2031-01-01")
    new = fetched.recorded()
    assert new["/others.md"] == old["/others.md"]
    assert (new["/things.md"]["title"], new["/things.md"]["date"]) == ("All things", "2031-01-01")
    assert new["/things.md"]["sha256"] != old["/things.md"]["sha256"]
    assert (result.changed, result.added) == (("GET /things/{…}",), ())


def test_a_page_that_gains_an_operation(fetched: Project, site: Site) -> None:
    site.pages["/others.md"] = OTHERS + section(one("/others", "post", summary="Create Other", tag="Others"), "Create")
    assert fetched.fetch().added == ("POST /others",)
    assert "others/post-others.json" in fetched.snippets()


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"one"'},
        {"ETag": 'W/"weak"'},
        {"Last-Modified": "Wed, 02 Jan 2030 10:00:00 GMT"},
        {"ETag": '"one"', "Last-Modified": "Wed, 02 Jan 2030 10:00:00 GMT"},
    ],
)
def test_requests_are_conditional(project: Project, site: Site, headers: dict[str, str]) -> None:
    site.headers["/things.md"] = headers
    project.fetch()
    before = project.files()
    site.requests.clear()
    result = project.fetch("2031-01-01")
    sent = next(request.headers for request in site.requests if request.path == "/things.md")
    assert sent.get("if-none-match") == headers.get("ETag")
    assert sent.get("if-modified-since") == headers.get("Last-Modified")
    assert result.pages[0].state == "unchanged"
    assert result.pages[0].operations == 2
    assert project.files() == before


def _drop_snippets(project: Project) -> None:
    for path in (project.paths.snippets / "things").iterdir():
        path.unlink()


def _forget_hash(project: Project) -> None:
    text = project.paths.sources.read_text()
    project.paths.sources.write_text(text.replace(project.recorded()["/things.md"]["sha256"], "0" * 64))


def _spoil_validators(project: Project) -> None:
    project.paths.validators.write_text('{"things": 1}')


@pytest.mark.parametrize("spoil", [_drop_snippets, _forget_hash, _spoil_validators])
def test_a_page_is_never_called_unchanged_when_its_snippets_may_not_be(
    project: Project, site: Site, spoil: Callable[[Project], None]
) -> None:
    site.headers["/things.md"] = {"ETag": '"one"'}
    project.fetch()
    expected = project.files()
    spoil(project)
    site.requests.clear()
    project.fetch()
    assert not any("if-none-match" in request.headers for request in site.requests)
    assert project.files() == expected


def test_refresh_asks_for_everything(project: Project, site: Site) -> None:
    site.headers["/things.md"] = {"ETag": '"one"'}
    project.fetch()
    site.requests.clear()
    project.fetch(refresh=True)
    assert not any("if-none-match" in request.headers for request in site.requests)


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone(fetched: Project, site: Site, status: int) -> None:
    site.pages["/things.md"] = lambda: Reply(b"", status)
    message = fetched.refusal()
    assert f"{site.url('/things.md')}: gone (the server answers {status})" in message
    assert "1 of 2 pages cannot be used, so nothing was written" in message


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<!doctype html><html></html>", headers={"Content-Type": "text/markdown"}),
        Reply(b"\n  <HTML lang='en'>", headers={"Content-Type": "text/plain"}),
        Reply(THINGS.encode(), headers={"Content-Type": "text/html; charset=utf-8"}),
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
    assert f"{site.url('/things.md')}: no OpenAPI fragment on this page (it had 2 operations)" in fetched.refusal()


def test_a_malformed_fragment_names_page_heading_and_line(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = THINGS.replace('"GET', "GET", 1).replace('{"openapi"', '{openapi"', 1)
    assert f"{site.url('/things.md')}, line 8, under the heading 'List Things': broken JSON" in fetched.refusal()


def test_every_bad_page_is_named_and_the_good_ones_are_not_written(fetched: Project, site: Site) -> None:
    site.pages = {"/others.md": lambda: Reply(b"", 403)}
    message = fetched.refusal()
    assert "2 of 2 pages" in message
    assert f"{site.url('/things.md')}: gone" in message
    assert f"{site.url('/others.md')}: the server answers 403" in message


def test_removed_operations_must_be_accepted(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = page(section(one("/things", summary="List Things")))
    message = fetched.refusal()
    assert "no longer documented:\n  GET /things/{…}\n" in message
    assert "--accept-removals" in message
    assert fetched.fetch(accept_removals=True).removed == ("GET /things/{…}",)
    assert fetched.snippets() == {"things/get-things.json", "others/get-others.json"}


def test_an_operation_that_moved_to_another_page_is_not_removed(fetched: Project, site: Site) -> None:
    get = section(one("/things/{thing}", summary="Get Thing"), "Get Thing")
    site.pages = {"/things.md": page(section(one("/things", summary="List Things"))), "/others.md": OTHERS + get}
    assert fetched.fetch().removed == ()


def test_a_renamed_placeholder_removes_nothing(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = THINGS.replace("{thing}", "{id}")
    result = fetched.fetch()
    assert (result.removed, result.changed) == ((), ("GET /things/{…}",))


def test_snippets_without_a_source_are_named_and_stay(fetched: Project) -> None:
    fetched.list_pages("/things.md")
    assert fetched.fetch().orphans == ("others",)
    assert "others/get-others.json" in fetched.snippets()


def test_a_full_disk_leaves_the_old_snippets(fetched: Project, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/things.md"] = THINGS.replace("Get Thing", "Show Thing")

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert "No space left on device" in fetched.refusal()


# ----------------------------------------------------------------------------------------------------------- manners


def _sequence(*replies: Reply) -> Callable[[], Reply]:
    waiting: Iterator[Reply] = iter(replies)
    return lambda: next(waiting)


GOOD = Reply(THINGS.encode(), headers={"Content-Type": "text/markdown"})


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(fetched: Project, site: Site, status: int) -> None:
    site.pages["/things.md"] = _sequence(Reply(status=status), Reply(status=status), GOOD)
    assert fetched.fetch().pages[0].state == "unchanged"


def test_patience_ends(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = lambda: Reply(status=503)
    site.requests.clear()
    assert f"{site.url('/things.md')}: the server answers 503" in fetched.refusal()
    assert sum(request.path == "/things.md" for request in site.requests) == QUICK.attempts


def test_retry_after_is_waited_out(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = _sequence(Reply(status=429, headers={"Retry-After": "1"}), GOOD)
    started = time.monotonic()
    fetched.fetch()
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    "wait", ["3600", format_datetime(dt.datetime(2099, 1, 1, tzinfo=dt.UTC), usegmt=True), "9" * 5000]
)
def test_a_server_that_wants_a_long_pause_is_not_asked_again(fetched: Project, site: Site, wait: str) -> None:
    site.pages["/things.md"] = lambda: Reply(status=429, headers={"Retry-After": wait})
    site.requests.clear()
    assert "the server answers 429 (Retry-After: " in fetched.refusal()
    assert sum(request.path == "/things.md" for request in site.requests) == 1


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30).map(str.strip))
def test_no_retry_after_is_a_crash(text: str) -> None:
    quick = Manners(attempts=2, first_pause=0, longest_pause=0)
    with serving() as site:
        site.pages["/page.md"] = lambda: Reply(status=503, headers={"Retry-After": text})
        [answer] = download({site.url("/page.md"): Validators()}, quick)
    assert isinstance(answer, Failure)
    assert answer.reason.startswith("the server answers 503")


def test_other_errors_are_not_asked_again(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = lambda: Reply(status=403)
    site.requests.clear()
    fetched.refusal()
    assert sum(request.path == "/things.md" for request in site.requests) == 1


def test_a_304_that_nobody_asked_for_is_a_failure(project: Project, site: Site) -> None:
    site.pages["/things.md"] = lambda: Reply(status=304)
    assert f"{site.url('/things.md')}: the server answers 304" in project.refusal()


def test_a_server_that_is_not_there(fetched: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/things.md"
    [answer] = download({url: Validators()}, QUICK)
    assert isinstance(answer, Failure)
    assert answer.reason.startswith("no answer: ")
    assert answer.reason.endswith("(3 attempts)")


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/things.md"
        [answer] = download({url: Validators()}, Manners(attempts=2, first_pause=0.01, timeout=0.1))
    assert isinstance(answer, Failure)
    assert "no answer: ReadTimeout (2 attempts)" in answer.reason


def test_redirects_are_followed_and_told(fetched: Project, site: Site) -> None:
    site.pages["/new/things.md"] = THINGS
    site.pages["/things.md"] = lambda: Reply(status=301, headers={"Location": "/new/things.md"})
    assert fetched.fetch().pages[0].moved_to == site.url("/new/things.md")


def test_endless_redirects_end(fetched: Project, site: Site) -> None:
    site.pages["/things.md"] = lambda: Reply(status=302, headers={"Location": "/things.md"})
    assert "no answer: Exceeded maximum allowed redirects" in fetched.refusal()


def test_a_few_at_a_time(site: Site) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def slow() -> Reply:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.03)
        with lock:
            running -= 1
        return GOOD

    urls = [f"/{number}.md" for number in range(12)]
    site.pages = dict.fromkeys(urls, slow)
    done: list[str] = []
    answers = download({site.url(url): Validators() for url in urls}, Manners(at_once=3), done.append)
    assert most == 3
    assert [answer.url for answer in answers] == [site.url(url) for url in urls]
    assert sorted(done) == sorted(map(site.url, urls))
    assert all(isinstance(answer, Download) for answer in answers)


# ------------------------------------------------------------------------------------------------------- the command


def test_the_command_says_what_happened(project: Project, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fetch", "--sources", str(project.paths.sources), "--date", "2030-01-02"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split() for line in out[:2]] == [
        ["Things", "new", "2", "operations"],
        ["Others", "new", "1", "operations"],
    ]
    assert out[2:] == ["+ GET /others", "+ GET /things", "+ GET /things/{…}"]
    site.pages["/things.md"] = page(section(one("/things", summary="List All Things")))
    assert cli.main(["fetch", "--sources", str(project.paths.sources)]) == 1
    assert "GET /things/{…}" in capsys.readouterr().err
    assert cli.main(["fetch", "--sources", str(project.paths.sources), "--accept-removals"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["- GET /things/{…}", "~ GET /things"]
    assert project.recorded()["/things.md"]["date"] == dt.datetime.now(dt.UTC).date().isoformat()


def test_the_command_names_a_folder_without_a_page(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.fetch()
    project.list_pages("/things.md")
    assert cli.main(["fetch", "--sources", str(project.paths.sources), "--refresh"]) == 0
    assert "others: no page in sources.toml" in capsys.readouterr().out
