"""`python -m tests.proofs.soak`: one client, many tasks, a server with bad days, and the books balanced afterwards.

Each task works on rows of its own, so it knows what the server must show it. What was created carries a mark that
occurs once, and the server's journal tells how often it was carried out.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import random
import sys
import time
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patchworks_core_client import (
    APIConnectionError,
    APIError,
    APIStatusError,
    NotFoundError,
    PatchworksClient,
)

from .process import Server, sandbox_process

FLOWS, PACKAGES, ENVIRONMENTS = 10, 3, 120
FIRST_ENVIRONMENT, FIRST_PACKAGE = 201, 20001
VERSION, FLOW, SCHEDULE = 1002, 101, 701
PARTS = 10
PARTS_TRACED = 4
MOST_LIVE = 12


@dataclass
class Books:
    """What was asked for, and what must be so on the server."""

    calls: int = 0
    happened: set[str] = field(default_factory=set[str])
    may_have: set[str] = field(default_factory=set[str])
    did_not: set[str] = field(default_factory=set[str])
    errors: Counter[str] = field(default_factory=Counter[str])
    problems: list[str] = field(default_factory=list[str])
    items_read: int = 0

    def check(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)

    def failed(self, error: APIError) -> None:
        status = f" {error.status_code}" if isinstance(error, APIStatusError) else ""
        self.errors[type(error).__name__ + status] += 1


@dataclass(frozen=True)
class Report:
    """The figures of a run; `problems` is empty where every promise was kept."""

    calls: int
    requests: int
    faults: int
    seconds: float
    created: int
    uncertain: int
    refused: int
    items_read: int
    errors: dict[str, int]
    sockets: tuple[int, int, int]
    tasks_left: int
    bytes_per_call: float
    problems: list[str]

    def __str__(self) -> str:
        before, most, after = self.sockets
        errors = ", ".join(f"{name}: {number}" for name, number in sorted(self.errors.items())) or "none"
        pace = f"{self.seconds:.1f} s ({self.calls / self.seconds:,.0f} calls a second)"
        unsure = f"{self.uncertain:,} said that they may have been; {self.refused:,} said that they were not"
        return "\n".join(
            [
                f"{self.calls:,} calls made {self.requests:,} requests, {self.faults:,} with a fault, in {pace}",
                f"creates: {self.created:,} succeeded, each carried out once; {unsure}, and were not",
                f"read: {self.items_read:,} items in lists, none lost, none twice",
                f"errors raised: {errors}",
                f"sockets: {before} before, {most} at most, {after} after; tasks left: {self.tasks_left}",
                f"memory: {self.bytes_per_call:+.1f} bytes a call",
                *(f"PROBLEM: {problem}" for problem in self.problems[:20]),
                f"{len(self.problems)} problems",
            ]
        )


def may_have_happened(error: APIError) -> bool:
    """What an error of a POST says: whether the server may have acted."""
    if isinstance(error, APIConnectionError):
        return error.delivered is not False
    if isinstance(error, APIStatusError):
        return error.status_code >= 500 and not (error.status_code == 503 and "retry-after" in error.headers)
    return True


class Worker:
    """One task with packages and environment versions of its own."""

    def __init__(self, number: int, client: PatchworksClient, books: Books, dice: random.Random) -> None:
        self.client = client
        self.books = books
        self.dice = dice
        self.prefix = f"task{number:03}-"
        self.environment = FIRST_ENVIRONMENT + number % ENVIRONMENTS
        self.made = 0
        self.notes: dict[int, set[str | None]] = {}
        self.lost = False
        self.versions: list[int] = []
        self.actions: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (14, self.create_package),
            (12, self.get_package),
            (10, self.update_package),
            (9, self.delete_package),
            (6, self.list_own_packages),
            (3, self.list_environments),
            (7, self.create_version),
            (6, self.delete_version),
            (3, self.deploy),
            (6, self.switch_deployment),
            (8, self.get_flow_version),
            (8, self.list_schedules),
            (4, self.compare),
            (4, self.undocumented),
        ]

    async def act(self) -> None:
        """One call, chosen by lot; an error that the client raises is entered in the books."""
        weights = [weight for weight, _ in self.actions]
        action = self.dice.choices([action for _, action in self.actions], weights)[0]
        self.books.calls += 1
        try:
            await action()
        except APIError as error:
            self.books.failed(error)

    def mark(self) -> str:
        self.made += 1
        return f"{self.prefix}{self.made}"

    async def creating(self, mark: str, call: Awaitable[Any]) -> Any:
        try:
            result = await call
        except APIError as error:
            (self.books.may_have if may_have_happened(error) else self.books.did_not).add(mark)
            raise
        self.books.happened.add(mark)
        return result

    def any_package(self) -> int | None:
        return self.dice.choice(list(self.notes)) if self.notes else None

    async def create_package(self) -> None:
        if len(self.notes) >= MOST_LIVE:
            return await self.delete_package()
        name = self.mark()
        try:
            package = await self.creating(name, self.client.packages.create(name=name))
        except APIError as error:
            self.lost = self.lost or may_have_happened(error)
            raise
        self.books.check(package.name == name, f"created {name}, and {package.name} came back")
        self.notes[int(str(package.id))] = {None}
        return None

    async def get_package(self) -> None:
        if (identifier := self.any_package()) is None:
            return await self.create_package()
        package = await self.client.packages.get(identifier)
        known = self.notes[identifier]
        self.books.check(package.notes in known, f"package {identifier} shows notes {package.notes!r}, not {known}")
        return None

    async def update_package(self) -> None:
        if (identifier := self.any_package()) is None:
            return await self.create_package()
        notes = self.mark()
        self.notes[identifier].add(notes)  # from now on until it is known
        package = await self.client.packages.update(identifier, notes=notes)
        self.books.check(package.notes == notes, f"package {identifier} was given {notes}, and shows {package.notes}")
        self.notes[identifier] = {notes}
        return None

    async def delete_package(self) -> None:
        if (identifier := self.any_package()) is None:
            return await self.create_package()
        del self.notes[identifier]
        try:
            await self.client.packages.delete(identifier)
        except NotFoundError:
            pass  # an earlier attempt was carried out, and its answer was lost
        except APIError:
            self.lost = True
            raise
        return None

    async def list_own_packages(self) -> None:
        packages = await self.client.packages.list(filter={"name": self.prefix}, per_page=3, sort="name").to_list()
        shown = Counter(package.id for package in packages)
        self.books.items_read += len(packages)
        self.books.check(max(shown.values(), default=1) == 1, f"{self.prefix} items twice: {shown}")
        missing = set(self.notes) - set(shown)
        self.books.check(not missing, f"{self.prefix} items lost: {missing}")
        unknown = set(shown) - set(self.notes)
        self.books.check(self.lost or not unknown, f"{self.prefix} items from nowhere: {unknown}")

    async def list_environments(self) -> None:
        shown = [row.id async for row in self.client.virtual_environments.list(per_page=25)]
        self.books.items_read += len(shown)
        expected = list(range(FIRST_ENVIRONMENT, FIRST_ENVIRONMENT + ENVIRONMENTS))
        self.books.check(shown == expected, f"environments came as {shown}")

    async def create_version(self) -> None:
        notes = self.mark()
        create = self.client.virtual_environments.create_version
        version = await self.creating(notes, create(self.environment, notes=notes))
        self.books.check(version.notes == notes, f"created version {notes}, and {version.notes} came back")
        self.versions.append(int(str(version.id)))

    async def delete_version(self) -> None:
        if not self.versions:
            return await self.create_version()
        with contextlib.suppress(NotFoundError):  # as with packages
            await self.client.virtual_environments.delete_version(self.environment, self.versions.pop())
        return None

    async def deploy(self) -> None:
        notes = self.mark()
        answer = await self.creating(
            notes, self.client.packages.deploy(FIRST_PACKAGE + 1, self.environment, notes=notes)
        )
        self.books.check(answer["data"]["notes"] == notes, f"deployed {notes}, and {answer} came back")

    async def switch_deployment(self) -> None:
        deployments = self.client.flow_version_deployments
        switch = self.dice.choice([deployments.enable, deployments.disable])
        answer = await switch(VERSION, 4001)
        self.books.check(answer["data"]["id"] == 4001, f"switched 4001, and {answer} came back")

    async def get_flow_version(self) -> None:
        version = await self.client.flow_versions.get(FLOW, VERSION)
        self.books.check(version.id == VERSION, f"asked for version {VERSION}, and {version.id} came")

    async def list_schedules(self) -> None:
        schedules = await self.client.flow_versions.list_schedules(VERSION)
        self.books.check([row.id for row in schedules] == [SCHEDULE], f"schedules came as {schedules.items}")

    async def compare(self) -> None:
        answer = await self.client.packages.compare(FIRST_PACKAGE, self.environment)
        found = answer["data"]["virtual_environment_id"]
        self.books.check(found == self.environment, f"compared with {self.environment}, and {found} came")

    async def undocumented(self) -> None:
        answer = await self.client.request("GET", f"/api/v1/virtual-environments/{self.environment}")
        self.books.check(answer.json()["data"]["id"] == self.environment, f"asked for {self.environment}")


class Memory:
    """What the process holds, the soak's own books left out."""

    def __init__(self) -> None:
        self.points: list[tuple[int, int]] = []
        self._not_ours = [tracemalloc.Filter(False, __file__), tracemalloc.Filter(False, tracemalloc.__file__)]

    def sample(self, calls: int) -> None:
        gc.collect()
        snapshot = tracemalloc.take_snapshot().filter_traces(self._not_ours)
        self.points.append((calls, sum(trace.size for trace in snapshot.traces)))

    def slope(self) -> float:
        """Bytes a call, by least squares."""
        points = self.points
        if len(points) < 3:
            return 0.0
        mean_x = sum(x for x, _ in points) / len(points)
        mean_y = sum(y for _, y in points) / len(points)
        return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def count_sockets() -> int:
    """Open sockets of this process; 0 where the system does not tell."""
    found = 0
    folder = Path("/proc/self/fd")
    for entry in folder.iterdir() if folder.exists() else ():
        with contextlib.suppress(OSError):  # it may be gone by now
            found += str(entry.readlink()).startswith("socket:")
    return found


