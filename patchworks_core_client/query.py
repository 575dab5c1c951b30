"""Filters, includes, sorts and pages: checked and encoded before anything is sent."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, cast
from unicodedata import category

from attrs import evolve, field, frozen

from ._request import checked_int, is_mapping, is_sequence, plain, texts_of
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
# Characters of other categories that have no shape either; newer releases of Laravel trim them too.
_SHAPELESS = "\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0\U0001d159"


def _frozen(filters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if filters is not None and not is_mapping(filters):
        raise TypeError(f"filter takes a mapping of names to values, not {type(filters).__name__}")
    items = [(plain(name), tuple(value) if is_sequence(value) else value) for name, value in (filters or {}).items()]
    return MappingProxyType(dict(items))


def _names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    several = given if is_sequence(given) else () if given is None else (given,)
    names: list[Any] = [plain(name) for name in several]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"include and sort take a name or a sequence of names, not {given!r}")
    split = tuple(name.strip() for joined in names for name in joined.split(","))
    if not all(name.strip("-") for name in split):
        raise InvalidArgumentError(f"include and sort take names, and none of them empty, not {given!r}")
    return split


@frozen(kw_only=True)
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

    filter: Mapping[str, Any] = field(default=None, converter=_frozen, eq=False, repr=lambda names: repr(dict(names)))
    include: tuple[str, ...] = field(default=None, converter=_names, eq=False)
    sort: tuple[str, ...] = field(default=None, converter=_names, eq=False)
    page: int | None = None
    per_page: int | None = None
    # What is sent for every page. Queries that send the same are equal.
    _params: tuple[tuple[str, str], ...] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        params = [pair for name in sorted(self.filter, key=str) for pair in _filter_params(name, self.filter[name])]
        params += [(part, ",".join(names)) for part, names in (("include", self.include), ("sort", self.sort)) if names]
        page_params(self.page, self.per_page)  # which checks them
        object.__setattr__(self, "_params", tuple(params))

    def to_params(self) -> Params:
        """The pairs that are sent, in a stable order: filters by name, include, sort, page, per_page."""
        return [*self._params, *page_params(self.page, self.per_page)]

    def replace(self, **parts: Any) -> Query:
        """Return a copy with the given parts (filter, include, sort, page, per_page) replaced."""
        return evolve(self, **parts)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = {part: getattr(self, part) for part in ("include", "sort", "page", "per_page")}
        return partial(Query, filter=dict(self.filter), **parts), ()


def combine(known: Callable[[], Mapping[str, frozenset[str]]], query: object, parts: Mapping[str, Any]) -> Query:
    """The query of one call: the reusable one with the given parts replaced. Warns about undocumented names.

    Args:
        known: Gives the documented names by part: filter, include, sort.
        query: The caller's Query, if any.
        parts: filter, include, sort, page and per_page as the caller passed them. None means not passed.
    """
    if not isinstance(query, Query | None):
        raise TypeError(f"query= takes a Query, not {type(query).__name__}")
    given = {part: value for part, value in parts.items() if value is not None}
    if query is None and not given:
        return EMPTY
    result = (query or EMPTY).replace(**given)
    for part, names in known().items():
        for name in getattr(result, part):
            counted = name.removesuffix("Count").removesuffix("Exists") if part == "include" else name
            if name not in names and counted not in names:  # the server counts the documented relations, too
                from difflib import get_close_matches

                near = get_close_matches(str(name), names, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"documented: {', '.join(sorted(names)) or 'none'}."
                message = f"{part} {name!r} is not documented for this call; {hint} It is sent; the server decides."
                warnings.warn(message, PatchworksWarning, stacklevel=5)
    return result


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
    if isinstance(cast(object, extra), str):
        raise TypeError("extra_query takes a mapping or pairs, not a text")
    for name, value in extra.items() if isinstance(extra, Mapping) else extra or ():
        pairs += [(name, text) for text in texts_of(name, value)]
    return pairs


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
    trimmed = value.strip("".join(each for each in value if category(each) in _INVISIBLE or each in _SHAPELESS))
    if not trimmed:
        return f"the server trims {value!r} to nothing, which would match everything: leave the filter out"
    if trimmed in ("true", "false"):
        return f"the server reads {value!r} as a boolean: pass the bool"
    return f"the server splits {value!r} at its comma and knows no escape for one" if "," in value else None


def page_params(page: int | None, per_page: int | None) -> Params:
    """The pairs of a page: what the pages of one list differ by."""
    parts = ("page", page, math.inf), ("per_page", per_page, MAX_PER_PAGE)
    return [(part, str(checked_int(part, number, 1, most))) for part, number, most in parts if number is not None]


EMPTY = Query()
