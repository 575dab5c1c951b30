"""One call of an operation: its request, once encoded, and its answer, decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from urllib.parse import quote, urlencode

from attrs import define, evolve

from ._http import HTTPResponse
from ._json import is_array, is_object
from ._operation import Operation
from ._request import Request
from ._transport import Transport
from .model import Model
from .query import Params, Query

if TYPE_CHECKING:
    from .drift import DriftCallback

T = TypeVar("T")


@define(eq=False, repr=False)
class Call(Generic[T]):
    """A prepared call; sending it twice makes the same request twice.

    Args:
        transport: What sends it.
        operation: What is called.
        request: The request without its query; its url ends where the query begins.
        params: Pairs of the query that are neither filter, include, sort nor page.
        on_drift: Told how the answer differs from the documentation.
        query: Filter, include, sort and page.
    """

    transport: Transport
    operation: Operation[T]
    request: Request
    params: Params
    on_drift: DriftCallback | None
    query: Query | None = None

    async def send(self) -> T:
        """The result of the operation."""
        kind, result = self.operation.kind, cast("type[Model] | None", self.operation.result)
        answer = await self.send_raw(self.query)
        if kind in ("any", "message") and not answer.content.strip():
            return cast(T, None if result is None else result.from_dict({}))
        payload = self.transport.decode(self.request, answer)
        if result is None:
            return cast(T, payload)
        enveloped = kind == "model" and is_object(payload) and "data" in payload
        data = payload["data"] if enveloped else payload
        if data == [] or (data is None and kind == "message"):
            data = {}  # PHP writes an empty object as []
        if not is_object(data):
            raise self.transport.undecodable(self.request, answer, f"it is no {result.__name__}")
        self._tell_drift([("/data" if enveloped else "", data)])
        return cast(T, result.from_dict(data))

    async def send_page(self, query: Query) -> tuple[list[T], dict[str, Any] | None, bool, Any]:
        """One page of a list: its items, its meta, whether a link to a next page stands there, and the raw items."""
        answer = await self.send_raw(query)
        payload = self.transport.decode(self.request, answer)
        pointer, data = ("/data", payload.get("data")) if is_object(payload) else ("", payload)
        if is_object(data) and all(key.isdigit() for key in data):
            places: dict[Any, Any] = data  # PHP writes a list with gaps as an object
        elif is_array(data):
            places = dict(enumerate(data))
        else:
            raise self.transport.undecodable(self.request, answer, "it is no list")
        self._tell_drift((f"{pointer}/{place}", row) for place, row in places.items())
        rows = list(places.values())
        items: list[Any] = rows
        if self.operation.result is not None:
            from_dict: Callable[[Any], Any] = cast("type[Model]", self.operation.result).from_dict
            items = [from_dict(row) if is_object(row) else row for row in rows]
        meta, has_next_link = _position(payload)
        return items, meta, has_next_link, rows

    async def send_raw(self, query: Query | None = None) -> HTTPResponse:
        """The answer as it is."""
        request = self.request
        params = self.params if query is None else [*query.to_params(), *self.params]
        if params:
            request = evolve(request, url=f"{request.url}?{urlencode(params, quote_via=quote)}")
        return await self.transport.send(request)

    def _tell_drift(self, found: Iterable[tuple[str, Any]]) -> None:
        if self.on_drift is not None and self.operation.result is not None:
            from .drift import find_drift

            for pointer, data in found:
                for drift in find_drift(self.operation.name, cast("type[Model]", self.operation.result), data, pointer):
                    self.on_drift(drift)


def _position(payload: Any) -> tuple[dict[str, Any] | None, bool]:
    """The meta of a page, and whether there is a link to a next one, in the forms that Laravel gives them."""
    if not is_object(payload):
        return None, False
    flat = {key: value for key, value in payload.items() if key != "data"} if "current_page" in payload else None
    meta, links = payload.get("meta", flat), payload.get("links")
    next_link = links.get("next") if is_object(links) else payload.get("next_page_url")
    return meta if is_object(meta) else None, bool(next_link)