async def soak(
    server: Server, *, calls: int, tasks: int, rate: float, seed: int = 0, memory: bool = True, **options: Any
) -> Report:
    """Make `calls` calls with one client on `tasks` tasks, of whose requests `rate` go wrong; then check the books."""
    books, memories = Books(), Memory()
    sockets_before = most_sockets = count_sockets()
    tasks_before = len(asyncio.all_tasks())
    server.control("POST", "/faults", {"random": {"rate": rate, "seed": seed}})
    started = time.monotonic()
    async with PatchworksClient(
        base_url=server.base_url, api_key=server.api_key, requests_per_minute=None, **options
    ) as client:
        workers = [Worker(number, client, books, random.Random(f"{seed}/{number}")) for number in range(tasks)]

        async def work(worker: Worker, until: int) -> None:
            while books.calls < until:
                await worker.act()

        for part in range(PARTS):
            # Caches and pools are full by then; and to trace all of it would double the time.
            if memory and part == PARTS - PARTS_TRACED:
                tracemalloc.start()
                memories.sample(books.calls)
            async with asyncio.TaskGroup() as group:
                for worker in workers:
                    group.create_task(work(worker, calls * (part + 1) // PARTS))
            most_sockets = max(most_sockets, count_sockets())
            if tracemalloc.is_tracing():
                memories.sample(books.calls)
    seconds = time.monotonic() - started
    await asyncio.sleep(0.05)  # closed connections are let go of in the loop's next rounds
    tracemalloc.stop()
    sockets = (sockets_before, most_sockets, count_sockets())
    tasks_left = len(asyncio.all_tasks()) - tasks_before
    journal = server.control("GET", "/requests")
    balance(books, journal)
    counters = server.control("GET", "/counters")
    books.check(tasks_left == 0, f"{tasks_left} tasks are left")
    books.check(sockets[2] <= sockets[0], f"{sockets[2] - sockets[0]} sockets are left")
    books.check(counters["crashes"] == 0, "the sandbox failed")
    return Report(
        calls=books.calls,
        requests=len(journal),
        faults=sum(bool(entry["faults"]) for entry in journal),
        seconds=seconds,
        created=len(books.happened),
        uncertain=len(books.may_have),
        refused=len(books.did_not),
        items_read=books.items_read,
        errors=dict(books.errors),
        sockets=sockets,
        tasks_left=tasks_left,
        bytes_per_call=memories.slope(),
        problems=books.problems,
    )


def balance(books: Books, journal: list[dict[str, Any]]) -> None:
    """How often each marked request was carried out, beside what the client said of it."""
    creating = ("packages.create", "virtual_environments.create_version", "packages.deploy")
    acted: Counter[str] = Counter()
    for entry in journal:
        if entry["operation"] in creating and entry["acted"]:
            acted[entry["body"].get("name") or entry["body"]["notes"]] += 1
    for mark in books.happened:
        books.check(acted[mark] == 1, f"{mark} succeeded, and was carried out {acted[mark]} times")
    for mark in books.may_have:
        books.check(acted[mark] <= 1, f"{mark} may have happened, and was carried out {acted[mark]} times")
    for mark in books.did_not:
        books.check(acted[mark] == 0, f"{mark} did not happen by its error, and was carried out {acted[mark]} times")
    known = books.happened | books.may_have | books.did_not
    books.check(set(acted) <= known, f"nobody asked for {set(acted) - known}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.soak", description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--rate", type=float, default=0.05, help="share of the requests that go wrong")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--transport", choices=("httpx", "aiohttp"), default="httpx")
    arguments = parser.parse_args()
    warnings.simplefilter("error")
    with sandbox_process(flows=FLOWS, packages=PACKAGES, environments=ENVIRONMENTS) as server:
        report = asyncio.run(
            soak(
                server,
                calls=arguments.calls,
                tasks=arguments.tasks,
                rate=arguments.rate,
                seed=arguments.seed,
                transport=arguments.transport,
                max_concurrency=arguments.concurrency,
            )
        )
    print(report)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
