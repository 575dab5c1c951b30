"""Lists: one page, every page, every item; read ahead, in order, and never without an end."""
# pyright: reportPrivateUsage=false
# (a page and its paginator are one thing in two classes)

from __future__ import annotations

import asyncio
import math
import warnings
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from ._json import is_object
from ._request import checked_int
from ._types import ProgressCallback
from .errors import InvalidArgumentError, PaginationError, PaginationWarning, PatchworksError
from .model import Model, key, model
from .query import MAX_PER_PAGE, Query

if TYPE_CHECKING:
    from ._call import Call

__all__ = ["Page", "PaginationMeta", "Paginator"]

T = TypeVar("T")

_MOST_GROWTH = 1_000
"""Pages that a list may gain while it is read, beyond doubling: one that grows faster is never read to its end."""
_PAGES_WITHOUT_END = 10_000
"""Pages that are read of a list whose end the server does not tell."""
_LONGEST_COUNT = 18


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class PaginationMeta(Model):
    """What the server says of a page; every list endpoint's `meta`."""

    __slots__ = ()

    current_page: int | None = None
    last_page: int | None = None
    per_page: int | None = None
    total: int | None = None
    path: str | None = None
    from_: int | None = key("from")
    to: int | None = None


class Page(Generic[T]):
    """One page of a list; a sequence of its items.

    Attributes:
        items: The items, in the server's order.
        meta: What the server says of the page; None where it says nothing.
        number: Which page it is, from 1.
        has_next: Whether another page follows.
    """

    __slots__ = ("_call", "_query", "_rows", "has_next", "items", "meta", "number")

    def __init__(
        self, call: Call[T], query: Query, items: list[T], meta: dict[str, Any] | None, has_link: bool, rows: list[Any]
    ) -> None:
        self._call = call
        self._query = query
        self._rows = rows
        self.items = items
        self.meta = None if meta is None else PaginationMeta.from_dict(meta)
        self.number = query.page or 1
        last_page = self.last_page
        self.has_next = bool(items) and (self.number < last_page if last_page is not None else has_link)

    @property
    def total(self) -> int | None:
        """How many items the whole list has; None where the server does not say."""
        return None if self.meta is None else _count(self.meta.total)

    @property
    def last_page(self) -> int | None:
        """The number of the last page; None where the server does not say."""
        return None if self.meta is None else _count(self.meta.last_page)

    async def next(self) -> Page[T] | None:
        """The page after this one, asked for in the same way; None after the last.

        Raises:
            PatchworksError: As the call that made this page; `error.page` is the page that failed.
        """
        if not self.has_next:
            return None
        page = await _fetch(self._call, self._query.at_page(self.number + 1, self._query.per_page))
        _check_progress(self, page)
        if page.total != self.total:
            _warn_of_move(f"total {self.total}, then {page.total}", stacklevel=3)
        return page

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]

    def __repr__(self) -> str:
        return f"<Page {self.number} of {self.last_page or '?'}: {len(self.items)} items, {self.total} in all>"


