"""Lists: one page, all pages or all items; prefetched, in order, and always with an end."""
# pyright: reportPrivateUsage=false
# (a page and its paginator belong together)

from __future__ import annotations

import asyncio
import math
import re
import warnings
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import frozen

from ._request import checked_int
from ._types import ProgressCallback, is_object
from .errors import PaginationError, PaginationWarning, PatchworksError
from .model import Model, field, model
from .query import MAX_PER_PAGE

if TYPE_CHECKING:
    from ._call import Call

T = TypeVar("T")

# The most pages to read: as many as page 1 says (or _PAGES_UNTOLD), plus this many.
_PAGES_UNTOLD = 10_000
_PAGES_MORE = 1_000

# A number in the meta, which some servers write as a text.
_NUMBER = re.compile("[0-9]{1,18}")


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class PaginationMeta(Model):
    """What the server says about a page: the `meta` of every list endpoint."""

    __slots__ = ()

    current_page: int | None = None
    last_page: int | None = None
    per_page: int | None = None
    total: int | None = None
    path: str | None = None
    from_: int | None = field(key="from")
    to: int | None = None


class Page(Generic[T]):
    """One page of a list: a sequence of its items.

    Attributes:
        items: The items, in the server's order.
        meta: What the server says about the page, or None.
        number: The number of the page, from 1.
        has_next: Whether another page follows.
        total: The number of items in the whole list, or None if the server does not say.
        last_page: The number of the last page, or None if the server does not say.
    """

    def __init__(self, call: Call[T], items: list[T], rows: list[Any], payload: dict[str, Any]) -> None:
        self._call = call
        self._rows = rows
        self.items = items
        self._new: list[T] = items  # those that no page before has brought, where this is one of several
        # Laravel's resources put the position under meta and links; its bare paginators put it beside the items.
        flat = {key: value for key, value in payload.items() if key != call.operation.items}
        meta = payload.get("meta", flat if "current_page" in payload else None)
        links = payload.get("links", {"next": payload.get("next_page_url")})
        self.meta = PaginationMeta.from_dict(meta) if is_object(meta) else None
        self.number = call.number or 1
        self.total = self._told("total")
        self.last_page = self._told("last_page")
        self._size = self._told("per_page") or call.per_page or len(items)
        more = is_object(links) and links.get("next") if self.last_page is None else self.number < self.last_page
        self.has_next = bool(more and items)

    def _told(self, name: str) -> int | None:
        """A number in the meta; None if it is not one."""
        value = str(getattr(self.meta, name, None))
        return int(value) if _NUMBER.fullmatch(value) else None

    async def next(self) -> Page[T] | None:
        """The next page, requested in the same way, or None after the last one.

        Raises:
            PatchworksError: As the call that returned this page. `error.page` is the page that failed, and
                `list(query=error.query)` resumes there, with the same page size.
        """
        if not self.has_next:
            return None
        page = await _fetch(self._following())
        progress = _Progress(self, stacklevel=4)
        progress.add(self)
        progress.add(page)
        return page

    def _following(self, distance: int = 1) -> Call[T]:
        per_page = self._call.per_page
        size = self._size if 0 < self._size <= MAX_PER_PAGE else None
        return self._call.at_page(self.number + distance, per_page, per_page or size)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]

    def __repr__(self) -> str:
        return f"<Page {self.number} of {self.last_page or '?'}: {len(self.items)} items, {self.total} in all>"


