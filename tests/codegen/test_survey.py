"""A survey of a server that is not as documented: every difference is found, and the proposal settles them all."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import yaml
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codegen.cli import main
from codegen.json_tools import is_array, is_object
from codegen.survey import survey
from patchworks_core_sandbox import Sandbox

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "openapi" / "patchworks-core.json"

Json = Any
CANARY = "canary"


def fields(row: object) -> dict[str, Any]:
    return {**vars(row)}


class Otherwise:
    """Wraps the sandbox: what it is asked and what it answers are changed on the way.

    Args:
        rewrite: Changes an answer's JSON, told the path.
        status: The status in place of the sandbox's own, by path.
        largest_page: What per_page is cut down to.
        refused: Names that are refused, by path and kind, although the sandbox allows them.
        allowed: Names that are listed as allowed besides, by path and kind.
    """

    def __init__(
        self,
        *,
        rewrite: Callable[[str, Json], Json] = lambda _, answer: answer,
        status: dict[str, int] | None = None,
        largest_page: int = 100,
        refused: dict[tuple[str, str], str] | None = None,
        allowed: dict[tuple[str, str], str] | None = None,
    ) -> None:
        self.rewrite = rewrite
        self.status = status or {}
        self.largest_page = largest_page
        self.refused = refused or {}
        self.allowed = allowed or {}

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            started: list[Message] = []
            path = scope["path"].removeprefix("/api/v1")
            query = dict(parse_qsl(scope["query_string"].decode()))
            if int(query.get("per_page", 0)) > self.largest_page:
                query["per_page"] = str(self.largest_page)
            known = dict(query)
            for kind in ("include", "sort"):
                if known.get(kind) == self.allowed.get((path, kind)):
                    known.pop(kind, None)
            scope = {**scope, "query_string": urlencode(known).encode()}

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    started.append(message)
                    return
                status, body = self._changed(path, query, started[0]["status"], json.loads(message["body"]))
                content = json.dumps(body).encode()
                headers = [pair for pair in started[0]["headers"] if pair[0].lower() != b"content-length"]
                headers.append((b"content-length", str(len(content)).encode()))
                await send({**started[0], "status": status, "headers": headers})
                await send({**message, "body": content})

            await app(scope, receive, answer)

        return wrapped

    def _changed(self, path: str, query: dict[str, str], status: int, body: Json) -> tuple[int, Json]:
        if path in self.status:
            return self.status[path], {"message": f"{CANARY} forbidden"}
        for kind in ("include", "sort", "filter"):
            refused, allowed = self.refused.get((path, kind)), self.allowed.get((path, kind))
            if status == 200 and refused is not None and query.get(kind) == refused:
                return 400, {"message": f"Requested {kind}(s) `{refused}` are not allowed. Allowed {kind}(s) are `id`."}
            if status == 400 and f"Requested {kind}(s)" in body["message"]:
                names = re.findall(r"`([^`]*)`", body["message"])[1].split(", ")
                listed = ", ".join([name for name in names if name != refused] + ([allowed] if allowed else []))
                return 400, {"message": f"Requested {kind}(s) `x` are not allowed. Allowed {kind}(s) are `{listed}`."}
        return (status, self.rewrite(path, body)) if status == 200 else (status, body)


def each_object(value: Json, key: str) -> Iterator[dict[str, Json]]:
    """Every object that has this key."""
    if is_object(value):
        if key in value:
            yield value
        for inner in value.values():
            yield from each_object(inner, key)
    elif is_array(value):
        for inner in value:
            yield from each_object(inner, key)


def differently(path: str, answer: Json) -> Json:
    """A dozen differences, and canaries for values."""
    for package in each_object(answer, "notes"):
        package["notes"] = {f"{CANARY}-1": f"{CANARY}-2"}  # an object, documented as a string
    for package in each_object(answer, "created_by_user"):
        package["created_by_user"] = f"{CANARY}@example.com"  # a string, documented as an object
    for environment in each_object(answer, "is_default"):
        environment["description"] = None
    for version in each_object(answer, "flow_id"):
        if "created_at" in version:
            version["created_at"] = "01/02/2025"  # no date
            version["updated_at"] = None
        if "status" in version:
            version["status"] = f"{CANARY}-status"  # not in the enum
        version["colour"] = f"{CANARY} red"
        version["painted_at"] = "2025-05-01T10:00:00.000000Z"
        version["shades"] = [f"{CANARY} pink"]
        version["12345678"] = f"{CANARY} by id"
    for deployment in each_object(answer, "enabled_at"):
        deployment["enabled_at"] = 1735689600
        deployment.pop("priority", None)
    if path == "/packages":
        answer["meta"]["total"] = str(answer["meta"]["total"])
        answer["meta"].pop("to")
    return answer


@pytest.fixture
def surveyed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[str, list[Json], Sandbox]]:
    """Surveys a sandbox: the report, the proposed actions, and the sandbox as it was."""

    def run(changes: Otherwise | None = None, spec: Path = SPEC, **options: Any) -> tuple[str, list[Json], Sandbox]:
        with Sandbox.start_in_thread(middleware=changes, **options) as sandbox:
            for name, value in sandbox.environment.items():
                monkeypatch.setenv(name, value)
            survey(spec, tmp_path / "survey", per_minute=None)
            assert sandbox.crashes == []
        overlay = tmp_path / "survey" / "overlay.yaml"
        actions: list[Json] = yaml.safe_load(overlay.read_text("utf-8"))["actions"] if overlay.exists() else []
        return (tmp_path / "survey" / "report.md").read_text("utf-8"), actions, sandbox

    return run


CHANGES = Otherwise(
    rewrite=differently,
    status={"/flow-version-deployments/virtual-environments": 403},
    largest_page=50,
    refused={
        ("/packages", "include"): "createdBy",
        ("/packages", "sort"): "name",
        ("/virtual-environments", "filter"): "labelled",
    },
    allowed={
        ("/packages", "include"): "owner",
        ("/packages", "sort"): "created_at",
        ("/virtual-environments", "filter"): "colour",
    },
)


def test_every_difference_is_found_and_a_second_survey_is_clean(surveyed: Any, tmp_path: Path) -> None:
    report, actions, _ = surveyed()
    usual = {line for line in report.splitlines() if line.startswith("|")}
    report, actions, _ = surveyed(CHANGES)
    found = "\n".join(line for line in report.splitlines() if line.startswith("|") and line not in usual)
    for expected in (
        r"Packages?\.notes \| string \|.* object \(\d+\)",
        r"Packages?\.created_by_user \| object \| string \(\d+\)",
        r"FlowVersions?\.created_at \| date-time \| string \(\d+\)",
        r"FlowVersions?\.updated_at \| date-time \| null \(\d+\)",
        r"FlowVersions?\.status \| enum \| string \(\d+\)",
        r"FlowVersions?\.colour \| not at all \| string \(\d+\)",
        r"FlowVersions?\.painted_at \| not at all \| date-time \(\d+\)",
        r"FlowVersions?\.shades \| not at all \| array \(\d+\)",
        r"FlowVersions?\.\* \| not at all \| string \(\d+\)",
        r"FlowVersionDeployments?\.enabled_at \| date-time \| integer \(\d+\)",
        r"FlowVersionDeployments?\.priority \| integer \| \d+",
        r"PaginationMeta\.total \| integer \| integer \(\d+\), string \(\d+\)",
        r"packages\.list \| include \| createdBy \| owner",
        r"packages\.list \| sort \| name \| created_at",
        r"virtual_environments\.list \| filter \| labelled \| colour",
        r"packages\.list \| 15 \| 100 \| 50",
        r"virtual_environments\.list_deployed \| 403 \| 1 ",
    ):
        assert re.search(expected, found), expected

    merged, package = tmp_path / "spec.json", tmp_path / "package" / "patchworks_core_client"
    overlays = [f"--overlay={ROOT / 'openapi' / 'overlay.yaml'}", f"--overlay={tmp_path / 'survey' / 'overlay.yaml'}"]
    assert main(["merge", f"--snippets={ROOT / 'openapi' / 'snippets'}", *overlays, f"--to={merged}"]) == 0
    assert main(["generate", f"--spec={merged}", f"--overrides={ROOT / 'overrides'}", f"--to={package}"]) == 0
    report, actions, _ = surveyed(CHANGES, spec=merged)
    assert actions == []
    assert "Proposed corrections: 0." in report
    again = "\n".join(re.findall(r"^\| \S+\.\S+ \| (?:not at all|[a-z-]+) \| .* \|$", report, re.MULTILINE))
    assert [line for line in again.splitlines() if ".*" not in line and "list" not in line] == []


def test_nothing_but_names_and_types_is_shown(surveyed: Any, tmp_path: Path) -> None:
    report, actions, sandbox = surveyed(CHANGES)
    shown = report + json.dumps(actions)
    assert CANARY not in shown
    assert "127.0.0.1" not in shown
    assert str(sandbox.port) not in shown
    assert sandbox.api_key not in shown
    assert "2025" not in shown
    rows: list[Any] = [row for table in sandbox.state.tables() for row in table]
    ids = {str(row.id) for row in rows if row.id > 1000}
    texts = {text for row in rows for text in fields(row).values() if isinstance(text, str) and len(text) > 8}
    assert len(ids) > 20
    assert len(texts) > 20
    assert not ids & set(re.findall(r"\d{4,}", shown))
    assert [text for text in texts if text in shown] == []
    assert sorted(path.name for path in (tmp_path / "survey").iterdir()) == ["overlay.yaml", "report.md"]


def test_it_only_reads_and_calls_everything(surveyed: Any) -> None:
    report, _, sandbox = surveyed()
    operations = {
        operation["get"]["operationId"]
        for operation in json.loads(SPEC.read_text("utf-8"))["paths"].values()
        if "get" in operation
    }
    assert {entry.method for entry in sandbox.requests} == {"GET"}
    assert {entry.operation for entry in sandbox.requests} == operations
    assert f"to {len(operations)} of {len(operations)} read-only operations" in report


def test_throttle_and_pace(surveyed: Any) -> None:
    report, _, _ = surveyed(limit=1000)
    assert re.search(r"x-ratelimit-limit 1000 \| \d+", report)
    assert "x-ratelimit-remaining" in report


def test_a_page_size_that_is_refused(surveyed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patchworks_core_sandbox.query.MAX_PER_PAGE", 30)
    report, actions, _ = surveyed()
    assert "| packages.list | 15 | 100 | 25 |" in report
    assert next(action["update"] for action in actions if "per_page" in action["target"]) == {"maximum": 25}


def test_nothing_there_to_read(surveyed: Any) -> None:
    from patchworks_core_sandbox import Seed

    report, _, _ = surveyed(seed=Seed(flows=0, packages=0, environments=0))
    assert "Not called, for no id came" in report


def test_a_wrong_credential_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    with Sandbox.start_in_thread() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", "wrong")
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.url)
        assert main(["survey", "--to", str(tmp_path / "survey")]) == 1
        assert len(list(sandbox.requests)) == 1
    assert "401" in capsys.readouterr().err
    assert not (tmp_path / "survey").exists()


def test_without_credentials(tmp_path: Path, capsys: Any) -> None:
    assert main(["survey", "--to", str(tmp_path / "survey")]) == 1
    assert "PATCHWORKS_API_KEY" in capsys.readouterr().err


def test_the_server_goes_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Sandbox.start_in_thread() as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        sandbox.faults.add("close-before", times=None, after=20)
        assert main(["survey", "--to", str(tmp_path / "survey")]) == 1
    report = (tmp_path / "survey" / "report.md").read_text("utf-8")
    assert "**Not complete:** there is no answer (APIConnectionError)." in report
    assert "| 200 |" in report


def test_interrupted_it_writes_what_it_has(tmp_path: Path) -> None:
    def slowly(_: str, answer: Json) -> Json:
        time.sleep(0.05)
        return answer

    with Sandbox.start_in_thread(middleware=Otherwise(rewrite=slowly)) as sandbox:
        process = subprocess.Popen(
            [sys.executable, "-m", "codegen", "survey", "--to", str(tmp_path)],
            cwd=ROOT,
            env={"PATH": "", **sandbox.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 30
        while len(list(sandbox.requests)) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "interrupted" in out
    assert "Traceback" not in err
    report = (tmp_path / "report.md").read_text("utf-8")
    assert "**Not complete:** interrupted." in report
    assert "| 200 |" in report
    assert "## Not called\n" in report
    assert "## Documented keys that never came" not in report
