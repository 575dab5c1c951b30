"""One snippet made clean: OpenAPI 3.0.3, every reference inline but those to schemas, nothing but what a client needs.

What comes out can be relied on: operations and schemas hold only known keys with values of the right type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import dialect, repairs
from .json_tools import JsonObject, is_array, is_integer, is_number, is_object
from .places import Place
from .references import References
from .repairs import PLACEHOLDER, Operation
from .report import Report
from .snippets import METHODS, Snippet

_MEDIA_TYPE = re.compile(r"[\w.+*-]+/[\w.+*-]+(\s*;[ -~]*)?", re.ASCII)
_SERVER = re.compile(r"(https?://[^/?#\s]+)?(/[^?#{}]*)?", re.IGNORECASE)
_SCHEMES = {"apiKey": ("in", "name"), "http": ("scheme",), "oauth2": ("flows",), "openIdConnect": ("openIdConnectUrl",)}
"""The security schemes of OpenAPI 3.0, and what each must say."""
_STATUS = re.compile(r"[1-5](\d\d|XX)|default")
_STYLES = {
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "path": ("simple", "label", "matrix"),
    "header": ("simple",),
    "cookie": ("form",),
}


@dataclass(frozen=True)
class Fragment:
    """The clean content of one snippet."""

    name: str
    operations: dict[tuple[str, str], JsonObject]
    schemas: dict[str, JsonObject]
    security_schemes: JsonObject
    security: list[Any]
    info: JsonObject
    server: str
    """Scheme and host; the path of the server's URL stands before those of the operations."""
    tags: dict[str, JsonObject]

    @property
    def labeled_operations(self) -> dict[str, JsonObject]:
        return {f"{method.upper()} {path}": body for (path, method), body in self.operations.items()}


def clean(snippet: Snippet, report: Report) -> Fragment:
    """Clean one snippet.

    Raises:
        CodegenError: With snippet and pointer, where it cannot be understood.
    """
    return _Cleaner(snippet, report).fragment()


