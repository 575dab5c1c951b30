"""Which requests fail, and how. What each kind of fault does is in `fault_kinds`."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEADER = "x-sandbox-fault"


@dataclass(frozen=True)
class Fault:
    """A kind of fault and its value, written `kind` or `kind=value`."""

    kind: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """The fault that `text` names.

        Raises:
            ValueError: There is no such kind, or it cannot have that value.
        """
        from .fault_kinds import KINDS

        name, separator, value = text.strip().partition("=")
        if name not in KINDS:
            raise ValueError(f"There is no fault {name!r}. There are: {', '.join(sorted(KINDS))}.")
        kind = KINDS[name]
        value = value if separator else kind.default
        kind.check(value)
        return cls(name, value)

    def __str__(self) -> str:
        return f"{self.kind}={self.value}" if self.value else self.kind


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Faults separated by commas, all for the same request."""
    return tuple(Fault.parse(part) for part in text.split(","))


def is_like(path: str, pattern: str) -> bool:
    """Whether `path` matches `pattern`: `*` matches anything, `{package}` one segment."""
    escaped = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern)).replace(r"\*", ".*")
    return re.fullmatch(escaped, path) is not None


@dataclass
class Planned:
    """Faults planned for the requests that match.

    Attributes:
        times: How many requests are still to go wrong; None for all.
        after: How many matching requests pass unharmed first.
        method: None for any.
        path: With `*` for anything, and `{package}` for one segment.
    """

    faults: tuple[Fault, ...]
    times: int | None
    after: int
    method: str | None
    path: str

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and is_like(path, self.path)

    def take(self) -> tuple[Fault, ...]:
        """The faults for a request that matched."""
        if self.after:
            self.after -= 1
            return ()
        if self.times is not None:
            self.times -= 1
        return self.faults

    def to_dict(self) -> dict[str, Any]:
        return vars(self) | {"faults": ", ".join(map(str, self.faults))}


@dataclass
class Weather:
    """Random faults: each request fails with probability `rate`. Equal seeds give equal faults."""

    rate: float
    faults: Sequence[tuple[Fault, ...]]
    path: str
    dice: random.Random


EVERYDAY = (
    "latency=0.02",
    "status=500",
    "status=502",
    "throttled=0",
    "unavailable=0",
    "acted-status=504",
    "reset-before",
    "reset-after",
    "close-before",
    "truncated",
    "html=502",
)
"""What `Faults.random` draws from unless told otherwise."""


class Faults:
    """The faults that are planned."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._weather: Weather | None = None

    def add(
        self, faults: str, *, times: int | None = 1, after: int = 0, method: str | None = None, path: str = "/api/*"
    ) -> None:
        """Let the next `times` requests that match fail.

        Args:
            faults: One or more, separated by commas, such as `latency=0.1, status=503`.
            times: How many requests; None for all from now on.
            after: How many matching requests pass first.
            method: Only requests with this method.
            path: Only requests to this path; `*` matches anything, `{package}` one segment.

        Raises:
            ValueError: There is no such fault.
        """
        self._planned.append(Planned(parse_faults(faults), times, after, method, path))

    def fail(
        self, status: int, *, times: int | None, method: str | None, path: str, headers: Mapping[str, str]
    ) -> None:
        """Answer the next `times` requests that match with `status` and `headers`."""
        kind = Fault("throttled", "missing") if status == 429 else Fault("status", str(status))
        extra = (Fault("header", f"{name}: {value}") for name, value in headers.items())
        self._planned.append(Planned((kind, *extra), times, 0, method, path))

    def random(self, rate: float, *, seed: int = 0, faults: Iterable[str] = EVERYDAY, path: str = "/api/*") -> None:
        """Let requests fail with probability `rate`, each by one of `faults`."""
        self._weather = Weather(rate, [parse_faults(text) for text in faults], path, random.Random(seed))

    def clear(self) -> None:
        self._planned.clear()
        self._weather = None

    def pick(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[Fault, ...]:
        """The faults for a request: those its header asks for, else planned ones, else random ones."""
        if HEADER in headers:
            return parse_faults(headers[HEADER])
        for planned in self._planned:
            if planned.matches(method, path):
                faults = planned.take()
                if planned.times == 0:
                    self._planned.remove(planned)
                return faults
        weather = self._weather
        if weather and is_like(path, weather.path) and weather.dice.random() < weather.rate:
            return weather.dice.choice(weather.faults)
        return ()

    def to_list(self) -> list[dict[str, Any]]:
        return [planned.to_dict() for planned in self._planned]
