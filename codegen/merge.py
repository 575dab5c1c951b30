"""From snippets to one OpenAPI 3.0.3 document: united, repaired, corrected by the overlay, named and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from .components import name_components, references
from .errors import CodegenError
from .fragments import Fragment, clean
from .json_tools import JsonObject, is_array, is_object
from .naming import name_operations
from .overlay import Overlay
from .repairs import PLACEHOLDER, Operation, drop_list_parameters, operations
from .report import Report
from .snippets import METHODS, Snippet
from .unite import Notes, unite_operations, unite_schemas, variants


def merge(
    snippets: Iterable[Snippet], report: Report, overlay: Overlay | None = None, *, strict: bool = False
) -> JsonObject:
    """One spec of all snippets, that every tool can use; it depends on neither their order nor their names.

    Raises:
        CodegenError: With snippet and pointer, or overlay action; with `strict`, with the places of all contradictions.
    """
    spec = documented_spec(snippets, report, overlay, strict=strict)
    name_operations(spec, report)
    spec["tags"] = _used_tags(spec)
    name_components(spec, report)
    ordered: JsonObject = _ordered(spec)
    return ordered


def documented_spec(
    snippets: Iterable[Snippet], report: Report, overlay: Overlay | None = None, *, strict: bool = False
) -> JsonObject:
    """The spec in the documentation's names and shapes, corrected: what overlays see, and `x-source` points into."""
    fragments = _with_common_paths([clean(snippet, report) for snippet in snippets], report)
    contradictions: list[str] = []
    spec = _united(fragments, report, contradictions)
    if strict and contradictions:
        raise CodegenError("\n".join(contradictions))
    drop_list_parameters(spec, report)
    if overlay is not None:
        spec, report.actions = overlay.apply(spec)
    _tidy(spec)
    _check(spec)
    return spec


def _united(fragments: list[Fragment], report: Report, contradictions: list[str]) -> JsonObject:
    def unite(
        kind: str, unite_all: Callable[[list[Any], str, Notes], Any], values_of: Callable[[Fragment], JsonObject]
    ) -> JsonObject:
        found: dict[str, list[tuple[str, Any]]] = {}
        for fragment in fragments:
            for name, value in values_of(fragment).items():
                found.setdefault(name, []).append((fragment.name, value))
        united: JsonObject = {}
        for name, several in sorted(found.items()):
            notes = Notes(report, contradictions, [snippet for snippet, _ in several])
            united[name] = unite_all([value for _, value in several], f"{kind}{name}", notes)
        return united

    def longest(key: str) -> str:
        texts: list[str] = [fragment.info.get(key, "") for fragment in fragments]
        return max(texts, key=lambda text: (len(text), text))

    paths: JsonObject = {}
    for label, body in unite("", unite_operations, lambda each: {o.label: o.body for o in each.operations}).items():
        method, _, path = label.partition(" ")
        paths.setdefault(path, {})[method.lower()] = body
    return {
        "openapi": "3.0.3",
        "info": {"title": longest("title") or "API", "version": longest("version") or "1"},
        "servers": [{"url": server} for server in _servers(fragments, report)],
        "security": variants(requirement for fragment in fragments for requirement in fragment.security),
        "tags": list(unite("tag ", _first, lambda each: each.tags).values()),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": unite("schema ", unite_schemas, lambda each: each.schemas),
            "securitySchemes": unite("security scheme ", _first, lambda each: each.security_schemes),
        },
    }


def _first(found: list[Any], place: str, notes: Notes) -> Any:
    distinct = variants(found)
    if len(distinct) > 1:
        notes.united(place, "the first of several")
    return max(distinct, key=lambda each: len(each.get("description", "")))


def _servers(fragments: list[Fragment], report: Report) -> list[str]:
    """The hosts of the documentation, the one with most operations first: the client has one base URL for all."""
    uses: Counter[str] = Counter()
    for fragment in fragments:
        uses[fragment.server] += len(fragment.operations) if fragment.server else 0
    servers = sorted((server for server in uses if server), key=lambda server: (-uses[server], server))
    for fragment in fragments:
        if fragment.server and fragment.server != servers[0]:
            for operation in fragment.operations:
                report.not_understood(operation.label, f"is documented on another host: {fragment.server}")
    return servers


def _with_common_paths(fragments: list[Fragment], report: Report) -> list[Fragment]:
    """Paths that differ only in the names of their placeholders are one, as most operations spell it."""
    spellings: dict[str, Counter[str]] = {}
    for operation in (each for fragment in fragments for each in fragment.operations):
        spellings.setdefault(_shape(operation.path), Counter())[operation.path] += 1
    common = {shape: min(found, key=lambda path: (-found[path], path)) for shape, found in spellings.items()}
    for shape, found in spellings.items():
        if len(found) > 1:
            others = ", ".join(sorted(found.keys() - {common[shape]}))
            report.united(common[shape], f"the same path as {others}")
    return [
        replace(fragment, operations=[_moved(each, common[_shape(each.path)]) for each in fragment.operations])
        for fragment in fragments
    ]


def _shape(path: str) -> str:
    return PLACEHOLDER.sub("{}", path)


def _moved(operation: Operation, to: str) -> Operation:
    """An operation under another spelling of its path, whose placeholders name its parameters."""
    names = dict(zip(PLACEHOLDER.findall(operation.path), PLACEHOLDER.findall(to), strict=True))
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            parameter["name"] = names[parameter["name"]]
    return replace(operation, path=to)


def _tidy(value: Any) -> None:
    """Remove an empty `required`, which an overlay may leave and OpenAPI does not allow."""
    if is_object(value):
        if value.get("required") == []:
            del value["required"]
        for child in value.values():
            _tidy(child)
    elif is_array(value):
        for child in value:
            _tidy(child)


def _used_tags(spec: JsonObject) -> list[JsonObject]:
    described = {tag["name"]: tag for tag in spec.get("tags", ())}
    used = sorted({tag for operation in operations(spec) for tag in operation.body["tags"]})
    return [described.get(name, {"name": name}) for name in used]


def _check(spec: JsonObject) -> None:
    """Check that the spec is still valid after the overlay."""
    schemas: JsonObject = spec.setdefault("components", {}).setdefault("schemas", {})
    dangling = sorted(set(references(spec)) - schemas.keys())
    if dangling:
        place = dangling[0] if dangling[0].startswith("#") else f"#/components/schemas/{dangling[0]}"
        raise CodegenError(f"overlay: $ref to nowhere: {place!r}")
    _validate(spec)
    for path, item in spec["paths"].items():
        other = sorted(item.keys() - set(METHODS))
        if other:
            raise CodegenError(f"overlay: {path} has {other[0]!r} beside its operations: put it into each of them")
    if not any(operations(spec)):
        raise CodegenError("overlay: no operation is left")


def _validate(spec: JsonObject) -> None:
    from openapi_spec_validator import OpenAPIV30SpecValidator

    try:
        error = next(iter(OpenAPIV30SpecValidator(spec).iter_errors()), None)
    except RecursionError:
        raise CodegenError("a schema is made of itself: $ref in a circle") from None
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path)
        raise CodegenError(f"the merged spec is not valid OpenAPI 3.0 at {where or 'its root'}: {error.message[:500]}")


def _ordered(value: Any, *, names: bool = False) -> Any:
    """Keys sorted, but for properties: their order is the documentation's."""
    if is_object(value):
        keys = list(value) if names else sorted(value)
        return {key: _ordered(value[key], names=not names and key == "properties") for key in keys}
    return [_ordered(child) for child in value] if is_array(value) else value
