"""Every code block of README.md and docs/ is run against the sandbox or checked.

Python without a title is a fragment: it may await, has a `client`, and finds the names of the fragments above it on the
page. What a fragment prints is compared with the comment behind its `print`. A block with `asyncio.run(` is a program
and runs in a process of its own; a text block below it is its output. A block with a title is a file. The files of a
page are written into one folder, where pytest runs the tests among them. All of it passes mypy --strict.
"""

from __future__ import annotations

import ast
import inspect
import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.cli import _parser  # pyright: ignore[reportPrivateUsage]
from patchworks_core_client import PatchworksClient
from tests.contract import CheckedSandbox

from .pages import ROOT, Block, Page, all_pages

PAGES = [page for page in all_pages() if page.name not in ("CHANGELOG.md", "docs/api.md")]
LANGUAGES = {"python", "sh", "yaml", "toml", "csv", "text"}
BLOCKS = [block for page in PAGES for block in page.blocks]


def is_file(block: Block) -> bool:
    return block.language == "python" and block.title != ""


def is_program(block: Block) -> bool:
    return "asyncio.run(" in block.text and not is_file(block)


def has_tests(block: Block) -> bool:
    return is_file(block) and block.title.startswith("test_")


def of_language(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def includes_a_file(block: Block) -> bool:
    return block.text.startswith("--8<-- ")


PYTHON = [block for block in of_language("python") if not includes_a_file(block)]
FILES = [block for block in PYTHON if is_file(block)]
FRAGMENTS = [block for block in PYTHON if not is_program(block) and not is_file(block)]
WITH_FRAGMENTS = [page for page in PAGES if any(block in FRAGMENTS for block in page.blocks)]
WITH_TESTS = [page for page in PAGES if any(has_tests(block) for block in page.blocks)]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckedSandbox]:
    """A sandbox, and the environment variables that lead to it."""
    with CheckedSandbox.start_in_thread() as sandbox:
        monkeypatch.setenv("PATCHWORKS_API_KEY", sandbox.api_key)
        monkeypatch.setenv("PATCHWORKS_BASE_URL", sandbox.url)
        monkeypatch.setenv("PATCHWORKS_LOGIN_URL", sandbox.login_url)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        yield sandbox


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    assert [str(block) for block in BLOCKS if block.language not in LANGUAGES] == []


# ---------------------------------------------------------------------------------------------------------- fragments


