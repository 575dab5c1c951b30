"""Filters, includes, sorts and pages: checked before anything is sent, encoded as the server reads them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, TypeGuard, cast

from attrs import frozen

from ._types import UNSET, ExtraQuery
from .errors import PatchworksWarning

__all__ = ["FilterValue", "Query"]

FilterScalar: TypeAlias = str | int | float | bool | date | datetime | Enum
FilterValue: TypeAlias = FilterScalar | Sequence[FilterScalar]
"""What a filter takes: one value, or several of which any may match."""

Params: TypeAlias = list[tuple[str, str]]

MAX_PER_PAGE = 100


@frozen(init=False, eq=False, repr=False, getstate_setstate=False)
class Query:
    """What a list is asked for; immutable, comparable, hashable, and usable for any number of calls.

        recent = Query(filter={"name": "Check"}, include="createdBy", sort="-name")
        await client.packages.list(query=recent)
        await client.packages.list(query=recent, sort="name")      # replaces that part

    Attributes:
        filter: Documented names to a value or a sequence of values (any of which may match).
        include: The relations: a name, or a sequence of them.
        sort: The fields: a name, or a sequence of them; `-` first for descending.
        page: The page, from 1; None leaves it to the server.
        per_page: Items on a page, 1 to 100; None leaves it to the server.

    Raises:
        ValueError: A filter value is None, an empty text or an empty sequence (left out silently, each would widen the
            result), or holds a comma (the server splits there and knows no escape); a page or per_page is out of range.
        TypeError: A value has a type that no query can hold.
    """

    filter: Mapping[str, Any]
    include: tuple[str, ...]
    sort: tuple[str, ...]
    page: int | None
    per_page: int | None
    _params: tuple[tuple[str, str], ...]

    def __init__(
        self,
        *,
        filter: Mapping[str, Any] | None = None,
        include: str | Sequence[str] | None = None,
        sort: str | Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
    ) -> None:
        filters, includes, sorts = _checked_filter(filter), _names("include", include), _names("sort", sort)
        params = [(f"filter[{name}]", encode(name, filters[name])) for name in sorted(filters)]
        params += [(part, ",".join(names)) for part, names in (("include", includes), ("sort", sorts)) if names]
        pages = _checked_count("page", page, None), _checked_count("per_page", per_page, MAX_PER_PAGE)
        params += [(part, str(n)) for part, n in zip(("page", "per_page"), pages, strict=True) if n is not None]
        parts = filters, includes, sorts, *pages, tuple(params)
        self.__attrs_init__(*parts)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    def to_params(self) -> Params:
        """The pairs that are sent, always in the same order: filters by name, include, sort, page, per_page."""
        return list(self._params)

    def replace(self, **parts: Any) -> Query:
        """A copy in which the given parts (filter, include, sort, page, per_page) are replaced."""
        return Query(**{**self._parts(), **parts})

    def _parts(self) -> dict[str, Any]:
        parts = {name: getattr(self, name) for name in ("filter", "include", "sort", "page", "per_page")}
        return {**parts, "filter": dict(self.filter)}

    def __eq__(self, other: object) -> bool:
        return self._params == other._params if isinstance(other, Query) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._params)

    def __repr__(self) -> str:
        shown = ", ".join(f"{part}={value!r}" for part, value in self._parts().items() if value not in (None, (), {}))
        return f"Query({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Query, **self._parts()), ()


def combine(known: Mapping[str, frozenset[str]], query: Query | None, **parts: Any) -> Query:
    """The query of one call: the reusable one, with the parts given beside it; warns of names that are not documented.

    Args:
        known: The documented names by part: filter, include, sort.
        query: The caller's Query, if any.
        parts: filter, include, sort, page, per_page as the caller gave them; None is not given.
    """
    if query is not None and not isinstance(cast(object, query), Query):
        raise TypeError(f"query= takes a Query, not {type(query).__name__}")
    given = {part: value for part, value in parts.items() if value is not None}
    result = _EMPTY if query is None else query
    if given:
        result = result.replace(**given)
    for part, names in known.items():
        asked: Iterable[str] = getattr(result, part)
        for name in asked:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"documented: {', '.join(sorted(names)) or 'none'}."
                message = f"{part} {name!r} is not documented for this call; {hint} It is sent; the server decides."
                warnings.warn(message, PatchworksWarning, stacklevel=4)
    return result


def encode(name: str, value: Any) -> str:
    """One filter's value, or a sequence of them, as the server reads it."""
    if is_sequence(value):
        return ",".join(_encode_one(name, item) for item in value)
    return _encode_one(name, value)


