"""The copy of the spec that openapi-python-client's parser is given.

Only what the parser needs happens here, and to the copy alone: names that would become one name in Python get another
(`wire_name` gives the documented one), filter, include, sort and page are set aside, defaults go, bodies have one media
type and answers only their status, every object without documented properties is the same class. What merge does not
write is refused.
"""

from __future__ import annotations

import re

from ..components import FREE_OBJECT
from ..errors import CodegenError
from ..json_tools import JsonObject, is_object
from ..parameters import is_query_argument
from ..repairs import PLACEHOLDER, Operation
from ..snippets import METHODS
from ..words import snake_case
from .answers import answer_of, body_type, media_type
from .names import Reserved, Scope

MAX_ENUM_VALUES = 500
"""Longer enums are their base type: a Literal that long helps no editor."""

_PREFIX = "#/components/schemas/"
_OPERATION_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class ParserInput:
    """What is handed to the parser, and what it is not told.

    Attributes:
        operations: The spec's operations by operationId.
        answers: What they answer.
        document: What the parser is given.
        set_aside: Place and name of the parameters that the parser is not told of, by operationId.
        notes: What is offered otherwise than documented.
    """

    def __init__(self, spec: JsonObject, reserved: Reserved) -> None:
        """Make the copy.

        Raises:
            CodegenError: It is no spec that merge wrote; with the place.
        """
        self.operations = _operations(spec)
        self._schemas: JsonObject = spec.get("components", {}).get("schemas", {})
        self._reserved = reserved
        self.answers = {name: answer_of(operation, self._schemas) for name, operation in self.operations.items()}
        self.notes = [f"{self.operations[name].label}: {each.note}" for name, each in self.answers.items() if each.note]
        self.set_aside: dict[str, set[tuple[str, str]]] = {}
        self._wire_names: dict[tuple[str, str], str] = {}
        self._bodies: dict[str, Scope] = {}
        """The bodies whose properties are arguments, and the names of the method that takes them."""
        paths: JsonObject = {}
        for name, operation in self.operations.items():
            path, item = self._operation(name, operation)
            paths.setdefault(path, {})[operation.method] = item
        schemas = {name: self._component(name, schema) for name, schema in self._schemas.items()}
        schemas[FREE_OBJECT] = {"type": "object"}
        head = {"openapi": "3.0.3", "info": {"title": "API", "version": "1"}}
        self.document: JsonObject = {**head, "paths": paths, "components": {"schemas": schemas}}

    def wire_name(self, owner: str, name: str) -> str:
        """The documented name of what the parser knows as `name`, in a component or an operation."""
        return self._wire_names.get((owner, name), name)

    # -- operations --------------------------------------------------------------------------------------------------

    def _operation(self, name: str, operation: Operation) -> tuple[str, JsonObject]:
        """Its path and itself."""
        scope = Scope(self._reserved.arguments)
        body = operation.body
        placeholders = {key: scope.claim_exactly(snake_case(key)) for key in PLACEHOLDER.findall(operation.path)}
        parameters = [self._parameter(name, placeholders, each, scope) for each in operation.parameters]
        given = zip(operation.parameters, parameters, strict=True)
        self.set_aside[name] = {(each["in"], each["name"]) for each, told in given if told is None}
        item: JsonObject = {
            "operationId": name,
            "tags": [name.partition(".")[0]],
            "description": body.get("description") or body.get("summary") or "",
            "parameters": [each for each in parameters if each is not None],
            "responses": {
                status: self._response(f"{operation.label} {status}", response)
                for status, response in body["responses"].items()
            },
        }
        if "requestBody" in body:
            item["requestBody"] = self._body(f"{operation.label} body", body["requestBody"], scope)
        return PLACEHOLDER.sub(lambda match: f"{{{placeholders[match[1]]}}}", operation.path), item

    def _parameter(
        self, operation: str, placeholders: dict[str, str], parameter: JsonObject, scope: Scope
    ) -> JsonObject | None:
        name, where, place = parameter["name"], parameter["in"], f"{operation} {parameter['name']}"
        if where == "path":
            claimed, schema = placeholders[name], {"type": "string"}
        elif where == "cookie":
            self.notes.append(f"{operation}: cookie parameter `{name}` is not generated; use extra_headers")
            return None
        elif where == "query" and (self._is_set_aside(operation, name) or is_fields(name)):
            return None
        else:
            claimed, schema = scope.claim(name), self._text(parameter["schema"], place)
        if claimed != name:
            self._wire_names[operation, claimed] = name
        if where == "header" and schema.get("type") not in ("integer", "number", "boolean"):
            schema = {"type": "string"}  # the parser takes no list, date or open schema there
        return {"name": claimed, "in": where, "required": parameter.get("required") is True, "schema": schema}

    def _is_set_aside(self, operation: str, name: str) -> bool:
        """Include always, the others where the answer is a list: they are the method's filter, include, sort, page."""
        is_list = self.answers[operation].kind == "list"
        return name == "include" or (is_list and is_query_argument(name))

    def _text(self, schema: JsonObject, place: str) -> JsonObject:
        """What goes into a URL: a text, or a list of texts."""
        form = self._form(_without_enums(schema), place)
        inner = form.get("items", form)
        if "items" in inner or _PREFIX + FREE_OBJECT in str(inner):
            self.notes.append(f"{place}: typed open: it is no text, nor a list of texts")
            return {}
        return form

    def _body(self, place: str, body: JsonObject, scope: Scope) -> JsonObject:
        content = body.get("content", {})
        chosen = media_type(content)
        schema = content.get(chosen, {}).get("schema", {})
        kind = body_type(chosen or "application/json")
        if kind in ("text", "binary"):
            form: JsonObject = {"type": "string"} if kind == "text" else {}
        else:
            form = self._form(schema, place)
            component = (form.get("$ref") or form.get("allOf", [{}])[0].get("$ref", "")).removeprefix(_PREFIX)
            if "properties" in self._schemas.get(component, {}):
                if component in self._bodies:
                    raise _not_of_merge(place, f"the component {component} is the body of another operation too")
                self._bodies[component] = scope
        return {"required": body.get("required") is True, "content": {"application/json": {"schema": form}}}

    def _response(self, place: str, response: JsonObject) -> JsonObject:
        """Its status alone: what is answered is read from the spec, and the parser copies it again and again."""
        for media in response.get("content", {}).values():
            self._form(media.get("schema", {}), place)
        return {"description": ""}

    # -- schemas -----------------------------------------------------------------------------------------------------

    def _component(self, name: str, schema: JsonObject) -> JsonObject:
        if "enum" in schema:
            if len(schema["enum"]) > MAX_ENUM_VALUES:
                self.notes.append(f"{name}: typed {schema['type']}: its enum has {len(schema['enum'])} values")
                return {"type": schema["type"]}
            return {key: schema[key] for key in ("type", "enum", "description") if key in schema}
        if "properties" not in schema or "allOf" in schema:
            raise _not_of_merge(f"component {name}", "neither an object with properties nor an enum")
        scope = self._bodies.get(name) or Scope(self._reserved.model)
        given = {key: scope.claim(key) for key in schema["properties"]}
        self._wire_names |= {(name, claimed): key for key, claimed in given.items() if claimed != key}
        return {
            "type": "object",
            "description": schema.get("description"),
            "properties": {
                given[key]: self._form(value, f"{name}.{key}") for key, value in schema["properties"].items()
            },
            "required": [given[key] for key in schema.get("required", ()) if key in given],
        }

    def _form(self, schema: JsonObject, place: str) -> JsonObject:
        """A schema in a form that the parser takes whole."""
        beside: JsonObject = {key: schema[key] for key in ("nullable", "description") if key in schema}
        if "$ref" in schema:
            return self._reference(schema, place)
        if "allOf" in schema:
            return {"allOf": [self._reference(part, place) for part in schema["allOf"]], **beside}
        if options := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
            return {"oneOf": [self._form(each, place) for each in options], **beside}
        if schema.get("properties") or "enum" in schema:
            raise _not_of_merge(place, "an object or an enum that is no component")
        if schema.get("type") == "array":
            return {"type": "array", "items": self._form(schema.get("items", {}), place), **beside}
        if schema.get("type") == "object":
            return {"allOf": [{"$ref": _PREFIX + FREE_OBJECT}], **beside}
        return {**{key: schema[key] for key in ("type", "format") if key in schema}, **beside}

    def _reference(self, schema: JsonObject, place: str) -> JsonObject:
        reference = schema.get("$ref")
        if not isinstance(reference, str) or reference.removeprefix(_PREFIX) not in self._schemas:
            raise CodegenError(f"{place}: the reference {reference!r:.120} leads nowhere")
        return {"$ref": reference}


