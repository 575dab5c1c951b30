"""Lowering of schemas: every schema becomes one of the few forms that the parser always takes.

Those are the scalars, date-times, arrays of a form, a reference to a class (model, enum, mapping type or the free
object), `oneOf` of scalars or with null, and the empty schema. What fits none is typed open and noted, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import unquote

from codegen.errors import CodegenError
from codegen.json_tools import is_array, is_object

from .facts import FREE_OBJECT, ClassFacts, FieldFacts, Json
from .names import FIELD_TYPES, Names, attribute_names, module_name, reserved_class_names
from .text import one_line, sentence
from .words import pascal_case, singular

MAX_ENUM_VALUES = 500
"""More are typed as their base type: a Literal that long helps no editor."""
MAX_DEPTH = 24
"""Nested deeper, an inline schema is typed open."""

_SCALARS = ("integer", "number", "boolean", "string")
_OPEN: Json = {}


@dataclass(frozen=True)
class Place:
    """Where a schema stands: what its class would be called, and which words name it in a message."""

    pointer: str
    hint: str
    request: bool = False
    owner: str = ""
    depth: int = 0

    def down(self, pointer: str, hint: str) -> Place:
        return replace(self, pointer=f"{self.pointer}.{pointer}", hint=hint, depth=self.depth + 1)


class SchemaLowering:
    """Lowers schemas, and collects the classes they need in `components` and `classes`."""

    def __init__(
        self, schemas: Mapping[str, Any], exports: dict[str, list[str]], model_members: frozenset[str]
    ) -> None:
        self.schemas = schemas
        self.components: Json = {FREE_OBJECT: {"type": "object"}}
        self.classes: dict[str, ClassFacts] = {}
        self.notes: list[str] = []
        self.class_names = Names(reserved_class_names(exports))
        self._modules = Names({"__init__"})
        self._reserved_fields = FIELD_TYPES | model_members | {"self"}
        self._component_names: dict[str, str] = {}
        self._pending: list[tuple[ClassFacts, Json, Place]] = []
        self._flat: dict[str, tuple[Json, str]] = {}
        self._models: dict[str, Json] = {}
        self._typed_dicts: dict[tuple[str, str], Json] = {}

    def name_components(self) -> None:
        """Decide the class names of all components at once, so that no name depends on which one is met first."""

        def order(name: str) -> tuple[bool, bool, str]:
            return name.endswith("Response"), component_class_name(name) != name, name

        for name in sorted(map(str, self.schemas), key=order):
            wanted, own = component_class_name(name), pascal_case(name)
            self._component_names[name] = self.class_names.claim(
                wanted if self.class_names.is_free(wanted) else own, "Model"
            )

    def finish(self) -> None:
        """Lower the fields of the models met so far, and of those they lead to."""
        while self._pending:
            facts, schema, place = self._pending.pop(0)
            self._lower_fields(facts, schema, place, facts.name, self._reserved_fields)

    # -- reading -----------------------------------------------------------------------------------------------------

    def resolve(self, schema: Any, pointer: str) -> tuple[Json, str | None]:
        """The schema behind any references, and the name of the component it is (None for an inline one)."""
        name: str | None = None
        seen: set[str] = set()
        while is_object(schema) and isinstance(schema.get("$ref"), str):
            reference: str = schema["$ref"]
            prefix, _, tail = reference.rpartition("/")
            name = next((known for known in _component_names(tail) if known in self.schemas), tail)
            if prefix != "#/components/schemas" or name not in self.schemas:
                raise CodegenError(f"{pointer}: the reference {reference!r} leads nowhere")
            if reference in seen:
                return self.open(pointer, f"the reference {reference!r} leads to itself"), None
            seen.add(reference)
            schema = self.schemas[name]
        if schema is True:
            return {}, name
        if not is_object(schema):
            return self.open(pointer, f"a {type(schema).__name__} stands where a schema should"), None
        return schema, name

    def flat(self, schema: Any, pointer: str) -> tuple[Json, str | None]:
        """As `resolve`, with allOf united and a union of one schema replaced by it."""
        resolved, name = self.resolve(schema, pointer)
        if name is None:
            return self._flatten(resolved, pointer)
        if name not in self._flat:
            self._flat[name] = dict(_OPEN), name  # for a schema that is a part of itself
            self._flat[name] = self._flatten(resolved, f"components.schemas.{name}")[0], name
        return self._flat[name]

    def _flatten(self, schema: Json, pointer: str) -> tuple[Json, str | None]:
        name: str | None = None
        for _ in range(MAX_DEPTH):
            if is_array(schema.get("allOf")):
                parts = listing(schema["allOf"])
                rest = {key: value for key, value in schema.items() if key != "allOf"}
                if len(parts) != 1 or _says_a_type(rest):
                    schema = self._unite([rest, *(self.flat(part, pointer)[0] for part in parts)], pointer)
                    continue
            else:
                parts = _options(schema)
                if len(parts) != 1 or _says_a_type(schema, beside=("oneOf", "anyOf")):
                    return schema, name
            schema, inner = self.flat(parts[0], pointer)
            name = name or inner
        return self.open(pointer, "unions in unions without an end"), None

    def properties(self, schema: Json, pointer: str) -> Json:
        """The documented properties; empty for anything but an object that has some."""
        properties = schema.get("properties")
        if properties is None:
            return {}
        if not is_object(properties):
            self.open(pointer, "its properties are no object")
            return {}
        return {str(name): value for name, value in properties.items()}

    def is_object(self, schema: Json) -> bool:
        types = types_of(schema)
        return types == ["object"] or (not types and is_object(schema.get("properties")))

    def nullable(self, schema: Any, pointer: str) -> bool:
        resolved, _ = self.resolve(schema, pointer)
        kinds = resolved.get("type")
        return (
            resolved.get("nullable") is True
            or kinds == "null"
            or (is_array(kinds) and "null" in kinds)
            or (is_array(resolved.get("enum")) and None in resolved["enum"])
            or any(_takes_null(option) for key in ("oneOf", "anyOf") for option in listing(resolved.get(key)))
        )

    def open(self, pointer: str, reason: str) -> Json:
        """The schema of anything, with a note why."""
        note = f"{pointer}: typed open: {reason}"
        if note not in self.notes[-50:]:
            self.notes.append(note)
        return dict(_OPEN)

    # -- lowering ----------------------------------------------------------------------------------------------------

    def lower(self, schema: Any, place: Place) -> Json:
        """The schema in a form the parser takes."""
        if place.depth > MAX_DEPTH:
            return self.open(place.pointer, "it is nested too deep")
        resolved, name = self.flat(schema, place.pointer)
        options = _options(resolved)
        if options and any(key in resolved for key in ("properties", "items", "enum")):
            self.notes.append(f"{place.pointer}: its alternatives are left out beside its own type")
        elif options:
            return self._union(options, place)
        if (values := _enum_values(resolved)) is not None:
            return self._enum(values, resolved, name, place)
        types = types_of(resolved)
        if len(types) > 1:
            return self._union([{**resolved, "type": kind} for kind in types], place)
        if not types:
            if is_object(resolved.get("properties")):
                types = ["object"]
            elif "items" in resolved:
                types = ["array"]
            else:
                return dict(_OPEN)
        return self._typed(types[0], resolved, name, place)

    def _typed(self, kind: str, schema: Json, name: str | None, place: Place) -> Json:
        if kind == "string":
            # A list of date-times stays a list of str in a model: only fields are decoded.
            dated = schema.get("format") == "date-time" and (place.request or not place.hint.endswith("[]"))
            return {"type": "string", "format": "date-time"} if dated else self._string(schema, place)
        if kind in _SCALARS:
            return {"type": kind}
        if kind == "array":
            items = schema.get("items")
            if items is None:
                return {"type": "array", "items": dict(_OPEN)}
            inner = self.lower(items, place.down("items", f"{singular(place.hint)}[]"))
            return {"type": "array", "items": inner}
        if kind == "object":
            return self._object(schema, name, place)
        return self.open(place.pointer, f"its type {kind!r} is unknown")

    def _string(self, schema: Json, place: Place) -> Json:
        is_file = schema.get("format") in ("binary", "byte") or "contentMediaType" in schema
        return dict(_OPEN) if is_file and place.request else {"type": "string"}

    def _object(self, schema: Json, name: str | None, place: Place) -> Json:
        if not self.properties(schema, place.pointer):
            return _reference(FREE_OBJECT)
        if place.request:
            return self._typed_dict(schema, name, place)
        return self.model(name, schema, place)

    def model(self, name: str | None, schema: Json, place: Place) -> Json:
        """A reference to the model of an object; a component gets one, an inline object one for each place."""
        if name is not None and name in self._models:
            return self._models[name]
        source = f"schema `{one_line(name)}`" if name is not None else f"`{one_line(place.pointer)}`"
        facts = self._new_class(self._class_name(name, place, "Model"), "model", source, schema)
        facts.module = self._modules.claim(module_name(facts.name))
        reference = _reference(facts.code)
        if name is not None:
            self._models[name] = reference
            place = replace(place, pointer=name, depth=0)
        self._pending.append((facts, schema, replace(place, owner=facts.code)))
        return reference

    def _class_name(self, name: str | None, place: Place, suffix: str) -> str:
        if name is not None:
            return self._component_names[name]
        return self.class_names.claim(pascal_case(singular(place.hint.replace("[]", ""))), suffix)

    def _typed_dict(self, schema: Json, name: str | None, place: Place) -> Json:
        known = (place.owner, name or "")
        if name is not None and known in self._typed_dicts:
            reference = self._typed_dicts[known]
            complete = reference["$ref"].rpartition("/")[2] in self.components
            return reference if complete else self.open(place.pointer, "the schema holds itself")
        facts = self._new_class(
            self._class_name(None, place, "Input"), "typed_dict", f"`{one_line(place.pointer)}`", schema
        )
        facts.owner = place.owner
        reference = _reference(facts.code)
        if name is not None:
            self._typed_dicts[known] = reference
        self._lower_fields(facts, schema, place, facts.name, frozenset())
        return reference

    def arguments(self, schema: Json, place: Place, names: dict[str, str]) -> ClassFacts:
        """The class that stands for a body's properties, which become arguments with these names."""
        facts = self._new_class(place.hint, "arguments", place.pointer, schema)
        facts.owner = place.owner
        self._lower_fields(facts, schema, place, place.hint, frozenset(), names)
        return facts

    def _new_class(
        self, name: str, role: Literal["model", "typed_dict", "arguments", "enum"], source: str, schema: Json
    ) -> ClassFacts:
        code = f"Class{len(self.classes)}"
        facts = ClassFacts(code, name, role, source, one_line(schema.get("description")), schema=schema)
        self.classes[code] = facts
        return facts

    def _lower_fields(
        self,
        facts: ClassFacts,
        schema: Json,
        place: Place,
        hint: str,
        reserved: frozenset[str],
        names: dict[str, str] | None = None,
    ) -> None:
        properties = self.properties(schema, place.pointer)
        required = {name for name in listing(schema.get("required")) if isinstance(name, str)}
        names = names or attribute_names(properties, reserved)
        lowered: Json = {}
        needed: list[str] = []
        for key, value in properties.items():
            code = f"field_{len(lowered)}"
            inner = place.down(key, f"{hint}{pascal_case(key, prefix='Field')}")
            resolved, _ = self.flat(value, inner.pointer)
            field = FieldFacts(names[key], key, description_of(value, resolved), limits_of(resolved))
            field.required = key in required
            field.default_from = _default_from(value)
            form = self.lower(value, inner)
            if place.request and self.nullable(value, inner.pointer):
                form = _with_null(form)
            # The reader of a model meets None in any field, so only requests know required ones.
            if place.request and field.required and field.default_from is None:
                needed.append(code)
            facts.fields[code] = field
            lowered[code] = form
        self.components[facts.code] = {"type": "object", "properties": lowered, "required": needed}
        if not needed:
            del self.components[facts.code]["required"]

    def _enum(self, values: list[Any], schema: Json, name: str | None, place: Place) -> Json:
        kinds: set[type[Any]] = {type(value) for value in values}
        if kinds == {bool}:
            return {"type": "boolean"}
        if kinds <= {int, float} and float in kinds:
            return {"type": "number"}
        if len(kinds) != 1 or not kinds <= {str, int}:
            return self.open(place.pointer, "its enum holds values of several types") if values else dict(_OPEN)
        base = "string" if kinds == {str} else "integer"
        types = types_of(schema)
        if types and types != [base]:
            self.notes.append(f"{place.pointer}: typed {base}, as its enum's values are, not {types[0]!r:.40}")
        if len(values) > MAX_ENUM_VALUES:
            self.notes.append(f"{place.pointer}: typed {base}: its enum has {len(values)} values")
            return {"type": base}
        if name is not None and name in self._models:
            return self._models[name]
        facts = self._new_class(self._class_name(name, place, "Value"), "enum", place.pointer, schema)
        facts.values = tuple(values)
        facts.owner = place.owner
        if name is not None:
            facts.module = self._modules.claim(module_name(facts.name))
            self._models[name] = _reference(facts.code)
        placeholders = [f"v{index}" if base == "string" else index for index in range(len(values))]
        self.components[facts.code] = {"type": base, "enum": placeholders}
        return _reference(facts.code)

    def _union(self, options: list[Any], place: Place) -> Json:
        if not place.request and not all(_is_scalar(self.flat(option, place.pointer)[0]) for option in options):
            return self.open(place.pointer, "it is one of several schemas")
        lowered: list[Json] = []
        for option in options:
            form = self.lower(option, place)
            if form not in lowered:
                lowered.append(form)
        if len(lowered) == 1:
            return lowered[0]
        if any(form == _OPEN for form in lowered) or not (place.request or all(map(_is_scalar, lowered))):
            return self.open(place.pointer, "it is one of several schemas")
        return {"oneOf": [inner for form in lowered for inner in form.get("oneOf", [form])]}

    def _unite(self, parts: list[Json], pointer: str) -> Json:
        """The parts of an allOf as one schema; a property that two parts say differently is typed open."""
        united: Json = {}
        properties: Json = {}
        required: list[Any] = []
        for part in parts:
            for name, value in self.properties(part, pointer).items():
                if properties.setdefault(name, value) != value:
                    properties[name] = self.open(f"{pointer}.{name}", "the parts of an allOf contradict each other")
            required += listing(part.get("required"))
            for key, value in part.items():
                if key in ("properties", "required"):
                    continue
                if key == "type" and united.get("type", value) != value:
                    return self.open(pointer, "the parts of an allOf have different types")
                united.setdefault(key, value)
        if properties:
            united["properties"] = properties
        if required:
            united["required"] = required
        return united