class Paginator(Generic[T]):
    """A list that has not been asked for yet.

        page = await client.packages.list(per_page=50)       # one page
        async for package in client.packages.list(): ...     # every item of every page, in order
        async for page in client.packages.list().pages(): ...
        packages = await client.packages.list().to_list(limit=500)

    Iterating asks for 100 items a page unless told otherwise and reads pages ahead; items with an id are yielded once.
    An error on the way carries `.page`: `list(page=error.page)` goes on from there. A PaginationWarning says that the
    list moved under it.

    Args:
        call: What is asked for, with its query.
        prefetch: How many pages are held at most, the one at hand included; 0 reads each when it is wanted.
        on_progress: Called with the items so far and the total whenever a page has come.
    """

    __slots__ = ("_call", "_on_progress", "_prefetch", "_query")

    def __init__(self, call: Call[T], *, prefetch: int = 4, on_progress: ProgressCallback | None = None) -> None:
        self._call = call
        self._query = call.query
        self._prefetch = checked_int("prefetch", prefetch, 0)
        self._on_progress = on_progress

    def __await__(self) -> Generator[Any, Any, Page[T]]:
        return _fetch(self._call, self._query).__await__()

    def __aiter__(self) -> AsyncGenerator[T, None]:
        return self._items(self._query, None)

    def __repr__(self) -> str:
        return f"<Paginator of {self._call.operation.name}: await it for a page, or iterate over it>"

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """Every page from the first (or `page=`) to the last, in order.

        Raises:
            PaginationError: The pages repeat, or make no progress.
        """
        async with aclosing(self._walk(self._query, None)) as walk:
            async for page, _ in walk:
                yield page

    async def to_list(self, limit: int | None = None) -> list[T]:
        """All items, or the first ones.

        Args:
            limit: How many at most, 0 or more; None for all.
        """
        if limit is not None and limit < 0:
            raise InvalidArgumentError(f"limit must be 0 or more, not {limit}")
        items: list[T] = []
        if limit == 0:
            return items
        async with aclosing(self._items(self._query, limit)) as stream:
            async for item in stream:
                items.append(item)
                if len(items) == limit:
                    break
        return items

    async def first(self) -> T | None:
        """The first item; None of an empty list. Asks for one item only, unless told a page size."""
        whole_page = self._query.per_page is not None or (self._query.page or 1) > 1
        page = await _fetch(self._call, self._query if whole_page else self._query.replace(per_page=1))
        return page.items[0] if page.items else None

    async def count(self) -> int:
        """How many items the whole list has: the server's total, or counted where it does not say."""
        page = await _fetch(self._call, self._query.replace(page=1, per_page=1))
        if page.total is not None:
            return page.total
        async with aclosing(self._items(self._query.replace(page=None), None)) as stream:
            return len([None async for _ in stream])

    async def _items(self, query: Query, limit: int | None) -> AsyncGenerator[T, None]:
        async with aclosing(self._walk(query, limit)) as walk:
            async for _, items in walk:
                for item in items:
                    yield item

    async def _walk(self, query: Query, limit: int | None) -> AsyncGenerator[tuple[Page[T], list[T]], None]:
        """Each page, with those of its items that did not come before; no further than `limit` items need."""
        query = query if query.per_page else query.replace(per_page=MAX_PER_PAGE)
        ahead = _Ahead(self._call, query)
        page = await _fetch(self._call, query)
        course = _Course(page)
        items = course.new_items(page)
        try:
            while True:
                if self._on_progress is not None:
                    self._on_progress(course.done, page.total)
                # The page that the consumer works on is one of those that may be held.
                ahead.fill(page, _at_most(max(0, self._prefetch - 1), course, page, limit))
                yield page, items
                if not page.has_next:
                    break
                ahead.fill(page, _at_most(self._prefetch, course, page, limit))
                page = await ahead.take(page)
                items = course.new_items(page)
                if not page.items:
                    break
        finally:
            await ahead.cancel()
        course.check_complete()


