"""Give the flows of one environment the schedules that they have in another.

    python examples/sync_schedules.py Production Staging            # shows what would change
    python examples/sync_schedules.py Production Staging --apply    # changes it

Schedules belong to a version of a flow. Where both environments run the same version, there is
nothing to do. Where they run different ones, the second environment's version gets the first
one's schedules and loses those that the first does not have. The credential comes from the
environment variables, as in examples/release.py.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from patchworks_core_client import (
    FlowVersion,
    FlowVersionSchedule,
    PatchworksClient,
    PatchworksError,
)


class SyncError(Exception):
    """The schedules cannot be compared; the message says why."""


@dataclass(frozen=True)
class Change:
    """One schedule to add to a version, or to remove from it."""

    flow: str
    version: int
    cron: str
    remove: int | None = None

    def __str__(self) -> str:
        action = "add" if self.remove is None else "remove"
        return f"{self.flow} (version {self.version}): {action} {self.cron!r}"


async def changes(client: PatchworksClient, source: str, target: str) -> list[Change]:
    """What to change so that the target has the source's schedules."""
    wanted, present = await asyncio.gather(
        deployed_versions(client, source), deployed_versions(client, target)
    )
    pairs = [(wanted[flow], present[flow]) for flow in wanted.keys() & present.keys()]
    different = sorted(
        (pair for pair in pairs if pair[0].id != pair[1].id),
        key=lambda pair: pair[0].flow_name or "",
    )
    found = await asyncio.gather(*(changes_of_flow(client, *pair) for pair in different))
    return [change for changes in found for change in changes]


async def deployed_versions(
    client: PatchworksClient, environment: str
) -> dict[int, FlowVersion]:
    """The deployed version of each flow, by flow id."""
    deployments = client.flow_version_deployments.list(
        filter={"virtual_environment_id": await environment_id(client, environment)},
        include="flowVersion",
    )
    versions = [
        deployment.flow_version async for deployment in deployments if deployment.enabled_at
    ]
    return {
        version.flow_id: version
        for version in versions
        if version and version.flow_id is not None
    }


async def environment_id(client: PatchworksClient, name: str) -> int:
    async for environment in client.virtual_environments.list(filter={"name": name}):
        if environment.name == name:
            return environment.id
    raise SyncError(f"There is no environment {name!r}.")


async def changes_of_flow(
    client: PatchworksClient, source: FlowVersion, target: FlowVersion
) -> list[Change]:
    """Compare by cron string, and count: a version can have the same one twice."""
    wanted, present = await asyncio.gather(
        schedules(client, source), schedules(client, target)
    )
    flow, version = target.flow_name or "?", target.id
    missing = Counter(schedule.cron_string for schedule in wanted)
    surplus: list[Change] = []
    for schedule in present:
        if missing[schedule.cron_string] > 0:
            missing[schedule.cron_string] -= 1
        else:
            surplus.append(Change(flow, version, schedule.cron_string or "", schedule.id))
    return [Change(flow, version, cron) for cron in missing.elements() if cron] + surplus


async def schedules(
    client: PatchworksClient, version: FlowVersion
) -> list[FlowVersionSchedule]:
    return await client.flow_versions.list_schedules(version.id).to_list()


async def carry_out(client: PatchworksClient, change: Change) -> None:
    if change.remove is None:
        await client.flow_versions.create_schedule(change.version, cron_string=change.cron)
    else:
        await client.flow_versions.delete_schedule(change.version, change.remove)


async def run(source: str, target: str, *, apply: bool) -> None:
    """Print the changes and, with `apply`, make them: additions first, to leave no gap."""
    async with PatchworksClient() as client:
        todo = await changes(client, source, target)
        for change in todo:
            print(change)
            if apply:
                await carry_out(client, change)
        print(
            f"{len(todo)} {'changes made' if apply else 'changes to make; --apply makes them'}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Sync; print the reason and return 1 if that fails."""
    parser = argparse.ArgumentParser(
        description="Copy the schedules of one environment to another."
    )
    parser.add_argument("source", help="the environment to copy from")
    parser.add_argument("target", help="the environment to change")
    parser.add_argument(
        "--apply", action="store_true", help="make the changes; without it they are only shown"
    )
    parsed = parser.parse_args(arguments)
    try:
        asyncio.run(run(parsed.source, parsed.target, apply=parsed.apply))
    except (PatchworksError, SyncError) as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
