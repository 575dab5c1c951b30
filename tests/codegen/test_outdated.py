from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen import cli
from codegen import outdated as module
from codegen.errors import CodegenError
from codegen.outdated import Newer, Pin, normal, outdated, read_pins

ROOT = Path(__file__).resolve().parents[2]

REQUIREMENTS = """\
# What development needs.

# --- the client
httpx==0.28.1
attrs==26.1.0                        # classes
Ruamel.Yaml[jinja2]==1.2.3 ; python_version > "3" # reads # YAML

# --- checks
ruff==0.17.5
mypy==2.4.1
absent==1.0
older==1.0
# disabled==9.9
plain>=3
"""


class Pip:
    """Stands for pip; it knows what is installed, and of some packages a newer release."""

    def __init__(self, installed: dict[str, str], latest: dict[str, str]) -> None:
        self.installed = installed
        self.latest = latest
        self.asked: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> str:
        self.asked.append(list(arguments))
        entries = [{"name": name, "version": version} for name, version in self.installed.items()]
        if "--outdated" in arguments:
            entries = [each for each in entries if self._newer(each, arguments)]
            entries = [{**each, "latest_version": self.latest[each["name"]]} for each in entries]
        return json.dumps(entries)

    def _newer(self, entry: dict[str, str], arguments: Sequence[str]) -> bool:
        return entry["name"] in self.latest and f"--exclude={entry['name']}" not in arguments


@pytest.fixture(name="pip")
def _pip() -> Pip:
    return Pip(
        {
            "httpx": "0.28.1",
            "attrs": "26.1.0",
            "ruamel-yaml": "1.2.3",
            "ruff": "0.17.5",
            "mypy": "2.4.1",
            "older": "0.9",
            "unrelated": "1",
            "plain": "3.0",
        },
        {"httpx": "1.0", "ruamel-yaml": "1.3.0", "ruff": "0.17.6", "older": "2", "unrelated": "2", "plain": "4"},
    )


@pytest.fixture(name="requirements")
def _requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements-dev.txt"
    path.write_text(REQUIREMENTS)
    return path


def test_pins_are_read_with_what_they_are_for() -> None:
    assert read_pins(REQUIREMENTS)[:4] == [
        Pin("httpx", "0.28.1", "the client", ""),
        Pin("attrs", "26.1.0", "the client", "classes"),
        Pin("Ruamel.Yaml", "1.2.3", "the client", "reads # YAML"),
        Pin("ruff", "0.17.5", "checks", ""),
    ]
    assert [pin.name for pin in read_pins(REQUIREMENTS)[4:]] == ["mypy", "absent", "older"]


def test_the_pins_of_this_project_are_read() -> None:
    text = (ROOT / "requirements-dev.txt").read_text()
    pins = read_pins(text)
    assert len(pins) == text.count("==") > 15
    assert all(pin.section for pin in pins)


def test_newer_releases_of_pins_are_found(requirements: Path, pip: Pip) -> None:
    found = outdated(requirements, pip)
    assert [(each.pin.name, each.latest, each.step) for each in found.newer] == [
        ("httpx", "1.0", "major"),
        ("Ruamel.Yaml", "1.3.0", "minor"),
        ("ruff", "0.17.6", "patch"),
    ]
    assert [pin.name for pin in found.missing] == ["absent", "older"]
    assert found.pins == 7


def test_pip_is_asked_of_nothing_but_the_pins(requirements: Path, pip: Pip) -> None:
    outdated(requirements, pip)
    [_, asked] = pip.asked
    assert asked[:4] == ["list", "--outdated", "--format", "json"]
    assert asked[4:] == ["--exclude=older", "--exclude=plain", "--exclude=unrelated"]


def test_pip_is_not_asked_when_nothing_is_installed(requirements: Path) -> None:
    pip = Pip({"unrelated": "1"}, {})
    assert len(outdated(requirements, pip).missing) == 7
    assert len(pip.asked) == 1


@pytest.mark.parametrize("answer", ["", "{", "null", "[1]", "3", '["name"]'])
def test_an_answer_in_another_form_is_an_error(requirements: Path, answer: str) -> None:
    with pytest.raises(CodegenError, match="pip list answers"):
        outdated(requirements, lambda arguments: answer)


def test_a_file_without_pins_is_an_error(tmp_path: Path, pip: Pip) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("httpx\n")
    with pytest.raises(CodegenError, match=r"empty\.txt: no line of the form"):
        outdated(path, pip)


def test_what_pip_says_when_it_fails_is_shown() -> None:
    with pytest.raises(CodegenError, match=r"pip nonsense fails: .*nonsense"):
        module.run_pip(["nonsense"])


def test_the_real_pip_lists_what_is_installed() -> None:
    assert '"name"' in module.run_pip(["list", "--format", "json"])


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2", "1.2.1", "patch"),
        ("1", "1.1", "minor"),
        ("6.0.12.20261113", "6.0.12.20261201", "other"),
        ("1.0", "1.0.post1", "other"),
        ("2024.1", "2025.1", "major"),
        ("odd", "1", "major"),
    ],
)
def test_how_far_a_step_is(old: str, new: str, step: str) -> None:
    assert Newer(Pin("x", old, "", ""), new).step == step


@given(st.text(), st.text())
def test_any_version_has_a_step(old: str, new: str) -> None:
    assert Newer(Pin("x", old, "", ""), new).step in ("major", "minor", "patch", "other")


@given(st.text())
def test_any_text_has_pins_or_none(text: str) -> None:
    assert all(pin.name and pin.version and normal(pin.name) == pin.key for pin in read_pins(text))


def test_the_command_prints_a_table(
    requirements: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "run_pip", pip)
    assert cli.main(["outdated", "--requirements", str(requirements)]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["package", "pinned", "newest", "step", "what", "for"],
        ["httpx", "0.28.1", "1.0", "major", "the", "client"],
        ["Ruamel.Yaml", "1.2.3", "1.3.0", "minor", "reads", "#", "YAML"],
        ["ruff", "0.17.5", "0.17.6", "patch", "checks"],
        ["3", "of", "7", "pins", "in", "requirements-dev.txt", "have", "a", "newer", "release."],
        [
            "Not",
            "known",
            "of",
            "what",
            "is",
            "not",
            "installed",
            "as",
            "pinned",
            "(run",
            "make",
            "setup):",
            "absent==1.0,",
            "older==1.0",
        ],
    ]


def test_the_command_is_content_when_nothing_is_newer(
    requirements: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pip.latest = {}
    monkeypatch.setattr(module, "run_pip", pip)
    assert cli.main(["outdated", "--requirements", str(requirements)]) == 0
    assert capsys.readouterr().out.startswith("0 of 7 pins in requirements-dev.txt have a newer release.\n")
