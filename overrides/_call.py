"""From a generated method to its result: the declared operation, a call of it, and the answer unpacked."""
# pyright: reportPrivateUsage=false
# (resources belong to the client; _prepare is not for users)

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack, cast, get_args

from attrs import evolve, frozen

from ._contract import BodyType, Kind
from ._json import is_array, is_object
from ._request import Request, is_sequence, path_segment
from ._types import CallOptions, Identifier, ProgressCallback
from .errors import InvalidArgumentError, ResponseDecodeError
from .pagination import Page, Paginator
from .query import EMPTY, Query, combine

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._http import HTTPResponse
    from ._pipeline import Pipeline
    from .client import PatchworksClient
    from .drift import DriftCallback
    from .model import Model

T = TypeVar("T")
R = TypeVar("R")

_PARAMETER = re.compile(r"\{[^{}]*\}")


@frozen(eq=False, repr=False, slots=False)
class Operation(Generic[T]):
    """One endpoint: its name, its address and its answer.

    Args:
        name: Resource and method, as in the spec's operationId: `packages.list`.
        method: The HTTP method, in capitals.
        path: The documented path, with `{parameters}`.
        kind: `list` (pages of `result`), `model` (`result` in a `data` envelope), `plain` (`result` without one),
            `message` (the same, or an empty answer), `any` (free JSON, or an empty answer), `text`, `bytes`.
        result: The model class, or None for plain JSON.
        filters: The TypedDict of the documented filters.
        includes: The Literal of the documented includes.
        sorts: The Literal of the documented sorts.
        body_type: How a body is encoded.
        repeat: Query parameters whose values are repeated (`a=1&a=2`) instead of joined with commas.
        accept: The requested media type.
        content_type: The media type of the body, if it is not the usual one for `body_type`.
        items: The key of a list's items in the answer.
        nullable: Whether an empty answer is None although `result` is a model.
        dates: Names of body, query and header arguments that take a date without a time.
    """

    name: str
    method: str
    path: str
    kind: Kind
    result: type[T] | None = None
    filters: Any = None
    includes: Any = None
    sorts: Any = None
    body_type: BodyType = "json"
    repeat: tuple[str, ...] = ()
    accept: str = "application/json"
    content_type: str | None = None
    items: str = "data"
    nullable: bool = False
    dates: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"

    @cached_property
    def known_names(self) -> dict[str, frozenset[str]]:
        """The documented names by kind, read from the types so that they are written once."""
        return {
            "filter": frozenset(getattr(self.filters, "__annotations__", ())),
            "include": frozenset(get_args(self.includes)),
            "sort": frozenset(get_args(self.sorts)),
        }

    @cached_property
    def _template(self) -> str:
        return _PARAMETER.sub("%s", self.path.replace("%", "%%"))

    def check_dates(self, *arguments: Any) -> None:
        """Refuse a time where the documentation asks for a date.

        Raises:
            InvalidArgumentError: A datetime is given; which day it is depends on the time zone.
        """
        groups: list[Mapping[str, Any]] = [group for group in arguments if isinstance(group, Mapping)]
        for name, value in [(name, group.get(name)) for name in self.dates for group in groups]:
            if any(isinstance(one, datetime) for one in (value if is_sequence(value) else (value,))):
                raise InvalidArgumentError(f"{name} takes a date, not a datetime: pass its date()")

    def path_for(self, identifiers: tuple[Identifier, ...]) -> str:
        """The path with each identifier as exactly one segment.

        Raises:
            InvalidArgumentError: An identifier is empty, `.` or `..`, so it would address another endpoint.
            TypeError: An identifier is neither int nor str, or their number differs from the path's parameters.
        """
        if not identifiers:
            return self.path
        return self._template % tuple([path_segment(identifier, self.path) for identifier in identifiers])


class Resource:
    """The calls of one part of the API: an attribute of the client."""

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
        asked = EMPTY
        if query is not None or include is not None:
            asked = combine(operation.known_names, query, include=include)
        return await self._client._prepare(operation, identifiers, asked, **options).send()

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
        parts: dict[str, Any] = {"filter": filter, "include": include, "sort": sort, "page": page, "per_page": per_page}
        asked = combine(operation.known_names, query, **parts)
        call = self._client._prepare(operation, identifiers, asked, **options)
        return Paginator(call, prefetch=prefetch, on_progress=on_progress)


