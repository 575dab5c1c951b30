"""Release flow versions: package them, deploy them, wait until they are live, schedule one.

    python examples/release.py "Spring release" --to Staging --flow 101 --flow 102 \
        --schedule "0 6 * * *"

The credential comes from the environment: PATCHWORKS_API_KEY, or PATCHWORKS_TOKEN, or
PATCHWORKS_USERNAME and PATCHWORKS_PASSWORD. For a self-hosted installation set
PATCHWORKS_BASE_URL, too. `make demo` runs this program against a local sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

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
    """Put the newest version of each flow into a new package and take it live."""
    with step(f"Find the environment {plan.environment}") as say:
        environment = await find_environment(client, plan.environment)
        say(f"id {environment.id}")

    with step(f"Create the package {plan.name!r}") as say:
        package = await client.packages.create(name=plan.name)
        say(f"id {package.id}")

    with step("Add the newest version of each flow") as say:
        versions = [await newest_version(client, flow) for flow in plan.flows]
        for priority, version in enumerate(versions, start=1):
            await client.packages.add_flow_version(package.id, version.id, priority=priority)
            say(f"{title(version)}, id {version.id}")

    with step(f"Compare the package with {plan.environment}") as say:
        for line in table(await client.packages.compare(package.id, environment.id)):
            say(line)

    with step(f"Deploy to {plan.environment}"):
        await client.packages.deploy(package.id, environment.id, notes=plan.name)

    with step(f"Wait until it is live in {plan.environment}") as say:
        for deployment in await wait_until_live(client, package, environment, versions):
            say(f"{title(deployment.flow_version)}, enabled {deployment.enabled_at}")

    if plan.cron is not None:
        with step(f"Schedule {title(versions[0])}") as say:
            schedule = await client.flow_versions.create_schedule(
                versions[0].id, cron_string=plan.cron
            )
            say(f"{schedule.cron_string}, id {schedule.id}")


async def find_environment(client: PatchworksClient, name: str) -> VirtualEnvironment:
    """The environment of exactly that name; the server's filter also finds parts of names."""
    async for environment in client.virtual_environments.list(filter={"name": name}):
        if environment.name == name:
            return environment
    raise ReleaseError(f"There is no environment {name!r}.")


async def newest_version(client: PatchworksClient, flow: int) -> FlowVersion:
    """The version of a flow that was created last, draft or not."""
    version = await client.flow_versions.list(flow, sort="-created_at").first()
    if version is None:
        raise ReleaseError(f"Flow {flow} has no versions.")
    return version


async def wait_until_live(
    client: PatchworksClient,
    package: Package,
    environment: VirtualEnvironment,
    versions: Sequence[FlowVersion],
) -> list[FlowVersionDeployment]:
    """Poll until every version is deployed and enabled; return the deployments."""
    expected = {version.id for version in versions}
    for _ in range(SECONDS_UNTIL_LIVE):
        deployments = await client.flow_version_deployments.list(
            filter={"package_id": package.id, "virtual_environment_id": environment.id},
            include="flowVersion",
        ).to_list()
        live = {one.flow_version_id for one in deployments if one.enabled_at}
        if expected <= live:
            return deployments
        await asyncio.sleep(1)
    raise ReleaseError(
        f"{package.name} is not live in {environment.name} after {SECONDS_UNTIL_LIVE} seconds."
    )


# ----------------------------------------------------------------------------------- output


@contextmanager
def step(text: str) -> Generator[Callable[[str], None]]:
    """Print a tick, the step and its duration, then the details it reported."""
    details: list[str] = []
    started, mark = time.monotonic(), "✗"
    try:
        yield details.append
        mark = "✓"
    finally:
        print(f"{mark} {text:<62} {time.monotonic() - started:>7.2f} s", flush=True)
        for line in details:
            print(f"    {line}")


def title(version: FlowVersion | None) -> str:
    """The name and number of a version, as the dashboard shows them."""
    return f"{version.flow_name} v{version.iteration}" if version else "(unknown version)"


def table(comparison: Any) -> Iterator[str]:
    """A comparison as lines. Its form is not documented, so missing parts are shown as `-`."""
    found = dig(comparison, "data", "flows")
    flows = cast(list[object], found) if isinstance(found, list) else []
    yield f"{'Flow':<30} {'Change':<12} {'Deployed':>9} {'Package':>9}"
    for row in flows:
        name, change = dig(row, "flow", "name"), dig(row, "change")
        deployed, new = (
            dig(row, "environment_version", "iteration"),
            dig(row, "package_version", "iteration"),
        )
        yield f"{cell(name):<30.30} {cell(change):<12} {cell(deployed):>9} {cell(new):>9}"


def dig(value: Any, *path: str) -> Any:
    """The value at the end of a path of keys, or None."""
    for key in path:
        value = cast(dict[str, Any], value).get(key) if isinstance(value, dict) else None
    return value


def cell(value: object) -> str:
    return "-" if value is None else str(value)


# ----------------------------------------------------------------------------- command line


def plan_from(arguments: Sequence[str] | None) -> Plan:
    """The plan that the command line describes."""
    parser = argparse.ArgumentParser(description="Release flow versions to an environment.")
    parser.add_argument("name", help="name of the new package")
    parser.add_argument(
        "--to", required=True, metavar="ENVIRONMENT", help="name of the environment"
    )
    parser.add_argument(
        "--flow", type=int, action="append", required=True, metavar="ID", help="repeatable"
    )
    parser.add_argument("--schedule", metavar="CRON", help="when to run the first flow")
    parsed = parser.parse_args(arguments)
    return Plan(parsed.name, parsed.to, parsed.flow, parsed.schedule)


async def run(plan: Plan) -> None:
    """Release with a client made from the environment variables."""
    async with PatchworksClient() as client:
        await release(client, plan)


def main(arguments: Sequence[str] | None = None) -> int:
    """Release; print the reason and return 1 if that fails."""
    try:
        asyncio.run(run(plan_from(arguments)))
    except (PatchworksError, ReleaseError) as error:
        print(f"\nThe release stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
