"""The fixture `patchworks_sandbox` in projects of others: pytest in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import venv
import zipfile
from pathlib import Path

import pytest
from hatchling import build

from codegen.build import Paths
from codegen.vendor import vendor

ROOT = Path(__file__).parents[2]

SUITE = """
import asyncio
import time

import pytest
from patchworks_core_sandbox import Sandbox

from {client} import NotFoundError, PatchworksClient, RateLimitError, ServerError

urls = set()


def connected(sandbox: Sandbox) -> PatchworksClient:
    return PatchworksClient(base_url=sandbox.url, api_key=sandbox.api_key)


@pytest.fixture
def client(patchworks_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> PatchworksClient:
    for name, value in patchworks_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return PatchworksClient()


@pytest.mark.asyncio
@pytest.mark.parametrize("time_of_day", ["morning", "evening"])
async def test_each_test_finds_everything_as_new(
    time_of_day: str, patchworks_sandbox: Sandbox, client: PatchworksClient
) -> None:
    urls.add(patchworks_sandbox.url)
    assert len(urls) == 1
    assert len(patchworks_sandbox.requests) == 0
    assert abs(patchworks_sandbox.clock.time() - time.time()) < 60
    async with client:
        assert (await client.packages.get(20001)).notes is None
        await client.packages.update(20001, notes="changed")
        await client.packages.delete(20002)
        with pytest.raises(NotFoundError):
            await client.packages.get(20002)
    patchworks_sandbox.clock.advance(3600)
    patchworks_sandbox.throttle.limit = 0
    patchworks_sandbox.fail(500, times=None)
    patchworks_sandbox.faults.random(1)


@pytest.mark.asyncio
async def test_faults(patchworks_sandbox: Sandbox, client: PatchworksClient) -> None:
    patchworks_sandbox.fail(502, method="post", path="/packages")
    async with client:
        assert len(await client.packages.list()) == 3
        with pytest.raises(ServerError):
            await client.packages.create(name="Lost")
        assert (await client.packages.get(20001)).name == "Checkout"
        patchworks_sandbox.fail(503, times=None)
        patchworks_sandbox.reset()
        await client.packages.create(name="Spring release")
    assert patchworks_sandbox.requests.acted == {{"packages.create": 1}}


@pytest.mark.asyncio
async def test_a_busy_server(patchworks_sandbox: Sandbox) -> None:
    patchworks_sandbox.fail(429, times=2, retry_after=120, path="/api/v1/packages/{{package}}")
    for _ in range(2):
        async with connected(patchworks_sandbox) as client:
            with pytest.raises(RateLimitError) as caught:
                await client.packages.get(20001)
            assert caught.value.retry_after == 120
    async with connected(patchworks_sandbox) as client:
        assert (await client.packages.get(20001)).name == "Checkout"


@pytest.mark.asyncio
async def test_a_login(patchworks_sandbox: Sandbox) -> None:
    async with PatchworksClient(
        base_url=patchworks_sandbox.url,
        login_url=patchworks_sandbox.login_url,
        username=patchworks_sandbox.username,
        password=patchworks_sandbox.password,
    ) as client:
        await client.flow_versions.upload(1002)


def test_a_program_with_a_loop_of_its_own(client: PatchworksClient) -> None:
    async def main() -> int:
        async with client:
            return await client.packages.list().count()

    assert asyncio.run(main()) == 3


@pytest.mark.parametrize("status", [200, 99, 600])
def test_what_is_no_failure(status: int, patchworks_sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="300 to 599"):
        patchworks_sandbox.fail(status)
    with pytest.raises(ValueError, match="1 or more"):
        patchworks_sandbox.fail(500, times=0)
"""
TESTS = 9


def run(python: Path | str, *command: str, cwd: Path) -> str:
    """What a command of that Python says, which knows nothing of this repository."""
    hidden = ("PYTHON", "PATCHWORKS_", "PYTEST_", "COV_", "COVERAGE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run([python, *command], cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write_suite(folder: Path, client: str = "patchworks_core_client") -> None:
    (folder / "test_program.py").write_text(SUITE.format(client=client), "utf-8")


PYTEST = ("-W", "error", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:cov")
SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_every_test_finds_it_as_new(mode: str, tmp_path: Path) -> None:
    write_suite(tmp_path)
    said = run(sys.executable, *PYTEST, *SCOPE, "-o", f"asyncio_mode={mode}", cwd=tmp_path)
    assert f"{TESTS} passed" in said


def test_nothing_is_loaded_before_it_is_used(tmp_path: Path) -> None:
    suite = """
        import sys, threading

        HEAVY = {"uvicorn", "starlette", "anyio", "h11", "click", "cronsim", "patchworks_core_sandbox.server"}

        def test_before() -> None:
            assert "patchworks_core_sandbox.pytest_plugin" in sys.modules
            assert HEAVY & set(sys.modules) == set()
            assert threading.active_count() == 1

        def test_now(patchworks_sandbox) -> None:
            assert HEAVY <= set(sys.modules)
        """
    (tmp_path / "test_loading.py").write_text(textwrap.dedent(suite), "utf-8")
    others = ("anyio", "asyncio", "xdist", "xdist.looponfail", "hypothesispytest", "respx", "cov")
    options = [word for name in others for word in ("-p", f"no:{name}")]
    assert "2 passed" in run(sys.executable, *PYTEST, *options, cwd=tmp_path)


# ------------------------------------------------------------------------------------------------ where nothing else is


def wheel_of(project: Path, folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        return folder / build.build_wheel(str(folder))


def test_the_wheel_has_the_package_and_its_entry_point(tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel_of(ROOT / "sandbox", tmp_path)) as wheel:
        names = set(wheel.namelist())
        points = next(name for name in names if name.endswith("entry_points.txt"))
        assert "patchworks_core_sandbox = patchworks_core_sandbox.pytest_plugin" in wheel.read(points).decode()
    package = ROOT / "sandbox" / "patchworks_core_sandbox"
    files = {path for path in package.rglob("*") if path.suffix in {".py", ".typed"}}
    packed = {name for name in names if ".dist-info/" not in name}
    assert packed == {path.relative_to(ROOT / "sandbox").as_posix() for path in files}
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_it_imports_neither_the_client_nor_the_tests() -> None:
    for path in (ROOT / "sandbox").rglob("*.py"):
        text = path.read_text("utf-8")
        assert "import patchworks_core_client" not in text, path
        assert "from patchworks_core_client" not in text, path
        assert "from tests" not in text, path


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with pytest, its usual plugins, and the sandbox from its wheel."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    wheel = wheel_of(ROOT / "sandbox", folder)
    installed = ("httpx", "attrs", str(wheel), "pytest", "pytest-asyncio", "pytest-xdist")
    subprocess.run([python, "-m", "pip", "install", "--quiet", *installed], check=True, capture_output=True)
    return python


@pytest.mark.slow
@pytest.mark.parametrize("options", [("auto",), ("strict",), ("auto", "-n2")], ids=["auto", "strict", "xdist"])
def test_beside_a_vendored_client(options: tuple[str, ...], clean: Path, tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__init__.py").touch()
    vendor(Paths(), tmp_path / "program" / "_vendor")
    write_suite(tmp_path, "program._vendor.patchworks_core_client")
    mode, *more = options
    said = run(clean, *PYTEST, *SCOPE, "-o", f"asyncio_mode={mode}", "-o", "pythonpath=.", *more, cwd=tmp_path)
    assert f"{TESTS} passed" in said


@pytest.mark.slow
def test_beside_an_installed_client(clean: Path, tmp_path: Path) -> None:
    wheel = wheel_of(ROOT, tmp_path)
    run(clean, "-m", "pip", "install", "--quiet", "--no-deps", "--target", "installed", str(wheel), cwd=tmp_path)
    write_suite(tmp_path)
    said = run(clean, *PYTEST, *SCOPE, "-o", "asyncio_mode=auto", "-o", "pythonpath=installed", cwd=tmp_path)
    assert f"{TESTS} passed" in said


@pytest.mark.slow
def test_it_is_small_and_starts_soon(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    site = next((tmp_path / "env" / "lib").glob("python3*/site-packages"))
    wheel = wheel_of(ROOT / "sandbox", tmp_path)
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--target",
        str(site),
        str(wheel),
        cwd=tmp_path,
    )
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 10_000_000
    code = """
        import time
        start = time.perf_counter()
        from patchworks_core_sandbox import Sandbox
        with Sandbox.start_in_thread():
            assert time.perf_counter() - start < 5
        """
    run(tmp_path / "env" / "bin" / "python", "-W", "error", "-c", textwrap.dedent(code), cwd=tmp_path)
