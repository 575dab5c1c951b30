"""The client that a spec describes, as openapi-python-client understands it: resources, methods, models, types.

    client = read_client(spec, reserved_by(Path("overrides")))
    for resource in client.resources: for method in resource.methods: method.name, method.arguments, method.returns

This is what the templates print and what diff compares. Names of classes and arguments, types, what is required, and
descriptions are the parser's; kinds, filters, includes, sorts and limits are the spec's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, LiteralEnumProperty, ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import PythonIdentifier

from ..components import FREE_OBJECT
from ..errors import CodegenError
from ..json_tools import JsonObject
from ..parameters import filter_name
from ..places import place_label
from ..repairs import Operation
from ..words import Names, pascal_case
from .answers import Answer, body_type, component_of, media_type, unusual_media_type
from .check import check
from .names import Reserved, own_name
from .parser import classes_of, config_for, endpoint_name, endpoints_of, parse, properties_of, raw
from .parser_input import ParserInput, is_fields
from .text import described, limits_of, one_line, plain

_TYPES = {
    "datetime.datetime": ("datetime", "datetime"),
    "datetime.date": ("date", "str"),
    "File": ("Any", "str"),
    "UUID": ("str", "str"),
}
"""What is sent and what is read of the parser's types that have another name here."""
_DATES = re.compile(r"(Sequence\[)?date\]?( \| None)?")


@dataclass(frozen=True)
class Type:
    """A type in Python, and the generated classes that it names."""

    annotation: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choices:
    """The alias of an enum."""

    name: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class _Named:
    """A name in Python, the documented one, and what is said of it."""

    name: str
    key: str
    type: Type
    text: str
    required: bool


@dataclass(frozen=True, kw_only=True)
class Field(_Named):
    """A field of a model, or a key of a TypedDict."""

    model: str = ""
    """The class that the value is decoded into."""
    decode: str = ""
    """The function of `overrides/model.py` that decodes it, if any does."""


@dataclass(frozen=True)
class Model:
    """A model; or a TypedDict, which is what an object in a request is."""

    name: str
    module: str
    source: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Argument(_Named):
    """An argument of a method, besides those that every method has."""

    place: str
    """path, body, query, header; "whole body" for `body`, "fields" for all `fields[x]`."""
    default_from: str = ""
    """The argument that is sent if this one is not given."""
    repeat: bool = False

    @property
    def declared(self) -> str:
        """Type and default, as the signature has them."""
        annotation = self.type.annotation
        if self.required:
            return annotation
        value = annotation.removesuffix(" | None")
        unset = "" if annotation == "Any" else " | Unset | None" if value != annotation else " | Unset"
        return f"{value}{unset} = UNSET"


@dataclass(frozen=True)
class Method:
    """A method of a resource."""

    operation_id: str
    operation: Operation
    answer: Answer
    description: str
    arguments: tuple[Argument, ...]
    result: str
    """The model that is answered; empty for JSON as it comes, text and bytes."""
    choices: dict[str, tuple[str, ...]]
    """The documented filters, includes and sorts, by argument."""
    body_type: str = "json"
    content_type: str | None = None

    @property
    def name(self) -> str:
        return self.operation_id.partition(".")[2]

    @property
    def keywords(self) -> list[Argument]:
        """The arguments behind the path's; of a body's, the required ones first."""
        body = sorted(self.at("body"), key=lambda each: not each.required)
        return [*body, *self.at("whole body", "fields", "query", "header")]

    def at(self, *places: str) -> list[Argument]:
        return [each for each in self.arguments if each.place in places]

    @property
    def repeat(self) -> tuple[str, ...]:
        """The parameters that are sent once for each of their values."""
        return tuple(each.key for each in self.arguments if each.repeat)

    @property
    def dates(self) -> tuple[str, ...]:
        """What is sent as a date without a time."""
        return tuple(each.key for each in self.arguments if _DATES.fullmatch(each.type.annotation))

    @property
    def returns(self) -> str:
        """The type of the result; for a list, the type of its items."""
        plain = {"bytes": "bytes", "text": "str", "list": self.answer.item}.get(self.answer.kind, "Any")
        return (self.result or plain) + (" | None" if self.answer.nullable else "")