class _Cleaner:
    def __init__(self, snippet: Snippet, report: Report) -> None:
        self._document = snippet.document
        self._root = Place(snippet.name)
        self._report = report
        self._references = References(snippet.name, snippet.document)
        self._inlining: list[tuple[str | int, ...]] = []
        self._server = self._origin_and_path()

    def fragment(self) -> Fragment:
        version = self._document.get("openapi")
        if not isinstance(version, str) or not re.match(r"3\.[01](\.|$)", version):
            raise self._root.down("openapi").refusal(f"not OpenAPI 3.0 or 3.1: {version!r}")
        operations = dict(self._operations())
        if not operations:
            raise self._root.down("paths").refusal("no operation")
        components = self._object(self._document.get("components", {}), self._root.down("components"))
        security = self._security(self._document.get("security")) or []
        return Fragment(
            name=self._root.snippet,
            operations=operations,
            schemas=dict(self._schemas(components)),
            security_schemes=self._security_schemes(components, _used_schemes(security, operations.values())),
            security=security,
            info=_only(_object_or_empty(self._document.get("info")), title=str, version=str),
            server=self._server[0],
            tags={
                tag["name"]: _only(tag, name=str, description=str)
                for tag in _array_or_empty(self._document.get("tags"))
                if is_object(tag) and _is_text(tag.get("name"))
            },
        )

    # ------------------------------------------------------------------------------------------------- operations

    def _operations(self) -> Iterator[tuple[tuple[str, str], JsonObject]]:
        paths_at = self._root.down("paths")
        for documented, raw in self._object(self._document.get("paths"), paths_at).items():
            at, path = paths_at.down(documented), self._server[1] + documented
            _check_path(documented, at)
            item, item_at = self._references.resolve(self._object(raw, at), at)
            item = self._object(item, item_at)
            for method in METHODS:
                if method in item:
                    label = f"{method.upper()} {path}"
                    place = Place(item_at.snippet, (*item_at.parts, method), label)
                    body = self._operation(self._object(item[method], place), item, place)
                    operation = Operation(path, method, body)
                    repairs.repair_operation(operation, self._report)
                    _sort_path_parameters(operation)
                    yield (path, method), operation.body

    def _operation(self, raw: JsonObject, item: JsonObject, at: Place) -> JsonObject:
        operation = _only(raw, summary=str, description=str, deprecated=bool)
        if "operationId" in raw:
            self._note("documented_operation_id", "Names come from tag and title, the same way for all.", at.label)
        tags = [tag for tag in _array_or_empty(raw.get("tags")) if _is_text(tag) and tag.strip()]
        if tags:
            operation["tags"] = tags
        operation["parameters"] = self._parameters(raw, item, at)
        if raw.get("requestBody") is not None:
            operation["requestBody"] = self._request_body(raw["requestBody"], at.down("requestBody", label=" body"))
        operation["responses"] = self._responses(raw.get("responses"), at.down("responses"))
        security = self._security(raw.get("security"))
        if security is not None:
            operation["security"] = security
        return operation

    def _parameters(self, raw: JsonObject, item: JsonObject, at: Place) -> list[JsonObject]:
        own = self._each_once(raw, at.down("parameters"))
        shared = self._each_once(item, Place(at.snippet, (*at.parts[:-1], "parameters"), at.label))
        return [*(parameter for key, parameter in shared.items() if key not in own), *own.values()]

    def _each_once(self, holder: JsonObject, at: Place) -> dict[tuple[str, str], JsonObject]:
        """The parameters by place and name; what is documented twice is the first."""
        found: dict[tuple[str, str], JsonObject] = {}
        for index, value in enumerate(self._array(holder.get("parameters"), at)):
            parameter = self._parameter(value, at.down(index))
            found.setdefault((parameter["in"], parameter["name"]), parameter)
        return found

    def _parameter(self, raw: Any, at: Place) -> JsonObject:
        value, at = self._references.resolve(raw, at)
        parameter = self._object(value, at)
        name, where = parameter.get("name"), parameter.get("in")
        if not _is_text(name) or not name:
            raise at.refusal("a parameter without a name")
        if not _is_text(where) or where not in _STYLES:
            raise at.refusal(f"a parameter in {where!r}: only query, path, header and cookie exist")
        at = at.down(label=f" {where} {name}")
        schema, schema_at = parameter.get("schema"), at.down("schema")
        media = next(iter(_object_or_empty(parameter.get("content")).values()), None)
        if schema is None and is_object(media):
            schema, schema_at = media.get("schema"), at.down("content")
        return {
            "name": name,
            "in": where,
            "required": parameter.get("required") is True,
            "schema": self._schema({"type": "string"} if schema is None else schema, schema_at),
            **_only(parameter, description=str, deprecated=bool, explode=bool),
            **({"style": parameter["style"]} if parameter.get("style") in _STYLES[where] else {}),
        }

    def _request_body(self, raw: Any, at: Place) -> JsonObject:
        value, at = self._references.resolve(raw, at)
        body = self._object(value, at)
        return {
            "required": body.get("required") is True,
            "content": self._content(body.get("content"), at),
            **_only(body, description=str),
        }

    def _responses(self, raw: Any, at: Place) -> JsonObject:
        responses: JsonObject = {}
        for status, value in self._object({} if raw is None else raw, at).items():
            if not _STATUS.fullmatch(status):
                self._note("unknown_status", "Only statuses of HTTP can be answered.", f"{at.label}: {status}")
                continue
            resolved, place = self._references.resolve(value, at.down(status, label=f" {status}"))
            response = self._object(resolved, place)
            description = response.get("description")
            responses[status] = {"description": description if _is_text(description) else ""}
            content = self._content(response.get("content"), place)
            if content:
                responses[status]["content"] = content
        return responses

    def _content(self, raw: Any, at: Place) -> JsonObject:
        content: JsonObject = {}
        at = at.down("content")
        for written, media in self._object({} if raw is None else raw, at).items():
            place = at.down(written)
            schema = self._object(media, place).get("schema")
            media_type = written if _MEDIA_TYPE.fullmatch(written) else "application/octet-stream"
            if media_type != written:
                self._note("malformed_media_type", "What is no media type stands for bytes.", f"{at.label}: {written}")
            content[media_type] = {} if schema is None else {"schema": self._schema(schema, place.down("schema"))}
        return content

    # ---------------------------------------------------------------------------------------------------- schemas

    def _schemas(self, components: JsonObject) -> Iterator[tuple[str, JsonObject]]:
        at = self._root.down("components", "schemas")
        for name, schema in self._object(components.get("schemas", {}), at).items():
            safe = self._references.schema_names[name]
            label = f"schema {safe}"
            if safe != name:
                self._note("schema_name", "OpenAPI allows letters, digits, `.`, `_` and `-` in names.", label)
            yield safe, self._schema(schema, at.down(name, label=label))

    def _schema(self, raw: Any, at: Place) -> JsonObject:
        if isinstance(raw, bool):
            return {} if raw else {"not": {}}
        if not is_object(raw):
            self._note("malformed_schema", "A schema is an object; anything else says nothing.", at.label)
            return {}
        if "$ref" in raw:
            return self._reference(raw, at)
        schema = dict(raw)
        repairs.repair_schema(schema, at, dialect.RULES, self._report)
        repairs.repair_schema(schema, at, repairs.SCHEMA_RULES, self._report)
        if "$ref" in schema:  # a rule put a reference in place
            return self._reference(schema, at)
        result = {key: schema[key] for key, accepts in _KEYWORDS.items() if key in schema and accepts(schema[key])}
        malformed = sorted(key for key in _KEYWORDS.keys() & schema.keys() - result.keys())
        for key in malformed:
            self._note("malformed_keyword", "A value of the wrong kind says nothing.", f"{at.label}: {key}")
        for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if limit not in result:
                result.pop(exclusive, None)
        result.update(self._children(schema, at))
        repairs.repair_schema(result, at, repairs.CLEAN_SCHEMA_RULES, self._report)
        return result

    def _children(self, schema: JsonObject, at: Place) -> Iterator[tuple[str, Any]]:
        properties = schema.get("properties")
        if is_object(properties):
            yield (
                "properties",
                {
                    name: self._schema(child, at.down("properties", name, label=f".{name}"))
                    for name, child in properties.items()
                },
            )
        if "items" in schema:
            yield "items", self._schema(schema["items"], at.down("items", label="[]"))
        additional = schema.get("additionalProperties")
        if isinstance(additional, bool):
            yield "additionalProperties", additional
        elif additional is not None:
            yield "additionalProperties", self._schema(additional, at.down("additionalProperties", label=".*"))
        if "not" in schema:
            yield "not", self._schema(schema["not"], at.down("not"))
        for key in ("allOf", "anyOf", "oneOf"):
            alternatives = schema.get(key)
            if is_array(alternatives) and alternatives:
                yield key, [self._schema(child, at.down(key, index)) for index, child in enumerate(alternatives)]

    def _reference(self, raw: JsonObject, at: Place) -> JsonObject:
        target, place = self._references.follow(raw["$ref"], at)
        name = self._references.schema_name(place)
        if name is None:
            return self._inlined(target, Place(place.snippet, place.parts, at.label))
        reference = {"$ref": f"#/components/schemas/{name}"}
        beside = _only(raw, description=str) | ({"nullable": True} if raw.get("nullable") is True else {})
        return {"allOf": [reference], **beside} if beside else reference

    def _inlined(self, target: Any, at: Place) -> JsonObject:
        if at.parts in self._inlining:
            self._note("endless_reference", "What contains itself without a name of its own cannot be typed.", at.label)
            return {}
        self._inlining.append(at.parts)
        try:
            return self._schema(target, at)
        finally:
            self._inlining.pop()

    # ------------------------------------------------------------------------------------------------------ others

    def _origin_and_path(self) -> tuple[str, str]:
        """Of the first server, which is the one that tools take."""
        servers = [each for each in _array_or_empty(self._document.get("servers")) if is_object(each)]
        url = servers[0].get("url") if servers else None
        match = _SERVER.fullmatch(url) if isinstance(url, str) else None
        if match is None:
            return "", ""
        path = (match[2] or "").rstrip("/")
        if path:
            _check_path(path, self._root.down("servers", 0, "url"))
        return match[1] or "", path

    def _security_schemes(self, components: JsonObject, used: set[str]) -> JsonObject:
        at = self._root.down("components", "securitySchemes")
        schemes = self._object(components.get("securitySchemes", {}), at)
        for name in used & schemes.keys():
            scheme = self._object(schemes[name], at.down(name))
            needed = _SCHEMES.get(str(scheme.get("type")))
            if needed is None or not all(scheme.get(key) for key in needed):
                raise at.down(name).refusal("no security scheme of OpenAPI 3.0")
        return {name: schemes[name] for name in schemes if name in used}

    def _security(self, raw: Any) -> list[Any] | None:
        if not is_array(raw):
            return None
        return [requirement for requirement in raw if is_object(requirement)]

    def _note(self, rule: str, reason: str, place: str) -> None:
        self._report.repaired(rule, reason, place)

    def _object(self, value: Any, at: Place) -> JsonObject:
        if not is_object(value):
            raise at.refusal(f"an object is wanted here, not {_kind(value)}")
        return value

    def _array(self, value: Any, at: Place) -> list[Any]:
        if value is not None and not is_array(value):
            raise at.refusal(f"an array is wanted here, not {_kind(value)}")
        return value or []


