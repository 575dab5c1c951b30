"""Request bodies, checked by rules written as Laravel writes them: `required|string|max:255`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cronsim import CronSim, CronSimError

from .errors import invalid
from .json_types import JSON, is_list, is_object
from .php import date_time, integer
from .state import State

Check = Callable[[Any], str | None]
"""Gives what is wrong with a value."""


def validate(state: State, body: Mapping[str, Any], rules: Mapping[str, str]) -> JSON:
    """The fields of `body` that have rules.

    Raises:
        Refusal: A 422 with every field that breaks a rule.
    """
    errors: dict[str, list[str]] = {}
    for pattern, text in rules.items():
        for field, present, value in _fields(body, pattern):
            if messages := _broken(state, field, present, value, text.split("|")):
                errors[field] = messages
    if errors:
        raise invalid(errors)
    return {field: body[field] for field in rules if field in body}


def _fields(body: Mapping[str, Any], pattern: str) -> list[tuple[str, bool, Any]]:
    """The fields that `pattern` names: one, or with `list.*.key` one for every item."""
    if ".*." not in pattern:
        return [(pattern, pattern in body, body.get(pattern))]
    name, key = pattern.split(".*.")
    found: list[tuple[str, bool, Any]] = []
    for index, item in items_of(body.get(name)):
        values = item if is_object(item) else {}
        found.append((f"{name}.{index}.{key}", key in values, values.get(key)))
    return found


def items_of(value: Any) -> list[tuple[str, Any]]:
    """Keys and values of a PHP array, which JSON calls a list or an object."""
    if is_object(value):
        return list(value.items())
    return [(str(index), item) for index, item in enumerate(value)] if is_list(value) else []


def _broken(state: State, field: str, present: bool, value: Any, rules: list[str]) -> list[str]:
    label = field.replace("_", " ")
    if "required" in rules and value is None:
        return [f"The {label} field is required."]
    if "present" in rules and not present:
        return [f"The {label} field must be present."]
    if not present or (value is None and "nullable" in rules):
        return []
    messages: list[str] = []
    for rule in rules:
        name, _, argument = rule.partition(":")
        if name == "exists":  # which asks the database only where nothing is wrong so far
            if not messages and getattr(state, argument).get(integer(value)) is None:
                messages.append(f"The selected {label} is invalid.")
            continue
        problem = CHECKS[name](value) if name in CHECKS else None
        if name in ("min", "max"):
            problem = _out_of_bounds(value, name, int(argument), is_number="integer" in rules)
        if problem:
            messages.append(f"The {label} field {problem}.")
    return messages


def _out_of_bounds(value: Any, rule: str, bound: int, *, is_number: bool) -> str | None:
    size = integer(value) if is_number else len(value) if isinstance(value, str) else None
    unit = "" if is_number else " characters"
    if size is None:
        return None
    if rule == "min":
        return f"must be at least {bound}{unit}" if size < bound else None
    return f"must not be greater than {bound}{unit}" if size > bound else None


def _string(value: Any) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _is_integer(value: Any) -> str | None:
    return None if integer(value) is not None else "must be an integer"


def _boolean(value: Any) -> str | None:
    allowed = not isinstance(value, float) and value in (True, False, "0", "1")
    return None if allowed else "must be true or false"


def _array(value: Any) -> str | None:
    return None if is_list(value) or is_object(value) else "must be an array"


def _date(value: Any) -> str | None:
    text = isinstance(value, str | int | float) and not isinstance(value, bool)
    return None if text and date_time(value) else "must be a valid date"


CRON_ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def _cron(value: Any) -> str | None:
    problem = "must be a valid cron expression"
    fields = CRON_ALIASES.get(str(value).lower(), str(value).upper()).replace("?", "*").split()
    if len(fields) != 5:
        return problem
    try:
        CronSim(" ".join(fields), datetime(2000, 1, 1))  # noqa: DTZ001 - it is only parsed
    except CronSimError:
        return problem
    return None


CHECKS: Mapping[str, Check] = {
    "string": _string,
    "integer": _is_integer,
    "boolean": _boolean,
    "array": _array,
    "date": _date,
    "cron": _cron,
}


def as_date(value: Any) -> datetime | None:
    """What is stored of a validated date; None stays None."""
    return None if value is None else date_time(value)


def as_boolean(value: Any) -> bool:
    """A validated boolean; None is False."""
    return value in (True, "1")