class _Ahead(Generic[T]):
    """The pages that are on their way, or have come before they were wanted; in order."""

    def __init__(self, call: Call[T], query: Query) -> None:
        self._call = call
        self._query = query
        self._tasks: deque[asyncio.Task[Page[T]]] = deque()

    def fill(self, page: Page[T], most: int) -> None:
        """Ask for pages that are known to follow this one, until `most` are on their way."""
        last_page = page.last_page if page.has_next else None
        while last_page is not None and len(self._tasks) < most and page.number + len(self._tasks) < last_page:
            query = self._query.replace(page=page.number + len(self._tasks) + 1)
            self._tasks.append(asyncio.create_task(_fetch(self._call, query)))

    async def take(self, page: Page[T]) -> Page[T]:
        """The page after this one."""
        if self._tasks:
            return await self._tasks.popleft()
        return await _fetch(self._call, self._query.replace(page=page.number + 1))

    async def cancel(self) -> None:
        """Give up what is on its way, and wait until it is gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Course(Generic[T]):
    """What came so far: tells progress from repetition, and whether the list stood still while it was read."""

    def __init__(self, first: Page[T]) -> None:
        self.done = 0
        self._total = first.total
        self._moved = False
        self._seen: set[Any] = set()
        self._before: Page[T] | None = None
        size = None if first.meta is None else _count(first.meta.per_page)
        self._skipped = (first.number - 1) * (size or first._query.per_page or MAX_PER_PAGE)
        growth = _PAGES_WITHOUT_END if first.last_page is None else first.last_page + _MOST_GROWTH
        self._last_credible = first.number + growth

    def new_items(self, page: Page[T]) -> list[T]:
        """The items that did not come before, by their ids; those without one count as new.

        Raises:
            PaginationError: The page leads nowhere, and going on would never end.
        """
        before, self._before = self._before, page
        items: list[T] = []
        for item, row in zip(page.items, page._rows, strict=True):
            identity = _identity(row)
            if identity is None or identity not in self._seen:
                items.append(item)
            if identity is not None:
                self._seen.add(identity)
        self.done += len(items)
        if before is not None:
            _check_progress(before, page)
            if page.items and not items and not _grew(before, page):
                raise _no_progress(page, "brings nothing that did not come before")
            if page.number > self._last_credible:
                raise _no_progress(page, f"is far behind the end that page 1 told (total {self._total})")
            if page.total != self._total and not self._moved:
                self._moved = True
                _warn_of_move(f"total {self._total}, then {page.total}")
        return items

    def check_complete(self) -> None:
        """Say so when fewer items came than the server told."""
        expected = 0 if self._total is None else self._total - self._skipped
        if not self._moved and self.done < expected:
            _warn_of_move(f"{self.done} of {expected} items came")


async def _fetch(call: Call[T], query: Query) -> Page[T]:
    """One page; an error names it.

    Raises:
        PatchworksError: As the call; or the page is not the one that was asked for.
    """
    try:
        content = await call.at_page(query.page, query.per_page).send_page()
        page = Page(call, query, content.items, content.meta, content.has_next_link, content.rows)
    except PatchworksError as error:
        error.page, error.query = query.page or 1, query
        raise
    said = None if page.meta is None else _count(page.meta.current_page)
    if query.page is not None and said not in (None, page.number):
        raise _no_progress(page, f"was asked for, and page {said} came")
    return page


def _check_progress(before: Page[Any], page: Page[Any]) -> None:
    """Refuse a page that repeats the one before.

    Items without ids may be alike on two pages: there the server's word for the number counts, while the end it tells
    stays where it was.
    """
    if not page.items or _identities(page) != _identities(before) or _grew(before, page):
        return
    has_ids = any(_identity(row) is not None for row in page._rows)
    numbered = page.meta is not None and _count(page.meta.current_page) == page.number
    if has_ids or not numbered or page.last_page is None or page.last_page != before.last_page:
        raise _no_progress(page, f"repeats page {before.number}")


def _grew(before: Page[Any], page: Page[Any]) -> bool:
    """Whether so much was added between the two pages that all of the second may have been seen before."""
    return before.total is not None and page.total is not None and page.total - before.total >= len(page)


def _no_progress(page: Page[Any], what: str) -> PaginationError:
    return PaginationError(f"page {page.number} {what}: the server does not follow `page`", page=page.number)


def _at_most(prefetch: int, course: _Course[Any], page: Page[Any], limit: int | None) -> int:
    """How many pages to have on their way: no more than the limit on items needs."""
    return prefetch if limit is None else min(prefetch, math.ceil((limit - course.done) / (len(page) or 1)))


def _warn_of_move(how: str, stacklevel: int = 5) -> None:
    message = f"the list changed while it was read ({how}): some items may be missing"
    warnings.warn(message, PaginationWarning, stacklevel=stacklevel)


def _identities(page: Page[Any]) -> list[Any]:
    """What the items are told apart by: their ids, and themselves where they have none."""
    return [row if (identity := _identity(row)) is None else identity for row in page._rows]


def _identity(row: Any) -> Any:
    """What tells an item from the others: its id, where it has a plain one."""
    identity = row.get("id") if is_object(row) else None
    return identity if isinstance(identity, int | float | str) and not isinstance(identity, bool) else None


def _count(value: Any) -> int | None:
    """A number of the meta, which may come as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _LONGEST_COUNT:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
