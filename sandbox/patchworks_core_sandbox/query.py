"""Filters, sorts, includes and pages, as spatie/laravel-query-builder and Laravel's paginator read them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .errors import Refusal, invalid
from .json_types import JSON, is_list
from .php import integer, number, trimmed
from .resources import Includes, Resource
from .state import Row, State

DEFAULT_PER_PAGE = 15
MAX_PER_PAGE = 100

Value = str | list[str] | None
"""Of a query parameter: `name=a`, `name[]=a&name[]=b`, or nothing once it is trimmed."""

FilterValue = bool | str
Matches = Callable[[State, Any, Sequence[FilterValue]], bool]
SortKey = Callable[[State, Any], Any]


@dataclass(frozen=True)
class Query:
    """A query string as PHP reads it: the last of equal names wins, brackets make mappings and lists."""

    plain: Mapping[str, Value]
    filters: Mapping[str, Value]

    @classmethod
    def parse(cls, query_string: str) -> "Query":
        plain: dict[str, Value] = {}
        filters: dict[str, Value] = {}
        for brackets, text in parse_qsl(query_string, keep_blank_values=True):
            name, *keys = re.split(r"\]?\[", brackets.removesuffix("]"))
            if name == "filter" and keys:
                _put(filters, keys[0], trimmed(text), in_list=len(keys) > 1)
            else:
                _put(plain, name, trimmed(text), in_list=bool(keys))
        return cls(plain, filters)

    def text(self, parameter: str) -> str:
        """The value of a parameter that is no list; an empty text if there is none."""
        value = self.plain.get(parameter)
        return value if isinstance(value, str) else ""

    def names(self, parameter: str) -> list[str]:
        """The names in `include=a,b` or `include[]=a&include[]=b`."""
        value = self.plain.get(parameter) or []
        return [name for name in (value.split(",") if isinstance(value, str) else value) if name]


def _put(values: dict[str, Value], name: str, text: str, *, in_list: bool) -> None:
    if not in_list:
        values[name] = text or None
    elif is_list(earlier := values.get(name)):
        earlier.append(text)
    else:
        values[name] = [text]


@dataclass(frozen=True)
class Listing:
    """What can be asked of a list of `resource`. A kind of parameter that is None is not looked at."""

    resource: Resource
    filters: Mapping[str, Matches] | None = None
    sorts: Mapping[str, SortKey] | None = None
    includes: Sequence[str] | None = None

    def select(self, state: State, rows: Iterable[Row], query: Query) -> list[Row]:
        """The rows that pass every filter, in the order asked for.

        Raises:
            Refusal: A filter or sort is not allowed.
        """
        selected = list(rows)
        if self.filters is not None:
            _check("filter", query.filters, self.filters)
            for name, value in query.filters.items():
                if value is not None:
                    values, matches = _filter_values(value), self.filters[name]
                    selected = [row for row in selected if matches(state, row, values)]
        if self.sorts is not None:
            sorts = query.names("sort")
            _check("sort", [sort.lstrip("-") for sort in sorts], self.sorts)
            for sort in reversed(sorts):
                key = self.sorts[sort.lstrip("-")]
                selected.sort(key=_ordering(state, key), reverse=sort.startswith("-"))
        return selected

    def wanted(self, query: Query) -> Includes:
        """The tree of relations that `include` names.

        Raises:
            Refusal: An include is not allowed.
        """
        if self.includes is None:
            return {}
        names = query.names("include")
        _check("include", names, self.allowed_includes())
        tree: dict[str, Any] = {}
        for name in names:
            branch = tree
            for part in name.split("."):
                branch = branch.setdefault(part, {})
        return tree

    def allowed_includes(self) -> list[str]:
        """The declared names, the parents of nested ones, and `Count` and `Exists` of every first relation."""
        allowed: dict[str, None] = {}
        for name in self.includes or ():
            first, *deeper = name.split(".")
            allowed.update(dict.fromkeys((first, f"{first}Count", f"{first}Exists")))
            for part in deeper:
                first = f"{first}.{part}"
                allowed[first] = None
        return list(allowed)


def _check(kind: str, asked: Iterable[str], allowed: Iterable[str]) -> None:
    allowed = list(allowed)
    if unknown := [name for name in asked if name not in allowed]:
        names = f"Allowed {kind}(s) are `{', '.join(allowed)}`."
        if kind == "include" and not allowed:
            names = "There are no allowed includes."
        verb = "is" if kind == "sort" else "are"
        raise Refusal(400, f"Requested {kind}(s) `{', '.join(unknown)}` {verb} not allowed. {names}")


def _filter_values(value: str | list[str]) -> Sequence[FilterValue]:
    """Commas mean "any of". `true` and `false` become booleans where they are alone, but not between commas."""
    if isinstance(value, str):
        return value.split(",") if "," in value else [_cast(value)]
    return [_cast(text) for text in value if text]


def _cast(text: str) -> FilterValue:
    return {"true": True, "false": False}.get(text, text)


def exact(get: Callable[[State, Any], Any]) -> Matches:
    """A filter that compares the whole value, or each of them where there are several."""

    def matches(state: State, row: Any, values: Sequence[FilterValue]) -> bool:
        found = get(state, row)
        items = found if is_list(found) else [found]
        return any(_equal(item, value) for item in items for value in values)

    return matches


def partial(get: Callable[[State, Any], str]) -> Matches:
    """A filter that looks for part of a text: `LIKE '%…%'` with `%` and `_` escaped.

    False is the empty text there, which every row contains; True is `1`.
    """

    def matches(state: State, row: Any, values: Sequence[FilterValue]) -> bool:
        texts = [_collated(value if isinstance(value, str) else "1" if value else "") for value in values]
        found = _collated(get(state, row))
        return not any(texts) or any(text in found for text in texts if text)

    return matches


def _equal(found: Any, value: FilterValue) -> bool:
    """MariaDB's `=`: text with text by collation and without blanks at the end, everything else as numbers."""
    if found is None:
        return False
    if isinstance(found, str) and isinstance(value, str):
        return _collated(found).rstrip(" ") == _collated(value).rstrip(" ")
    return number(found) == number(value)