def _encode_one(name: str, value: Any) -> str:
    text = scalar_text(name, value)
    if not text.strip():  # Laravel trims what comes before it looks whether it is empty
        raise ValueError(
            f"filter {name!r} has an empty value, which the server would ignore: leave the filter out instead"
        )
    if "," in text:
        raise ValueError(f"filter {name!r}: the server splits {text!r} at its comma and knows no escape for one")
    return text


def scalar_text(name: str, value: Any) -> str:
    """One value of a query parameter as text: true and false in lower case, dates in ISO 8601."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name!r}: {value!r} cannot be sent")
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None:
        raise ValueError(f"{name!r} is None: leave it out where nothing is to be asked for")
    raise TypeError(f"{name!r} takes str, int, float, bool, date, datetime, Enum or a sequence of those, not {value!r}")


def extra_params(params: Mapping[str, Any] | None, extra: ExtraQuery | None, repeat: tuple[str, ...] = ()) -> Params:
    """The pairs of the parameters that are no filter, and of extra_query.

    Args:
        params: Documented parameters; UNSET ones are not sent, sequences are joined with commas, mappings become
            `name[key]`.
        extra: The caller's own, sent as they are; sequences repeat the parameter.
        repeat: Names in params whose sequences repeat the parameter as well.
    """
    pairs: Params = []
    for name, value in (params or {}).items():
        if value is UNSET:
            continue
        for key, item in _entries(name, value):
            texts = [scalar_text(key, one) for one in _as_sequence(item)]
            pairs += [(key, text) for text in texts] if name in repeat else [(key, ",".join(texts))]
    for key, item in extra.items() if isinstance(extra, Mapping) else extra or ():
        pairs += [(key, scalar_text(key, one)) for one in _as_sequence(item)]
    return pairs


def _entries(name: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        return [(name, value)]
    return [(f"{name}[{key}]", item) for key, item in cast("Mapping[str, Any]", value).items()]


def _as_sequence(value: Any) -> Sequence[Any]:
    return value if is_sequence(value) else (value,)


def is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether it is a sequence of values: texts are values."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def _checked_filter(filters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if filters is not None and not isinstance(cast(object, filters), Mapping):
        raise TypeError(f"filter takes a mapping of names to values, not {type(filters).__name__}")
    checked = {name: _frozen(value) for name, value in (filters or {}).items()}
    for name, value in checked.items():
        if not isinstance(cast(object, name), str) or not name:
            raise ValueError(f"a filter's name must be a text, not {name!r}")
        if value is None or (isinstance(value, str | bytes | tuple) and not value):
            raise ValueError(
                f"filter {name!r} is {value!r}, which would widen the result to everything: leave the filter out"
            )
    return MappingProxyType(checked)


def _frozen(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return tuple(sorted(cast("set[Any]", value), key=str))
    if is_sequence(value):
        return tuple(value)
    return value


def _names(part: str, names: str | Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    given: Any = (names,) if isinstance(names, str) else _frozen(names)
    if not is_sequence(given) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{part} takes a name or a sequence of names, not {names!r}")
    split = tuple(name.strip() for one in given for name in one.split(","))
    if not all(name.strip("-") for name in split):
        raise ValueError(f"{part} takes names, and none of them empty, not {names!r}")
    return split


def _checked_count(part: str, value: int | None, highest: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(cast(object, value), int):
        raise TypeError(f"{part} must be an int, not {value!r}")
    if value < 1 or (highest is not None and value > highest):
        raise ValueError(f"{part} must be {f'from 1 to {highest}' if highest else 'at least 1'}, not {value}")
    return value


_EMPTY = Query()
