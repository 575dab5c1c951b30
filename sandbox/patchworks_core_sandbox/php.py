"""Values as PHP, Laravel's middleware and MariaDB take them."""

import re
from datetime import UTC, datetime
from typing import Any

from dateutil import parser

from .json_types import is_list, is_object

_INTEGER = re.compile(r"\s*([+-]?(?:0|[1-9][0-9]*))\s*")
_LEADING_NUMBER = re.compile(r"\s*[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_INVISIBLE = "\0\u200b\u200e\ufeff"
_ANY_DATE, _OTHER_DATE = datetime(2000, 1, 1), datetime(2001, 2, 2)  # noqa: DTZ001 - the zone is dropped anyway


def trimmed(text: str) -> str:
    """What Laravel's TrimStrings leaves of a text: no blanks, NUL or invisible characters at its ends."""
    while (shorter := text.strip().strip(_INVISIBLE)) != text:
        text = shorter
    return text


def cleaned(value: Any) -> Any:
    """A JSON body after Laravel's middleware: texts are trimmed, and an empty one is null."""
    if isinstance(value, str):
        return trimmed(value) or None
    if is_object(value):
        return {key: cleaned(item) for key, item in value.items()}
    if is_list(value):
        return [cleaned(item) for item in value]
    return value


def integer(value: Any) -> int | None:
    """What FILTER_VALIDATE_INT makes of a value: `true`, `"+5"` and `5.0` are integers, `"05"` and `false` are not."""
    if isinstance(value, bool):
        return 1 if value else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if isinstance(value, str):
        found = _INTEGER.fullmatch(value)
        value = int(found[1]) if found and len(found[1]) < 21 else None
    return value if isinstance(value, int) and abs(value) < 2**63 else None


def number(value: Any) -> float:
    """What MariaDB makes of a value that it compares with a number: a text counts as the number it begins with."""
    if isinstance(value, str):
        found = _LEADING_NUMBER.match(value)
        return float(found[0]) if found else 0.0
    return float(value)


def date_time(value: Any) -> datetime | None:
    """The moment that Eloquent stores for a text, None if it is no complete date.

    The wall time is taken as UTC, whatever offset the text has, and fractions of a second are dropped.
    """
    try:
        found, other = (
            parser.parse(str(value), default=default, ignoretz=True) for default in (_ANY_DATE, _OTHER_DATE)
        )
    except (ValueError, ArithmeticError):
        return None
    return found.replace(microsecond=0, tzinfo=UTC) if found == other else None
