"""Reading and writing JSON. Reading is exact: nothing is rounded, and nothing but JSON is accepted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import Enum
from importlib import import_module
from typing import Any, cast

from ._types import UNSET, is_array, is_object
from .errors import InvalidArgumentError

_DIGITS_TO_ZERO = bytes.maketrans(b"0123456789", b"0" * 10)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


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
    if _fast is not None and b"0" * 19 not in body.translate(_DIGITS_TO_ZERO):
        with suppress(ValueError):
            return _fast(body)
    return json.loads(body, parse_constant=_refuse_constant)


def dumps(value: Any) -> bytes:
    """Encode a request body. Datetimes are written in UTC, UNSET entries left out.

    Raises:
        ValueError: It contains NaN, an infinity or a datetime without a time zone.
        TypeError: It contains something that has no JSON form.
        RecursionError: It contains itself, or nests too deeply.
    """
    return json.dumps(to_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def to_json(value: Any, keep: Callable[[Any], bool] = lambda _: False) -> Any:
    """Convert a value to plain JSON data, for a body or a changed model. UNSET entries of objects are left out.

    Args:
        value: What to convert.
        keep: Tells what is left as it is, such as the files of a form.

    Raises:
        InvalidArgumentError: It contains a datetime without a time zone.
        TypeError: It contains something that has no JSON form.
    """
    if keep(value):
        return value
    if hasattr(value, "keys"):  # a mapping or a model
        return {to_json(key): to_json(item, keep) for key, item in dict(value).items() if item is not UNSET}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(item, keep) for item in cast("Iterable[Any]", value)]
    if isinstance(value, Enum) and value is not UNSET:
        return to_json(value.value)
    if isinstance(value, date):
        return utc_text(value) if isinstance(value, datetime) else value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be sent as JSON: {value!r}")


def utc_text(moment: datetime) -> str:
    """A datetime as it is sent in queries, forms and bodies: `2026-07-01T10:00:00Z`, with microseconds if it has any.

    In UTC, because Laravel drops any other offset.

    Raises:
        InvalidArgumentError: It has no time zone, so the moment is unknown.
    """
    if moment.utcoffset() is None:
        raise InvalidArgumentError(f"{moment!r} has no time zone: pass an aware datetime, such as datetime.now(UTC)")
    try:
        return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except OverflowError:
        raise InvalidArgumentError(f"{moment!r} is beyond the years 1 to 9999 in UTC") from None


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