def _used_schemes(security: list[Any], operations: Iterable[JsonObject]) -> set[str]:
    requirements = [*security, *(each for operation in operations for each in operation.get("security", ()))]
    return {name for requirement in requirements for name in requirement}


def _check_path(path: str, at: Place) -> None:
    segments = path.removeprefix("/").removesuffix("/").split("/")
    names = PLACEHOLDER.findall(path)
    problem = None
    if not path.startswith("/"):
        problem = "a path begins with /"
    elif path != "/" and any(segment in ("", ".", "..") for segment in segments):
        problem = "a path has no empty, '.' or '..' segment"
    elif re.search(r"[?#\\\s]", path) or not path.isprintable():
        problem = "a path has no query, fragment, backslash or space"
    elif not all(names) or len(set(names)) != len(names) or re.search(r"[{}]", PLACEHOLDER.sub("", path)):
        problem = "the placeholders of a path each have a name of their own, in braces"
    if problem:
        raise at.refusal(problem)


def _sort_path_parameters(operation: Operation) -> None:
    """Path parameters first, as they stand in the path: it is the order of the method's arguments."""
    order = PLACEHOLDER.findall(operation.path)
    parameters = operation.parameters
    in_path = sorted((each for each in parameters if each["in"] == "path"), key=lambda each: order.index(each["name"]))
    operation.body["parameters"] = in_path + [each for each in parameters if each["in"] != "path"]