@dataclass(frozen=True)
class Resource:
    """An attribute of the client."""

    name: str
    attribute: str
    class_name: str
    description: str
    methods: tuple[Method, ...]
    choices: dict[str, dict[str, str]]
    """The types of filter, include and sort, by method and argument."""

    @property
    def module(self) -> str:
        return str(PythonIdentifier(self.name, "field_"))


@dataclass
class Client:
    """The whole client."""

    resources: list[Resource]
    models: dict[str, Model]
    typed_dicts: dict[str, Model]
    enums: dict[str, Choices]
    notes: list[str]
    data: GeneratorData
    config: Config


def read_client(spec: JsonObject, reserved: Reserved, destination: Path = Path()) -> Client:
    """What the parser makes of a spec that merge wrote.

    Raises:
        CodegenError: The spec is not one of merge's, or the parser does not understand all of it.
    """
    return _Reader(spec, reserved, destination).client()


class _Reader:
    def __init__(self, spec: JsonObject, reserved: Reserved, destination: Path) -> None:
        self._reserved = reserved
        self._prepared = ParserInput(spec, reserved)
        self._config = config_for(destination, self._prepared.document["components"]["schemas"], reserved)
        self._data = data = parse(self._prepared.document, self._config)
        check(data, spec, self._prepared)
        self._schemas: JsonObject = spec.get("components", {}).get("schemas", {})
        self._tags = {tag["name"]: tag.get("description", "") for tag in spec.get("tags", ())}
        self._classes = classes_of(data)
        self._components = {name: component for component, name in self._classes.items()}
        self._free = self._classes[FREE_OBJECT]
        self._models = {str(model.class_info.name): model for model in data.models}
        self._endpoints = endpoints_of(data)
        self._notes = list(self._prepared.notes)

    def client(self) -> Client:
        methods = [self._method(name, self._endpoints[endpoint_name(name)]) for name in self._prepared.operations]
        given = [name for method in methods for each in method.arguments for name in each.type.classes]
        models = self._used([method.result for method in methods], request=False)
        typed_dicts = self._used(given, request=True)
        enums = {each.name: each for each in map(self._choices, self._data.enums)}
        resources = self._resources(methods)
        return Client(resources, models, typed_dicts, enums, sorted(set(self._notes)), self._data, self._config)

    def _resources(self, methods: list[Method]) -> list[Resource]:
        by_name: dict[str, list[Method]] = {}
        for method in sorted(methods, key=lambda method: method.operation_id):
            by_name.setdefault(method.operation_id.partition(".")[0], []).append(method)
        names = Names({*self._reserved.classes, *self._classes.values()})
        return [self._resource(name, own, names) for name, own in by_name.items()]

    def _resource(self, name: str, methods: list[Method], names: Names) -> Resource:
        attribute = f"{name}_" if name in self._reserved.client else name
        if attribute != name:
            self._notes.append(f"resource {name}: named client.{attribute}, because {name} is taken")
        tag = next(iter(methods[0].operation.body.get("tags", [])), name)
        about = plain(self._tags.get(tag)) or f"The calls of the documentation's {plain(tag)}."
        class_name = names.claim(pascal_case(name), "Resource")
        choices: dict[str, dict[str, str]] = {}
        for method in methods:
            stem = class_name.removesuffix("Resource") + method.name.title().replace("_", "")
            choices[method.name] = {each: names.claim(stem + each.title(), "Choice") for each in method.choices}
        return Resource(name, attribute, class_name, about, tuple(methods), choices)

    # -- classes -----------------------------------------------------------------------------------------------------

    def _used(self, names: Iterable[str], *, request: bool) -> dict[str, Model]:
        """The models of these classes, and of those that their fields lead to."""
        found: dict[str, Model] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self._models and name not in found:
                found[name] = self._model(name, request=request)
                waiting += [inner for each in found[name].fields for inner in each.type.classes]
        return dict(sorted(found.items()))

    def _class(self, prop: PropertyProtocol) -> str:
        """The class that a property names, free objects aside."""
        classes = (p.class_info.name for p in _parts(prop) if isinstance(p, ModelProperty | LiteralEnumProperty))
        return str(next((name for name in classes if name != self._free), ""))

    def _choices(self, enum: EnumProperty | LiteralEnumProperty) -> Choices:
        name = str(enum.class_info.name)
        documented = self._schemas[self._components[name]]["enum"]
        return Choices(name, tuple(sorted(enum.values, key=documented.index)))

    def _model(self, name: str, *, request: bool) -> Model:
        model, component = self._models[name], self._components[name]
        fields = tuple(self._field(component, prop, request=request) for prop in properties_of(model))
        source = self._schemas[component].get("x-source", f"#/components/schemas/{component}")
        module, description = str(model.class_info.module_name), described(model.description)
        return Model(name, module, one_line(place_label(source)), description, fields)

    def _field(self, component: str, prop: PropertyProtocol, *, request: bool) -> Field:
        key = self._prepared.wire_name(component, raw(prop))
        inner = prop.inner_property if isinstance(prop, ListProperty) else prop
        found = self._type(prop, key, request=request, place=f"{component}.{key}")
        model = target if (target := self._class(inner)) in self._models and found.annotation != "Any" else ""
        by_type = {"dict[str, Any]": "mapping", "datetime": "date_time"}.get(found.annotation, "")
        return Field(
            name=own_name(str(prop.python_name), self._reserved.model),
            key=key,
            type=found,
            text=self._described(component, prop),
            required=prop.required,
            model=model,
            decode=by_type if not model else "one" if inner is prop else "many",
        )

    def _described(self, component: str, prop: PropertyProtocol) -> str:
        """A reference's own description; the parser has that of the class."""
        written = (self._models[self._classes[component]].data.properties or {}).get(prop.name)
        return described(getattr(written, "description", None)) or described(prop.description)

    # -- types -------------------------------------------------------------------------------------------------------

    def _type(self, prop: PropertyProtocol, key: str, *, request: bool, place: str = "") -> Type:
        """Read-only types for what is sent, plain ones for what is read; ids in requests are Identifier."""
        parts = [self._part(part, key, request=request, place=place) for part in _parts(prop)]
        classes = tuple(dict.fromkeys(name for part in parts for name in part.classes))
        found = list(dict.fromkeys(part.annotation for part in parts if part.annotation != "None"))
        if len(found) > 1 and not request and (classes or "datetime" in found):
            self._notes.append(f"{place}: typed open: it is one of several schemas")
            found = ["Any"]
        if "Any" in found:
            return Type("Any", classes)
        if request and found and any(part.annotation == "None" for part in parts):
            found.append("None")
        return Type(" | ".join(found) or "None", classes)

    def _part(self, prop: PropertyProtocol, key: str, *, request: bool, place: str) -> Type:
        if isinstance(prop, ListProperty):
            inner = self._type(
                prop.inner_property, key.removesuffix("[]").removesuffix("s"), request=request, place=place
            )
            # Only fields are decoded: date-times in a list stay texts.
            annotation = inner.annotation if request else inner.annotation.replace("datetime", "str")
            return Type(f"{'Sequence' if request else 'list'}[{annotation}]", inner.classes)
        if isinstance(prop, ModelProperty | LiteralEnumProperty):
            name = self._class(prop)
            return Type(name, (name,)) if name else Type("Mapping[str, Any]" if request else "dict[str, Any]")
        theirs = prop.get_type_string(no_optional=True).as_unembedded_code()
        sent, read = _TYPES.get(theirs, (theirs, theirs))
        is_id = theirs in ("int", "str") and (key == "id" or key.endswith("_id"))
        return Type(read if not request else "Identifier" if is_id else sent)

    # -- methods -----------------------------------------------------------------------------------------------------

    def _method(self, name: str, endpoint: Endpoint) -> Method:
        operation, answer = self._prepared.operations[name], self._prepared.answers[name]
        content = operation.body.get("requestBody", {}).get("content", {})
        content_type = media_type(content) or "application/json"
        return Method(
            operation_id=name,
            operation=operation,
            answer=answer,
            description=plain(endpoint.description),
            arguments=tuple(self._arguments(name, endpoint)),
            result=result if (result := self._classes.get(answer.result, "")) in self._models else "",
            choices=_choices_of(operation, is_list=answer.kind == "list"),
            body_type=body_type(content_type),
            content_type=unusual_media_type(content_type),
        )

    def _arguments(self, name: str, endpoint: Endpoint) -> Iterator[Argument]:
        parameters = {(each["in"], each["name"]): each for each in self._prepared.operations[name].parameters}
        path = [self._parameter(name, "path", prop, parameters) for prop in endpoint.path_parameters]
        yield from path
        for body in endpoint.bodies:
            yield from self._body(name, body.prop, {each.key: each.name for each in path})
        sparse = [each for (where, key), each in parameters.items() if where == "query" and is_fields(key)]
        if sparse:
            yield Argument(
                name="fields",
                key="fields",
                place="fields",
                type=Type("Mapping[str, Sequence[str]]"),
                text=described(sparse[0].get("description")),
                required=False,
            )
        for where, found in (("query", endpoint.query_parameters), ("header", endpoint.header_parameters)):
            for prop in found:
                yield self._parameter(name, where, prop, parameters)

    def _parameter(
        self, operation: str, where: str, prop: PropertyProtocol, parameters: dict[tuple[str, str], JsonObject]
    ) -> Argument:
        key = self._prepared.wire_name(operation, raw(prop))
        documented = parameters[where, key]
        # Not prop.python_name: the parser's own templates have arguments `client` and `url`.
        given = str(PythonIdentifier(raw(prop), "field_"))
        resolved = self._resolved(documented["schema"])
        text = described(documented.get("description") or resolved.get("description"))
        if text == f"The {given.replace('_', ' ')} identifier.":
            text = ""  # says no more than the signature
        explode = documented.get("explode") is True or documented.get("style", "form") != "form" or key.endswith("[]")
        return Argument(
            name=own_name(given, self._reserved.arguments),
            key=key,
            place=where,
            type=Type("Identifier") if where == "path" else self._type(prop, key, request=True),
            required=prop.required,
            text=f"{text} {limits_of(resolved)}".strip(),
            repeat=where == "query" and explode and isinstance(prop, ListProperty),
        )

    def _body(self, operation: str, prop: PropertyProtocol, path: dict[str, str]) -> Iterator[Argument]:
        name = self._class(prop)
        request = self._prepared.operations[operation].body["requestBody"]
        kind = body_type(media_type(request.get("content", {})) or "application/json")
        if name not in self._models or isinstance(prop, UnionProperty):
            annotation = Type("bytes") if kind == "binary" else self._type(prop, "", request=True)
            text = described(request.get("description")) or "The whole body."
            yield Argument(name="body", key="", place="whole body", type=annotation, required=prop.required, text=text)
            return
        for each in self._model(name, request=True).fields:
            documented = self._schemas[self._components[name]]["properties"][each.key]
            default_from = documented.get("x-default-from-path", "")
            if default_from and default_from not in path:
                raise CodegenError(f"{operation}: x-default-from-path of {each.key!r} names no path parameter")
            default = path.get(default_from, "")
            said = (each.text, limits_of(self._resolved(documented)), f"Defaults to `{default}`." if default else "")
            yield Argument(
                name=own_name(each.name, self._reserved.arguments),
                key=each.key,
                place="body",
                type=each.type,
                required=each.required and not default,
                text=" ".join(filter(None, said)),
                default_from=default,
            )

    def _resolved(self, schema: JsonObject) -> JsonObject:
        """The schema, or the component behind it with what stands beside the reference."""
        return {**self._schemas.get(component_of(schema), {}), **schema}


def _parts(prop: PropertyProtocol) -> list[PropertyProtocol]:
    if not isinstance(prop, UnionProperty):
        return [prop]
    return [part for inner in prop.inner_properties for part in _parts(inner)]


def _choices_of(operation: Operation, *, is_list: bool) -> dict[str, tuple[str, ...]]:
    """The documented names by argument; only a list takes filter and sort."""
    schemas = {each["name"]: each["schema"] for each in operation.parameters if each["in"] == "query"}
    filters = tuple(name for each in schemas if (name := filter_name(each)))
    choices = {"filter": filters} if filters and is_list else {}
    for argument in ("include", "sort") if is_list else ("include",):
        if argument in schemas:
            items = schemas[argument].get("items", schemas[argument])
            choices[argument] = tuple(dict.fromkeys(items.get("enum", ())))
    return choices
