"""From a generated method to its result: the declared operation, a call of it, and the answer unpacked."""
# pyright: reportPrivateUsage=false
# (resources belong to the client; _prepare is not for users)

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from attrs import evolve, frozen

from ._contract import BodyType, Kind
from ._pipeline import decode, text_of, undecodable
from ._request import Request, is_mapping, is_sequence, path_segment, url_encoded
from ._types import Identifier, is_array, is_object
from .drift import find_drift
from .errors import InvalidArgumentError, ResponseDecodeError
from .pagination import Page, Paginator, T
from .query import Params, Query, page_params

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._http import HTTPResponse
    from .client import PatchworksClient
    from .model import Model

R = TypeVar("R")

_PARAMETER = re.compile(r"\{[^{}]*\}")


@frozen(eq=False)
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
    result: type[Model] | None = None
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

    def known_names(self) -> dict[str, frozenset[str]]:
        """The documented names by kind, read from the types so that they are written once."""
        return {
            "filter": frozenset(getattr(self.filters, "__annotations__", ())),
            "include": frozenset(get_args(self.includes)),
            "sort": frozenset(get_args(self.sorts)),
        }

    def check_dates(self, *arguments: Any) -> None:
        """Refuse a time where the documentation asks for a date.

        Raises:
            InvalidArgumentError: A datetime is given; which day it is depends on the time zone.
        """
        for name in self.dates:
            given = [group.get(name) for group in arguments if is_mapping(group)]
            if any(isinstance(one, datetime) for value in given for one in (value if is_sequence(value) else [value])):
                raise InvalidArgumentError(f"{name} takes a date, not a datetime: pass its date()")

    def path_for(self, identifiers: tuple[Identifier, ...]) -> str:
        """The path with each identifier as exactly one segment.

        Raises:
            InvalidArgumentError: An identifier is empty, `.` or `..`, so it would address another endpoint.
            TypeError: An identifier is neither int nor str.
        """
        segments = iter([path_segment(identifier, self.path) for identifier in identifiers])
        return _PARAMETER.sub(lambda _: next(segments), self.path) if identifiers else self.path


class Resource:
    """The calls of one part of the API: an attribute of the client."""

    __slots__ = ("_client",)

    def __init__(self, client: PatchworksClient) -> None:
        self._client = client

    async def _call(self, operation: Operation[T], identifiers: tuple[Identifier, ...] = (), **options: Any) -> T:
        """Call an operation. The options are those of PatchworksClient._prepare."""
        call = self._client._prepare(operation, identifiers, **options)
        return await call.send(call.result)

    def _list(self, operation: Operation[T], identifiers: tuple[Identifier, ...] = (), **options: Any) -> Paginator[T]:
        """Return the paginator of a list. The options are those of Paginator and of PatchworksClient._prepare."""
        paging = {name: options.pop(name) for name in ("prefetch", "on_progress") if name in options}
        return Paginator(self._client._prepare(operation, identifiers, **options), **paging)


@frozen(eq=False, repr=False)
class Call(Generic[T]):
    """A call that is ready to be sent. Sending it twice makes the same request twice.

    Args:
        client: Whose call it is.
        operation: The operation that is called.
        request: The request, complete but for the page.
        query: What the caller asked for.
        number: The page to request. None leaves it to the server.
        per_page: Items per page. None leaves it to the server.
        size: Items per page in an error's query.
    """

    client: PatchworksClient
    operation: Operation[T]
    request: Request
    query: Query
    number: int | None
    per_page: int | None
    size: int | None

    def at_page(self, number: int | None, per_page: int | None, size: int | None) -> Call[T]:
        """The same call for another page."""
        return evolve(self, number=number, per_page=per_page, size=size)

    def resumed(self) -> Query:
        """The query of an error, to continue with this page."""
        return self.query.replace(page=self.number, per_page=self.size)

    async def send(self, read: Callable[[HTTPResponse], R]) -> R:
        """Send the request and unpack the answer.

        Args:
            read: `result` or `page` of this call.

        Raises:
            APIStatusError: The answer is not a 2xx.
            APIConnectionError: There is no answer.
            ResponseDecodeError: The answer is not what is documented, or empty.
        """
        request = self.request
        if page := page_params(self.number, self.per_page):
            request = evolve(request, url=with_query(request.url, page))
        answer = await self.client._pipeline.send(request)
        try:
            return read(answer)
        except ResponseDecodeError as error:
            failure = error.with_traceback(None)
        raise failure  # without the frames of `read`, whose variables hold the answer's data

    def page(self, answer: HTTPResponse) -> Page[T]:
        """One page of a list."""
        payload = decode(self.request, answer)
        items = self.operation.items
        data, pointer = (payload.get(items), f"/{items}") if is_object(payload) else (payload, "")
        rows: Any = dict(enumerate(data)) if is_array(data) else data  # PHP writes a list with gaps as an object
        if not is_object(rows) or not all(str(key).isdigit() for key in rows):
            raise undecodable(self.request, answer, "it is not a list")
        made = [self._made(row, f"{pointer}/{place}") for place, row in rows.items()]
        return Page(self, made, [*rows.values()], payload if is_object(payload) else {})

    def result(self, answer: HTTPResponse) -> Any:
        """The result of an operation that is not a list."""
        operation, kind = self.operation, self.operation.kind
        if kind in ("text", "bytes"):
            return text_of(answer) if kind == "text" else answer.content
        payload = decode(self.request, answer) if answer.content.strip() else None
        if operation.result is None:
            return payload
        data = payload.get("data", payload) if kind == "model" and is_object(payload) else payload
        if data is None and operation.nullable:
            return None
        if data == [] or (data is None and kind == "message"):  # PHP writes an empty object as []
            return operation.result.from_dict({})
        if not is_object(data):
            raise undecodable(self.request, answer, f"it is not a {operation.result.__name__}, or it is empty")
        return self._made(data, "" if data is payload else "/data")

    def _made(self, data: Any, pointer: str) -> Any:
        """A value of the answer as its documented type. Reports its drift first."""
        model, on_drift = self.operation.result, self.client._on_drift
        if model is None:
            return data
        if on_drift is not None:
            for drift in find_drift(self.operation.name, model, data, pointer):
                on_drift(drift)
        return model.from_dict(data) if is_object(data) else data


def with_query(url: str, params: Params) -> str:
    """The URL with query parameters appended."""
    return f"{url}{'&' if '?' in url else '?'}{url_encoded(params)}" if params else url
