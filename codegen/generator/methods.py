"""The source of a resource's methods: types, operation constants, signatures, docstrings and calls."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol

from .facts import ClassFacts, FieldFacts, Lowered, OperationFacts
from .names import FIELD_TYPES
from .parser import Types, code_of, properties_of
from .text import docstring, literal, one_line, section, sentence, summarized, wrap
from .views import Method

_PLAIN_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
_ERRORS = {
    "400": ("BadRequestError", "A filter, sort or include is not allowed here."),
    "404": ("NotFoundError", "There is no such thing."),
    "409": ("ConflictError", "The state of the thing forbids it."),
    "422": ("UnprocessableEntityError", "The server refused values; `.errors` has them by field."),
}
"""Documented statuses worth a line; 401 and 403 are every operation's."""

_EVERY_CALL = (
    ("timeout", "Timeout = UNSET"),
    ("max_retries", "int | Unset = UNSET"),
    ("extra_query", "ExtraQuery | None = None"),
    ("extra_headers", "ExtraHeaders | None = None"),
)
_EVERY_LIST = (
    ("page", "int | None = None"),
    ("per_page", "int | None = None"),
    ("query", "Query | None = None"),
    ("prefetch", "int = 4"),
    ("on_progress", "ProgressCallback | None = None"),
)
_QUERY = ("query", "Query | None = None")


