"""Strict JSON in, stable JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias, TypeGuard

JsonObject: TypeAlias = dict[str, Any]

# Deep enough for any schema that people write, shallow enough for the recursive walks of this package.
MAX_DEPTH = 100


class JsonError(ValueError):
    """Text that is not acceptable JSON; `line` counts from 1 within the text."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def parse(text: str) -> Any:
    """Parse JSON, refusing what `json` lets pass: NaN, infinities, repeated keys, lone surrogates, bottomless nesting.

    Raises:
        JsonError: With the reason and the line.
    """
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        depth = _depth(value)
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} (column {error.colno})", error.lineno) from error
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:  # NaN, infinity, half of a surrogate pair, an integer of thousands of digits
        raise JsonError(str(error)) from error
    if depth > MAX_DEPTH:
        raise JsonError(f"nested more than {MAX_DEPTH} levels deep")
    return value


def dump(value: Any) -> str:
    """Readable JSON that ends with a newline; keys stay in their order."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def canonical(value: Any) -> str:
    """The same text for equal values, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def exact(value: Any) -> str:
    """The same text only for values whose keys stand in the same order too."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def pointer(parts: Iterable[str | int]) -> str:
    """A JSON pointer as a URI fragment, unescaped where a reader would only stumble."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _without_repeats(pairs: list[tuple[str, Any]]) -> JsonObject:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise JsonError(f"the key {json.dumps(repeated)} stands twice in one object")
    return result


def _depth(value: Any) -> int:
    children = value.values() if is_object(value) else value if is_array(value) else ()
    return 1 + max(map(_depth, children), default=-1)
