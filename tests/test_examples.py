"""What a user reads and copies, run against the sandbox."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from examples import demo, release
from examples.release import Plan, ReleaseError
from tests.sandbox import Sandbox

ROOT = Path(__file__).parent.parent


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.base_url)
        yield sandbox


def plan(sandbox: Sandbox, *, environment: str = "Staging", cron: str | None = "0 6 * * *") -> Plan:
    return Plan("Spring release", environment, [flow.id for flow in sandbox.state.flows][:2], cron)


async def test_release_puts_the_newest_versions_live_and_schedules_the_first(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    await release.run(plan(sandbox))

    state = sandbox.state
    package = next(package for package in state.packages if package.name == "Spring release")
    environment = next(environment for environment in state.environments if environment.name == "Staging")
    newest = [max(version.id for version in state.versions_of_flow(flow)) for flow in plan(sandbox).flows]
    deployments = state.deployments_of(package=package.id, environment=environment.id)
    assert {deployment.flow_version_id for deployment in deployments} == set(newest)
    assert "0 6 * * *" in {row.cron_string for row in state.schedules if row.flow_version_id == newest[0]}
    assert "Live in Staging" in capsys.readouterr().out
    assert sandbox.contract_violations == []


async def test_release_without_a_schedule_sets_none(sandbox: Sandbox) -> None:
    before = len(list(sandbox.state.schedules))
    await release.run(plan(sandbox, cron=None))
    assert len(list(sandbox.state.schedules)) == before


async def test_release_to_an_unknown_environment_creates_nothing(sandbox: Sandbox) -> None:
    before = len(list(sandbox.state.packages))
    with pytest.raises(ReleaseError, match="no environment 'Nowhere'"):
        await release.run(plan(sandbox, environment="Nowhere"))
    assert len(list(sandbox.state.packages)) == before


async def test_release_that_never_gets_live_says_so(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "SECONDS_UNTIL_LIVE", 0)
    with pytest.raises(ReleaseError, match="not live in Staging"):
        await release.run(plan(sandbox))


def test_failure_is_a_message_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox.start_in_thread() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", "wrong")
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.base_url)
        assert release.main(["Spring release", "--to", "Staging", "--flow", "1"]) == 1
    captured = capsys.readouterr()
    assert "The release stopped: " in captured.err
    assert "401" in captured.err


def test_demo_succeeds(capfd: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0
    assert "carried the release" in capfd.readouterr().out


def test_quick_start_of_the_readme_runs_and_type_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    script = tmp_path / "quick_start.py"
    script.write_text(block[1], "utf-8")
    with Sandbox.start_in_thread() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.base_url)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        done = subprocess.run([sys.executable, "-W", "error", script], check=True, capture_output=True, text=True)
    assert "Checkout" in done.stdout
    mypy = [sys.executable, "-m", "mypy", "--strict", str(script)]
    checked = subprocess.run(mypy, cwd=ROOT, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