@frozen(eq=False, repr=False)
class Call(Generic[T]):
    """A call that is ready to be sent. Sending it twice makes the same request twice.

    Args:
        pipeline: Sends the request.
        operation: The operation that is called.
        request: The complete request.
        query: Its filter, include, sort and page.
        rest: The other query parameters, encoded.
        on_drift: Called for each difference between the answer and the documentation.
    """

    pipeline: Pipeline
    operation: Operation[T]
    request: Request
    query: Query
    rest: str
    on_drift: DriftCallback | None

    def at_page(self, page: int | None, per_page: int | None) -> Call[T]:
        """The same call for another page."""
        query = self.query._at_page(page, per_page)
        url = with_query(self.request.url.partition("?")[0], query, self.rest)
        return evolve(self, query=query, request=evolve(self.request, url=url))

    async def send(self) -> T:
        """The result of the operation.

        Raises:
            APIStatusError: The answer is not a 2xx.
            APIConnectionError: There is no answer.
            ResponseDecodeError: The answer is not what is documented, or empty.
        """
        return cast(T, _read(self._result, await self.pipeline.send(self.request)))

    async def send_page(self) -> Page[T]:
        """One page of a list.

        Raises:
            APIStatusError, APIConnectionError, ResponseDecodeError: As send().
        """
        return _read(self._page, await self.pipeline.send(self.request))

    def _page(self, answer: HTTPResponse) -> Page[T]:
        payload = self.pipeline.decode(self.request, answer)
        items, result = self.operation.items, cast("type[Model] | None", self.operation.result)
        data = payload.get(items) if is_object(payload) else payload
        if is_array(data):
            rows = data
        elif is_object(data) and all(key.isdigit() for key in data):
            rows = [*data.values()]  # PHP writes a list with gaps as an object
        else:
            raise self.pipeline.undecodable(self.request, answer, "it is not a list")
        if self.on_drift is not None and result is not None:
            pointer = f"/{items}" if is_object(payload) else ""
            for place, row in data.items() if is_object(data) else enumerate(rows):
                _tell_drift(self.on_drift, self.operation, row, f"{pointer}/{place}")
        made: list[Any] = rows if result is None else [result.from_dict(row) if is_object(row) else row for row in rows]
        return Page(self, made, rows, payload if is_object(payload) else {})

    def _result(self, answer: HTTPResponse) -> Any:
        operation, result = self.operation, cast("type[Model] | None", self.operation.result)
        kind = operation.kind
        is_empty = not answer.content.strip()
        if is_empty and (kind in ("any", "message") or operation.nullable):
            return result.from_dict({}) if kind == "message" and result is not None else None
        if kind in ("text", "bytes"):
            return answer.text if kind == "text" else answer.content
        if is_empty:
            raise self.pipeline.undecodable(self.request, answer, "it is empty")
        payload = self.pipeline.decode(self.request, answer)
        if result is None:
            return payload
        enveloped = kind == "model" and is_object(payload) and "data" in payload
        data = payload["data"] if enveloped else payload
        if data is None and operation.nullable:
            return None
        if data == [] or (data is None and kind == "message"):
            data = {}  # PHP writes an empty object as []
        if not is_object(data):
            raise self.pipeline.undecodable(self.request, answer, f"it is not a {result.__name__}")
        if self.on_drift is not None:
            _tell_drift(self.on_drift, operation, data, "/data" if enveloped else "")
        return result.from_dict(data)


def _read(parse: Callable[[HTTPResponse], R], answer: HTTPResponse) -> R:
    """Unpack an answer. An error is raised without the frames of `parse`, whose variables hold the answer's data."""
    try:
        return parse(answer)
    except ResponseDecodeError as error:
        failure = error.with_traceback(None)
    raise failure


def with_query(url: str, query: Query, rest: str) -> str:
    """The URL with a query appended."""
    text = "&".join([part for part in (query._to_url(), rest) if part])
    return f"{url}?{text}" if text else url


def _tell_drift(on_drift: DriftCallback, operation: Operation[Any], data: Any, pointer: str) -> None:
    from .drift import find_drift

    for drift in find_drift(operation.name, cast("type[Model]", operation.result), data, pointer):
        on_drift(drift)
