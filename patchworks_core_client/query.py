"""Filters, includes, sorts and pages: checked and encoded before anything is sent."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, cast
from unicodedata import category

from attrs import frozen

from ._request import is_mapping, is_sequence, plain, texts_of, url_encoded
from ._types import UNSET, ExtraQuery
from .errors import InvalidArgumentError, PatchworksWarning

__all__ = ["FilterValue", "Query"]

FilterScalar: TypeAlias = str | int | float | bool | date | datetime | Enum
FilterValue: TypeAlias = FilterScalar | Sequence[FilterScalar]
"""What a filter takes: one value, or several of which any may match."""

Params: TypeAlias = list[tuple[str, str]]

MAX_PER_PAGE = 100

# Unicode categories of the characters that Laravel trims (blanks, NUL, U+200B, U+FEFF, …), and of those like them.
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


@frozen(init=False, eq=False, repr=False, getstate_setstate=False)
class Query:
    """Filter, include, sort and page of a list: immutable, comparable, hashable and reusable.

        recent = Query(filter={"name": "Check"}, include="createdBy", sort="-name")
        await client.packages.list(query=recent)
        await client.packages.list(query=recent, sort="name")      # replaces that part

    Attributes:
        filter: A mapping of names to a value, or to a sequence of values of which any may match.
        include: The name of a relation, or a sequence of names.
        sort: The name of a field, or a sequence of names. `-` first means descending.
        page: The page, from 1. None leaves it to the server.
        per_page: Items per page, 1 to 100. None leaves it to the server.

    Raises:
        InvalidArgumentError: The server would misread a filter value: None, an empty sequence, an empty or invisible
            text and the texts `true` and `false` could match everything, and a text is split at its commas. Or a
            datetime has no time zone, or page or per_page is out of range.
        TypeError: A value has a type that a query cannot express.
    """

    filter: Mapping[str, Any]
    include: tuple[str, ...]
    sort: tuple[str, ...]
    page: int | None
    per_page: int | None
    _params: tuple[tuple[str, str], ...]
    _encoded: str

    def __init__(
        self,
        *,
        filter: Mapping[str, Any] | None = None,
        include: str | Sequence[str] | None = None,
        sort: str | Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
    ) -> None:
        filters, includes, sorts = _frozen_filter(filter), _names("include", include), _names("sort", sort)
        params = [pair for name in sorted(filters, key=str) for pair in _filter_params(name, filters[name])]
        params += [(part, ",".join(names)) for part, names in (("include", includes), ("sort", sorts)) if names]
        pages = _checked_count("page", page, None), _checked_count("per_page", per_page, MAX_PER_PAGE)
        self._set(filters, includes, sorts, *pages, tuple(params), url_encoded(params))

    def _set(self, *fields: Any) -> None:
        self.__attrs_init__(*fields)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    def to_params(self) -> Params:
        """The pairs that are sent, in a stable order: filters by name, include, sort, page, per_page."""
        pages = (("page", self.page), ("per_page", self.per_page))
        return [*self._params, *((part, str(number)) for part, number in pages if number is not None)]

    def replace(self, **parts: Any) -> Query:
        """Return a copy with the given parts (filter, include, sort, page, per_page) replaced."""
        return Query(**{**self._parts(), **parts})

    def _to_url(self) -> str:
        """The same pairs, encoded for a URL."""
        text = self._encoded
        if self.page is not None:
            text += f"&page={self.page}"
        if self.per_page is not None:
            text += f"&per_page={self.per_page}"
        return text.removeprefix("&")

    def _at_page(self, page: int | None, per_page: int | None) -> Query:
        """Return a copy for another page, without encoding anything again."""
        query = object.__new__(Query)
        query._set(self.filter, self.include, self.sort, page, per_page, self._params, self._encoded)
        return query

    def _parts(self) -> dict[str, Any]:
        parts = {name: getattr(self, name) for name in ("filter", "include", "sort", "page", "per_page")}
        return {**parts, "filter": dict(self.filter)}

    def __eq__(self, other: object) -> bool:
        return self.to_params() == other.to_params() if isinstance(other, Query) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._params, self.page, self.per_page))

    def __repr__(self) -> str:
        shown = ", ".join(f"{part}={value!r}" for part, value in self._parts().items() if value not in (None, (), {}))
        return f"Query({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Query, **self._parts()), ()


def combine(known: Mapping[str, frozenset[str]], query: Query | None, **parts: Any) -> Query:
    """The query of one call: the reusable one with the given parts replaced. Warns about undocumented names.

    Args:
        known: The documented names by part: filter, include, sort.
        query: The caller's Query, if any.
        parts: filter, include, sort, page and per_page as the caller passed them. None means not passed.
    """
    if query is not None and not isinstance(cast(object, query), Query):
        raise TypeError(f"query= takes a Query, not {type(query).__name__}")
    given = {part: value for part, value in parts.items() if value is not None}
    result = EMPTY if query is None else query
    if given:
        result = result.replace(**given)
    for part, names in known.items():
        asked: Iterable[str] = getattr(result, part)
        for name in asked:
            if not _is_known(part, name, names):
                from difflib import get_close_matches

                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"documented: {', '.join(sorted(names)) or 'none'}."
                message = f"{part} {name!r} is not documented for this call; {hint} It is sent; the server decides."
                warnings.warn(message, PatchworksWarning, stacklevel=4)
    return result


def _is_known(part: str, name: str, names: frozenset[str]) -> bool:
    """Whether a name is documented. The server also allows the parents of nested includes, `Count` and `Exists`."""
    if name in names or part != "include":
        return name in names
    relation = name.removesuffix("Count").removesuffix("Exists")
    return relation in names or any(documented.startswith(f"{relation}.") for documented in names)


def extra_params(params: Mapping[str, Any] | None, extra: ExtraQuery | None, repeat: tuple[str, ...] = ()) -> Params:
    """The pairs of the parameters that are not filters, and of extra_query.

    Args:
        params: Documented parameters. UNSET ones are left out, sequences are joined with commas, mappings become
            `name[key]`.
        extra: The caller's own, sent as they are. Sequences repeat the parameter.
        repeat: Names in params whose sequences repeat the parameter, too.
    """
    pairs: Params = []
    for name, value in (params or {}).items():
        fields = {f"{name}[{key}]": item for key, item in value.items()} if is_mapping(value) else {name: value}
        for key, item in fields.items():
            if item is not UNSET:
                texts = texts_of(key, item)
                if not texts:
                    raise InvalidArgumentError(f"{key!r} is empty, which cannot be sent: leave it out")
                pairs += [(key, text) for text in texts] if name in repeat else [(key, ",".join(texts))]
    for name, value in extra.items() if isinstance(extra, Mapping) else extra or ():
        pairs += [(name, text) for text in texts_of(name, value)]
    return pairs


def _frozen_filter(filters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if filters is not None and not isinstance(cast(object, filters), Mapping):
        raise TypeError(f"filter takes a mapping of names to values, not {type(filters).__name__}")
    return MappingProxyType({plain(name): _frozen(value) for name, value in (filters or {}).items()})


def _filter_params(name: Any, value: Any) -> Params:
    """The pairs of one filter: its values are joined with commas, or repeated if its name ends in `[]`."""
    if not isinstance(name, str) or not name:
        raise InvalidArgumentError(f"a filter's name must be a text, not {name!r}")
    values = [plain(one) for one in (value if is_sequence(value) else (value,))]
    if len(values) > 1:  # the server reads true and false only where they stand alone
        values = [int(one) if isinstance(one, bool) else one for one in values]
    texts = texts_of(name, values)
    fault = "it is empty, which would match everything" if not texts else next(filter(None, map(_fault, values)), None)
    if fault is not None:
        raise InvalidArgumentError(f"filter {name!r}: {fault}")
    if name.endswith("[]"):
        return [(f"filter[{name[:-2]}][]", text) for text in texts]
    return [(f"filter[{name}]", ",".join(texts))]


def _fault(value: Any) -> str | None:
    """How the server would misread a value, or None."""
    if not isinstance(value, str):
        return None
    shown = [index for index, character in enumerate(value) if category(character) not in _INVISIBLE]
    trimmed = value[shown[0] : shown[-1] + 1] if shown else ""
    if not trimmed:
        return f"the server trims {value!r} to nothing, which would match everything: leave the filter out"
    if trimmed in ("true", "false"):
        return f"the server reads {value!r} as a boolean: pass the bool"
    return f"the server splits {value!r} at its comma and knows no escape for one" if "," in value else None


def _frozen(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return tuple(sorted(cast("set[Any]", value), key=str))
    return tuple(value) if is_sequence(value) else value


def _names(part: str, names: str | Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    several: Any = (names,) if isinstance(names, str | Enum) else _frozen(names)
    given: list[Any] = [plain(name) for name in several] if is_sequence(several) else [None]
    if not all(isinstance(name, str) for name in given):
        raise TypeError(f"{part} takes a name or a sequence of names, not {names!r}")
    split = tuple(name.strip() for one in given for name in one.split(","))
    if not all(name.strip("-") for name in split):
        raise InvalidArgumentError(f"{part} takes names, and none of them empty, not {names!r}")
    return split


def _checked_count(part: str, value: int | None, highest: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(cast(object, value), int):
        raise TypeError(f"{part} must be an int, not {value!r}")
    if value < 1 or (highest is not None and value > highest):
        raise InvalidArgumentError(f"{part} must be {f'from 1 to {highest}' if highest else 'at least 1'}, not {value}")
    return value


EMPTY = Query()
