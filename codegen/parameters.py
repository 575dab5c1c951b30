"""Filter, include and sort: which parameters they are, and the names that the documentation lists for them.

The lists ("Available: …") are scraped from source code: SQL keywords, operators and whole sub-selects stand among the
names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_AVAILABLE = re.compile(r"\bAvailable(?:\s+\w+)?\s*:\s*(.*)", re.DOTALL | re.IGNORECASE)
_LISTED = re.compile(r"(?:[^,(]|\((?:[^()]|\([^()]*\))*\)?)+")
"""What stands between two commas; commas in parentheses, or after one that is never closed, belong to it."""
_NAME = re.compile(r"[A-Za-z_]\w*(?:[.:-]\w+)*", re.ASCII)
_FILTER = re.compile(r"filter\[(.*?)\](\[\])?", re.DOTALL)
_SQL = frozenset(
    "SELECT COUNT SUM MIN MAX FROM WHERE AND OR NOT IN IS NULL AS ON BY ORDER GROUP HAVING JOIN LEFT RIGHT INNER OUTER "
    "DISTINCT LIMIT OFFSET UNION CASE WHEN THEN ELSE END BETWEEN EXISTS ILIKE".split()
)
_DIRECTIONS = frozenset(("asc", "desc", "like"))


def is_query_argument(parameter: str) -> bool:
    """Whether a query parameter is a part of every list's query: filter, include, sort, page."""
    return parameter in ("filter", "include", "sort", "page", "per_page") or filter_name(parameter) is not None


def filter_name(parameter: str) -> str | None:
    """The `x` of `filter[x]`, the `x[]` of `filter[x][]`; None for other parameters."""
    match = _FILTER.fullmatch(parameter)
    return match[1] + (match[2] or "") if match else None


def is_name(text: str) -> bool:
    """Whether a scraped word can be the name of a filter, sort or include."""
    return _NAME.fullmatch(text) is not None and text not in _SQL and text.lower() not in _DIRECTIONS


def listed_names(description: str) -> list[str] | None:
    """The words after "Available:", as they stand there; None without such a list."""
    match = _AVAILABLE.search(description)
    return [word.strip() for word in _LISTED.findall(match[1].removesuffix("."))] if match else None


def clean_names(words: Iterable[str]) -> list[str]:
    """The names among scraped words, each once, in their order; a sort's `-` is not part of the name."""
    names = (word.strip().strip("`'\"").removeprefix("-") for word in words)
    return list(dict.fromkeys(name for name in names if is_name(name)))


def without_list(description: str) -> str:
    """The description without the scraped list, which the parameter's type now says better."""
    return _AVAILABLE.sub("", description).strip()


def with_parents(includes: Iterable[str]) -> list[str]:
    """Includes, each after the relations that it leads through: `deployments` before `deployments.user`."""
    paths = (name.split(".") for name in includes)
    return list(dict.fromkeys(".".join(path[:length]) for path in paths for length in range(1, len(path) + 1)))