@pytest.mark.parametrize("page", WITH_FRAGMENTS, ids=lambda page: page.name)
async def test_fragments_run_and_print_what_they_say(
    page: Page, environment: CheckedSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with PatchworksClient() as client:
        names: dict[str, Any] = {"client": client, "__name__": "page"}
        for block in page.blocks:
            if block in FRAGMENTS:
                await run_fragment(block, names)
    assert environment.crashes == []


async def run_fragment(block: Block, names: dict[str, Any]) -> None:
    printed: dict[int, list[str]] = {}

    def record(*values: Any, **_: Any) -> None:
        frame = inspect.currentframe()
        assert frame is not None
        assert frame.f_back is not None
        printed.setdefault(frame.f_back.f_lineno, []).append(" ".join(map(str, values)))

    names["print"] = record
    source = "\n" * (block.line - 1) + block.text
    outcome = eval(compile(source, str(block.page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.iscoroutine(outcome):
        await outcome
    for line, comment in comments(source).items():
        if line in printed:
            assert matches(comment, printed[line][0]), f"{block.page.name}:{line} printed {printed[line][0]!r}"


def comments(source: str) -> dict[int, str]:
    """The comment at the end of each line with code."""
    found: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            found[token.start[0]] = token.string.removeprefix("#").strip()
    return found


def matches(comment: str, text: str) -> bool:
    """Whether the text is what the comment says; `…` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, comment.split("…"))), text, re.DOTALL) is not None


# ------------------------------------------------------------------------------------------------ programs and tests


def output_below(block: Block) -> str | None:
    """The output that the page shows directly below a program."""
    following = [other for other in BLOCKS if other.page == block.page and other.line > block.line][:1]
    return following[0].text if following and following[0].language == "text" else None


@pytest.mark.parametrize("block", [block for block in PYTHON if is_program(block)], ids=str)
def test_programs_run(block: Block, environment: CheckedSandbox, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(block.text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    if (promised := output_below(block)) is not None:
        assert matches(promised, done.stdout)
    assert environment.contract_violations == []


@pytest.mark.parametrize("page", WITH_TESTS, ids=lambda page: page.name)
def test_files_of_tests_pass(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in page.blocks:
        if block in FILES:
            (tmp_path / block.title).write_text(block.text, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    run = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-o", "asyncio_mode=auto"]
    run += ["-o", "asyncio_default_fixture_loop_scope=function", f"--rootdir={tmp_path}"]
    done = subprocess.run([*run, "."], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# -------------------------------------------------------------------------------------------------------------- types


def test_files_of_all_pages_have_different_names() -> None:
    titles = [block.title for block in FILES]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize("block", [*PYTHON, *of_language("sh")], ids=str)
def test_code_fits_the_page(block: Block) -> None:
    """The site has room for lines of 95 characters."""
    lines = [line for line in block.text.splitlines() if len(line) > 95]
    assert lines == []


def test_python_is_typed(tmp_path: Path) -> None:
    for page in WITH_FRAGMENTS:
        write_module(tmp_path / f"fragments_{page.path.stem.lower()}.py", page)
    for number, block in enumerate(PYTHON):
        if is_program(block) or is_file(block):
            name = block.title or f"program_{number}.py"
            (tmp_path / name).write_text(block.text, "utf-8")
    files = sorted(map(str, tmp_path.glob("*.py")))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", *files],
        cwd=ROOT,
        env=os.environ | {"MYPYPATH": f"{ROOT}:{tmp_path}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def write_module(path: Path, page: Page) -> None:
    """The fragments of a page as one function, on the lines that they have on the page."""
    lines = ["from patchworks_core_client import PatchworksClient", "async def page(client: PatchworksClient) -> None:"]
    for block in page.blocks:
        if block in FRAGMENTS:
            lines += [""] * (block.line - 1 - len(lines))
            lines += textwrap.indent(block.text, "    ").splitlines()
    path.write_text("\n".join(lines) + "\n", "utf-8")


# ----------------------------------------------------------------------------------------------------- other languages


def test_data_can_be_read() -> None:
    for block in of_language("yaml", "toml"):
        assert yaml.safe_load(block.text) if block.language == "yaml" else tomllib.loads(block.text), str(block)


@pytest.mark.parametrize("block", [block for block in BLOCKS if includes_a_file(block)], ids=str)
def test_included_files_exist(block: Block) -> None:
    assert all((ROOT / name).is_file() for name in re.findall(r'--8<-- "([^"]+)"', block.text))


@pytest.mark.parametrize("block", of_language("sh"), ids=str)
def test_commands_exist(block: Block) -> None:
    for line in block.text.replace("\\\n", " ").splitlines():
        for command in re.split(r"\s(?:&&|\|)\s", line):
            check_command(shlex.split(command, comments=True), block)


def check_command(words: list[str], block: Block) -> None:
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words = words[1:]
    if not words:
        return
    checker = CHECKERS.get(words[0].removeprefix(".venv/bin/"))
    assert checker is not None, f"{block}: no check for {words[0]}"
    assert checker(words[1:]), f"{block}: {shlex.join(words)}"


def check_make(words: list[str]) -> bool:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return all(word in targets or re.fullmatch(r"[A-Z_]+=.*", word) for word in words)


def check_python(words: list[str]) -> bool:
    if words[:2] == ["-m", "codegen"]:
        try:
            _parser().parse_args(words[2:])
        except SystemExit:
            return False
        return True
    if words[0] == "-m":
        places = (ROOT / words[1].replace(".", "/"), ROOT / "sandbox" / words[1])
        return words[1] in ("http.server", "venv") or any(place.exists() for place in places)
    return (ROOT / words[0]).is_file()


def check_pip(words: list[str]) -> bool:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = re.findall(r"\[([^]]+)\]", " ".join(words))
    return words[0] == "install" and all(extra in extras for names in named for extra in names.split(","))


def check_export(words: list[str]) -> bool:
    read = "".join(path.read_text("utf-8") for path in (ROOT / "overrides").glob("*.py"))
    return all((name := word.partition("=")[0]) in read or name in ("HTTPS_PROXY", "SSL_CERT_FILE") for word in words)


def check_file(words: list[str]) -> bool:
    return (ROOT / words[-1].replace(":app", ".py").replace("examples.", "examples/")).is_file()


CHECKERS: dict[str, Callable[[list[str]], bool]] = {
    "make": check_make,
    "python": check_python,
    "pip": check_pip,
    "export": check_export,
    "uvicorn": check_file,
    "fastapi": check_file,
    "gunicorn": check_file,
    ".": lambda words: words[0].endswith("/bin/activate"),
    "npx": lambda words: words[0] in ("openapi-typescript", "@stoplight/prism-cli"),
    "git": lambda words: words[0] in ("clone", "diff", "show"),
    "cd": lambda words: len(words) == 1,
}
