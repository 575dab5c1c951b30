"""What the template of a resource's module prints besides names: types, common arguments, docstrings."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from .client import Choices, Method, Model, Resource
from .names import FIELD_TYPES
from .text import docstring, literal, one_line, section, sentence, summarized, wrap

_PLAIN_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
_COMMON = {
    "page": "int | None = None",
    "per_page": "int | None = None",
    "query": "Query | None = None",
    "prefetch": "int = 4",
    "on_progress": "ProgressCallback | None = None",
    "timeout": "Timeout = UNSET",
    "max_retries": "int | Unset = UNSET",
    "extra_query": "ExtraQuery | None = None",
    "extra_headers": "ExtraHeaders | None = None",
}
"""Type and default of the arguments that many methods have, in the order of the signature."""
_ERRORS = {
    400: "The server refuses the request.",
    404: "There is no such thing.",
    409: "The state of the thing forbids it.",
    422: "The server rejected fields; `.errors` has the messages by field.",
}
"""Documented statuses worth a line; 401 and 403 are every operation's."""
_REFUSED_QUERY = "A filter, sort or include is not allowed here."


@dataclass(frozen=True)
class Alias:
    """A type alias of a resource's module."""

    name: str
    type: str


@dataclass(frozen=True)
class Entries:
    """A TypedDict of a resource's module: the annotation of each key."""

    name: str
    text: str
    entries: dict[str, str]
    quoted: bool = False
    """Whether the annotations may name what is defined later."""

    @property
    def is_class(self) -> bool:
        """Whether every key is a Python name, and hides none that the annotations need."""
        return all(
            _PLAIN_NAME.fullmatch(key) and not keyword.iskeyword(key) and key not in FIELD_TYPES for key in self.entries
        )


def types_of(resource: Resource, own: Mapping[str, Iterable[Choices | Model]]) -> Iterator[Alias | Entries]:
    """The types that a resource's module defines.

    Args:
        resource: The resource.
        own: The enums and TypedDicts that are defined here, by the operation that uses them first.
    """
    aliases: dict[str, str] = {}  # lists that copy each other's includes and sorts share one Literal
    for method in resource.methods:
        for each in own.get(method.operation_id, ()):
            yield enum_alias(each) if isinstance(each, Choices) else _typed_dict(each, method)
        for argument, name in resource.choices[method.name].items():
            documented = method.choices[argument]
            if argument == "filter":
                entries = dict.fromkeys(documented, "FilterValue")
                yield Entries(name, f"Filters of `{method.operation_id}`.", entries)
            else:
                type_ = f"Literal[{', '.join(map(literal, documented))}]" if documented else "str"
                yield Alias(name, aliases.get(type_, type_))
                if documented:
                    aliases.setdefault(type_, name)


def common_arguments(method: Method, resource: Resource, contract: SimpleNamespace) -> dict[str, str]:
    """The arguments that are not the operation's own, with type and default."""
    wanted: set[str] = {*contract.CALL_ARGUMENTS}
    if method.answer.kind == "list":
        wanted |= {"query", *contract.LIST_ARGUMENTS}
    elif "include" in method.choices:
        wanted.add("query")
    declared = {
        argument: f"{name} | None = None" if argument == "filter" else f"{name} | Sequence[{name}] | None = None"
        for argument, name in resource.choices[method.name].items()
    }
    return declared | {name: common for name, common in _COMMON.items() if name in wanted}


def method_docstring(method: Method, contract: SimpleNamespace) -> str:
    """What the documentation says of a method, its arguments and errors."""
    endpoint = one_line(method.operation.label)
    text = f"{summarized(sentence(method.description))}\n\n{endpoint}" if method.description else f"{endpoint}."
    if method.operation.body.get("deprecated"):
        text += "\n\nDeprecated: the documentation advises against it."
    arguments = [*method.at("path"), *method.keywords]
    lines = wrap(text, indent=8)
    lines += section("Args", [(each.name, each.text) for each in arguments if each.text], indent=8)
    lines += section("Returns", [("", text)] if (text := _returns(method)) else [], indent=8)
    lines += section("Raises", _raises(method, contract), indent=8)
    return docstring(lines, indent=8)


def enum_alias(enum: Choices) -> Alias:
    """The alias of an enum: the documented values, or any other that the server knows."""
    values = ", ".join(map(literal, enum.values))
    return Alias(enum.name, f"Literal[{values}] | {type(enum.values[0]).__name__}")


def _typed_dict(model: Model, method: Method) -> Entries:
    entries = {
        each.key: f"Required[{each.type.annotation}]" if each.required else each.type.annotation
        for each in sorted(model.fields, key=lambda each: not each.required)
    }
    return Entries(model.name, f"An object in the body of `{method.operation_id}`.", entries, quoted=True)


def _raises(method: Method, contract: SimpleNamespace) -> list[tuple[str, str]]:
    texts = _ERRORS | ({400: _REFUSED_QUERY} if method.choices else {})
    documented = method.operation.body.get("responses", {})
    return [(contract.ERROR_CLASSES[status], text) for status, text in texts.items() if str(status) in documented]


def _returns(method: Method) -> str:
    """The Returns section: what the annotation does not say."""
    if method.answer.kind == "list":
        items = {"dict[str, Any]": "JSON objects", "Any": "JSON values"}.get(method.returns, f"`{method.returns}`")
        return f"A paginator of {items}: await it for one page, iterate over it for all."
    if method.answer.kind in ("text", "bytes"):
        return f"The body as it is: {one_line(method.answer.accept)}."
    if not method.result:
        return "The JSON as sent, or None for an empty answer."
    return "None if the answer is empty." if method.answer.nullable else ""