def _only(source: JsonObject, **wanted: type) -> JsonObject:
    """The values that have the wanted type."""
    return {key: source[key] for key, kind in wanted.items() if type(source.get(key)) is kind}


def _object_or_empty(value: Any) -> JsonObject:
    return value if is_object(value) else {}


def _array_or_empty(value: Any) -> list[Any]:
    return value if is_array(value) else []


def _kind(value: Any) -> str:
    kinds = {"NoneType": "null", "bool": "a boolean", "str": "a string", "list": "an array", "dict": "an object"}
    return kinds.get(value.__class__.__name__, "a number")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return is_integer(value) and value >= 0


def _is_pattern(value: Any) -> bool:
    try:
        return _is_text(value) and bool(re.compile(value))
    except re.error:
        return False


def _are_names(value: Any) -> bool:
    return is_array(value) and bool(value) and all(map(_is_text, value)) and len(set(value)) == len(value)


_KEYWORDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("title", "description", "format"), _is_text),
    **dict.fromkeys(("nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems"), _is_bool),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _is_bool),
    **dict.fromkeys(("minimum", "maximum"), is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _is_count),
    "type": lambda value: value in repairs.TYPES,
    "enum": is_array,
    "default": lambda value: True,
    "pattern": _is_pattern,
    "multipleOf": lambda value: is_number(value) and value > 0,
    "required": _are_names,
}