def _collated(text: str) -> str:
    """What MariaDB compares: neither case nor accents matter."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _ordering(state: State, key: SortKey) -> Callable[[Row], tuple[bool, Any]]:
    """MariaDB's order: NULL comes first."""

    def order(row: Row) -> tuple[bool, Any]:
        value = key(state, row)
        return (value is not None, _collated(value) if isinstance(value, str) else value)

    return order


# Pages.


@dataclass(frozen=True)
class Page:
    number: int
    per_page: int

    @classmethod
    def parse(cls, query: Query) -> "Page":
        """The page asked for. A page that is not a positive integer is the first one; a bad size is a 422."""
        return cls(max(1, integer(query.text("page")) or 1), cls._size(query.plain.get("per_page")))

    @staticmethod
    def _size(value: Value) -> int:
        if value is None:
            return DEFAULT_PER_PAGE
        size = integer(value)
        if size is None:
            message = "The per page field must be an integer."
        elif size < 1:
            message = "The per page field must be at least 1."
        elif size > MAX_PER_PAGE:
            message = f"The per page field must not be greater than {MAX_PER_PAGE}."
        else:
            return size
        raise invalid({"per_page": [message]})

    def cut(self, rows: Sequence[Row]) -> Sequence[Row]:
        start = (self.number - 1) * self.per_page
        return rows[start : start + self.per_page]


def paginated(data: list[JSON], page: Page, total: int, path: str) -> JSON:
    """Laravel's answer for one page. The links are http:// and have lost the query but for the page."""
    last = max(1, -(-total // page.per_page))
    first_row = (page.number - 1) * page.per_page + 1

    def link(number: int) -> str:
        return f"{path}?page={number}"

    def labelled(label: str, url: str | None, *, active: bool = False) -> JSON:
        return {"url": url, "label": label, "active": active}

    before = link(page.number - 1) if page.number > 1 else None
    after = link(page.number + 1) if page.number < last else None
    numbers = [
        labelled(str(number), link(number), active=number == page.number) if number else labelled("...", None)
        for number in _slider(page.number, last)
    ]
    return {
        "data": data,
        "links": {"first": link(1), "last": link(last), "prev": before, "next": after},
        "meta": {
            "current_page": page.number,
            "from": first_row if data else None,
            "last_page": last,
            "links": [labelled("&laquo; Previous", before), *numbers, labelled("Next &raquo;", after)],
            "path": path,
            "per_page": page.per_page,
            "to": first_row + len(data) - 1 if data else None,
            "total": total,
        },
    }


def _slider(current: int, last: int, each_side: int = 3) -> list[int]:
    """The page numbers that Laravel's paginator shows; 0 is a gap."""
    window = each_side + 4
    if last < each_side * 2 + 8:
        return list(range(1, last + 1))
    if current <= window:
        return [*range(1, window + each_side + 1), 0, last - 1, last]
    if current > last - window:
        return [1, 2, 0, *range(last - window - each_side + 1, last + 1)]
    return [1, 2, 0, *range(current - each_side, current + each_side + 1), 0, last - 1, last]
