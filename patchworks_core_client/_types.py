"""Small types that many modules share: UNSET, identifiers, timeouts, extras, and what JSON is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, TypeGuard

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


UNSET: Final = Unset.UNSET
"""The default of an optional argument: it is not sent. (None sends null, where the documentation allows it.)"""

# An id in a path or a body. The server returns integers, the documentation says strings; both work.
Identifier: TypeAlias = int | str

# Seconds for one attempt, from connecting to the last byte. None means no limit, UNSET the client's setting.
Timeout: TypeAlias = float | Unset | None

# A value is a str, int, float, bool, date, datetime, Enum, or a sequence of those.
ExtraQuery: TypeAlias = Mapping[str, Any] | Sequence[tuple[str, Any]]
ExtraHeaders: TypeAlias = Mapping[str, str]

# Called with the number of items so far and the total, which is None if the server does not say.
ProgressCallback: TypeAlias = Callable[[int, int | None], object]


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)
