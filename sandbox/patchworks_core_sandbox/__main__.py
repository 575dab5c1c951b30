"""`python -m patchworks_core_sandbox`: serve a sandbox until Ctrl-C."""

import argparse
import asyncio
import contextlib
import errno
import sys

from ._version import __version__
from .seed import Seed
from .server import Sandbox

PORT = 8765


def main() -> int:
    """Parse the command line and serve; gives the exit code."""
    arguments = _parser().parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(arguments))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(f"Port {arguments.port} is taken: choose another one with --port, 0 for any.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    defaults = Seed()
    parser = argparse.ArgumentParser(
        prog="python -m patchworks_core_sandbox", description="A local Patchworks Core, in memory."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--port", type=int, default=PORT, help=f"port on loopback (default: {PORT}; 0: any)")
    parser.add_argument("--prefix", default="", help="a path in front of every other, such as /core")
    parser.add_argument("--limit", type=int, help="requests in a window (default: no limit; Patchworks allows 240)")
    parser.add_argument("--window", type=float, default=60.0, help="seconds a window lasts (default: 60)")
    parser.add_argument("--token-lifetime", type=float, default=86400.0, help="seconds a token lives (default: 86400)")
    parser.add_argument("--flows", type=int, default=defaults.flows, help="flows at the start")
    parser.add_argument("--packages", type=int, default=defaults.packages, help="packages at the start")
    parser.add_argument("--environments", type=int, default=defaults.environments, help="environments at the start")
    parser.add_argument("--journal", type=int, default=10_000, help="requests that are remembered (default: 10000)")
    return parser


async def _run(arguments: argparse.Namespace) -> None:
    sandbox = Sandbox(
        port=arguments.port,
        prefix=arguments.prefix,
        limit=arguments.limit,
        window=arguments.window,
        token_lifetime=arguments.token_lifetime,
        seed=Seed(flows=arguments.flows, packages=arguments.packages, environments=arguments.environments),
        journal_size=arguments.journal,
    )
    async with sandbox:
        print("# A local Patchworks Core. Paste these lines into the shell that runs your program:")
        for name, value in sandbox.environment.items():
            print(f"export {name}={value}")
        print("# With a login in place of the key:")
        print(f"# unset PATCHWORKS_API_KEY; export PATCHWORKS_USERNAME={sandbox.username}", end=" ")
        print(f"PATCHWORKS_PASSWORD={sandbox.password}")
        print("# Ctrl-C stops it.", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
