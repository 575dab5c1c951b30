"""What a user reads and copies, run against the sandbox."""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console
from starlette.types import ASGIApp, Receive, Scope, Send

from examples import demo, fastapi_app, nightly_report, release, release_all, sync_schedules, where_is
from examples.release import Plan, ReleaseError
from patchworks_core_client import PermissionDeniedError
from patchworks_core_sandbox.state import EPOCH, Deployment, FlowVersion, Schedule
from tests.contract import CheckedSandbox

ROOT = Path(__file__).parent.parent
EXAMPLES = (demo, fastapi_app, nightly_report, release, release_all, sync_schedules, where_is)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CheckedSandbox]:
    async with CheckedSandbox() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.url)
        yield sandbox


@pytest.fixture
def threaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckedSandbox]:
    """For examples that start a loop of their own."""
    with CheckedSandbox.start_in_thread() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.url)
        yield sandbox


def plan(sandbox: CheckedSandbox, *, environment: str = "Staging", cron: str | None = "0 6 * * *") -> Plan:
    return Plan("Spring release", environment, [flow.id for flow in sandbox.state.flows][:2], cron)


async def test_release_puts_the_newest_versions_live_and_schedules_the_first(
    sandbox: CheckedSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    await release.run(plan(sandbox))

    state = sandbox.state
    package = next(package for package in state.packages if package.name == "Spring release")
    environment = next(environment for environment in state.environments if environment.name == "Staging")
    newest = [max(version.id for version in state.versions_of_flow(flow)) for flow in plan(sandbox).flows]
    deployments = state.deployments_of(package=package.id, environment=environment.id)
    assert {deployment.flow_version_id for deployment in deployments} == set(newest)
    assert "0 6 * * *" in {row.cron_string for row in state.schedules if row.flow_version_id == newest[0]}
    shown = capsys.readouterr().out
    assert re.search(r"^✓ Wait until it is live in Staging +\d\.\d\d s$", shown, re.MULTILINE)
    assert re.search(r"^    Orders to ERP +added +- +3$", shown, re.MULTILINE)  # the comparison is a table
    assert max(map(len, shown.splitlines())) <= 80
    assert sandbox.contract_violations == []


async def test_release_without_a_schedule_sets_none(sandbox: CheckedSandbox) -> None:
    before = len(list(sandbox.state.schedules))
    await release.run(plan(sandbox, cron=None))
    assert len(list(sandbox.state.schedules)) == before


async def test_release_to_an_unknown_environment_creates_nothing(sandbox: CheckedSandbox) -> None:
    before = len(list(sandbox.state.packages))
    with pytest.raises(ReleaseError, match="no environment 'Nowhere'"):
        await release.run(plan(sandbox, environment="Nowhere"))
    assert len(list(sandbox.state.packages)) == before


async def test_release_that_never_gets_live_says_so(sandbox: CheckedSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "SECONDS_UNTIL_LIVE", 0)
    with pytest.raises(ReleaseError, match="not live in Staging"):
        await release.run(plan(sandbox))


def test_failure_is_a_message_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with CheckedSandbox.start_in_thread() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", "wrong")
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.url)
        assert release.main(["Spring release", "--to", "Staging", "--flow", "1"]) == 1
    captured = capsys.readouterr()
    assert "The release stopped: " in captured.err
    assert "401" in captured.err


