"""Starting, stopping and looking after many at once."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from patchworks_core_sandbox import Sandbox

ROOT = Path(__file__).parents[2]


def headers(sandbox: Sandbox) -> dict[str, str]:
    return {"Authorization": sandbox.api_key, "Accept": "application/json"}


def refuses(sandbox: Sandbox) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", sandbox.port)) != 0


async def test_on_the_running_loop() -> None:
    async with Sandbox() as sandbox, httpx.AsyncClient(base_url=sandbox.url, headers=headers(sandbox)) as client:
        assert (await client.get("/api/v1/packages")).status_code == 200
    assert refuses(sandbox)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_on_a_thread() -> None:
    threads = threading.active_count()
    start = time.monotonic()
    with Sandbox.start_in_thread() as sandbox:
        assert httpx.get(f"{sandbox.url}/api/v1/packages", headers=headers(sandbox)).status_code == 200
    assert time.monotonic() - start < 1
    assert refuses(sandbox)
    assert threading.active_count() == threads


async def test_stopping_ends_what_is_being_answered(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox() as sandbox, httpx.AsyncClient(base_url=sandbox.url, headers=headers(sandbox)) as client:
        calls = [
            asyncio.create_task(client.get("/api/v1/packages", headers={"X-Sandbox-Fault": fault}))
            for fault in ("hang", "latency=60", "slow-drip=60", "slow-headers=60", "hang-after")
        ]
        await asyncio.sleep(0.2)
        assert sandbox.requests.in_flight == len(calls)
        start = time.monotonic()
        await sandbox.stop()
        assert time.monotonic() - start < 0.5
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(outcome, httpx.TransportError)
    assert sandbox.requests.in_flight == 0
    assert sandbox.crashes == []
    assert caplog.records == []


async def test_a_sandbox_can_start_again() -> None:
    sandbox = Sandbox()
    for _ in range(2):
        async with sandbox, httpx.AsyncClient() as client:
            answer = await client.get(f"{sandbox.url}/api/v1/packages", headers=headers(sandbox))
            assert answer.status_code == 200


def test_a_port_that_is_taken() -> None:
    with (
        Sandbox.start_in_thread() as sandbox,
        pytest.raises(OSError, match="in use"),
        Sandbox.start_in_thread(port=sandbox.port),
    ):
        pass


async def test_a_prefix_stands_before_every_path() -> None:
    async with Sandbox(prefix="/core") as sandbox, httpx.AsyncClient(headers=headers(sandbox)) as client:
        answer = await client.get(f"{sandbox.url}/api/v1/packages")
        assert answer.json()["meta"]["path"] == f"{sandbox.url}/api/v1/packages"
        login = {"username": sandbox.username, "password": sandbox.password}
        assert (await client.post(sandbox.login_url, json=login)).status_code == 200
        outside = await client.get(f"http://127.0.0.1:{sandbox.port}/api/v1/packages")
        assert outside.status_code == 404


async def test_the_most_that_was_in_flight_is_known() -> None:
    async with Sandbox() as sandbox, httpx.AsyncClient(base_url=sandbox.url, headers=headers(sandbox)) as client:
        slow = {"X-Sandbox-Fault": "latency=0.1"}
        await asyncio.gather(*(client.get("/api/v1/packages", headers=slow) for _ in range(7)))
        await client.get("/api/v1/packages")
        assert sandbox.requests.most_in_flight == 7
        assert sandbox.requests.in_flight == 0
        assert sandbox.requests.seen["GET", "/api/v1/packages"] == 8


async def test_the_journal_can_be_kept_short() -> None:
    async with (
        Sandbox(journal_size=2) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, headers=headers(sandbox)) as client,
    ):
        for _ in range(5):
            await client.get("/api/v1/packages")
        assert [entry.number for entry in sandbox.requests] == [4, 5]
        assert sandbox.requests.acted["packages.list"] == 5
        assert len(sandbox.requests.of("packages.list")) == 2


def test_what_came_before_a_reset_is_not_carried_out_after_it(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.faults.add("latency=0.3")
    with pytest.raises(httpx.ReadTimeout):
        api.post("/packages", json={"name": "Late"}, timeout=0.1)
    sandbox.reset()
    assert api.get("/packages", headers={"X-Sandbox-Fault": "latency=0.5"}).json()["meta"]["total"] == 3
    assert (len(sandbox.requests), sandbox.requests.acted["packages.create"]) == (1, 0)


def test_a_crash_is_written_down(sandbox: Sandbox, api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.state, "packages", None)
    answer = api.get("/packages")
    assert answer.status_code == 500
    assert answer.json()["message"].startswith("The sandbox failed: TypeError")
    assert "Traceback" in sandbox.crashes[0]
    sandbox.crashes.clear()


def test_a_body_that_is_no_json_is_kept_as_text(sandbox: Sandbox, api: httpx.Client) -> None:
    api.post("/packages", content=b"name=X")
    assert sandbox.requests[-1].body == "name=X"


def _heed_interrupts() -> None:
    """A shell's background job ignores Ctrl-C, and what it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_the_command_says_where_it_is_and_ends_with_ctrl_c() -> None:
    options = ["--port", "0", "--limit", "5", "--packages", "20"]
    command = [sys.executable, "-W", "error", "-m", "patchworks_core_sandbox", *options]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 - it sets a signal, and takes no lock
    ) as process:
        assert process.stdout
        assert process.stderr
        said = [process.stdout.readline() for _ in range(7)]
        settings = dict(re.findall(r"^export (PATCHWORKS_\w+)=(.*)$", "".join(said), re.MULTILINE))
        answer = httpx.get(
            f"{settings['PATCHWORKS_BASE_URL']}/api/v1/packages",
            headers={"Authorization": settings["PATCHWORKS_API_KEY"], "Accept": "application/json"},
        )
        assert answer.headers["X-RateLimit-Limit"] == "5"
        assert json.loads(answer.text)["meta"]["total"] == 20
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=5) == 0
        finally:
            process.kill()  # or a sandbox that does not end would keep this test from ending
        assert process.stderr.read() == ""


def test_the_command_says_what_to_do_where_its_port_is_taken() -> None:
    with Sandbox.start_in_thread() as sandbox:
        command = [sys.executable, "-W", "error", "-m", "patchworks_core_sandbox", f"--port={sandbox.port}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Port {sandbox.port} is taken: choose another one with --port, 0 for any.\n"
