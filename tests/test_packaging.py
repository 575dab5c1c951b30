"""Wheel and sdist: what is in them, that they are the same each time, and that they work where nothing else is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import textwrap
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
from hatchling import build

from patchworks_core_client import __version__
from patchworks_core_sandbox import Sandbox

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TWINE = "twine==7.0.0"

EVERYTHING = """
    import patchworks_core_client as package
    for name in package.__all__:
        getattr(package, name)
    for module in (package.models, package.resources):
        for name in module.__all__:
            getattr(module, name)
    """

ONE_CALL = """
    import asyncio

    import patchworks_core_client
    from patchworks_core_client import NotFoundError, PatchworksClient

    async def main():
        async with PatchworksClient(**OPTIONS) as client:
            package = await client.packages.list(include="flowVersions.deployments").first()
            assert package is not None and package.created_at.year == 2025 and package.flow_versions[0].id
            try:
                await client.packages.get(1, extra_headers={"X-Sandbox-Fault": "header"})
            except NotFoundError as error:
                assert error.request_id

    asyncio.run(main())
    print(patchworks_core_client.__file__)
    """


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", requirement)[0] for requirement in requirements}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    return built(tmp_path_factory.mktemp("dist"))


def built(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        build.build_wheel(str(folder))
        build.build_sdist(str(folder))
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def sdist(dist: Path) -> Path:
    return next(dist.glob("*.tar.gz"))


# ----------------------------------------------------------------------------------------------------------- contents


def package_files() -> set[str]:
    package = ROOT / "patchworks_core_client"
    return {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.suffix in {".py", ".typed"}}


def test_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        contents = set(archive.namelist())
    about = {name for name in contents if ".dist-info/" in name}
    assert contents - about == package_files()
    assert "patchworks_core_client/py.typed" in contents
    assert any(name.endswith("/licenses/LICENSE") for name in about)


def test_sdist_has_what_building_needs_and_no_more(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        contents = {name.partition("/")[2] for name in archive.getnames()}
    top = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert contents == package_files() | top


def test_metadata(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    assert metadata["Name"] == "patchworks_core_client"
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    required = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert names(required) == {"httpx", "attrs", "python-dateutil"}
    assert set(metadata.get_all("Provides-Extra", [])) == {"aiohttp", "speed", "redis", "all"}


def test_readme_is_the_description(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert str(metadata.get_payload()).strip() == (ROOT / "README.md").read_text("utf-8").strip()


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_building_twice_gives_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    again = built(tmp_path)
    files = sorted(path.name for path in dist.iterdir() if path.name.startswith("patchworks"))
    assert [(again / name).read_bytes() for name in files] == [(dist / name).read_bytes() for name in files]


# ------------------------------------------------------------------------------------------------- out of the archive


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox.start_in_thread() as sandbox:
        yield sandbox


def run(python: Path | str, code: str, cwd: Path, *options: str, **variables: str) -> str:
    """What the code prints, in a Python that knows nothing of this repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PATCHWORKS_"))}
    command = [str(python), "-W", "error", *options, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=cwd, env=environment | variables, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def one_call(server: Sandbox, transport: str = "httpx") -> str:
    options = {"api_key": server.api_key, "base_url": server.url, "transport": transport}
    return f"OPTIONS = {options!r}\n" + textwrap.dedent(ONE_CALL)


@pytest.mark.parametrize("options", [[], ["-O"], ["-OO"]], ids=["plain", "-O", "-OO"])
def test_works_from_a_zip(wheel: Path, server: Sandbox, tmp_path: Path, options: list[str]) -> None:
    """A wheel is one: it is put on the path as it is, before the editable installation."""
    run(sys.executable, EVERYTHING, tmp_path, *options, PYTHONPATH=str(wheel))
    assert run(sys.executable, one_call(server), tmp_path, *options, PYTHONPATH=str(wheel)).startswith(str(wheel))


# ------------------------------------------------------------------------------------------------ where nothing else is


def clean_environment(folder: Path, *installed: str) -> Path:
    """The Python of a new environment into which `installed` was installed, as a user does it."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *installed], check=True, capture_output=True)
    return python


def distributions(python: Path, folder: Path) -> set[str]:
    code = "from importlib import metadata; print(*(one.name for one in metadata.distributions()))"
    return {name.lower().replace("-", "_") for name in run(python, code, folder).split()}


@pytest.mark.slow
def test_clean_installation_needs_three_packages(wheel: Path, server: Sandbox, tmp_path: Path) -> None:
    python = clean_environment(tmp_path / "plain", str(wheel))
    of_httpx = {"anyio", "certifi", "h11", "httpcore", "idna", "typing_extensions"}
    of_dateutil = {"six", "tzdata"}
    present = distributions(python, tmp_path) - {"pip", "setuptools"} - of_httpx - of_dateutil
    assert present == {"patchworks_core_client", "httpx", "attrs", "python_dateutil"}
    for options in ([], ["-O"]):
        run(python, EVERYTHING, tmp_path, *options)
        assert "site-packages" in run(python, one_call(server), tmp_path, *options)
    refusal = """
        from patchworks_core_client import ConfigurationError, PatchworksClient
        try:
            PatchworksClient(api_key="key", transport="aiohttp")
        except ConfigurationError as error:
            print(error)
        """
    assert "patchworks_core_client[aiohttp]" in run(python, refusal, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_clean_installation_with_an_extra(wheel: Path, server: Sandbox, tmp_path: Path, extra: str) -> None:
    python = clean_environment(tmp_path / "env", f"{wheel}[{extra}]")
    present = distributions(python, tmp_path)
    assert ("httpx_aiohttp" in present) == (extra in ("aiohttp", "all"))
    assert ({"orjson", "sniffio"} <= present) == (extra in ("speed", "all"))
    assert ("redis" in present) == (extra in ("redis", "all"))
    for transport in ("httpx", "aiohttp") if "httpx_aiohttp" in present else ("httpx",):
        run(python, one_call(server, transport), tmp_path)


@pytest.mark.slow
def test_sdist_builds_the_same_package(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    python = clean_environment(tmp_path / "env", "pip")
    command = [str(python), "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(sdist)]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as ours, zipfile.ZipFile(wheel) as theirs:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        assert all(ours.read(name) == theirs.read(name) for name in ours.namelist() if ".dist-info" not in name)


@pytest.mark.slow
def test_package_indexes_can_render_it(dist: Path, tmp_path: Path) -> None:
    python = clean_environment(tmp_path / "env", TWINE)
    files = [path for path in dist.iterdir() if path.name.startswith("patchworks")]
    done = subprocess.run(
        [python, "-m", "twine", "check", "--strict", *files], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