def _component_names(tail: str) -> tuple[str, str]:
    """What the end of a reference can mean: as JSON pointers write it, and as URLs do."""
    pointer = tail.replace("~1", "/").replace("~0", "~")
    return pointer, unquote(pointer)


def component_class_name(name: str) -> str:
    """Packages -> Package, MessageResponse -> Message."""
    pascal = pascal_case(name)
    return singular(pascal.removesuffix("Response") or pascal)


def description_of(schema: Any, resolved: Json) -> str:
    own = schema.get("description") if is_object(schema) else None
    return sentence(one_line(own or resolved.get("description")))


def _default_from(schema: Any) -> str | None:
    source = schema.get("x-default-from-path") if is_object(schema) else None
    return source if source is None else str(source)


def limits_of(schema: Json) -> str:
    """The documented limits in words."""
    said = [
        words.format(schema[key])
        for key, words in (
            ("minLength", "at least {} characters"),
            ("maxLength", "at most {} characters"),
            ("minimum", "at least {}"),
            ("maximum", "at most {}"),
            ("minItems", "at least {} items"),
            ("maxItems", "at most {} items"),
        )
        if isinstance(schema.get(key), int | float)
    ]
    pattern, default = one_line(schema.get("pattern")), schema.get("default")
    said += [f"matching `{pattern}`"] if pattern else []
    said += [f"the server's default is {one_line(str(default))}"] if isinstance(default, str | int | float) else []
    text = ", ".join(said)
    return sentence(text[0].upper() + text[1:]) if text else ""