class MethodWriter:
    """Collects what one resource module holds."""

    def __init__(self, lowered: Lowered, parsed: dict[str, ModelProperty], methods: set[str]) -> None:
        self._classes = lowered.classes
        self._parsed = parsed
        self._types_of = Types(lowered.classes, request=True)
        # In its class, a method called `list` hides the builtin from annotations.
        hidden = sorted(methods & set(dir(builtins)))
        self._hidden = re.compile(rf"(?<![\w.])({'|'.join(hidden)})(?![\w=])") if hidden else None
        # Lists that copy each other's includes and sorts share one Literal.
        self._aliases: dict[str, str] = {"str": "str"}
        self.models: dict[str, str] = {}
        self.types: list[str] = []
        self.type_names: list[str] = []
        self.operations: list[str] = []
        self.methods: list[Method] = []

    def add(self, facts: OperationFacts, endpoint: Endpoint) -> None:
        """Add one operation."""
        result = self._result(endpoint)
        path = [facts.arguments[_code(prop)] for prop in endpoint.path_parameters]
        keywords = self._keywords(facts, endpoint)
        self._add_choices(facts)
        self._add_constant(facts, result)
        self.methods.append(
            Method(
                self._definition(facts, path, keywords, result),
                self._docstring(facts, [*path, *(field for field, _ in keywords)], result),
                self._body(facts, path, endpoint),
            )
        )

    # -- types -------------------------------------------------------------------------------------------------------

    def _result(self, endpoint: Endpoint) -> str:
        code = code_of(endpoint.responses.patterns[0].prop)
        if code is None:
            return ""
        facts = self._classes[code]
        self.models[facts.module] = facts.name
        return facts.name

    def _add_choices(self, facts: OperationFacts) -> None:
        """The types of filter, include and sort."""
        names = facts.type_names
        if "filter" in names:
            self._add_mapping(
                names["filter"], f"Filters of `{facts.name}`.", dict.fromkeys(facts.filters, "FilterValue")
            )
        for argument, values in (("include", facts.includes), ("sort", facts.sorts)):
            if argument in names:
                alias = f"Literal[{', '.join(map(literal, values))}]" if values else "str"
                self._add_type(f"{names[argument]}: TypeAlias", self._aliases.get(alias, alias))
                self._aliases.setdefault(alias, names[argument])

    def _add_type(self, name: str, definition: str) -> None:
        self.types.append(f"{name} = {definition}")
        self.type_names.append(name.partition(":")[0])

    def _add_mapping(self, name: str, text: str, entries: dict[str, str]) -> None:
        """A TypedDict; a class, unless a key is no name, or a name that its annotations need."""
        self.type_names.append(name)
        if any(not _PLAIN_NAME.fullmatch(key) or keyword.iskeyword(key) or key in FIELD_TYPES for key in entries):
            pairs = ", ".join(f"{literal(key)}: {annotation}" for key, annotation in entries.items())
            self.types.append(f"{name} = TypedDict({literal(name)}, {{{pairs}}}, total=False)")
            return
        body = "".join(f"\n    {key}: {annotation}" for key, annotation in entries.items())
        self.types.append(
            f"class {name}(TypedDict, total=False):\n    {docstring(wrap(text, indent=4), indent=4)}\n{body}"
        )

    def _add_classes(self, classes: Iterable[ClassFacts]) -> None:
        """The types that a body's annotations name, each after those it is made of."""
        for facts in classes:
            if facts.module:
                self.models[facts.module] = facts.name
            elif facts.name not in self.type_names:
                self._add_class(facts)

    def _add_class(self, facts: ClassFacts) -> None:
        if facts.role == "enum":
            alias = enum_alias(facts)
            self.types.append(alias)
            self.type_names.append(facts.name)
            return
        entries: dict[str, str] = {}
        for prop in properties_of(self._parsed[facts.code]):
            field = facts.fields[_code(prop)]
            typed = self._types_of.of(prop, field.key)
            self._add_classes(typed.classes)
            entries[field.key] = f"Required[{typed.annotation}]" if prop.required else typed.annotation
        self._add_mapping(facts.name, f"An object in the body of {facts.source}.", entries)

    # -- signature ---------------------------------------------------------------------------------------------------

    def _keywords(self, facts: OperationFacts, endpoint: Endpoint) -> list[tuple[FieldFacts, str]]:
        """The keyword arguments of this operation alone, with what stands behind the colon."""
        keywords: list[tuple[FieldFacts, str]] = []
        for prop, field in self._body_fields(endpoint):
            keywords.append((field, self._keyword(prop, field)))
        if facts.whole_body is not None:
            keywords.append((facts.whole_body, self._whole_body(facts.whole_body, facts, endpoint)))
        if facts.fields_parameter is not None:
            keywords.append((facts.fields_parameter, "Mapping[str, Sequence[str]] | Unset = UNSET"))
        for prop in [*endpoint.query_parameters, *endpoint.header_parameters]:
            field = facts.arguments[_code(prop)]
            keywords.append((field, self._keyword(prop, field)))
        return keywords

    def _body_fields(self, endpoint: Endpoint) -> list[tuple[PropertyProtocol, FieldFacts]]:
        arguments = self._arguments(endpoint)
        if arguments is None:
            return []
        return [(prop, arguments.fields[_code(prop)]) for prop in properties_of(self._parsed[arguments.code])]

    def _arguments(self, endpoint: Endpoint) -> ClassFacts | None:
        code = code_of(endpoint.bodies[0].prop) if endpoint.bodies else None
        return self._classes[code] if code is not None and self._classes[code].role == "arguments" else None

    def _keyword(self, prop: PropertyProtocol, field: FieldFacts) -> str:
        typed = self._types_of.of(prop, field.key)
        self._add_classes(typed.classes)
        return typed.annotation if prop.required else _optional(typed.annotation)

    def _whole_body(self, field: FieldFacts, facts: OperationFacts, endpoint: Endpoint) -> str:
        typed = self._types_of.of(endpoint.bodies[0].prop)
        self._add_classes(typed.classes)
        annotation = "bytes" if facts.body_type == "binary" else typed.annotation
        return annotation if field.required else _optional(annotation)

    def _common(self, facts: OperationFacts) -> list[tuple[str, str]]:
        names = facts.type_names
        common = [("filter", f"{names['filter']} | None = None")] if "filter" in names else []
        common += [
            (argument, f"{names[argument]} | Sequence[{names[argument]}] | None = None")
            for argument in ("include", "sort")
            if argument in names
        ]
        if facts.kind == "list":
            common += _EVERY_LIST
        elif facts.includes is not None:
            common.append(_QUERY)
        return [*common, *_EVERY_CALL]

    def _definition(
        self, facts: OperationFacts, path: list[FieldFacts], keywords: list[tuple[FieldFacts, str]], result: str
    ) -> str:
        arguments = [(field.name, "Identifier") for field in path]
        options = [(field.name, annotation) for field, annotation in keywords] + self._common(facts)
        signature = ["self", *map(self._argument, arguments), "*", *map(self._argument, options)]
        answer = result or ("dict[str, Any]" if facts.kind == "list" else "Any")
        prefix, answer = ("", f"Paginator[{answer}]") if facts.kind == "list" else ("async ", answer)
        return f"{prefix}def {facts.method}({', '.join(signature)}) -> {self._visible(answer)}:"

    def _argument(self, argument: tuple[str, str]) -> str:
        return f"{argument[0]}: {self._visible(argument[1])}"

    def _visible(self, annotation: str) -> str:
        """The annotation with `builtins.` before names that a method of this class hides."""
        return self._hidden.sub(r"builtins.\1", annotation) if self._hidden is not None else annotation

    # -- call --------------------------------------------------------------------------------------------------------

    def _add_constant(self, facts: OperationFacts, result: str) -> None:
        typed = result or ("dict[str, Any]" if facts.kind == "list" else "Any")
        arguments = [
            literal(facts.name),
            literal(facts.http_method),
            literal(facts.path),
            f"kind={literal(facts.kind)}",
        ]
        arguments += [f"result={result}"] if result else []
        arguments += [f"{argument}s={name}" for argument, name in facts.type_names.items()]
        arguments += [f"body_type={literal(facts.body_type)}"] if facts.body_type != "json" else []
        repeated = tuple(field.key for field in facts.arguments.values() if field.repeat)
        arguments += [f"repeat={literal(repeated)}"] if repeated else []
        self.operations.append(f"{_constant(facts)}: Operation[{typed}] = Operation({', '.join(arguments)})")

    def _body(self, facts: OperationFacts, path: list[FieldFacts], endpoint: Endpoint) -> str:
        comma = "," if len(path) == 1 else ""
        arguments = [_constant(facts), f"({', '.join(field.name for field in path)}{comma})"]
        if facts.whole_body is not None:
            arguments.append("body=body")
        elif self._arguments(endpoint) is not None:
            documented = sorted(self._body_fields(endpoint), key=lambda item: int(_code(item[0]).partition("_")[2]))
            arguments.append(f"body={{{', '.join(_entry(field) for _, field in documented)}}}")
        params = [facts.arguments[_code(prop)] for prop in endpoint.query_parameters]
        params += [facts.fields_parameter] if facts.fields_parameter is not None else []
        headers = [facts.arguments[_code(prop)] for prop in endpoint.header_parameters]
        for argument, fields in (("params", params), ("headers", headers)):
            if fields:
                arguments.append(f"{argument}={{{', '.join(map(_entry, fields))}}}")
        arguments += [f"{name}={name}" for name, _ in self._common(facts)]
        call = "self._list" if facts.kind == "list" else "await self._call"
        return f"return {call}({', '.join(arguments)})"

    # -- docstring ---------------------------------------------------------------------------------------------------

    def _docstring(self, facts: OperationFacts, documented: list[FieldFacts], result: str) -> str:
        endpoint = one_line(f"{facts.http_method} {facts.path}")
        text = f"{summarized(sentence(facts.description))}\n\n{endpoint}" if facts.description else f"{endpoint}."
        lines = wrap(text, indent=8)
        entries = [(field.name, text) for field in documented if (text := _argument_text(field))]
        lines += section("Args", entries, indent=8)
        lines += section("Returns", _returns(facts, result), indent=8)
        lines += section("Raises", [_ERRORS[status] for status in facts.statuses if status in _ERRORS], indent=8)
        return docstring(lines, indent=8)


