"""Write every deployment of every environment to a CSV file.

    python examples/nightly_report.py deployed.csv

Meant for a nightly job. The file is replaced only when the new one is complete, so a run that
fails keeps yesterday's. The credential comes from the environment variables, as in
examples/release.py.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from patchworks_core_client import FlowVersionDeployment, PatchworksClient, PatchworksError

COLUMNS = ("environment", "flow", "version", "package", "enabled", "deployment")


async def rows() -> list[tuple[str, ...]]:
    """One row per deployment, sorted so that two nights can be compared."""
    async with PatchworksClient() as client:
        deployments = client.flow_version_deployments.list(
            include=["flowVersion", "virtualEnvironment", "package"], on_progress=show_progress
        )
        found = [row(deployment) async for deployment in deployments]
    return sorted(found)


def row(deployment: FlowVersionDeployment) -> tuple[str, ...]:
    """One line of the report; without an environment, a deployment applies everywhere."""
    version, environment, package = (
        deployment.flow_version,
        deployment.virtual_environment,
        deployment.package,
    )
    return (
        text(environment and environment.name) or "(everywhere)",
        text(version and version.flow_name),
        text(version and version.iteration),
        text(package and package.name),
        text(deployment.enabled_at),
        text(deployment.id),
    )


def text(value: object) -> str:
    """A cell; empty if the server sent nothing, times in UTC."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def show_progress(done: int, total: int | None) -> None:
    print(f"{done} of {total if total is not None else '?'} deployments", file=sys.stderr)


def write(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Write a new file beside the old one, then replace that."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    draft.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report; print the reason and return 1 if that fails."""
    parser = argparse.ArgumentParser(description="Write what is deployed where to a CSV file.")
    parser.add_argument("file", type=Path)
    parsed = parser.parse_args(arguments)
    try:
        write(parsed.file, asyncio.run(rows()))
    except PatchworksError as error:
        print(f"No report: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