def _reference(code: str) -> Json:
    return {"$ref": f"#/components/schemas/{code}"}


def _with_null(form: Json) -> Json:
    return form if form == _OPEN else {"oneOf": [*form.get("oneOf", [form]), {"type": "null"}]}


def listing(value: Any) -> list[Any]:
    """The value, if it is a list; else an empty one."""
    return value if is_array(value) else []


def mapping(value: Any) -> Json:
    """The value, if it is an object; else an empty one."""
    return value if is_object(value) else {}


def _is_null(schema: Any) -> bool:
    return is_object(schema) and schema.get("type") in ("null", ["null"])


def _takes_null(schema: Any) -> bool:
    return _is_null(schema) or (is_object(schema) and schema.get("nullable") is True)


def _options(schema: Json) -> list[Any]:
    """The alternatives of a oneOf or anyOf, null aside."""
    return [option for key in ("oneOf", "anyOf") for option in listing(schema.get(key)) if not _is_null(option)]


def _is_scalar(schema: Json) -> bool:
    return (
        all(kind in _SCALARS for kind in types_of(schema)) and "type" in schema and schema.get("format") != "date-time"
    )


def types_of(schema: Json) -> list[str]:
    """The documented types, null aside."""
    kinds = schema.get("type")
    listed = listing(kinds) if is_array(kinds) else [kinds]
    return [str(kind) for kind in dict.fromkeys(map(str, (k for k in listed if k is not None))) if kind != "null"]


def _says_a_type(schema: Json, beside: tuple[str, ...] = ()) -> bool:
    keys = ("type", "properties", "items", "enum", "const", "oneOf", "anyOf")
    return any(key in schema and key not in beside for key in keys)


def _enum_values(schema: Json) -> list[Any] | None:
    if "const" in schema and isinstance(schema["const"], str | int):
        return [schema["const"]]
    if not is_array(schema.get("enum")):
        return None
    values = {f"{type(value)} {value!r}": value for value in listing(schema["enum"]) if value is not None}
    return list(values.values()) or None