class Paginator(Generic[T]):
    """A list. Nothing is requested until you await or iterate it.

        page = await client.packages.list(per_page=50)       # one page
        async for package in client.packages.list(): ...     # every item of every page, in order
        async for page in client.packages.list().pages(): ...
        packages = await client.packages.list().to_list(limit=500)

    Iterating requests 100 items per page by default and prefetches pages. Items with an id are yielded once. An error
    carries `.page` and `.query`: `list(query=error.query)` resumes there. A PaginationWarning says that the list
    changed while it was read.

    Args:
        call: The call that gets a page.
        prefetch: The most pages to hold, including the current one. 0 requests each page when you reach it.
        on_progress: Called after each page with the number of items so far and the total.
    """

    def __init__(self, call: Call[T], *, prefetch: int = 4, on_progress: ProgressCallback | None = None) -> None:
        self._call = call
        self._prefetch = checked_int("prefetch", prefetch, 0)
        self._on_progress = on_progress

    def __await__(self) -> Generator[Any, Any, Page[T]]:
        return _fetch(self._call).__await__()

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        async with aclosing(self._walk()) as pages:
            async for page in pages:
                for item in page._new:
                    yield item

    def __repr__(self) -> str:
        return f"<Paginator of {self._call.operation.name}: await it for a page, or iterate over it>"

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Every page from the first (or `page=`) to the last, in order.

        Raises:
            PaginationError: A page brings no new item.
        """
        return self._walk(stacklevel=4)

    async def to_list(self, limit: int | None = None) -> list[T]:
        """Read all items, or the first ones, into a list.

        Args:
            limit: The most items to read, 0 or more. None reads all.
        """
        if limit is not None and checked_int("limit", limit, 0) == 0:
            return []
        most = math.inf if limit is None else limit
        return [item async for page in self._walk(most) for item in page._new][:limit]

    async def first(self) -> T | None:
        """The first item, or None if the list is empty. Requests a single item unless page or per_page is given."""
        call = self._call
        whole_page = call.per_page is not None or (call.number or 1) > 1
        page = await _fetch(call if whole_page else call.at_page(call.number, 1, call.size))
        return page.items[0] if page.items else None

    async def count(self) -> int:
        """The number of items in the whole list: the server's total, or counted if the server gives none."""
        call = self._call
        page = await _fetch(call.at_page(1, 1, call.size))
        if page.total is not None:
            return page.total
        return len([None async for _ in Paginator(call.at_page(None, call.per_page, call.size))])

    async def _walk(self, limit: float = math.inf, stacklevel: int = 5) -> AsyncGenerator[Page[T], None]:
        """The pages, as far as `limit` items require. A warning names the frame that `stacklevel` counts to."""
        per_page = self._call.per_page or MAX_PER_PAGE
        page = await _fetch(self._call.at_page(self._call.number, per_page, per_page))
        progress = _Progress(page, stacklevel)
        ahead: deque[asyncio.Task[Page[T]]] = deque()
        try:
            while True:
                progress.add(page)
                if self._on_progress is not None:
                    self._on_progress(progress.done, page.total)
                wanted = (limit - progress.done) / (len(page) or 1)
                _read_ahead(ahead, page, min(wanted, self._prefetch - 1))  # because the consumer holds this page
                yield page
                if wanted <= 0:
                    return
                if not page.has_next:
                    break
                _read_ahead(ahead, page, min(wanted, self._prefetch))
                page = await (ahead.popleft() if ahead else _fetch(page._following()))
                if not page.items:
                    break
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)
        progress.check_complete()


def _read_ahead(ahead: deque[asyncio.Task[Page[T]]], page: Page[T], most: float) -> None:
    """Request the pages that are known to follow this one, until `most` are requested or held."""
    last_page = (page.last_page or 0) if page.has_next else 0
    while len(ahead) < most and page.number + len(ahead) < last_page:
        ahead.append(asyncio.create_task(_fetch(page._following(len(ahead) + 1))))


class _Progress(Generic[T]):
    """What was read so far. Every page brings a new item or is the last one, so a list always ends.

    Items are identified by their ids, and items without one by their whole content.
    """

    def __init__(self, first: Page[T], stacklevel: int) -> None:
        self.done = 0
        self._total = first.total
        self._expected = (first.total or 0) - (first.number - 1) * first._size
        self._bound = max(first.number, first.last_page or first.number + _PAGES_UNTOLD) + _PAGES_MORE
        self._size = first._size
        self._seen: set[Any] = set()
        self._warned = False
        self._stacklevel = stacklevel

    def add(self, page: Page[T]) -> None:
        """Take note of the next page, and of its new items.

        Raises:
            PaginationError: A full page brings nothing new although the total did not grow by as much, or there are
                too many pages.
        """
        seen_before = len(self._seen)
        page._new = []
        for item, row in zip(page.items, page._rows, strict=True):
            has_id = is_object(row) and type(row.get("id")) in (int, str)
            identity = row["id"] if has_id else (hash(repr(row)),)
            if not has_id or identity not in self._seen:
                page._new.append(item)
            self._seen.add(identity)
        self.done += len(page._new)
        is_full = page.has_next or len(page) >= self._size
        grown = (page.total or 0) - (self._total or 0)
        if page.items and len(self._seen) == seen_before and is_full and grown < len(page):
            raise _no_progress(page, "has no new item: the server does not follow `page`")
        if page.number > self._bound:
            raise _no_progress(page, "is far beyond the end; continue with list(query=error.query)")
        if page.total != self._total:
            self._warn(f"total {self._total}, then {page.total}")
        self._total = page.total

    def check_complete(self) -> None:
        """Warn if there were fewer items than the server said."""
        if self.done < self._expected:
            self._warn(f"got {self.done} of {self._expected} items")

    def _warn(self, how: str) -> None:
        if not self._warned:
            self._warned = True
            message = f"the list changed while it was read ({how}): some items may be missing"
            warnings.warn(message, PaginationWarning, stacklevel=self._stacklevel)


async def _fetch(call: Call[T]) -> Page[T]:
    """One page.

    Raises:
        PatchworksError: As the call, or the page is not the requested one.
    """
    try:
        page = await call.send(call.page)
    except PatchworksError as error:
        error.query, error.page = call.resumed(), call.number or 1
        raise
    said = page._told("current_page")
    if call.number is not None and said not in (None, page.number):
        raise _no_progress(page, f"was requested, but page {said} was returned: the server does not follow `page`")
    return page


def _no_progress(page: Page[Any], what: str) -> PaginationError:
    error = PaginationError(f"page {page.number} {what}")
    error.query, error.page = page._call.resumed(), page.number
    return error