async def test_release_marks_the_step_that_failed(sandbox: CheckedSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.faults.add("status=403", method="POST", path="*/deploy/*")
    with pytest.raises(PermissionDeniedError):
        await release.run(plan(sandbox))
    assert capsys.readouterr().out.splitlines()[-1].startswith("✗ Deploy to Staging")


@pytest.mark.parametrize("answer", [None, [], {"data": None}, {"data": {"flows": [None, {"flow": {"name": "A"}}]}}])
def test_release_shows_any_comparison(answer: Any) -> None:
    """Its form is not documented."""
    assert all(len(line) <= 80 for line in release.table(answer))


def built_with(code: int) -> Callable[..., subprocess.CompletedProcess[str]]:
    """In place of the build, which would replace the package that other tests import."""
    return lambda *_, **__: subprocess.CompletedProcess([], code, stdout="the build's report", stderr="")


def test_demo_releases_and_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert demo.release() == 0
    monkeypatch.setattr(demo, "run", built_with(0))
    assert demo.main() == 0
    shown = capfd.readouterr().out
    assert "✓ 46 operations" in shown
    assert "the build's report" not in shown
    assert "✓ Schedule Orders to ERP v3" in shown
    assert "carried the release" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_demo_stops_where_the_build_fails(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo, "run", built_with(3))
    assert demo.main() == 3
    captured = capfd.readouterr()
    assert "the build's report" in captured.err
    assert "Release" not in captured.out


# ------------------------------------------------------------------------------------- release across environments


async def test_release_all_carries_a_package_through_the_environments_in_turn(sandbox: CheckedSandbox) -> None:
    shown = Console(file=StringIO(), width=100)
    await release_all.run("Stock", ["Test", "Staging", "Production"], shown)

    state = sandbox.state
    package = next(package for package in state.packages if package.name == "Stock")
    held = {pivot.flow_version_id for pivot in state.pivots_of_package(package.id)}
    for environment in state.environments:
        deployments = state.deployments_of(package=package.id, environment=environment.id)
        assert {deployment.flow_version_id for deployment in deployments} == held
    assert sandbox.contract_violations == []
    deployed_to = [entry.path.rpartition("/")[2] for entry in sandbox.requests if "/deploy/" in entry.path]
    names = {str(environment.id): environment.name for environment in state.environments}
    assert [names[one] for one in deployed_to] == ["Test", "Staging", "Production"]


async def test_release_all_stops_where_it_fails(sandbox: CheckedSandbox) -> None:
    sandbox.faults.add("status=403", method="POST", after=1, path="*/deploy/*")
    with pytest.raises(PermissionDeniedError):
        await release_all.run("Stock", ["Test", "Staging", "Production"], Console(file=StringIO()))
    assert len([entry for entry in sandbox.requests if "/deploy/" in entry.path]) == 2


async def test_release_all_that_never_gets_live_goes_no_further(
    sandbox: CheckedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_all, "SECONDS_UNTIL_LIVE", 0)
    with pytest.raises(release_all.ReleaseError, match="Stock is not live in Test"):
        await release_all.run("Stock", ["Test", "Staging"], Console(file=StringIO()))
    assert len([entry for entry in sandbox.requests if "/deploy/" in entry.path]) == 1


@pytest.mark.parametrize(
    ("package", "environments", "why"),
    [("Stock", ["Test", "Nowhere"], "no environment Nowhere"), ("Sto", ["Test"], "no package 'Sto'")],
)
async def test_release_all_changes_nothing_where_a_name_is_wrong(
    sandbox: CheckedSandbox, package: str, environments: list[str], why: str
) -> None:
    with pytest.raises(release_all.ReleaseError, match=why):
        await release_all.run(package, environments, Console(file=StringIO()))
    assert {entry.method for entry in sandbox.requests} == {"GET"}


# ---------------------------------------------------------------------------------------------------- nightly report


def report(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_report_has_every_deployment(
    threaded: CheckedSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nightly_report.main([str(tmp_path / "deployed.csv")]) == 0
    lines = report(tmp_path / "deployed.csv")
    assert {line["deployment"] for line in lines} == {str(row.id) for row in threaded.state.deployments}
    assert {line["environment"] for line in lines} == {"Production", "(everywhere)"}
    first = next(line for line in lines if line["flow"] == "Orders to ERP")
    assert first | {"deployment": ""} == {
        "environment": "Production",
        "flow": "Orders to ERP",
        "version": "2",
        "package": "Checkout",
        "enabled": "2025-05-13 10:00:00",
        "deployment": "",
    }
    assert f"of {len(lines)} deployments" in capsys.readouterr().err
    assert threaded.contract_violations == []


def test_report_that_fails_leaves_the_old_one(
    threaded: CheckedSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "deployed.csv"
    file.write_text("yesterday", "utf-8")
    threaded.faults.add("status=403", times=None)
    assert nightly_report.main([str(file)]) == 1
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["yesterday"]
    assert "No report: " in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------- schedules in step


def deploy_drafts_to_staging(sandbox: CheckedSandbox) -> FlowVersion:
    """The first flow: its second version runs in Production, its third in Staging, without a schedule."""
    flow = next(iter(sandbox.state.flows))
    draft = max(sandbox.state.versions_of_flow(flow.id), key=lambda version: version.id)
    staging = next(row for row in sandbox.state.environments if row.name == "Staging")
    sandbox.state.deployments.add(
        Deployment(flow_version_id=draft.id, user_id=1, virtual_environment_id=staging.id, enabled_at=EPOCH), at=EPOCH
    )
    return draft


def crons(sandbox: CheckedSandbox, version: FlowVersion) -> list[str]:
    return [row.cron_string for row in sandbox.state.schedules if row.flow_version_id == version.id]


def test_sync_adds_what_is_missing_and_removes_what_is_too_much(
    threaded: CheckedSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = deploy_drafts_to_staging(threaded)
    threaded.state.schedules.add(Schedule(flow_version_id=draft.id, cron_string="5 5 * * *"), at=EPOCH)

    assert sync_schedules.main(["Production", "Staging"]) == 0
    assert crons(threaded, draft) == ["5 5 * * *"]
    assert "2 changes to make" in capsys.readouterr().out

    assert sync_schedules.main(["Production", "Staging", "--apply"]) == 0
    assert crons(threaded, draft) == ["0 6 * * *"]
    assert capsys.readouterr().out.splitlines() == [
        f"Orders to ERP (version {draft.id}): add '0 6 * * *'",
        f"Orders to ERP (version {draft.id}): remove '5 5 * * *'",
        "2 changes made",
    ]

    assert sync_schedules.main(["Production", "Staging", "--apply"]) == 0
    assert capsys.readouterr().out == "0 changes made\n"
    assert threaded.contract_violations == []


def test_sync_does_not_add_what_is_there(threaded: CheckedSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    draft = deploy_drafts_to_staging(threaded)
    for cron in ("0 6 * * *", "0 6 * * *"):
        threaded.state.schedules.add(Schedule(flow_version_id=draft.id, cron_string=cron), at=EPOCH)
    assert sync_schedules.main(["Production", "Staging", "--apply"]) == 0
    assert crons(threaded, draft) == ["0 6 * * *"]
    assert "1 changes made" in capsys.readouterr().out


def test_sync_with_an_unknown_environment_says_so(threaded: CheckedSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert sync_schedules.main(["Production", "Nowhere"]) == 1
    assert "no environment 'Nowhere'" in capsys.readouterr().err
    assert threaded.state.environments


# ----------------------------------------------------------------------------------------------------------- FastAPI


@pytest.fixture
async def service(sandbox: CheckedSandbox) -> AsyncIterator[httpx.AsyncClient]:
    """The example's application, started as a server starts it, without one."""
    app = fastapi_app.app
    async with (
        app.router.lifespan_context(app) as state,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(with_state(app, dict(state or {}))), base_url="http://service"
        ) as service,
    ):
        yield service
    assert sandbox.contract_violations == []


def with_state(app: ASGIApp, state: dict[str, Any]) -> ASGIApp:
    """Hand the lifespan's state to each request, as servers do."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return serve


async def test_service_tells_what_is_live(sandbox: CheckedSandbox, service: httpx.AsyncClient) -> None:
    production = next(row for row in sandbox.state.environments if row.name == "Production")
    answer = await service.get(f"/environments/{production.id}/flows")
    assert {flow["flow"] for flow in answer.json()} == {"Orders to ERP", "Stock to Shop"}


async def test_service_creates_and_deploys_with_one_client(sandbox: CheckedSandbox, service: httpx.AsyncClient) -> None:
    created = await service.post("/packages", params={"name": "From the service"})
    assert created.status_code == 201
    package = next(row for row in sandbox.state.packages if row.name == "Stock")
    environment = next(iter(sandbox.state.environments))
    assert (await service.post(f"/packages/{package.id}/deployments/{environment.id}")).status_code == 202
    assert sandbox.state.deployments_of(package=package.id, environment=environment.id)
    assert sandbox.requests.connections == 1


async def test_service_passes_on_what_its_caller_can_act_on(
    sandbox: CheckedSandbox, service: httpx.AsyncClient
) -> None:
    refused = await service.post("/packages", params={"name": "x" * 300})
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["name"]
    assert (await service.post("/packages/1/deployments/1")).status_code == 404


async def test_service_does_not_blame_its_caller_for_its_own_credential(
    sandbox: CheckedSandbox, service: httpx.AsyncClient
) -> None:
    sandbox.faults.add("status=401, header=X-Request-Id: 5f1c", times=None)
    answer = await service.post("/packages", params={"name": "x"})
    assert answer.status_code == 502
    assert answer.json()["request_id"] == "5f1c"


# ------------------------------------------------------------------------------------------------------------ script


async def test_script_finds_a_flow(sandbox: CheckedSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    await where_is.main("Orders to ERP")
    assert capsys.readouterr().out == "Production: version 2, enabled 2025-05-13 10:00:00+00:00\n"


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples").glob("*.py")))
def test_every_example_is_tested_here(name: str) -> None:
    assert name.removesuffix(".py") in {module.__name__.rpartition(".")[2] for module in EXAMPLES}
