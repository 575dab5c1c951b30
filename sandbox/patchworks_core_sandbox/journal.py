"""The requests and what became of them, for tests to look at."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Entry:
    """One request.

    Attributes:
        operation: Name of the endpoint (`packages.create`); None where no endpoint answered.
        status: Of the answer; None as long as there is none, and where the connection ended without one.
        acted: The endpoint carried the request out, whatever became of its answer.
        faults: The faults that befell it.
        at: When it came in, by `time.monotonic()`.
    """

    number: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    at: float
    operation: str | None = None
    status: int | None = None
    acted: bool = False
    faults: list[str] = field(default_factory=list[str])

    def to_dict(self) -> dict[str, Any]:
        """For the control endpoint: without headers, so without credentials."""
        shown = {name: getattr(self, name) for name in ("number", "method", "path", "query", "body", "at")}
        return shown | {name: getattr(self, name) for name in ("operation", "status", "acted", "faults")}


class Journal:
    """The requests in their order, and counts of them.

    Attributes:
        seen: Requests by method and path.
        acted: Requests carried out, by operation.
        in_flight: Requests being answered now.
        most_in_flight: The most there ever were at once.
        connections: Connections accepted.
    """

    def __init__(self, size: int | None) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self.reset()

    def reset(self) -> None:
        self._entries.clear()
        self._count = 0
        self.seen: Counter[tuple[str, str]] = Counter()
        self.acted: Counter[str] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    def of(self, operation: str) -> list[Entry]:
        return [entry for entry in self if entry.operation == operation]

    def open(self, method: str, path: str, query: str, headers: dict[str, str], body: Any) -> Entry:
        self._count += 1
        entry = Entry(self._count, method, path, query, headers, body, time.monotonic())
        self._entries.append(entry)
        self.seen[method, path] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        return entry

    def close(self) -> None:
        self.in_flight = max(0, self.in_flight - 1)

    def act(self, entry: Entry) -> None:
        entry.acted = True
        if entry.operation:
            self.acted[entry.operation] += 1
