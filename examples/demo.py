"""What `make demo` runs: build the client, start a sandbox, run examples/release.py on it.

The release runs in its own process and gets nothing but the documented environment variables:
what it does here, it does against a real installation.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from patchworks_core_sandbox import Sandbox

SPEC = Path("openapi/patchworks-core.json")


def build() -> int:
    """Build the client and print one line about it, or the build's report if it fails."""
    print("Build the client from openapi/", flush=True)
    started = time.monotonic()
    done = run("-m", "codegen", "build", quiet=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        return done.returncode
    paths: dict[str, dict[str, object]] = json.loads(SPEC.read_text("utf-8"))["paths"]
    built = f"{sum(map(len, paths.values()))} operations, each a typed method"
    print(f"✓ {built:<62} {time.monotonic() - started:>7.2f} s\n")
    return 0


def command(flows: Sequence[int]) -> list[str]:
    """The release of these flows, as one would type it."""
    chosen = [word for flow in flows for word in ("--flow", str(flow))]
    target = ["--to", "Staging"]
    return [
        "examples/release.py",
        "Spring release",
        *target,
        *chosen,
        "--schedule",
        "0 6 * * 1-5",
    ]


def release() -> int:
    """Run the release against a fresh sandbox and return its exit code."""
    with Sandbox.start_in_thread() as sandbox:
        arguments = command([flow.id for flow in sandbox.state.flows][:2])
        print(f"Release two flows; a local sandbox at {sandbox.url} plays Patchworks\n")
        typed = shlex.join(["python", *arguments]).replace(" --flow", " \\\n      --flow", 1)
        print(f"$ {typed}\n", flush=True)
        reach = {"PATCHWORKS_BASE_URL": sandbox.url, "PATCHWORKS_API_KEY": sandbox.api_key}
        return run(*arguments, env=clean_environment() | reach).returncode


def clean_environment() -> dict[str, str]:
    """The environment without settings for another Patchworks."""
    return {name: value for name, value in os.environ.items() if "PATCHWORKS_" not in name}


def run(
    *arguments: str, env: dict[str, str] | None = None, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own; `quiet` keeps what it prints for the result."""
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *arguments], env=env, check=False, capture_output=quiet, text=True
    )


def main() -> int:
    """Build, then release."""
    failed = build() or release()
    if not failed:
        print("\nDone. The client was built from the documentation and carried the release.")
        print("Next: `make sandbox` serves the sandbox, README.md has a first program.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
