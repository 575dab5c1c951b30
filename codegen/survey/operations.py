"""The read-only operations of the spec, and where the ids in their paths come from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..json_tools import JsonObject, is_array, is_integer, is_object
from ..learn import steps

_PARAMETER = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class ReadOperation:
    """A documented GET.

    Attributes:
        name: Its operationId.
        path: With its parameters in braces.
        source: Where it stands in the documentation's own names, for an overlay.
        schema: Of the answer; None where nothing, or no JSON, is documented.
        choices: The documented names of `include`, `sort` (without -) and `filter`, where it takes them.
        largest_page: The documented maximum of `per_page`; None where it takes none.
    """

    name: str
    path: str
    source: tuple[str, ...]
    schema: JsonObject | None
    choices: Mapping[str, frozenset[str]]
    largest_page: int | None

    @property
    def template(self) -> str:
        """The path without the names of its parameters, in which a list and its items may differ."""
        return _PARAMETER.sub("{}", self.path)

    @property
    def is_item(self) -> bool:
        return self.path.endswith("}")


def read_operations(spec: JsonObject) -> list[ReadOperation]:
    """Every GET of the spec, lists before items."""
    found = [_read_operation(path, item) for path, item in spec["paths"].items() if "get" in item]
    return sorted(found, key=lambda each: (each.is_item, each.path))


def _read_operation(path: str, item: JsonObject) -> ReadOperation:
    operation: JsonObject = item["get"]
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    by_name = {parameter["name"]: parameter.get("schema", {}) for parameter in parameters if "name" in parameter}
    choices = {kind: _names(by_name[kind]) for kind in ("include", "sort") if kind in by_name}
    filters = frozenset(name[len("filter[") : -1] for name in by_name if name.startswith("filter["))
    if filters:
        choices["filter"] = filters
    content: Any = operation.get("responses", {}).get("200", {}).get("content", {})
    return ReadOperation(
        name=operation["operationId"],
        path=path,
        source=steps(operation["x-source"]),
        schema=content.get("application/json", {}).get("schema"),
        choices=choices,
        largest_page=by_name["per_page"].get("maximum", 100) if "per_page" in by_name else None,
    )


def _names(schema: JsonObject) -> frozenset[str]:
    documented = schema.get("items", schema).get("enum", [])
    return frozenset(str(name).removeprefix("-") for name in documented)


@dataclass
class Ids:
    """The ids that came, by the list that they came in and by what they name. They stay in memory."""

    most: int = 3
    _by_list: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    _by_name: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, operation: ReadOperation, arguments: tuple[str, ...], items: Any) -> None:
        """Remember the ids of a list's items."""
        for item in items if is_array(items) else ():
            if is_object(item) and _is_id(item.get("id")):
                self._add(self._by_list[operation.template], (*arguments, str(item["id"])))

    def learn_named(self, owner: str, key: str, value: Any) -> None:
        """Remember the `id` of an object and what its `…_id` keys name."""
        name = snake(owner) if key == "id" else key.removesuffix("_id")
        if _is_id(value) and (key == "id" or name != key):
            self._add(self._by_name[name], str(value))

    def arguments(self, operation: ReadOperation) -> list[tuple[str, ...]]:
        """What to put into the path: a few sets of ids, none where one is not known."""
        names = _PARAMETER.findall(operation.path)
        found: list[tuple[str, ...]] = [()]
        for number, name in enumerate(names):
            above = _above(operation.template, number)
            found = list(self._extended(found, above, name))[: self.most]
        return found

    def _extended(self, found: list[tuple[str, ...]], above: str, name: str) -> Iterator[tuple[str, ...]]:
        listed = self._by_list.get(above, [])
        for arguments in found:
            below = [ids for ids in listed if ids[:-1] == arguments]
            yield from below or ([] if listed else [(*arguments, each) for each in self._by_name.get(name, [])])

    def _add(self, known: list[Any], new: Any) -> None:
        if new not in known and len(known) < self.most:
            known.append(new)


def _above(template: str, number: int) -> str:
    """The list above a path's parameter: what stands before it."""
    return "{}".join(template.split("{}")[: number + 1]).removesuffix("/")


def _is_id(value: Any) -> bool:
    return is_integer(value) or (isinstance(value, str) and re.fullmatch(r"[\w-]+", value) is not None)


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
