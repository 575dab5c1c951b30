"""What the template of a resource's module prints besides names: types, common arguments, docstrings."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .client import Choices, Client, Method, Model, Resource
from .names import FIELD_TYPES, Reserved
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
"""Type and default of the arguments that many methods have."""
_ERRORS = {
    400: "The server refuses the request.",
    404: "There is no such thing.",
    409: "The state of the thing forbids it.",
    422: "The server rejected fields; `.errors` has the messages by field.",
}
"""Documented statuses worth a line; 401 and 403 are every operation's."""
_REFUSED_QUERY = "A filter, sort or include is not allowed here."


@dataclass
class ResourceSource:
    """What the template of a resource's module prints."""

    client: Client
    resource: Resource
    reserved: Reserved
    placed: Mapping[str, str]
    """The module of each enum and TypedDict."""
    models: dict[str, str] = field(default_factory=dict[str, str])
    """What is imported: class by module under models/."""
    types: list[str] = field(default_factory=list[str])
    type_names: list[str] = field(default_factory=list[str])
    choices: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """The types of filter, include and sort, by method and argument."""

    def __post_init__(self) -> None:
        # In its class, a method called `list` hides the builtin from annotations.
        hidden = sorted({method.name for method in self.resource.methods} & set(dir(builtins)))
        self._hidden = re.compile(rf"(?<![\w.])({'|'.join(hidden)})(?![\w=])") if hidden else None
        # Lists that copy each other's includes and sorts share one Literal.
        self._aliases: dict[str, str] = {"str": "str"}
        for method in self.resource.methods:
            if method.result:
                self.models[self.client.models[method.result].module] = method.result
            for argument in method.arguments:
                self._use(argument.type.classes)
            self.choices[method.name] = self._choices(method)

    # -- types -------------------------------------------------------------------------------------------------------

    def _use(self, names: Iterable[str]) -> None:
        """Import or define the classes that annotations name."""
        for name in names:
            known = self.client.enums.get(name) or self.client.typed_dicts[name]
            if self.placed[name] != f"resources.{self.resource.module}":
                self.models[known.module] = name
            elif name not in self.type_names:
                if isinstance(known, Choices):
                    self.types.append(enum_alias(known))
                else:
                    self.type_names.append(name)  # before its fields: it may hold itself
                    self._use(each for entry in known.fields for each in entry.type.classes)
                    self.type_names.remove(name)
                    self.types.append(typed_dict(known, self._about(name)))
                self.type_names.append(name)

    def _about(self, name: str) -> str:
        owners = [m.operation_id for m in self.resource.methods for a in m.arguments if name in a.type.classes]
        return f"An object in the body of `{owners[0]}`." if owners else "An object in a body."

    def _choices(self, method: Method) -> dict[str, str]:
        """The types of filter, include and sort, by argument."""
        stem = self.resource.class_name.removesuffix("Resource") + "".join(p.title() for p in method.name.split("_"))
        names: dict[str, str] = {}
        for argument, documented in method.choices.items():
            name = names[argument] = self.client.names.claim(f"{stem}{argument.title()}", "Choice")
            self.type_names.append(name)
            if argument == "filter":
                entries = dict.fromkeys(documented, "FilterValue")
                self.types.append(_mapping(name, f"Filters of `{method.operation_id}`.", entries))
            else:
                alias = f"Literal[{', '.join(map(literal, documented))}]" if documented else "str"
                self.types.append(f"{name}: TypeAlias = {self._aliases.get(alias, alias)}")
                self._aliases.setdefault(alias, name)
        return names

    # -- methods -----------------------------------------------------------------------------------------------------

    def common(self, method: Method) -> dict[str, str]:
        """The arguments that are not the operation's own, with type and default."""
        choices, contract = self.choices[method.name], self.reserved.contract
        common = {"filter": f"{choices['filter']} | None = None"} if "filter" in choices else {}
        for argument in choices.keys() - {"filter"}:
            common[argument] = f"{choices[argument]} | Sequence[{choices[argument]}] | None = None"
        names: list[str] = []
        if method.answer.kind == "list":
            names = [*contract.LIST_ARGUMENTS[:2], "query", *contract.LIST_ARGUMENTS[2:]]
        elif method.includes is not None:
            names = ["query"]
        return dict(sorted(common.items())) | {name: _COMMON[name] for name in (*names, *contract.CALL_ARGUMENTS)}

    def visible(self, annotation: str) -> str:
        """The annotation with `builtins.` before names that a method of this class hides."""
        return self._hidden.sub(r"builtins.\1", annotation) if self._hidden is not None else annotation

    def docstring(self, method: Method) -> str:
        endpoint = one_line(method.operation.label)
        text = f"{summarized(sentence(method.description))}\n\n{endpoint}" if method.description else f"{endpoint}."
        if method.operation.body.get("deprecated"):
            text += "\n\nDeprecated: the documentation advises against it."
        arguments = [*method.at("path"), *method.keywords]
        lines = wrap(text, indent=8)
        lines += section("Args", [(each.name, each.text) for each in arguments if each.text], indent=8)
        lines += section("Returns", [("", text)] if (text := _returns(method)) else [], indent=8)
        lines += section("Raises", self._raises(method), indent=8)
        return docstring(lines, indent=8)

    def _raises(self, method: Method) -> list[tuple[str, str]]:
        documented = method.operation.body.get("responses", {})
        texts = {status: text for status, text in _ERRORS.items() if str(status) in documented}
        if 400 in texts and method.choices:
            texts[400] = _REFUSED_QUERY
        return [(self.reserved.contract.ERROR_CLASSES[status], text) for status, text in texts.items()]


def enum_alias(enum: Choices) -> str:
    """The alias of an enum: the documented values, or any other that the server knows."""
    values = ", ".join(map(literal, enum.values))
    return f"{enum.name}: TypeAlias = Literal[{values}] | {type(enum.values[0]).__name__}"


def typed_dict(model: Model, text: str) -> str:
    entries = {
        each.key: f"Required[{each.type.annotation}]" if each.required else each.type.annotation
        for each in sorted(model.fields, key=lambda each: not each.required)
    }
    if not _are_plain(entries):
        entries = {key: literal(annotation) for key, annotation in entries.items()}  # may name what is defined later
    return _mapping(model.name, text, entries)


def _mapping(name: str, text: str, entries: dict[str, str]) -> str:
    """A TypedDict: a class, unless a key is not a Python name or hides one that the annotations need."""
    if not _are_plain(entries):
        pairs = ", ".join(f"{literal(key)}: {annotation}" for key, annotation in entries.items())
        return f"{name} = TypedDict({literal(name)}, {{{pairs}}}, total=False)"
    body = "".join(f"\n    {key}: {annotation}" for key, annotation in entries.items())
    return f"class {name}(TypedDict, total=False):\n    {docstring(wrap(text, indent=4), indent=4)}\n{body}"


def _are_plain(names: Iterable[str]) -> bool:
    return all(
        _PLAIN_NAME.fullmatch(name) and not keyword.iskeyword(name) and name not in FIELD_TYPES for name in names
    )


def _returns(method: Method) -> str:
    """The Returns section: what the annotation does not say."""
    if method.answer.kind == "list":
        items = f"`{method.result}`" if method.result else "JSON objects"
        return f"A paginator of {items}: await it for one page, iterate over it for all."
    if method.answer.kind in ("text", "bytes"):
        return f"The body as it is: {one_line(method.answer.accept)}."
    if not method.result:
        return "The JSON as the server sent it; None if it sent none."
    return "None where the server answers nothing." if method.answer.nullable else ""