def is_fields(name: str) -> bool:
    """Whether a query parameter is `fields` or `fields[x]`."""
    return re.fullmatch(r"fields(\[.*\])?", name, re.DOTALL) is not None


def _without_enums(schema: JsonObject) -> JsonObject:
    """Only parameters of the query and the path have enums that are no components."""
    rest = {key: value for key, value in schema.items() if key not in ("enum", "properties")}
    options: JsonObject = {
        key: [_without_enums(each) for each in rest[key]] for key in ("oneOf", "anyOf") if key in rest
    }
    items = {"items": _without_enums(rest["items"])} if is_object(rest.get("items")) else {}
    return {**rest, **options, **items}


def _operations(spec: JsonObject) -> dict[str, Operation]:
    paths = spec.get("paths")
    if not is_object(paths) or not any(paths.values()):
        raise CodegenError("paths: no operation")
    found: dict[str, Operation] = {}
    for path, item in paths.items():
        for method, body in item.items() if is_object(item) else ():
            operation = Operation(path, method, body)
            name = body.get("operationId") if is_object(body) else None
            if method not in METHODS or not isinstance(name, str) or not _OPERATION_ID.fullmatch(name):
                raise _not_of_merge(operation.label, "no operation with an operationId of the form resource.method")
            if found.setdefault(name, operation) is not operation:
                raise CodegenError(f"{operation.label}: a second operation has the operationId {name!r}")
    return found


def _not_of_merge(place: str, what: str) -> CodegenError:
    return CodegenError(f"{place}: {what}; generate takes what `python -m codegen merge` writes")
