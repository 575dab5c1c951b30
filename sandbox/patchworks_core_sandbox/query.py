"""Filters, includes, sorts and pages, as spatie's query builder and Laravel's paginator do them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .errors import Refusal, invalid
from .json_types import JSON, is_list
from .resources import Includes, Resource
from .state import Row, State

DEFAULT_PER_PAGE = 15
MAX_PER_PAGE = 100

FilterValue = bool | str
Matches = Callable[[State, Any, FilterValue], bool]
SortKey = Callable[[State, Any], Any]

_BRACKETS = re.compile(r"(?P<name>\w+)\[(?P<key>[^\]]*)\]")


@dataclass(frozen=True)
class Query:
    """A query string as PHP reads it: the last of equal names wins, and brackets make a mapping."""

    plain: Mapping[str, str]
    filters: Mapping[str, str]

    @classmethod
    def parse(cls, query_string: str) -> "Query":
        plain: dict[str, str] = {}
        filters: dict[str, str] = {}
        for name, value in parse_qsl(query_string, keep_blank_values=True):
            match = _BRACKETS.fullmatch(name)
            if match is None:
                plain[name] = value
            elif match["name"] == "filter":
                filters[match["key"]] = value
        return cls(plain, filters)

    def names(self, parameter: str) -> list[str]:
        return [name for name in self.plain.get(parameter, "").split(",") if name]


@dataclass(frozen=True)
class Listing:
    """What can be asked of a list of `resource`. A kind of parameter that has no allowed names is not looked at."""

    resource: Resource
    filters: Mapping[str, Matches] = field(default_factory=dict[str, Matches])
    sorts: Mapping[str, SortKey] = field(default_factory=dict[str, SortKey])
    includes: Sequence[str] = ()

    def select(self, state: State, rows: Iterable[Row], query: Query) -> list[Row]:
        """The rows that pass every filter, in the order asked for.

        Raises:
            Refusal: A filter or sort is not allowed.
        """
        selected = list(rows)
        if self.filters:
            _check("filter", query.filters, self.filters)
            for name, text in query.filters.items():
                values = _filter_values(text)
                matches = self.filters[name]
                if values:
                    selected = [row for row in selected if any(matches(state, row, value) for value in values)]
        if self.sorts:
            sorts = query.names("sort")
            _check("sort", [sort.removeprefix("-") for sort in sorts], self.sorts)
            for sort in reversed(sorts):
                key = self.sorts[sort.removeprefix("-")]
                selected.sort(key=_ordering(state, key), reverse=sort.startswith("-"))
        return selected

    def wanted(self, query: Query) -> Includes:
        """The tree of relations that `include` names.

        Raises:
            Refusal: An include is not allowed.
        """
        if not self.includes:
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
        """The declared names, and every relation on the way to a nested one."""
        allowed: dict[str, None] = {}
        for name in self.includes:
            parts = name.split(".")
            allowed.update(dict.fromkeys(".".join(parts[: end + 1]) for end in range(len(parts))))
        return list(allowed)


def _check(kind: str, asked: Iterable[str], allowed: Iterable[str]) -> None:
    allowed = list(allowed)
    if unknown := [name for name in asked if name not in allowed]:
        verb = "is" if kind == "sort" else "are"
        raise Refusal(
            400,
            f"Requested {kind}(s) `{', '.join(unknown)}` {verb} not allowed. "
            f"Allowed {kind}(s) are `{', '.join(allowed)}`.",
        )


def _filter_values(text: str) -> list[FilterValue]:
    """Commas mean "any of", `true` and `false` are booleans, and an empty value is skipped."""
    booleans: dict[str, FilterValue] = {"true": True, "false": False}
    return [booleans.get(value, value) for value in text.split(",") if value]


def _ordering(state: State, key: SortKey) -> Callable[[Row], tuple[bool, Any]]:
    """MySQL's order: NULL before everything, text without regard to case."""

    def order(row: Row) -> tuple[bool, Any]:
        value = key(state, row)
        return (value is not None, value.casefold() if isinstance(value, str) else value)

    return order


# Kinds of filters.


def exact(get: Callable[[State, Any], Any]) -> Matches:
    def matches(state: State, row: Any, value: FilterValue) -> bool:
        found = get(state, row)
        items = found if is_list(found) else [found]
        return any(_equal(item, value) for item in items)

    return matches


def partial(get: Callable[[State, Any], str | None]) -> Matches:
    def matches(state: State, row: Any, value: FilterValue) -> bool:
        return str(value).casefold() in (get(state, row) or "").casefold()

    return matches


def _equal(found: Any, value: FilterValue) -> bool:
    if found is None:
        return False
    if isinstance(found, bool):
        return found is (value if isinstance(value, bool) else value == "1")
    return str(found).casefold() == str(value).casefold()


# Pages.


@dataclass(frozen=True)
class Page:
    number: int
    per_page: int

    @classmethod
    def parse(cls, query: Query) -> "Page":
        """The page asked for. A page that is no number is the first one, as Laravel has it; a bad size is a 422."""
        number = query.plain.get("page", "")
        return cls(int(number) if number.isdecimal() and int(number) else 1, cls._size(query.plain.get("per_page", "")))

    @staticmethod
    def _size(text: str) -> int:
        if not text:
            return DEFAULT_PER_PAGE
        message = None
        if not text.lstrip("-").isdecimal():
            message = "The per page field must be an integer."
        elif int(text) < 1:
            message = "The per page field must be at least 1."
        elif int(text) > MAX_PER_PAGE:
            message = f"The per page field must not be greater than {MAX_PER_PAGE}."
        if message:
            raise invalid({"per_page": [message]})
        return int(text)

    def cut(self, rows: Sequence[Row]) -> Sequence[Row]:
        start = (self.number - 1) * self.per_page
        return rows[start : start + self.per_page]


def paginated(data: list[JSON], page: Page, total: int, path: str) -> JSON:
    """Laravel's answer for one page. The links are http:// and have lost the query but for the page."""
    last = max(1, -(-total // page.per_page))
    first_row = (page.number - 1) * page.per_page + 1

    def link(number: int) -> str:
        return f"{path}?page={number}"

    return {
        "data": data,
        "links": {
            "first": link(1),
            "last": link(last),
            "prev": link(page.number - 1) if page.number > 1 else None,
            "next": link(page.number + 1) if page.number < last else None,
        },
        "meta": {
            "current_page": page.number,
            "from": first_row if data else None,
            "last_page": last,
            "path": path,
            "per_page": page.per_page,
            "to": first_row + len(data) - 1 if data else None,
            "total": total,
        },
    }
