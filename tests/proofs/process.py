"""A sandbox in a process of its own, so that what is measured here is the client alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
JOURNAL = 1_000_000


class Server:
    """The sandbox's address, and its control endpoints."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url
        self.api_key = api_key

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, f"{self.base_url}/_sandbox{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def sandbox_process(**options: float) -> Generator[Server]:
    """Start `python -m patchworks_core_sandbox` with options such as `limit=240`, and end it.

    It does not check requests against the spec, which would take longer than answering them; other tests do.
    """
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "patchworks_core_sandbox", "--port=0", f"--journal={JOURNAL}", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said: dict[str, str] = {}
            while "PATCHWORKS_API_KEY" not in said:
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("The sandbox did not start.")
                name, _, value = line.strip().removeprefix("export ").partition("=")
                said[name] = value
            yield Server(said["PATCHWORKS_BASE_URL"], said["PATCHWORKS_API_KEY"])
        finally:
            process.terminate()
