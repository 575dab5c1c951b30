"""Reading and writing JSON. Reading is exact: nothing is rounded, and nothing but JSON is accepted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import Enum
from functools import partial
from importlib import import_module
from typing import Any, TypeGuard, cast

from ._types import UNSET

_DIGITS_TO_ZERO = bytes.maketrans(b"0123456789", b"0" * 10)
_LONG_NUMBER = b"0" * 19


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_loads_exactly = partial(json.loads, parse_constant=_refuse_constant)

_fast: Callable[[bytes], Any] | None = None
with suppress(ImportError):
    _fast = import_module("orjson").loads


def loads(body: bytes) -> Any:
    """Read a JSON document: with orjson where it is installed and loses nothing.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It nests too deeply.
    """
    # orjson turns integers beyond 64 bits into floats. A run of 19 digits means that there may be one.
    if _fast is not None and _LONG_NUMBER not in body.translate(_DIGITS_TO_ZERO):
        with suppress(ValueError):
            return _fast(body)
    return _loads_exactly(body)


def dumps(value: Any) -> bytes:
    """Encode a request body. Datetimes are written in UTC, UNSET entries left out.

    Raises:
        ValueError: It contains NaN, an infinity or a datetime without a time zone.
        TypeError: It contains something that has no JSON form.
        RecursionError: It contains itself, or nests too deeply.
    """
    return json.dumps(to_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def to_json(value: Any) -> Any:
    """Convert a value to plain JSON data, for a body or a changed model.

    Raises:
        ValueError: It contains a datetime without a time zone.
        TypeError: It contains something that has no JSON form.
    """
    if value is UNSET:
        raise TypeError("UNSET leaves out an argument or the key of an object, and has no JSON form of its own")
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, date):
        return utc_text(value) if isinstance(value, datetime) else value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return {to_json(key): to_json(item) for key, item in entries if item is not UNSET}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item) for item in cast("Iterable[Any]", value)]
    raise TypeError(f"a {type(value).__name__} cannot be sent as JSON: {value!r}")


def utc_text(moment: datetime) -> str:
    """A datetime as it is sent in queries, forms and bodies: `2026-07-01T10:00:00Z`, with microseconds if it has any.

    In UTC, because Laravel drops any other offset.

    Raises:
        ValueError: It has no time zone, so the moment is unknown.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone: pass an aware datetime, such as datetime.now(UTC)")
    try:
        return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except OverflowError:
        raise ValueError(f"{moment!r} is beyond the years 1 to 9999 in UTC") from None


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a JSON array."""
    return isinstance(value, list)


def copy_json(value: dict[str, Any], *, hidden: re.Pattern[str] | None = None) -> dict[str, Any]:
    """A deep copy of a JSON object, with `***` in place of the value of each key that matches `hidden`.

    Iterative, because JSON may nest deeper than Python can recurse.
    """
    copied = value.copy()
    pending: list[Any] = [copied]
    for container in pending:
        for key, item in enumerate(container) if is_array(container) else container.items():
            if hidden and item is not None and hidden.search(str(key)):
                container[key] = "***"
            elif is_object(item) or is_array(item):
                container[key] = item.copy()
                pending.append(container[key])
    return copied
