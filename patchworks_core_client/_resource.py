"""Base of the generated resource classes: turns a declared operation and its arguments into a call."""
# pyright: reportPrivateUsage=false
# (resources are the client's own; _prepare is no method for its users)

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from ._operation import Operation
from ._types import CallOptions, Identifier, ProgressCallback
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
        query: Query | None = None,
        include: Any = None,
        **options: Unpack[CallOptions],
    ) -> T:
        call = self._client._prepare(operation, identifiers, **options)
        if query is not None or include is not None:
            call.query = combine(operation.known_names, query, include=include)
        return await call.send()

    def _list(
        self,
        operation: Operation[T],
        identifiers: tuple[Identifier, ...] = (),
        *,
        query: Query | None = None,
        filter: Any = None,
        include: Any = None,
        sort: Any = None,
        page: int | None = None,
        per_page: int | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        **options: Unpack[CallOptions],
    ) -> Paginator[T]:
        call = self._client._prepare(operation, identifiers, **options)
        parts: dict[str, Any] = {"filter": filter, "include": include, "sort": sort, "page": page, "per_page": per_page}
        call.query = combine(operation.known_names, query, **parts)
        return Paginator(call, prefetch=prefetch, on_progress=on_progress)
