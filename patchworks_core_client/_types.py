"""Small types that every call shares: UNSET, identifiers, timeouts, extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, TypedDict

__all__ = ["UNSET", "Unset"]


class Unset(Enum):
    """The type of `UNSET`.

    An enum, because type checkers then narrow `value is UNSET`, and its copies stay the same object.
    """

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    __str__ = __repr__


UNSET: Final = Unset.UNSET
"""Default of an optional argument: not sent at all (None, where it is allowed, sends null)."""

# What names one thing in a path or a body: ids come back as integers, the documentation says strings.
Identifier: TypeAlias = int | str

# Seconds for one attempt, from connecting to the last byte; None waits for ever; UNSET is the client's.
Timeout: TypeAlias = float | Unset | None

# A query value: str, int, float, bool, date, datetime, Enum, or a sequence of those.
QueryValue: TypeAlias = Any

ExtraQuery: TypeAlias = Mapping[str, QueryValue] | Sequence[tuple[str, QueryValue]]
ExtraHeaders: TypeAlias = Mapping[str, str]

# Called with the number of items so far and the total (None where the server does not say).
ProgressCallback: TypeAlias = Callable[[int, int | None], object]


class CallOptions(TypedDict, total=False):
    """What a generated method passes on as it is: how its request is made, and how it is sent."""

    body: Any
    params: Mapping[str, Any] | None
    headers: Mapping[str, Any] | None
    timeout: Timeout
    max_retries: int | Unset
    extra_query: ExtraQuery | None
    extra_headers: ExtraHeaders | None
