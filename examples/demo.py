"""What `make demo` shows: a local sandbox, and a release carried through it by examples/release.py.

The example runs in a process of its own and is told nothing but the documented environment variables: what it does
here, it does against a real installation.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence

from patchworks_core_sandbox import Sandbox


def command(flows: Sequence[int]) -> list[str]:
    """The release of these flows, as one types it."""
    chosen = [word for flow in flows for word in ("--flow", str(flow))]
    return ["examples/release.py", "Spring release", "--to", "Staging", *chosen, "--schedule", "0 6 * * 1-5"]


def main() -> int:
    """Run the release against a fresh sandbox; its exit code is ours."""
    with Sandbox.start_in_thread() as sandbox:
        release = command([flow.id for flow in sandbox.state.flows][:2])
        print(f"\nA local Patchworks Core listens at {sandbox.url}")
        print(f"\n$ export PATCHWORKS_API_KEY=… PATCHWORKS_BASE_URL={sandbox.url}")
        print(f"$ python {shlex.join(release)}", flush=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PATCHWORKS_")}
        environment |= {"PATCHWORKS_BASE_URL": sandbox.url, "PATCHWORKS_API_KEY": sandbox.api_key}
        done = subprocess.run([sys.executable, *release], env=environment, check=False)  # noqa: S603 - our own command
    if done.returncode == 0:
        print("\nDone: the client was built from the documentation and carried the release.")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
