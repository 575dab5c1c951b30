"""Deploy a package to several environments, one after the other, with progress bars.

    python examples/release_all.py Checkout --to Test --to Staging --to Production

An environment gets the package only once it is live in the one before, so a failure goes no
further. The credential comes from the environment variables, as in examples/release.py.
Needs rich.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from patchworks_core_client import (
    Package,
    PatchworksClient,
    PatchworksError,
    VirtualEnvironment,
)

SECONDS_UNTIL_LIVE = 60


class ReleaseError(Exception):
    """The release cannot go on; the message says why."""


@dataclass(frozen=True)
class Release:
    """A package and the environments it goes to, in order."""

    package: Package
    versions: frozenset[int]
    environments: Sequence[VirtualEnvironment]


async def prepare(
    client: PatchworksClient, package: str, environments: Sequence[str]
) -> Release:
    """Look everything up by name before changing anything."""
    found = await find_package(client, package)
    by_name = {
        environment.name: environment
        async for environment in client.virtual_environments.list()
    }
    missing = [name for name in environments if name not in by_name]
    if missing:
        raise ReleaseError(f"There is no environment {', '.join(missing)}.")
    versions = frozenset(version.id for version in found.flow_versions or ())
    if not versions:
        raise ReleaseError(f"{found.name} holds no flow versions.")
    return Release(found, versions, [by_name[name] for name in environments])


async def find_package(client: PatchworksClient, name: str) -> Package:
    """The package of exactly that name; the server's filter also finds parts of names."""
    async for package in client.packages.list(
        filter={"name": name}, include="flowVersions.deployments"
    ):
        if package.name == name:
            return package
    raise ReleaseError(f"There is no package {name!r}.")


async def release(client: PatchworksClient, plan: Release, progress: Progress) -> None:
    """Deploy to each environment in turn; wait until all flow versions are live there."""
    bars = [
        progress.add_task(environment.name or "?", total=len(plan.versions), start=False)
        for environment in plan.environments
    ]
    for environment, bar in zip(plan.environments, bars, strict=True):
        progress.start_task(bar)
        await client.packages.deploy(plan.package.id, environment.id)
        await wait_until_live(client, plan, environment, progress, bar)


async def wait_until_live(
    client: PatchworksClient,
    plan: Release,
    environment: VirtualEnvironment,
    progress: Progress,
    bar: TaskID,
) -> None:
    """Poll until every flow version of the package is enabled in the environment."""
    for _ in range(SECONDS_UNTIL_LIVE):
        deployments = client.flow_version_deployments.list(
            filter={
                "package_id": plan.package.id,
                "virtual_environment_id": environment.id,
            }
        )
        live = {
            deployment.flow_version_id
            async for deployment in deployments
            if deployment.enabled_at
        }
        progress.update(bar, completed=len(plan.versions & live))
        if plan.versions <= live:
            return
        await asyncio.sleep(1)
    raise ReleaseError(
        f"{plan.package.name} is not live in {environment.name} "
        f"after {SECONDS_UNTIL_LIVE} seconds."
    )


async def run(package: str, environments: Sequence[str], console: Console) -> None:
    """Release with a client made from the environment variables."""
    columns = (
        TextColumn("{task.description:<20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    async with PatchworksClient() as client:
        plan = await prepare(client, package, environments)
        with Progress(*columns, console=console) as progress:
            await release(client, plan, progress)


def main(arguments: Sequence[str] | None = None) -> int:
    """Release; print the reason and return 1 if that fails."""
    parser = argparse.ArgumentParser(
        description="Deploy a package to several environments, one after the other."
    )
    parser.add_argument("package", help="name of an existing package")
    parser.add_argument(
        "--to",
        action="append",
        required=True,
        metavar="ENVIRONMENT",
        help="repeatable",
    )
    parsed = parser.parse_args(arguments)
    try:
        asyncio.run(run(parsed.package, parsed.to, Console()))
    except (PatchworksError, ReleaseError) as error:
        print(f"The release stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
