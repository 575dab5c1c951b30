"""`codegen outdated`: which pinned tools have newer releases.

pip knows where the packages are; this only asks it, about the pinned ones alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from .errors import CodegenError
from .files import read_text

Step: TypeAlias = Literal["major", "minor", "patch", "other"]
Pip: TypeAlias = Callable[[Sequence[str]], str]

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;#]+)(?:.*?#\s*(?P<why>.*))?")
_NUMBERS = re.compile(r"(?:\d+!)?(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Pin:
    """A line of the requirements: what is pinned to which version, and what for."""

    name: str
    version: str
    section: str
    why: str

    @property
    def key(self) -> str:
        return normal(self.name)


@dataclass(frozen=True)
class Newer:
    """A pin with a newer release."""

    pin: Pin
    latest: str

    @property
    def step(self) -> Step:
        """Which of the version's numbers changes first."""
        old, new = _numbers(self.pin.version), _numbers(self.latest)
        for name, place in (("major", 0), ("minor", 1), ("patch", 2)):
            if (old + [0] * 3)[place] != (new + [0] * 3)[place]:
                return cast("Step", name)
        return "other"


@dataclass(frozen=True)
class Outdated:
    """What pip says of the pins."""

    pins: int
    newer: tuple[Newer, ...]
    missing: tuple[Pin, ...]
    """Pins that are not installed, or in another version: pip can say nothing of them."""


def outdated(requirements: Path, pip: Pip | None = None) -> Outdated:
    """Ask pip for newer releases of what is pinned.

    Args:
        requirements: The file with the pins.
        pip: Runs pip with the given arguments and returns what it prints.

    Raises:
        CodegenError: When there are no pins, or pip cannot say.
    """
    pip = pip or run_pip
    pins = read_pins(read_text(requirements))
    if not pins:
        raise CodegenError(f"{requirements}: no line of the form name==version")
    installed = {normal(entry["name"]): entry for entry in _listed(pip(("list", "--format", "json")))}
    present = [pin for pin in pins if installed.get(pin.key, {}).get("version") == pin.version]
    known = {pin.key for pin in present}
    # Without this pip would look up whatever is installed.
    excluded = [f"--exclude={entry['name']}" for key, entry in sorted(installed.items()) if key not in known]
    listed = _listed(pip(("list", "--outdated", "--format", "json", *excluded))) if known else []
    latest = {normal(entry["name"]): entry.get("latest_version", "") for entry in listed}
    return Outdated(
        pins=len(pins),
        newer=tuple(Newer(pin, latest[pin.key]) for pin in present if latest.get(pin.key)),
        missing=tuple(pin for pin in pins if pin.key not in known),
    )


def read_pins(text: str) -> list[Pin]:
    """The pins of a requirements file; a comment line with three dashes begins a section."""
    return list(_pins(text.splitlines()))


def _pins(lines: Iterable[str]) -> Iterator[Pin]:
    section = ""
    for line in lines:
        if line.startswith("# ---"):
            section = line.lstrip("# -").strip()
        match = _PIN.match(line)
        if match:
            yield Pin(match["name"], match["version"], section, (match["why"] or "").strip())


def normal(name: str) -> str:
    """A package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def run_pip(arguments: Sequence[str]) -> str:
    """What pip prints.

    Raises:
        CodegenError: With its own words, when it fails.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603
    if done.returncode != 0:
        raise CodegenError(f"pip {arguments[0]} fails: {done.stderr.strip() or 'no reason given'}")
    return done.stdout


def _listed(text: str) -> list[dict[str, str]]:
    try:
        entries: Any = json.loads(text)
        return [{key: str(value) for key, value in entry.items()} for entry in entries if "name" in entry]
    except (ValueError, AttributeError, TypeError) as error:
        raise CodegenError(f"pip list answers in a form that is not known: {text[:200]!r}") from error


def _numbers(version: str) -> list[int]:
    match = _NUMBERS.match(version)
    return [int(number) for number in match[1].split(".")] if match else []
