"""`make test-all`: every Python that is installed, the oldest and the newest dependencies, both transports, httpx2.

A user has neither our pins nor our extras: here the bounds in pyproject.toml are shown to be true. Interpreters that
are missing are skipped; `nox --list` shows what there is, `nox -s "client-3.13(lowest, plain)"` runs one.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CLIENT_TESTS = ["tests/runtime", "tests/proofs", "tests/sandbox_tests", "tests/test_operations.py"]
REDIS = {"PATCHWORKS_TEST_REDIS": "required"}
"""Here the tests of the shared quota fail where no redis-server is installed; elsewhere they are skipped."""


def requirements(*, extras: bool) -> list[str]:
    """What pyproject.toml asks for, bounds and all."""
    wanted = list(PROJECT["dependencies"])
    if extras:
        optional = PROJECT["optional-dependencies"]
        wanted += [each for name in ("aiohttp", "speed", "redis") for each in optional[name]]
    return wanted


def lowest(requirement: str) -> str:
    """`httpx>=0.27,<1` as `httpx==0.27.0`."""
    found = re.match(r"(?P<name>[\w-]+)>=(?P<version>[\d.]+)", requirement)
    if found is None:
        raise ValueError(f"{requirement!r} has no lower bound")
    version = found["version"]
    return f"{found['name']}=={version}" if version.count(".") == 2 else f"{found['name']}=={version}.0"


def tools() -> list[str]:
    """The pinned tools that the client's tests need, without its dependencies, which each session chooses."""
    left_out = {"nox", "cosmic-ray", "zizmor", "check-jsonschema"}
    left_out |= {re.split(r"[<>=]", each)[0].lower() for each in requirements(extras=True)}
    sections = (ROOT / "requirements-dev.txt").read_text("utf-8").split("\n# --- ")
    needed = [section for section in sections if not section.startswith(("the recipes", "releases"))]
    lines = (line.partition("#")[0].strip() for line in "\n".join(needed).splitlines()[1:])
    return [line for line in lines if "==" in line and line.partition("==")[0].lower() not in left_out]


def install(session: nox.Session, dependencies: str, extras: bool) -> None:
    """The tools, and the client's dependencies in one step, so that pip says where they contradict each other."""
    own = requirements(extras=extras)
    chosen = [lowest(each) for each in own] if dependencies == "lowest" else own
    session.install(*tools(), *chosen, "--editable", "./sandbox")
    if not extras:
        session.run("pip", "uninstall", "--quiet", "--yes", "orjson", "httpx-aiohttp", "aiohttp", "redis", silent=True)
    session.run("pip", "list", "--format=freeze", silent=True)


@nox.session(python=PYTHONS)
@nox.parametrize(
    ("dependencies", "extras"),
    [("newest", True), ("newest", False), ("lowest", True), ("lowest", False)],
    ids=["newest, extras", "newest, plain", "lowest, extras", "lowest, plain"],
)
def client(session: nox.Session, dependencies: str, extras: bool) -> None:
    """The tests of the client, over httpx."""
    install(session, dependencies, extras)
    environment = REDIS if extras else {}
    session.run("python", "-m", "pytest", "-q", *(session.posargs or CLIENT_TESTS), env=environment)


@nox.session(python=PYTHONS)
@nox.parametrize("dependencies", ["newest", "lowest"], ids=["newest", "lowest"])
def aiohttp(session: nox.Session, dependencies: str) -> None:
    """The same tests over the aiohttp transport."""
    install(session, dependencies, extras=True)
    environment = {"PATCHWORKS_TEST_TRANSPORT": "aiohttp", **REDIS}
    session.run("python", "-m", "pytest", "-q", *(session.posargs or CLIENT_TESTS), env=environment)


@nox.session(python=PYTHONS)
def httpx2(session: nox.Session) -> None:
    """The tests of the runtime about a vendored copy that uses httpx2 in httpx's place."""
    install(session, "newest", extras=False)
    copy = session.create_tmp()
    session.run("python", "-m", "codegen", "vendor", copy, "--http", "httpx2")
    paths = ("-p", "tests.over_httpx2", "-o", f"pythonpath={copy} .")
    session.run(
        "python", "-m", "pytest", "-q", *paths, *(session.posargs or ["tests/runtime", "tests/test_operations.py"])
    )


@nox.session(python=PYTHONS)
def everything(session: nox.Session) -> None:
    """All tests, those of codegen and of the project too, as `make test` runs them."""
    session.install("--requirement", "requirements-dev.txt", "--editable", ".[all]", "--editable", "./sandbox")
    session.run("python", "-m", "pytest", "-q", *session.posargs, env=REDIS)
