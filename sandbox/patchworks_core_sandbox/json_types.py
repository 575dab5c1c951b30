"""JSON values, as far as type checkers need help with them."""

from typing import Any, TypeGuard

JSON = dict[str, Any]


def is_object(value: object) -> TypeGuard[JSON]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
