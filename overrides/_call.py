"""One call of an operation: its request, once encoded, and its answer, decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from urllib.parse import quote, urlencode

from ._http import HTTPResponse
from ._json import is_array, is_object
from ._operation import Operation
from ._transport import Request, Transport, decode_json, undecodable
from .model import Model
from .query import Params, Query

if TYPE_CHECKING:
    from .drift import DriftCallback

T = TypeVar("T")


class Call(Generic[T]):
    """A prepared call; sending it twice makes the same request twice.

    Args:
        transport: What sends it.
        operation: What is called.
        request: The request without its query; its url ends where the query begins.
        params: Pairs of the query that are neither filter, include, sort nor page.
        on_drift: Told how the answer differs from the documentation.
    """

    __slots__ = ("_on_drift", "_params", "_request", "_transport", "operation", "query")

    def __init__(
        self,
        transport: Transport,
        operation: Operation[T],
        request: Request,
        params: Params,
        on_drift: DriftCallback | None,
    ) -> None:
        self._transport = transport
        self._request = request
        self._params = params
        self._on_drift = on_drift
        self.operation = operation
        self.query: Query | None = None

    async def send(self) -> T:
        """The result of the operation."""
        request, answer = await self._answer(self.query)
        if self.operation.kind == "any":
            return cast(T, decode_json(request, answer, self._transport.redactor) if answer.content.strip() else None)
        result = cast("type[Model]", self.operation.result)
        if not answer.content.strip() and result.__name__ == "Message":
            return cast(T, result.from_dict({}))
        payload = decode_json(request, answer, self._transport.redactor)
        data = payload
        if self.operation.kind == "model" and is_object(payload) and "data" in payload:
            data = payload["data"]
        if data == []:
            data = {}  # PHP writes an empty object as []
        if not is_object(data):
            fault = f"it is no {result.__name__}"
            raise undecodable(request, answer, self._transport.redactor, fault)
        if self._on_drift is not None:
            self._report(data, "" if data is payload else "/data")
        return cast(T, result.from_dict(data))

    async def send_page(self, query: Query) -> tuple[list[T], dict[str, Any] | None, bool, Any]:
        """One page of a list: its items, its meta, whether a link to a next page stands there, and the raw items."""
        request, answer = await self._answer(query)
        payload = decode_json(request, answer, self._transport.redactor)
        rows, meta, has_next_link = split_page(payload)
        if rows is None:
            raise undecodable(request, answer, self._transport.redactor, "it is no list")
        if self._on_drift is not None:
            self._report_rows(payload)
        return self._items(rows), meta, has_next_link, rows

    async def send_raw(self) -> HTTPResponse:
        """The answer as it is."""
        _, answer = await self._answer(None)
        return answer

    def _items(self, rows: list[Any]) -> list[T]:
        if self.operation.result is None:
            return rows
        from_dict = cast("type[Model]", self.operation.result).from_dict
        return [cast(T, from_dict(row)) if is_object(row) else row for row in rows]

    async def _answer(self, query: Query | None) -> tuple[Request, HTTPResponse]:
        request = self._request
        params = self._params if query is None else [*query.to_params(), *self._params]
        if params:
            request = request._replace(url=f"{request.url}?{urlencode(params, quote_via=quote)}")
        return request, await self._transport.send(request)

    def _report(self, data: Any, pointer: str) -> None:
        from .drift import find_drift

        if self._on_drift is not None:
            for drift in find_drift(self.operation.name, cast("type[Model]", self.operation.result), data, pointer):
                self._on_drift(drift)

    def _report_rows(self, payload: Any) -> None:
        if self.operation.result is not None:
            rows, pointer = (payload["data"], "/data") if is_object(payload) else (payload, "")
            for place, row in rows.items() if is_object(rows) else enumerate(rows):
                self._report(row, f"{pointer}/{place}")


def split_page(payload: Any) -> tuple[list[Any] | None, dict[str, Any] | None, bool]:
    """Items, meta and whether there is a next link, of the forms that Laravel gives a list; (None, …) of any other."""
    if is_array(payload):
        return payload, None, False
    if not is_object(payload):
        return None, None, False
    rows = payload.get("data")
    if is_object(rows) and all(key.isdigit() for key in rows):
        rows = list(rows.values())  # PHP writes a list with gaps as an object
    if not is_array(rows):
        return None, None, False
    flat = {key: value for key, value in payload.items() if key != "data"} if "current_page" in payload else None
    meta = payload.get("meta", flat)
    links = payload.get("links")
    next_link = links.get("next") if is_object(links) else payload.get("next_page_url")
    return rows, meta if is_object(meta) else None, bool(next_link)
