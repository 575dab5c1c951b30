"""Lists: one page, every page, every item; read ahead, in order, and never without an end."""
# pyright: reportPrivateUsage=false
# (a page and its paginator are one thing in two classes)

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from ._json import is_object
from ._types import ProgressCallback
from .errors import PaginationError, PaginationWarning, PatchworksError
from .model import Model, key, model
from .query import MAX_PER_PAGE, Query

if TYPE_CHECKING:
    from ._call import Call

__all__ = ["Page", "PaginationMeta", "Paginator"]

T = TypeVar("T")


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
        return await fetch(self._call, self._query.replace(page=self.number + 1), self) if self.has_next else None

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
    An error on the way carries `.page`: `list(page=error.page)` goes on from there.

    Args:
        call: What is asked for, with its query.
        prefetch: How many pages are read ahead at most; 0 reads each when it is wanted.
        on_progress: Called with the items so far and the total whenever a page has come.
    """

    __slots__ = ("_call", "_on_progress", "_prefetch", "_query")

    def __init__(self, call: Call[T], *, prefetch: int = 4, on_progress: ProgressCallback | None = None) -> None:
        if prefetch < 0:
            raise ValueError(f"prefetch must be 0 or more pages, not {prefetch}")
        self._call = call
        self._query = call.query or Query()
        self._prefetch = prefetch
        self._on_progress = on_progress

    def __await__(self) -> Generator[Any, Any, Page[T]]:
        return fetch(self._call, self._query).__await__()

    def __aiter__(self) -> AsyncIterator[T]:
        return self._iterate()

    def __repr__(self) -> str:
        return f"<Paginator of {self._call.operation.name}: await it for a page, or iterate over it>"

    async def pages(self) -> AsyncGenerator[Page[T], None]:
        """Every page from the first (or `page=`) to the last, in order.

        Raises:
            PaginationError: The pages repeat, or make no progress.
        """
        call = self._call
        query = self._query if self._query.per_page else self._query.replace(per_page=MAX_PER_PAGE)
        first = page = await fetch(call, query)
        done = len(page)
        self._progress(done, page.total)
        yield page
        ahead: deque[asyncio.Task[Page[T]]] = deque()
        moved = False
        try:
            while page.has_next:
                self._read_ahead(ahead, query, page, self._prefetch)
                current = await (ahead.popleft() if ahead else fetch(call, query.replace(page=page.number + 1)))
                moved = moved or current.total != page.total
                check_progress(page, current)
                if not current.items:
                    break
                page = current
                done += len(page)
                self._progress(done, page.total)
                # The page in the consumer's hands is one of those that may be held.
                self._read_ahead(ahead, query, page, max(1, self._prefetch - 1) if self._prefetch else 0)
                yield page
        finally:
            await _cancel(ahead)
        if moved or _is_short(first, page, done):
            _warn_of_move(first.total, page.total, done)

    async def to_list(self, limit: int | None = None) -> list[T]:
        """All items, or the first ones.

        Args:
            limit: How many at most, 0 or more; None for all.
        """
        if limit is not None and limit < 0:
            raise ValueError(f"limit must be 0 or more, not {limit}")
        items: list[T] = []
        if limit == 0:
            return items
        async with aclosing(self._limited(limit)._iterate()) as stream:
            async for item in stream:
                items.append(item)
                if len(items) == limit:
                    break
        return items

    async def first(self) -> T | None:
        """The first item; None of an empty list. Asks for one item only."""
        query = self._query if self._query.per_page else self._query.replace(per_page=1)
        page = await fetch(self._call, query)
        return page.items[0] if page.items else None

    async def count(self) -> int:
        """How many items the whole list has: the server's total, or counted where it does not say."""
        page = await fetch(self._call, self._query.replace(page=1, per_page=1))
        if page.total is not None:
            return page.total
        whole = self._with(self._query.replace(page=None))
        async with aclosing(whole._iterate()) as stream:
            return len([None async for _ in stream])

    def _with(self, query: Query) -> Paginator[T]:
        other = Paginator(self._call, prefetch=self._prefetch, on_progress=self._on_progress)
        other._query = query
        return other

    def _limited(self, limit: int | None) -> Paginator[T]:
        """Itself, or one that asks for no larger page than needed."""
        if limit is None or limit >= MAX_PER_PAGE or self._query.per_page:
            return self
        return self._with(self._query.replace(per_page=limit))

    async def _iterate(self) -> AsyncGenerator[T, None]:
        seen: set[Any] = set()
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for item, row in zip(page.items, page._rows, strict=True):
                    identity = _identity(row)
                    if identity is None:
                        yield item
                    elif identity not in seen:
                        seen.add(identity)
                        yield item

    def _read_ahead(self, ahead: deque[asyncio.Task[Page[T]]], query: Query, page: Page[T], most: int) -> None:
        """Keep up to `most` of the pages that are known to follow on their way."""
        if page.last_page is None:
            return
        while len(ahead) < most and page.number + len(ahead) < page.last_page:
            number = page.number + len(ahead) + 1
            ahead.append(asyncio.create_task(fetch(self._call, query.replace(page=number))))

    def _progress(self, done: int, total: int | None) -> None:
        if self._on_progress is not None:
            self._on_progress(done, total)


async def fetch(call: Call[T], query: Query, before: Page[T] | None = None) -> Page[T]:
    """One page; an error names it."""
    try:
        page = Page(call, query, *await call.send_page(query))
        if before is not None:
            check_progress(before, page)
        return page
    except PatchworksError as error:
        error.page = query.page or 1
        raise


def check_progress(before: Page[Any], page: Page[Any]) -> None:
    """Refuse a page that does not go on from the one before.

    Raises:
        PaginationError: It is another page than was asked for, or the same items again though the list did not move.
    """
    said = None if page.meta is None else _count(page.meta.current_page)
    if said is not None and said != page.number:
        raise PaginationError(
            f"page {page.number} was asked for, and page {said} came: the server does not follow `page`",
            page=page.number,
        )
    if page.items and page.total == before.total and _identities(page) == _identities(before):
        raise PaginationError(
            f"page {page.number} repeats page {before.number}: the server does not follow `page`", page=page.number
        )


async def _cancel(tasks: deque[asyncio.Task[Page[T]]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _is_short(first: Page[Any], last: Page[Any], done: int) -> bool:
    """Whether fewer items came than the server promised; only known where reading began on page 1."""
    return first.number == 1 and last.total is not None and done < last.total


def _warn_of_move(before: int | None, after: int | None, done: int) -> None:
    warnings.warn(
        f"the list changed while it was read (total {before}, then {after}; {done} items came): some may be missing",
        PaginationWarning,
        stacklevel=3,
    )


def _identities(page: Page[Any]) -> list[Any]:
    """What the items are told apart by: their ids, and themselves where they have none."""
    return [row if (identity := _identity(row)) is None else identity for row in page._rows]


def _identity(row: Any) -> Any:
    """What tells an item from the others: its id, where it has a plain one."""
    identity = row.get("id") if is_object(row) else None
    return identity if isinstance(identity, int | str) else None


def _count(value: Any) -> int | None:
    """A number of the meta, which may come as text."""
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
