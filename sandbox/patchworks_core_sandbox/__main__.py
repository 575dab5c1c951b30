"""`python -m patchworks_core_sandbox`: run a sandbox until Ctrl-C."""

import argparse
import asyncio
import contextlib

from . import credentials
from .seed import Seed
from .server import Sandbox


def main() -> None:
    arguments = _parser().parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(arguments))


def _parser() -> argparse.ArgumentParser:
    defaults = Seed()
    parser = argparse.ArgumentParser(prog="python -m patchworks_core_sandbox", description="A local Patchworks Core.")
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: any that is free)")
    parser.add_argument("--prefix", default="", help="a path that stands before every other, such as /core")
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
        print(f"PATCHWORKS_BASE_URL={sandbox.url}")
        print(f"PATCHWORKS_LOGIN_URL={sandbox.login_url}")
        print(f"PATCHWORKS_API_KEY={credentials.API_KEY}")
        print(f"# or PATCHWORKS_USERNAME={credentials.USERNAME} PATCHWORKS_PASSWORD={credentials.PASSWORD}")
        print("# Ctrl-C ends it.", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
