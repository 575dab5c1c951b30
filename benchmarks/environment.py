"""The environment of the full run: a venv of its own with the peers, and what their generators make of our spec."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .build import BUILDER
from .peers import OPENAPI_GENERATOR_MODULE, STOCK_MODULE
from .samples import ROOT, SPEC

VENV = ROOT / ".venv-bench"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"


@dataclass(frozen=True)
class Environment:
    """Where the rows are measured.

    Attributes:
        python: The interpreter.
        modules: What it finds beside its own packages.
        missing: Peers that could not be had, and why.
    """

    python: Path
    modules: list[Path] = field(default_factory=list[Path])
    missing: dict[str, str] = field(default_factory=dict[str, str])

    def variables(self) -> dict[str, str]:
        """The environment variables of a process in it."""
        paths = [str(ROOT), *map(str, self.modules)]
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return inherited | {
            "PYTHONPATH": os.pathsep.join(paths),
            # Byte code is kept, as it is for users: without it a package in a source tree is compiled at every import.
            "PYTHONPYCACHEPREFIX": str(self.python.parent.parent / "pycache"),
            "PYTHONHASHSEED": "0",
            BUILDER: sys.executable,
        }


def own() -> Environment:
    """This interpreter, with whatever it has."""
    return Environment(Path(sys.executable))


def with_peers() -> Environment:
    """The venv with the peers; made, or brought up to date."""
    python = VENV / "bin" / "python"
    ready = VENV / ".ready"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        print(f"Setting up {VENV.name} (once; about a minute) …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], check=True)
        ready.write_text(wanted, encoding="utf-8")
    peers = VENV / "peers"
    return Environment(python, [peers], generate(VENV / "bin", peers))


def generate(tools: Path, peers: Path) -> dict[str, str]:
    """Both generators' clients, of the spec as it is now; returns which failed, and why."""
    shutil.rmtree(peers, ignore_errors=True)
    peers.mkdir()
    missing: dict[str, str] = {}
    stock = peers / STOCK_MODULE
    arguments: list[str | Path] = ["generate", "--path", SPEC, "--meta", "none", "--output-path", stock]
    if why := _failure([tools / "openapi-python-client", *arguments], stock):
        missing[STOCK_MODULE] = why
    if shutil.which("java") is None:
        missing[OPENAPI_GENERATOR_MODULE] = "no Java on this machine"
        return missing
    made = VENV / "openapi-generator"
    shutil.rmtree(made, ignore_errors=True)
    arguments = ["generate", "-i", SPEC, "-g", "python", "-o", made, "--library", "httpx"]
    arguments += ["--package-name", OPENAPI_GENERATOR_MODULE]
    package = made / OPENAPI_GENERATOR_MODULE
    if why := _failure([tools / "openapi-generator-cli", *arguments], package):
        missing[OPENAPI_GENERATOR_MODULE] = why
    else:
        shutil.move(package, peers / OPENAPI_GENERATOR_MODULE)
    return missing


def _failure(command: list[str | Path], product: Path) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if product.is_dir():
        return None
    return " ".join((done.stderr or done.stdout).split())[-200:] or f"exit status {done.returncode}"
