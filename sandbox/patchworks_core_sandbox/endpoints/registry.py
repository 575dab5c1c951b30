"""Endpoints and the calls that they get."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..core import Core
from ..errors import forbidden, no_such_row
from ..json_types import JSON, is_object
from ..php import cleaned, number
from ..query import Listing, Page, Query, paginated
from ..resources import Resource
from ..state import Environment, EnvironmentVersion, Row, State, Table, User
from ..validation import validate

R = TypeVar("R", bound=Row)

MODEL_NAMES: Mapping[type[Row], str] = {
    Environment: "VirtualEnvironment",
    EnvironmentVersion: "VirtualEnvironmentVersion",
}
"""The server's name for a model where it is not the name of our class."""


@dataclass(frozen=True)
class Reply:
    payload: Any
    status: int = 200


@dataclass(frozen=True)
class Move:
    """A change to a list before a page of it is answered: a row is added or removed, first or last."""

    grows: bool
    first: bool


@dataclass
class Call:
    """A request that has passed authentication and throttle.

    Attributes:
        url: Address of the path, for the links of pages.
        parameters: The path's, by name.
        body: {} where the request has none that is a JSON object.
        moves: Changes to make to the list that is asked for.
    """

    core: Core
    user: User
    url: str
    parameters: Mapping[str, str]
    query: Query
    body: Mapping[str, Any]
    moves: list[Move] = field(default_factory=list[Move])

    @property
    def state(self) -> State:
        return self.core.state

    def row(self, table: Table[R], parameter: str) -> R:
        """The row whose id is in the path, which MariaDB reads by its leading digits.

        Raises:
            Refusal: A 404.
        """
        identifier = self.parameters[parameter]
        found = number(identifier)
        row = table.get(int(found)) if found.is_integer() else None
        if row is None:
            raise no_such_row(MODEL_NAMES.get(table.model, table.model.__name__), identifier)
        return row

    def child(self, table: Table[R], parameter: str, owner: Row, attribute: str) -> R:
        """The row whose id is in the path, if it belongs to `owner`: its id is in the row's `attribute`."""
        row = self.row(table, parameter)
        if getattr(row, attribute) != owner.id:
            raise no_such_row(MODEL_NAMES.get(table.model, table.model.__name__), str(row.id))
        return row

    def validated(self, rules: Mapping[str, str]) -> JSON:
        """The body's fields that `rules` name.

        Raises:
            Refusal: A 422.
        """
        return validate(self.state, self.body, rules)

    def page(self, listing: Listing, rows: Iterable[Row]) -> Reply:
        """One page of `rows`: filtered, sorted, and with what is included."""
        includes = listing.wanted(self.query)
        page = Page.parse(self.query)
        selected = self._moved(listing.select(self.state, rows, self.query))
        data = [listing.resource.render(self.state, row, includes) for row in page.cut(selected)]
        return Reply(paginated(data, page, len(selected), self.url))

    def _moved(self, rows: list[Row]) -> list[Row]:
        for move in self.moves:
            if not rows:
                break
            place = 0 if move.first else len(rows) - 1
            table = self.state.table_of(rows[place])
            if move.grows:
                rows.insert(place if move.first else place + 1, table.add(replace(rows[place]), first=move.first))
            else:
                table.remove(rows.pop(place))
        return rows

    def one(self, listing: Listing, row: Row) -> Reply:
        """One row, with what is included. Filters and sorts are checked, but change nothing."""
        listing.select(self.state, [], self.query)
        return Reply({"data": listing.resource.render(self.state, row, listing.wanted(self.query))})


def shown(call: Call, resource: Resource, row: Row, status: int = 200) -> Reply:
    return Reply({"data": resource.render(call.state, row, {})}, status)


def created(call: Call, resource: Resource, row: Row) -> Reply:
    return shown(call, resource, row, 201)


def message(text: str) -> Reply:
    return Reply({"message": text})


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Endpoint:
    """One operation of the API.

    Attributes:
        operation: Its name: the spec's operationId.
        administrator: Whether a manager may not call it.
    """

    operation: str
    method: str
    path: str
    handler: Handler
    administrator: bool = False

    def __call__(self, call: Call) -> Reply:
        if self.administrator and call.user.role != "administrator":
            raise forbidden()
        return self.handler(call)


ENDPOINTS: list[Endpoint] = []


def endpoint(operation: str, method: str, path: str, *, administrator: bool = False) -> Callable[[Handler], Handler]:
    """Register the function below as what answers `method` on `path`."""

    def register(handler: Handler) -> Handler:
        ENDPOINTS.append(Endpoint(operation, method, f"/api/v1{path}", handler, administrator))
        return handler

    return register


def parsed_body(content_type: str, body: bytes) -> Mapping[str, Any]:
    """A JSON body. It is empty where the content type is another one, or where it cannot be read."""
    if "/json" not in content_type and "+json" not in content_type:
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return cleaned(value) if is_object(value) else {}
