"""Lowering of operations: parameters, bodies and answers, as generated methods take and give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from codegen.errors import CodegenError
from codegen.json_tools import is_object

from .facts import BodyType, FieldFacts, Json, Lowered, OperationFacts
from .names import MAX_NAME, Names, argument_name, hand_written_exports, public_members
from .schemas import Place, SchemaLowering, description_of, limits_of, listing, mapping, types_of
from .text import one_line, plain
from .words import pascal_case

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_OPERATION_ID = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")
_PATH_PARAMETER = re.compile(r"\{([^{}]*)\}")
_FILTER = re.compile(r"filter\[(.+)\]", re.DOTALL)
_FIELDS = re.compile(r"fields(\[.*\])?", re.DOTALL)

_EVERY_CALL = frozenset({"self", "body", "timeout", "max_retries", "extra_query", "extra_headers"})
_LISTS = frozenset({"query", "filter", "include", "sort", "page", "per_page", "prefetch", "on_progress"})
RESERVED_ARGUMENTS = _EVERY_CALL | _LISTS
_ENVELOPE = frozenset({"data", "meta", "links"})
_SENT_ANYWAY = frozenset({"authorization", "accept", "content-type", "host", "content-length"})


class Lowering:
    """Lowers a whole spec."""

    def __init__(self, spec: Json, exports: dict[str, list[str]], model_members: frozenset[str]) -> None:
        self._spec = spec
        components = mapping(spec.get("components"))
        self._components = components
        self._schemas = SchemaLowering(mapping(components.get("schemas")), exports, model_members)
        self._used: set[str] = set()
        self._paths: Json = {}
        self._operations: dict[str, OperationFacts] = {}

    def run(self, client_members: frozenset[str]) -> Lowered:
        documented = list(self._documented())
        if not documented:
            raise CodegenError("paths: no operation")
        resources = self._name_resources(sorted({name for name, *_ in documented}))
        self._schemas.name_components()
        seen: set[str] = set()
        for resource, method, pointer, path, operation, shared in documented:
            name = f"{resource}.{method}"
            if name in seen:
                raise CodegenError(f"{pointer}: a second operation has the operationId {name!r}")
            seen.add(name)
            self._operation(resource, method, pointer, path, operation, shared)
            self._schemas.finish()
        self._remaining_models()
        attributes = {name: f"{name}_" if name in client_members else name for name in resources}
        for name, attribute in attributes.items():
            if name != attribute:
                self._schemas.notes.append(f"client.{attribute} has an underscore: the client has a {name} of its own")
        document = {
            "openapi": "3.1.0",
            "info": {"title": "API", "version": "1"},
            "paths": self._paths,
            "components": {"schemas": self._schemas.components},
        }
        return Lowered(
            document, self._schemas.classes, self._operations, resources, attributes, sorted(set(self._schemas.notes))
        )

    def _documented(self) -> Any:
        """Each operation: resource, method, pointer, path, itself, and the parameters of its path."""
        paths = self._spec.get("paths")
        if not is_object(paths):
            raise CodegenError("paths: missing or no object")
        for path, item in paths.items():
            if not is_object(item):
                raise CodegenError(f"paths.{path}: no object")
            for verb in METHODS:
                operation = item.get(verb)
                if operation is None:
                    continue
                pointer = f"{verb.upper()} {path}"
                if not is_object(operation):
                    raise CodegenError(f"{pointer}: no object")
                resource, method = self._names_of(operation, pointer)
                yield (
                    resource,
                    method,
                    pointer,
                    path,
                    operation,
                    listing(item.get("parameters")),
                )

    def _names_of(self, operation: Json, pointer: str) -> tuple[str, str]:
        name = operation.get("operationId")
        match = _OPERATION_ID.fullmatch(name) if isinstance(name, str) else None
        if match is None:
            said = "has no operationId" if name is None else f"has the operationId {name!r:.80}"
            raise CodegenError(f"{pointer}: {said}; it must be `resource.method`, which merge makes of tag and summary")
        for part in match.groups():
            if argument_name(part, frozenset()) != part or len(part) > MAX_NAME:
                raise CodegenError(f"{pointer}: {part!r:.120} in the operationId is no name for Python, or too long")
        return match[1], match[2]

    def _name_resources(self, names: list[str]) -> dict[str, str]:
        return {name: self._schemas.class_names.claim(pascal_case(name), "Resource") for name in names}

    def _remaining_models(self) -> None:
        """Components that no answer leads to and no envelope, error or body is: documented, so they have a model."""
        for name, schema in self._schemas.schemas.items():
            flat, _ = self._schemas.flat(schema, f"components.schemas.{name}")
            if (
                name not in self._used
                and self._schemas.is_object(flat)
                and "data" not in mapping(flat.get("properties"))
            ):
                self._schemas.lower({"$ref": _schema_reference(name)}, Place(f"components.schemas.{name}", name))
                self._schemas.finish()

    # -- one operation -----------------------------------------------------------------------------------------------

    def _operation(
        self, resource: str, method: str, pointer: str, path: str, operation: Json, shared: list[Any]
    ) -> None:
        code = f"op_{len(self._operations)}"
        facts = OperationFacts(
            code, resource, method, operation_verb(pointer), path, plain(operation.get("description"))
        )
        facts.description = facts.description or plain(operation.get("summary"))
        self._operations[code] = facts
        place = Place(pointer, pascal_case(resource) + pascal_case(method), request=True, owner=code)
        parameters = self._parameters(operation, shared, pointer)
        facts.kind, answer = self._answer(facts, operation, parameters, place)
        names = Names()
        lowered = self._path_parameters(facts, parameters, pointer, names)
        lowered += self._other_parameters(facts, parameters, place, names)
        self._name_types(facts, place.hint)
        body = self._body(facts, operation, place, names)
        # What the parser is given has no name and no path of the documentation.
        self._paths["/" + "/".join([code, *(f"{{{item['name']}}}" for item in lowered if item["in"] == "path")])] = {
            facts.http_method.lower(): {
                "operationId": code,
                "tags": ["all"],
                "parameters": lowered,
                "responses": {"200": answer},
                **({"requestBody": body} if body is not None else {}),
            }
        }
        facts.statuses = sorted(map(str, mapping(operation.get("responses"))))

    def _name_types(self, facts: OperationFacts, stem: str) -> None:
        facts.filters = list(dict.fromkeys(facts.filters))
        documented = {"filter": facts.filters or None, "include": facts.includes, "sort": facts.sorts}
        for argument, names in documented.items():
            if names is not None:
                facts.type_names[argument] = self._schemas.class_names.claim(f"{stem}{argument.title()}", "Choice")

    def _parameters(self, operation: Json, shared: list[Any], pointer: str) -> list[Json]:
        """The parameters, an operation's own before its path's."""
        found: dict[tuple[str, str], Json] = {}
        for parameter in [*listing(operation.get("parameters")), *shared]:
            resolved = self._resolve(parameter, "parameters", pointer)
            name, place = resolved.get("name"), resolved.get("in")
            if not isinstance(name, str) or place not in ("path", "query", "header", "cookie"):
                raise CodegenError(f"{pointer}: a parameter has no name, or no place that is known: {resolved!r:.80}")
            found.setdefault((place, name), resolved)
        return list(found.values())

    def _resolve(self, value: Any, section: str, pointer: str) -> Json:
        """A parameter, body or answer behind a reference to its section of `components`."""
        seen: set[str] = set()
        while is_object(value) and isinstance(value.get("$ref"), str):
            reference: str = value["$ref"]
            prefix, _, name = reference.rpartition("/")
            known = mapping(self._components.get(section))
            if prefix != f"#/components/{section}" or name not in known or reference in seen:
                raise CodegenError(f"{pointer}: the reference {reference!r:.120} leads nowhere")
            seen.add(reference)
            value = known[name]
        if not is_object(value):
            raise CodegenError(f"{pointer}: a {type(value).__name__} stands where an object of {section} should")
        return value

    def _path_parameters(self, facts: OperationFacts, parameters: list[Json], pointer: str, names: Names) -> list[Json]:
        documented = {str(item["name"]): item for item in parameters if item["in"] == "path"}
        in_path = _PATH_PARAMETER.findall(facts.path)
        rest = _PATH_PARAMETER.sub("", facts.path)
        if not facts.path.startswith("/") or "{" in rest or "}" in rest or len(set(in_path)) != len(in_path):
            raise CodegenError(f"{pointer}: no path of distinct {{parameters}} and text")
        for unknown in documented.keys() - set(in_path):
            self._schemas.notes.append(f"{pointer}: the path parameter {unknown!r} is not in the path: left out")
        lowered: list[Json] = []
        for key in in_path:
            item = documented.get(key, {})
            name = names.claim(argument_name(key, RESERVED_ARGUMENTS))
            lowered.append(
                self._lowered(
                    facts,
                    FieldFacts(name, key, one_line(item.get("description")), required=True),
                    "path",
                    {"type": "string"},
                )
            )
        shown = {fact.key: fact.name for fact in facts.arguments.values()}
        facts.path = _PATH_PARAMETER.sub(lambda match: f"{{{shown[match[1]]}}}", facts.path)
        return lowered

    def _lowered(self, facts: OperationFacts, argument: FieldFacts, where: str, schema: Json) -> Json:
        code = f"arg_{len(facts.arguments)}"
        facts.arguments[code] = argument
        return {"name": code, "in": where, "required": argument.required, "schema": schema}

    def _other_parameters(
        self, facts: OperationFacts, parameters: list[Json], place: Place, names: Names
    ) -> list[Json]:
        lowered: list[Json] = []
        for item in parameters:
            where, key = item["in"], str(item["name"])
            if where == "path" or (where == "query" and self._is_query(facts, item, key, place)):
                continue
            if where == "cookie" or (where == "header" and key.lower() in _SENT_ANYWAY):
                self._schemas.notes.append(f"{place.pointer}: the {where} parameter {key!r} is left to extra_headers")
                continue
            if where == "query" and _FIELDS.fullmatch(key):
                self._add_fields(facts, item, names)
                continue
            lowered.append(self._parameter(facts, item, place, names))
        return lowered

    def _parameter(self, facts: OperationFacts, item: Json, place: Place, names: Names) -> Json:
        where, key = str(item["in"]), str(item["name"])
        schema = item.get("schema", {})
        inner = place.down(key, place.hint + pascal_case(key, prefix="Parameter"))
        resolved, _ = self._schemas.flat(schema, inner.pointer)
        argument = FieldFacts(
            names.claim(argument_name(key, RESERVED_ARGUMENTS)),
            key,
            one_line(item.get("description")) or description_of(schema, resolved),
            limits_of(resolved),
            required=item.get("required") is True,
        )
        if "content" in item or not self._goes_into_text(resolved, inner.pointer):
            form = self._schemas.open(inner.pointer, f"a {where} parameter that is no text, nor a list of texts")
        else:
            form = self._schemas.lower(schema, inner)
        if where == "header" and form.get("type") not in ("integer", "number", "boolean"):
            form = {"type": "string"}  # the parser takes no list, union or open schema there
        explode, style = item.get("explode"), item.get("style", "form")
        if form.get("type") == "array" and style not in ("form", "simple"):
            self._schemas.notes.append(f"{inner.pointer}: the style {one_line(style)} is sent as a repeated parameter")
        argument.repeat = where == "query" and (explode is True or style != "form") and form.get("type") == "array"
        return self._lowered(facts, argument, where, form)

    def _goes_into_text(self, schema: Json, pointer: str, *, list_too: bool = True) -> bool:
        if list_too and "items" in schema:
            return self._goes_into_text(self._schemas.flat(schema["items"], pointer)[0], pointer, list_too=False)
        return not any(key in schema for key in ("properties", "items")) and "object" not in types_of(schema)

    def _is_query(self, facts: OperationFacts, item: Json, key: str, place: Place) -> bool:
        """Whether the parameter is one of filter, include, sort and the page, which lists take their own way."""
        if key == "include":
            facts.includes = self._choices(item, place)
            return True
        if facts.kind != "list":
            return False
        if key == "sort":
            facts.sorts = self._choices(item, place)
            return True
        if match := _FILTER.fullmatch(key):
            facts.filters.append(match[1])
            return True
        if key == "filter":
            schema, _ = self._schemas.flat(item.get("schema", {}), place.pointer)
            facts.filters += self._schemas.properties(schema, place.pointer)
        return key in ("filter", "page", "per_page")

    def _choices(self, item: Json, place: Place) -> list[str]:
        schema, _ = self._schemas.flat(item.get("schema", {}), place.pointer)
        if "items" in schema:
            schema, _ = self._schemas.flat(schema["items"], place.pointer)
        return list(dict.fromkeys(value for value in listing(schema.get("enum")) if isinstance(value, str)))

    def _add_fields(self, facts: OperationFacts, item: Json, names: Names) -> None:
        text = one_line(item.get("description"))
        if facts.fields_parameter is None:
            facts.fields_parameter = FieldFacts(names.claim("fields"), "fields", text)

    # -- body and answer ---------------------------------------------------------------------------------------------

    def _body(self, facts: OperationFacts, operation: Json, place: Place, names: Names) -> Json | None:
        if "requestBody" not in operation:
            if facts.http_method not in ("PUT", "PATCH"):
                return None
            self._schemas.notes.append(f"{place.pointer}: documents no body: it takes any as `body`")
            facts.whole_body = FieldFacts(
                "body", "", "The whole JSON body; what it holds is not documented.", required=True
            )
            return _json_content({}, required=True)
        body = self._resolve(operation["requestBody"], "requestBodies", place.pointer)
        content_type, schema = _preferred_content(mapping(body.get("content")))
        facts.body_type = body_type_of(content_type)
        flat, name = self._schemas.flat(schema, place.pointer)
        self._use(name)
        required = body.get("required") is True
        properties = self._schemas.properties(flat, place.pointer)
        if properties and facts.body_type in ("json", "form", "multipart"):
            keyword_names = {key: names.claim(argument_name(key, RESERVED_ARGUMENTS)) for key in properties}
            arguments = self._schemas.arguments(flat, place, keyword_names)
            self._check_defaults(facts, arguments.fields.values(), place.pointer)
            return _json_content({"$ref": _schema_reference(arguments.code)}, required=True)
        facts.whole_body = FieldFacts(
            "body", "", one_line(body.get("description")) or "The whole body.", required=required
        )
        if facts.body_type in ("text", "binary"):
            return _json_content({"type": "string"} if facts.body_type == "text" else {}, required)
        return _json_content(self._schemas.lower(schema, place.down("body", place.hint + "Body")), required)

    def _check_defaults(self, facts: OperationFacts, arguments: Any, pointer: str) -> None:
        in_path = {fact.key: fact.name for fact in facts.arguments.values()}
        for argument in arguments:
            if argument.default_from is not None:
                if argument.default_from not in in_path:
                    raise CodegenError(f"{pointer}: x-default-from-path of {argument.key!r} names no path parameter")
                argument.default_from = in_path[argument.default_from]

    def _answer(self, facts: OperationFacts, operation: Json, parameters: list[Json], place: Place) -> tuple[Any, Json]:
        """The kind of the operation, and the answer with its envelope taken off."""
        responses = mapping(operation.get("responses"))
        self._use_errors(responses, place.pointer)
        schemas = self._success_schemas(responses, place.pointer)
        paged = facts.http_method == "GET" and any(
            item["in"] == "query" and item["name"] in ("page", "per_page") for item in parameters
        )
        if not schemas or len(schemas) > 1:
            if schemas:
                self._schemas.open(place.pointer, "its successful answers have different schemas")
            return ("list" if paged else "any"), _answer_of({})
        flat, name = self._schemas.flat(schemas[0], place.pointer)
        inside = Place(f"{place.pointer} answer", f"{place.hint}Result")
        properties = self._schemas.properties(flat, place.pointer)
        if "data" in properties and properties.keys() <= _ENVELOPE:
            self._use(
                name,
                *(
                    self._schemas.resolve(properties[key], place.pointer)[1]
                    for key in ("meta", "links")
                    if key in properties
                ),
            )
            return self._enveloped(facts, properties["data"], inside, paged)
        if "array" in types_of(flat) and facts.http_method == "GET":
            return "list", self._result(flat.get("items", {}), inside)
        if paged:
            if properties:
                self._schemas.notes.append(f"{place.pointer}: has pages, but documents no list: a list of JSON objects")
                self._use(name)
            return "list", _answer_of({})
        if properties and self._schemas.is_object(flat):
            may_be_empty = facts.http_method == "DELETE" or properties.keys() == {"message"}
            return "message" if may_be_empty else "plain", _answer_of(self._schemas.lower(schemas[0], inside))
        return "any", _answer_of({})

    def _enveloped(self, facts: OperationFacts, data: Any, place: Place, paged: bool) -> tuple[Any, Json]:
        flat, _ = self._schemas.flat(data, place.pointer)
        if "array" in types_of(flat) and facts.http_method == "GET":
            return "list", self._result(flat.get("items", {}), place)
        if paged:
            return "list", _answer_of({})
        if self._schemas.is_object(flat) and self._schemas.properties(flat, place.pointer):
            return "model", self._result(data, place)
        return "any", _answer_of({})

    def _result(self, schema: Any, place: Place) -> Json:
        """The answer, if it is a model; else anything."""
        flat, _ = self._schemas.flat(schema, place.pointer)
        is_model = self._schemas.is_object(flat) and self._schemas.properties(flat, place.pointer)
        return _answer_of(self._schemas.lower(schema, place) if is_model else {})

    def _success_schemas(self, responses: Json, pointer: str) -> list[Any]:
        """The distinct JSON schemas of the documented 2xx answers."""
        found: list[Any] = []
        for status, response in sorted(responses.items()):
            if not str(status).startswith("2"):
                continue
            content = mapping(self._resolve(response, "responses", pointer).get("content"))
            schema = next((mapping(media).get("schema") for kind, media in content.items() if _is_json(kind)), None)
            if content and not any(map(_is_json, content)):
                self._schemas.notes.append(f"{pointer}: answers {', '.join(map(repr, sorted(content)))}, not JSON")
            if schema is not None and schema not in found:
                found.append(schema)
        return found

    def _use_errors(self, responses: Json, pointer: str) -> None:
        for status, response in responses.items():
            if not str(status).startswith("2"):
                content = mapping(self._resolve(response, "responses", pointer).get("content"))
                for media in content.values():
                    self._use(self._schemas.flat(mapping(media).get("schema", {}), pointer)[1])

    def _use(self, *names: str | None) -> None:
        """These components are no models of their own: envelopes, errors, bodies."""
        self._used.update(name for name in names if name is not None)


def lower(spec: Json, overrides: Any) -> Lowered:
    """The spec as the parser takes it.

    Raises:
        CodegenError: The spec has no operations, or something in it that no rule can name or type.
    """
    lowering = Lowering(spec, hand_written_exports(overrides), public_members(overrides, "model", "Model"))
    return lowering.run(public_members(overrides, "client", "PatchworksClient"))


def operation_verb(pointer: str) -> str:
    return pointer.partition(" ")[0]


def body_type_of(content_type: str) -> BodyType:
    if _is_json(content_type):
        return "json"
    if content_type.startswith("multipart/"):
        return "multipart"
    if content_type.startswith("application/x-www-form-urlencoded"):
        return "form"
    return "text" if content_type.startswith("text/") else "binary"


def _preferred_content(content: Mapping[str, Any]) -> tuple[str, Any]:
    order: tuple[BodyType, ...] = ("json", "multipart", "form", "text", "binary")
    if not content:
        return "application/json", {}
    chosen = min(content, key=lambda kind: order.index(body_type_of(kind)))
    return chosen, mapping(content[chosen]).get("schema", {})


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("application/json", "*/*", "text/json") or kind.endswith("+json")


def _json_content(schema: Json, required: bool) -> Json:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _answer_of(schema: Json) -> Json:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _schema_reference(name: str) -> str:
    return f"#/components/schemas/{name.replace('~', '~0').replace('/', '~1')}"
