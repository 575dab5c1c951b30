"""What a generated method declares of its endpoint, and the path it leads to."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Generic, TypeVar, cast, get_args
from urllib.parse import quote

from attrs import frozen

from ._contract import BodyType, Kind
from ._types import Identifier

T = TypeVar("T")

_PARAMETER = re.compile(r"\{[^{}]*\}")


@frozen(eq=False, repr=False, slots=False)
class Operation(Generic[T]):
    """One endpoint: how it is named, where it is, and what it answers.

    Args:
        name: Resource and method, as in the spec's operationId: `packages.list`.
        method: The HTTP method, in capitals.
        path: The documented path, with `{parameters}`.
        kind: `list` (pages of `result`), `model` (`result` in a `data` envelope), `plain` (`result` as it is),
            `message` (the same, or nothing), `any` (free JSON, or nothing).
        result: The model class, or None for JSON as it comes.
        filters: The TypedDict of the documented filters.
        includes: The Literal of the documented includes.
        sorts: The Literal of the documented sorts.
        body_type: How a body is encoded.
        repeat: Query parameters whose values are repeated (`a=1&a=2`) and not joined with commas.
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

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"

    @cached_property
    def known_names(self) -> dict[str, frozenset[str]]:
        """The documented names by kind; read from the types, so that they are written down once."""
        return {
            "filter": frozenset(getattr(self.filters, "__annotations__", ())),
            "include": frozenset(get_args(self.includes)),
            "sort": frozenset(get_args(self.sorts)),
        }

    def path_for(self, identifiers: tuple[Identifier, ...]) -> str:
        """The path with each identifier as exactly one segment.

        Raises:
            ValueError: An identifier is empty, `.` or `..`: it would lead to another endpoint.
            TypeError: An identifier is neither int nor str.
        """
        if not identifiers:
            return self.path
        segments = [path_segment(identifier, self.path) for identifier in identifiers]
        pairs = zip(_PARAMETER.split(self.path), [*segments, ""], strict=True)
        return "".join(literal + segment for literal, segment in pairs)


def path_segment(identifier: Identifier, path: str) -> str:
    """One identifier, percent-encoded as one path segment."""
    if isinstance(identifier, bool) or not isinstance(cast(object, identifier), int | str):
        raise TypeError(f"an identifier in {path} must be an int or a str, not {type(identifier).__name__}")
    text = str(identifier)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot be an identifier in {path}: it would address another endpoint")
    return quote(text, safe="")
