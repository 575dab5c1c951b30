"""Base of the generated resource classes: turns a declared operation and its arguments into a call."""
# pyright: reportPrivateUsage=false
# (resources are the client's own; _prepare is no method for its users)

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ._operation import Operation
from ._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, ProgressCallback, Timeout, Unset
from .pagination import Paginator
from .query import Query, combine

if TYPE_CHECKING:
    from .client import PatchworksClient

T = TypeVar("T")


class Resource:
    """The calls of one part of the API; reached as an attribute of the client."""

    __slots__ = ("_client",)

    def __init__(self, client: PatchworksClient) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"

    async def _call(
        self,
        operation: Operation[T],
        identifiers: tuple[Identifier, ...] = (),
        *,
        body: Any = UNSET,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        query: Query | None = None,
        include: Any = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> T:
        call = self._client._prepare(
            operation, identifiers, params, headers, timeout, max_retries, extra_query, extra_headers, body
        )
        if query is not None or include is not None:
            call.query = combine(operation.known_names, query, include=include)
        return await call.send()

    def _list(
        self,
        operation: Operation[T],
        identifiers: tuple[Identifier, ...] = (),
        *,
        body: Any = UNSET,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        query: Query | None = None,
        filter: Any = None,
        include: Any = None,
        sort: Any = None,
        page: int | None = None,
        per_page: int | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[T]:
        call = self._client._prepare(
            operation, identifiers, params, headers, timeout, max_retries, extra_query, extra_headers, body
        )
        call.query = combine(
            operation.known_names, query, filter=filter, include=include, sort=sort, page=page, per_page=per_page
        )
        return Paginator(call, prefetch=prefetch, on_progress=on_progress)
