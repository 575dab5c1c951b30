"""The workflows in .github/: valid, pinned, with no more rights than they need, and about commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .test_project import PROJECT, ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS = dict.fromkeys(WORKFLOWS, "vendor.github-workflows") | {GITHUB / "dependabot.yml": "vendor.dependabot"}


def run_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name(name)
    return subprocess.run([tool, *arguments], cwd=ROOT, check=False, capture_output=True, text=True)


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_file_follows_its_schema(path: Path) -> None:
    done = run_tool("check-jsonschema", "--builtin-schema", SCHEMAS[path], str(path))
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing() -> None:
    done = run_tool("zizmor", "--offline", "--persona=pedantic", "--no-progress", "--color=never", str(GITHUB))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_with_their_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    foreign = [action for action in used if not action.startswith("$/")]
    assert [action for action in foreign if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", action)] == []


def test_one_action_has_one_hash_everywhere() -> None:
    used = {action for path in WORKFLOWS for action in re.findall(r"uses: (\w.+)", path.read_text("utf-8"))}
    assert len(used) == len({action.partition("@")[0] for action in used})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_make_targets_exist(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for step in steps(workflow):
        for target in re.findall(r"\bmake (?:--silent )?([a-z-]+)", step.get("run", "")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_ci_runs_on_every_python_that_is_supported() -> None:
    ci = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text("utf-8"))
    classifiers = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", each)]
    pythons = ci["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert pythons[0] == PROJECT["requires-python"].removeprefix(">=")
    assert set(classifiers) <= set(pythons)


def test_the_job_that_may_write_runs_none_of_our_code() -> None:
    """update.yml reads foreign pages: what is built from them must not run beside a token that can push."""
    update = yaml.safe_load((GITHUB / "workflows" / "update.yml").read_text("utf-8"))
    writers = [job for job in update["jobs"].values() if "write" in job["permissions"].values()]
    assert len(writers) == 1
    commands = " ".join(step.get("run", "") for step in writers[0]["steps"])
    assert not re.search(r"\b(make|python|pip|pytest)\b", commands)
