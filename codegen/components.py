"""The last step of merge: schemas become named components, one for each class of the package.

Objects with properties and enums become components, wherever they were; everything else stays inline. An allOf becomes
one object, a union of one schema becomes that schema. A component has the name of its class, and `x-source` says where
it is in the documentation, which is the place that `learn` refers to.

Schemas used in requests get their own component (`LabelInput` beside `Label`), because requests and answers differ in
required fields and in the form of ids.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from .json_tools import JsonObject, is_array, is_object, pointer
from .parameters import is_query_argument
from .places import place_label
from .repairs import Operation, operations
from .report import Report
from .words import Names, pascal_case, singular

FREE_OBJECT = "FreeObject"
"""No component has this name: generate calls every object without documented properties so."""

_PREFIX = "#/components/schemas/"
_SCALARS = ("string", "integer", "number", "boolean")
_ID_REASON = "Identifiers come back as integers but are documented as strings in requests: both are taken."


@dataclass(frozen=True)
class _Spot:
    """The place of a schema: where it is in the documentation, the name of its class, and its users."""

    place: tuple[str | int, ...]
    name: str
    request: bool = False
    suffix: str = ""
    """Behind the names of objects, where requests and answers share a documented schema."""
    within: frozenset[str] = frozenset()
    """The documented schemas that are written out around it."""

    def down(self, *place: str | int, name: str | None = None) -> _Spot:
        return replace(self, place=(*self.place, *place), name=self.name if name is None else name)


@dataclass(frozen=True)
class _Flat:
    """A schema without references, allOf and unions of one.

    `documented` is the component that it is, `beside` what is beside the reference to it, `parts` are the documented
    schemas that it is made of.
    """

    schema: JsonObject
    spot: _Spot
    documented: str | None = None
    beside: JsonObject = field(default_factory=dict[str, Any])
    parts: frozenset[str] = frozenset()


def name_components(spec: JsonObject, report: Report) -> None:
    """Replace the spec's schemas with named components, in place."""
    _Naming(spec, report).run()


def is_envelope(schema: JsonObject) -> bool:
    """Whether an object is an envelope: it contains the answer and metadata, and is not a thing itself."""
    properties = schema.get("properties", {})
    return "data" in properties and "id" not in properties and properties["data"].get("type") not in _SCALARS


def references(value: Any) -> Iterator[str]:
    """The names of all components that a value refers to."""
    if is_object(value) and isinstance(value.get("$ref"), str):
        yield value["$ref"].removeprefix(_PREFIX)
    children = value.values() if is_object(value) else value if is_array(value) else ()
    for child in children:
        yield from references(child)


