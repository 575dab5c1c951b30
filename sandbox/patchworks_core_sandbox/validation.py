"""Request bodies, checked by rules written as Laravel writes them: `required|string|max:255`."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from .errors import invalid
from .json_types import JSON, is_list, is_object
from .state import State

_CRON = re.compile(r"\s*([\d*/,\-]+|@\w+)(\s+[\d*/,\-A-Za-z]+){4}\s*")

Check = Callable[[Any, str], str | None]
"""Takes a value and the rule's argument; gives what is wrong with the value."""


def validate(state: State, body: Mapping[str, Any], rules: Mapping[str, str]) -> JSON:
    """The fields of `body` that have rules.

    Raises:
        Refusal: A 422 with every field that breaks a rule.
    """
    errors: dict[str, list[str]] = {}
    for pattern, text in rules.items():
        for field, present, value in _fields(body, pattern):
            messages = _broken(state, field, present, value, text.split("|"))
            if messages:
                errors[field] = messages
    if errors:
        raise invalid(errors)
    return {field: body[field] for field in rules if field in body}


def _fields(body: Mapping[str, Any], pattern: str) -> list[tuple[str, bool, Any]]:
    """The fields that `pattern` names: one, or with `list.*.key` one for every item."""
    if ".*." not in pattern:
        return [(pattern, pattern in body, body.get(pattern))]
    name, key = pattern.split(".*.")
    value = body.get(name)
    items = value if is_list(value) else []
    found: list[tuple[str, bool, Any]] = []
    for index, item in enumerate(items):
        values = item if is_object(item) else {}
        found.append((f"{name}.{index}.{key}", key in values, values.get(key)))
    return found


def _broken(state: State, field: str, present: bool, value: Any, rules: list[str]) -> list[str]:
    label = field.replace("_", " ")
    if "required" in rules and value is None:
        return [f"The {label} field is required."]
    if "present" in rules and not present:
        return [f"The {label} field is required."]
    if not present or (value is None and "nullable" in rules):
        return []
    messages: list[str] = []
    for rule in rules:
        name, _, argument = rule.partition(":")
        if name == "exists":
            table = getattr(state, argument)
            wrong = None if _integer(value) is not None and table.get(_integer(value)) else "is invalid"
            if wrong:
                messages.append(f"The selected {label} is invalid.")
        elif name in CHECKS and (problem := CHECKS[name](value, argument)):
            messages.append(f"The {label} field {problem}.")
    return messages


def _string(value: Any, _: str) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _max(value: Any, argument: str) -> str | None:
    if isinstance(value, str):
        return f"must not be greater than {argument} characters" if len(value) > int(argument) else None
    number = _integer(value)
    return f"must not be greater than {argument}" if number is not None and number > int(argument) else None


def _min(value: Any, argument: str) -> str | None:
    number = _integer(value)
    return f"must be at least {argument}" if number is not None and number < int(argument) else None


def _is_integer(value: Any, _: str) -> str | None:
    return None if _integer(value) is not None else "must be an integer"


def _boolean(value: Any, _: str) -> str | None:
    return None if value in (True, False, "0", "1") else "must be true or false"


def _array(value: Any, _: str) -> str | None:
    return None if isinstance(value, list) else "must be an array"


def _date(value: Any, _: str) -> str | None:
    return None if isinstance(value, str) and _parsed(value) else "must be a valid date"


def _cron(value: Any, _: str) -> str | None:
    return None if isinstance(value, str) and _CRON.fullmatch(value) else "must be a valid cron expression"


CHECKS: Mapping[str, Check] = {
    "string": _string,
    "max": _max,
    "min": _min,
    "integer": _is_integer,
    "boolean": _boolean,
    "array": _array,
    "date": _date,
    "cron": _cron,
}


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value) else None


def _parsed(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def as_date(value: Any) -> datetime | None:
    """A validated date, in UTC; None stays None."""
    return _parsed(value) if isinstance(value, str) else None


def as_integer(value: Any) -> int | None:
    """A validated id or number, sent as an integer or as its text; None stays None."""
    return _integer(value)


def as_boolean(value: Any) -> bool:
    return value in (True, "1")