def enum_alias(facts: ClassFacts) -> str:
    """The alias of an enum: the documented values, and whatever the server knows besides."""
    values = ", ".join(literal(value) for value in facts.values)
    return f"{facts.name}: TypeAlias = Literal[{values}] | {'str' if isinstance(facts.values[0], str) else 'int'}"


def _returns(facts: OperationFacts, result: str) -> list[tuple[str, str]]:
    """What the annotation does not say."""
    if facts.kind == "list":
        items = f"`{result}`" if result else "JSON objects"
        return [("", f"A paginator of {items}: await it for one page, iterate over it for all.")]
    return [] if result else [("", "The JSON as the server sent it; None if it sent none.")]


def _optional(annotation: str) -> str:
    if annotation == "Any":
        return "Any = UNSET"
    value = annotation.removesuffix(" | None")
    return f"{value} | Unset{' | None' if value != annotation else ''} = UNSET"


def _code(prop: PropertyProtocol) -> str:
    return str(prop.name.get_untrusted_value())


def _constant(facts: OperationFacts) -> str:
    return f"_{facts.method.upper()}"


def _entry(field: FieldFacts) -> str:
    if field.default_from is None:
        return f"{literal(field.key)}: {field.name}"
    return f"{literal(field.key)}: {field.default_from} if {field.name} is UNSET else {field.name}"


def _argument_text(field: FieldFacts) -> str:
    default = f"Defaults to `{field.default_from}`." if field.default_from is not None else ""
    description = sentence(field.description)
    if description == f"The {field.name.replace('_', ' ')} identifier.":
        description = ""  # says nothing that the signature does not
    return " ".join(part for part in (description, field.limits, default) if part)
