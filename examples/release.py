"""Carry a release through Patchworks: flow versions into a package, deployed, seen live, scheduled.

    python examples/release.py "Spring release" --to Staging --flow 101 --flow 102 --schedule "0 6 * * *"

Where Patchworks is and who is calling comes from the environment: PATCHWORKS_API_KEY (or PATCHWORKS_TOKEN, or
PATCHWORKS_USERNAME and PATCHWORKS_PASSWORD) and, for an installation of your own, PATCHWORKS_BASE_URL. `make demo` runs
it against a local sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from patchworks_core_client import (
    FlowVersion,
    FlowVersionDeployment,
    Package,
    PatchworksClient,
    PatchworksError,
    VirtualEnvironment,
)

SECONDS_UNTIL_LIVE = 60


class ReleaseError(Exception):
    """The release cannot go on; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What to release, and where to."""

    name: str
    environment: str
    flows: Sequence[int]
    cron: str | None


async def release(client: PatchworksClient, plan: Plan) -> None:
    """Put the newest version of each flow into a new package, deploy it and wait until it is live."""
    step("Environments")
    environment = await choose_environment(client, plan.environment)

    step("Create the package")
    package = await client.packages.create(name=plan.name, notes="Released by examples/release.py")
    say(f"{package.name}, id {package.id}")

    step("Add the newest version of each flow")
    versions = [await newest_version(client, flow) for flow in plan.flows]
    for priority, version in enumerate(versions, start=1):
        await client.packages.add_flow_version(package.id, version.id, priority=priority)
        say(f"{priority}. {title(version)}")

    step(f"Compare with {environment.name}")
    show(await client.packages.compare(package.id, environment.id))

    step(f"Deploy to {environment.name}")
    await client.packages.deploy(package.id, environment.id, notes=plan.name)
    say("accepted")

    step(f"Live in {environment.name}")
    for deployment in await wait_until_live(client, package, environment, versions):
        since = f"{deployment.enabled_at:%Y-%m-%d %H:%M:%S %Z}" if deployment.enabled_at else "not enabled"
        say(f"{title(deployment.flow_version)}, deployment {deployment.id}, enabled {since}")

    if plan.cron is not None:
        step("Schedule")
        schedule = await client.flow_versions.create_schedule(versions[0].id, cron_string=plan.cron)
        say(f"{title(versions[0])} runs at {schedule.cron_string!r}, schedule {schedule.id}")


async def choose_environment(client: PatchworksClient, name: str) -> VirtualEnvironment:
    """The environment of that name, out of all of them."""
    chosen: VirtualEnvironment | None = None
    async for environment in client.virtual_environments.list():
        if environment.name == name:
            chosen = environment
        say(
            f"{environment.name}, id {environment.id}" + ("  <- the release goes here" if environment is chosen else "")
        )
    if chosen is None:
        raise ReleaseError(f"There is no environment {name!r}.")
    return chosen


async def newest_version(client: PatchworksClient, flow: int) -> FlowVersion:
    """The version of a flow that was created last, draft or not."""
    version = await client.flow_versions.list(flow, sort="-created_at").first()
    if version is None:
        raise ReleaseError(f"Flow {flow} has no versions.")
    return version


async def wait_until_live(
    client: PatchworksClient, package: Package, environment: VirtualEnvironment, versions: Sequence[FlowVersion]
) -> list[FlowVersionDeployment]:
    """The package's deployments in the environment, as soon as all versions are there and enabled."""
    expected = {version.id for version in versions}
    for _ in range(SECONDS_UNTIL_LIVE):
        deployments = await client.flow_version_deployments.list(
            filter={"package_id": package.id, "virtual_environment_id": environment.id},
            include="flowVersion",
        ).to_list()
        if expected <= {deployment.flow_version_id for deployment in deployments if deployment.enabled_at}:
            return deployments
        await asyncio.sleep(1)
    raise ReleaseError(f"After {SECONDS_UNTIL_LIVE} seconds {package.name} is not live in {environment.name}.")


def title(version: FlowVersion | None) -> str:
    """The name and number of a version, as the dashboard shows them."""
    return (
        f"{version.flow_name} v{version.iteration} (id {version.id})"
        if version
        else "a version of which nothing was sent"
    )


def show(answer: Any, lines: int = 12) -> None:
    """The start of an answer of which no schema is documented."""
    text = json.dumps(answer, indent=2).splitlines()
    for line in text[:lines]:
        say(line)
    if len(text) > lines:
        say(f"... and {len(text) - lines} more lines")


def step(text: str) -> None:
    print(f"\n{text}")


def say(text: str) -> None:
    print(f"   {text}")


def plan_from(arguments: Sequence[str] | None) -> Plan:
    """The plan that the command line describes."""
    parser = argparse.ArgumentParser(description="Release flow versions to an environment.")
    parser.add_argument("name", help="what the new package is called")
    parser.add_argument("--to", required=True, metavar="ENVIRONMENT", help="name of the virtual environment")
    parser.add_argument(
        "--flow", type=int, action="append", required=True, metavar="ID", help="may be given repeatedly"
    )
    parser.add_argument("--schedule", metavar="CRON", help="when the first flow shall run")
    parsed = parser.parse_args(arguments)
    return Plan(parsed.name, parsed.to, parsed.flow, parsed.schedule)


async def run(plan: Plan) -> None:
    """Release with a client made from the environment variables."""
    async with PatchworksClient() as client:
        await release(client, plan)


def main(arguments: Sequence[str] | None = None) -> int:
    """Release; on failure say why and return 1."""
    try:
        asyncio.run(run(plan_from(arguments)))
    except (PatchworksError, ReleaseError) as error:
        print(f"\nThe release stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
