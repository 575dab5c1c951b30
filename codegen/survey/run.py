"""From the environment's credentials to two files: report.md and overlay.yaml."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from patchworks_core_client import PatchworksClient, PatchworksError

from ..errors import CodegenError
from ..files import write_files
from ..generate import read_spec
from .findings import STATUSES, Findings
from .operations import ReadOperation, read_operations
from .propose import propose
from .report import report
from .walk import StopError, walk

REPORT, OVERLAY = "report.md", "overlay.yaml"
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Surveyed:
    """What there is to say at the end, and whether anything but Ctrl-C ended the survey early."""

    text: str
    failed: bool


def survey(spec: Path, to: Path, *, per_minute: int | None = 120) -> Surveyed:
    """Call every read-only operation of the server that the environment names, and write down what differs.

    Ctrl-C ends it early; what was found by then is written.

    Args:
        spec: The merged spec.
        to: The folder of the report and of the proposed overlay.
        per_minute: Requests in any minute; half of the usual quota leaves the other half to others.

    Raises:
        CodegenError: There is no credential, or the first call fails.
    """
    findings = Findings(read_spec(spec))
    operations = read_operations(findings.spec)
    asyncio.run(_call(operations, findings, per_minute))
    if not findings.counts[STATUSES]:
        raise CodegenError(findings.stopped or "no operation could be called")
    proposals = propose(findings, operations)
    written = {to / REPORT: report(findings, operations, len(proposals.actions))}
    if proposals.actions:
        written[to / OVERLAY] = proposals.to_yaml()
    else:
        (to / OVERLAY).unlink(missing_ok=True)
    write_files(written)
    stopped = f"Stopped early: {findings.stopped}. " if findings.stopped else ""
    text = f"{stopped}{len(proposals.actions)} corrections proposed; see {' and '.join(map(str, written))}"
    return Surveyed(text, failed=findings.stopped not in ("", INTERRUPTED))


async def _call(operations: list[ReadOperation], findings: Findings, per_minute: int | None) -> None:
    try:
        client = PatchworksClient(requests_per_minute=per_minute, max_concurrency=1)
    except PatchworksError as error:
        raise CodegenError(str(error)) from error
    with Console(stderr=True).status("") as status:
        async with client:
            try:
                await walk(client, operations, findings, status.update)
            except StopError as stop:
                findings.stopped = str(stop)
            except asyncio.CancelledError:  # Ctrl-C
                findings.stopped = INTERRUPTED