class _Naming:
    def __init__(self, spec: JsonObject, report: Report) -> None:
        self._spec = spec
        self._report = report
        self._documented: JsonObject = spec["components"]["schemas"]
        resources = {operation.body["operationId"].partition(".")[0] for operation in operations(spec)}
        self._names = Names({FREE_OBJECT, *dir(builtins), *map(pascal_case, resources)})
        self._classes: dict[str, str] = {}
        """The class of each documented schema that has one."""
        self._inputs: dict[str, str] = {}
        """The same, for what requests use."""
        self._enums: dict[tuple[str | int, ...], str] = {}
        """The components of inline enums, which requests and answers share."""
        self._bodies: set[str] = set()
        self._components: JsonObject = {}
        self._waiting: list[tuple[str, str, _Flat]] = []
        """Components still to be written: name, what the names of classes in it begin with, schema."""

    def run(self) -> None:
        self._name_documented()
        for operation in operations(self._spec):
            self._name_in(operation)
        for name in self._classes:
            if name not in self._inputs and name not in self._bodies:
                self._form({"$ref": _PREFIX + name}, _Spot((), name))
                self._write_waiting()
        self._spec["components"]["schemas"] = self._components
        for name, scheme in self._spec["components"].get("securitySchemes", {}).items():
            scheme["x-source"] = pointer(("components", "securitySchemes", name))

    # -- names -------------------------------------------------------------------------------------------------------

    def _name_documented(self) -> None:
        """Name the schemas that more operations use first, so that a page added later does not take a name away."""
        uses = self._uses()
        wanted = {name: self._wanted(name) for name in self._documented}
        order = sorted(wanted, key=lambda n: (-uses[n], n.endswith("Response"), wanted[n] != pascal_case(n), n))
        for name in order:
            if _is_class(self._flat({"$ref": _PREFIX + name}, _Spot((), name)).schema):
                self._classes[name] = self._names.claim(wanted[name], "Model")

    def _wanted(self, name: str) -> str:
        """Packages -> Package, MessageResponse -> Message. An envelope keeps its name."""
        own = pascal_case(name)
        if is_envelope(self._documented[name]):
            return own
        return pascal_case(singular(own.removesuffix("Response") or own))

    def _uses(self) -> Counter[str]:
        """How many operations lead to each documented schema."""
        uses = Counter[str]()
        for operation in operations(self._spec):
            reached = list(dict.fromkeys(references(operation.body)))
            for name in reached:
                reached += set(references(self._documented[name])).difference(reached)
            uses.update(reached)
        return uses

    def _component(self, flat: _Flat) -> str:
        """The component of an object or enum. A new one is queued to be written."""
        name, spot, is_enum = flat.documented, flat.spot, "enum" in flat.schema
        if name is None:
            if is_enum and spot.place in self._enums:
                return self._enums[spot.place]
            wanted = pascal_case(singular(spot.name)) + ("" if is_enum else spot.suffix)
            claimed = self._names.claim(wanted, "Input" if spot.request else "Model")
            self._enums[spot.place] = claimed
            return self._put_down(claimed, claimed, flat)
        if is_enum or not spot.request:
            return self._put_down(self._classes[name], self._classes[name], flat)
        if name not in self._inputs:
            self._inputs[name] = self._names.claim(f"{self._classes[name]}Input", "Model")
        flat = replace(flat, spot=replace(spot, suffix="Input"))
        return self._put_down(self._inputs[name], self._classes[name], flat)

    def _put_down(self, name: str, stem: str, flat: _Flat) -> str:
        if name not in self._components:
            self._components[name] = {}
            self._waiting.append((name, stem, flat))
        return name

    # -- operations --------------------------------------------------------------------------------------------------

    def _name_in(self, operation: Operation) -> None:
        resource, _, method = operation.body["operationId"].partition(".")
        place = ("paths", operation.path, operation.method)
        operation.body["x-source"] = pointer(place)
        stem = pascal_case(resource) + pascal_case(method)
        for index, parameter in enumerate(operation.parameters):
            name = stem + pascal_case(parameter["name"], prefix="Parameter")
            spot = _Spot((*place, "parameters", index, "schema"), name, request=True)
            parameter["schema"] = self._form(parameter["schema"], spot, lift=self._lifts(parameter))
        for media_type, media in operation.body.get("requestBody", {}).get("content", {}).items():
            spot = _Spot((*place, "requestBody", "content", media_type, "schema"), stem, request=True)
            if "schema" in media:
                media["schema"] = self._body(media["schema"], spot)
        for status, response in operation.body["responses"].items():
            for media_type, media in response.get("content", {}).items():
                spot = _Spot((*place, "responses", status, "content", media_type, "schema"), stem)
                if "schema" in media:
                    media["schema"] = self._answer(media["schema"], spot, error=not status.startswith("2"))
        self._write_waiting()

    def _lifts(self, parameter: JsonObject) -> bool:
        """Whether the enum of a parameter has a name of its own; no class is an argument that goes into a URL."""
        if parameter["in"] == "path" or (parameter["in"] == "query" and is_query_argument(parameter["name"])):
            return False
        schema = self._flat(parameter["schema"], _Spot((), "")).schema
        return "enum" in self._flat(schema.get("items", schema), _Spot((), "")).schema

    def _body(self, schema: JsonObject, spot: _Spot) -> JsonObject:
        """The object of a body is the operation's own: its properties are the arguments of the method."""
        flat = self._flat(schema, spot)
        if not flat.schema.get("properties"):
            return self._form(schema, spot.down(name=f"{spot.name}Body"))
        self._bodies |= {flat.documented} if flat.documented else set()
        name = self._names.claim(f"{spot.name}Body", "Input")
        return _reference(self._put_down(name, spot.name, replace(flat, documented=None)), flat)

    def _answer(self, schema: JsonObject, spot: _Spot, *, error: bool) -> JsonObject:
        suffix = "Error" if error else "Response" if is_envelope(self._flat(schema, spot).schema) else "Result"
        return self._form(schema, spot.down(name=spot.name + suffix))

    # -- schemas -----------------------------------------------------------------------------------------------------

    def _form(self, schema: JsonObject, spot: _Spot, *, lift: bool = True) -> JsonObject:
        """The inline form of a schema: a reference to a component, or the schema itself."""
        flat = self._flat(schema, spot)
        if not (lift and flat.documented and _is_class(flat.schema)):  # which is written once, whatever it holds
            if flat.parts & spot.within:
                return self._open(spot, f"{' with '.join(sorted(flat.parts))} holds itself, and has no name of its own")
            flat = replace(flat, spot=replace(flat.spot, within=spot.within | flat.parts))
        if lift and _is_class(flat.schema):
            return _reference(self._component(flat), flat)
        return self._inlined(flat, lift=lift) | flat.beside

    def _inlined(self, flat: _Flat, *, lift: bool) -> JsonObject:
        form, spot = _without(flat.schema, "title", "not"), flat.spot
        properties: JsonObject = {}
        for key, value in form.pop("properties", {}).items():
            name = spot.name + pascal_case(key, prefix="Field")
            if key == "data" and is_envelope(flat.schema):
                name = f"{spot.name.removesuffix('Response')}Result"
            inner = spot.down("properties", key, name=name)
            properties[key] = self._form(value, inner, lift=lift)
            if spot.request and lift:
                properties[key] = self._as_identifier(key, properties[key], inner)
        form |= {"properties": properties} if properties else {}
        if "items" in form:
            form["items"] = self._form(form["items"], spot.down("items"), lift=lift)
        if is_object(form.get("additionalProperties")):
            value = spot.down("additionalProperties", name=f"{spot.name}Value")
            form["additionalProperties"] = self._form(form["additionalProperties"], value, lift=lift)
        for key in ("oneOf", "anyOf"):
            options = [self._form(each, spot.down(key, n), lift=lift) for n, each in enumerate(form.get(key, ()))]
            if options:
                form[key] = [each for n, each in enumerate(options) if each not in options[:n]]
        return form

    def _write_waiting(self) -> None:
        while self._waiting:
            name, stem, flat = self._waiting.pop(0)
            self._components[name] = self._written(flat, stem)
            self._report.components[name] = self._components[name]["x-source"]

    def _written(self, flat: _Flat, stem: str) -> JsonObject:
        """A component: what is said of it, its properties as they are used, and its place in the documentation."""
        written = _without(flat.schema, "nullable", "oneOf", "anyOf")
        if flat.schema.keys() & {"oneOf", "anyOf"}:
            self._note(flat.spot, "its alternatives are left out beside its own properties")
        if "enum" in written:
            written["enum"] = [value for value in written["enum"] if value is not None]
        form = self._inlined(replace(flat, schema=written, spot=flat.spot.down(name=stem)), lift=True)
        return {**form, "x-source": pointer(flat.spot.place)}

    def _as_identifier(self, key: str, form: JsonObject, spot: _Spot) -> JsonObject:
        """An id in a request is an integer or a string; null goes into an alternative, as OpenAPI 3.0 has it."""
        if key.endswith("_ids") and "items" in form:
            return {**form, "items": self._as_identifier("id", form["items"], spot.down("items"))}
        if not (key == "id" or key.endswith("_id")) or form.get("type") != "string" or "format" in form:
            return form
        self._report.repaired("id_in_body", _ID_REASON, place_label(pointer(spot.place)))
        limits = {name: form[name] for name in ("minLength", "maxLength", "pattern") if name in form}
        integer = {"type": "integer", **({"nullable": True} if form.get("nullable") else {})}
        rest = _without(form, "type", "nullable", "default", *limits)
        return {**rest, "oneOf": [integer, {"type": "string", **limits}]}

    # -- flat schemas ------------------------------------------------------------------------------------------------

    def _flat(self, schema: JsonObject, spot: _Spot, inside: frozenset[str] = frozenset()) -> _Flat:
        """Follow references, unite every allOf, take the one schema of a union of one."""
        documented: str | None = None
        beside: JsonObject = {}
        while True:
            own = {key: value for key, value in schema.items() if key == "nullable" or key.startswith("x-")}
            reference = schema.get("$ref")
            if isinstance(reference, str):
                documented = reference.removeprefix(_PREFIX)
                if documented in inside:
                    return _Flat(self._open(spot, "references and unions without an end"), spot)
                inside |= {documented}
                schema = self._documented[documented]
                spot = replace(spot, place=("components", "schemas", documented), within=frozenset())
                continue
            beside = own | beside
            rest = _without(schema, "allOf", "oneOf", "anyOf")
            parts = [part for key in ("allOf", "oneOf", "anyOf") for part in schema.get(key, ())]
            if len(parts) == 1 and not _says_a_type(rest):
                beside = ({"description": rest["description"]} if "description" in rest else {}) | beside
                schema = parts[0]
                continue
            if "allOf" in schema:
                flats = [self._flat(part, spot, inside) for part in schema["allOf"]]
                inside = inside.union(*(flat.parts for flat in flats))
                schema = self._united([_without(schema, "allOf"), *(flat.schema for flat in flats)], spot)
            elif parts and not _says_a_type(rest):
                schema = _one_enum([self._flat(part, spot, inside).schema for part in parts]) or schema
            return _Flat(schema, spot, documented, beside, inside)

    def _united(self, parts: list[JsonObject], spot: _Spot) -> JsonObject:
        """The parts of an allOf as one schema; a property that two parts say differently is open."""
        united: JsonObject = {}
        for part in parts:
            for key, value in part.items():
                if key == "properties":
                    known = united.setdefault(key, {})
                    for name, schema in value.items():
                        if known.setdefault(name, schema) != schema:
                            reason = "the parts of an allOf contradict each other"
                            known[name] = self._open(spot.down(key, name), reason)
                elif key == "required":
                    united[key] = list(dict.fromkeys([*united.get(key, ()), *value]))
                elif united.setdefault(key, value) != value and key == "type":
                    return self._open(spot, "the parts of an allOf have different types")
        return united

    def _open(self, spot: _Spot, reason: str) -> JsonObject:
        self._note(spot, f"typed open: {reason}")
        return {}

    def _note(self, spot: _Spot, what: str) -> None:
        self._report.not_understood(place_label(pointer(spot.place)), what)


def _is_class(schema: JsonObject) -> bool:
    return bool(schema.get("properties")) or any(value is not None for value in schema.get("enum", ()))


def _one_enum(options: list[JsonObject]) -> JsonObject | None:
    """A union of enums, or of constants, is one enum."""
    if len({each.get("type") for each in options}) > 1 or not all("enum" in each for each in options):
        return None
    values = dict.fromkeys(value for each in options for value in each["enum"])
    return {"type": options[0]["type"], "enum": list(values)}


def _reference(name: str, flat: _Flat) -> JsonObject:
    reference = {"$ref": _PREFIX + name}
    return {"allOf": [reference], **flat.beside} if flat.beside else reference


def _says_a_type(schema: JsonObject) -> bool:
    return bool(schema.keys() & {"type", "properties", "items", "enum"})


def _without(schema: JsonObject, *keys: str) -> JsonObject:
    return {key: value for key, value in schema.items() if key not in keys}
