"""The same operation or schema from several snippets, made one.

Each function takes all variants at once and gives the same result in whatever order they come. Identical variants
collapse; differing ones are united: properties and parameters from all, required what all require, the longest
description. What cannot be united is a contradiction and left open, without a type; a limit or other detail that only
some say is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .json_tools import JsonObject, canonical, exact, is_object
from .report import Report

_CONTRADICTING = ("$ref", "type", "format", "allOf", "anyOf", "oneOf", "not")


@dataclass(frozen=True)
class Notes:
    """Notes on the union of some snippets."""

    report: Report
    contradictions: list[str]
    snippets: Sequence[str]

    def united(self, place: str, what: str) -> None:
        self.report.united(place, what)

    def contradicted(self, place: str, what: str) -> None:
        self.contradictions.append(f"contradiction at {place}: {what} (snippets {', '.join(sorted(self.snippets))})")
        self.report.contradicted(place, what)


def variants(values: Iterable[Any]) -> list[Any]:
    """Distinct values in an order of their own; of equal ones, that whose key order sorts first."""
    distinct: dict[str, Any] = {}
    for value in sorted(values, key=exact):
        distinct.setdefault(canonical(value), value)
    return [distinct[key] for key in sorted(distinct)]


def unite_schemas(schemas: Iterable[JsonObject], place: str, notes: Notes) -> JsonObject:
    """One schema of all the variants of it."""
    distinct = variants(schemas)
    if len(distinct) == 1:
        single: JsonObject = distinct[0]
        return single
    described = _longest(distinct, "description")
    clash = next(
        (key for key in _CONTRADICTING if len(variants(each[key] for each in distinct if key in each)) > 1), None
    )
    if clash is None and any("$ref" in each for each in distinct):
        # A reference and something beside it that is no reference.
        clash = None if all("$ref" in each or not each.keys() - {"description"} for each in distinct) else "$ref"
    if clash is not None:
        said = " / ".join(str(each.get(clash, "nothing")) for each in distinct)
        notes.contradicted(place, f"{clash}: {said}")
        return described
    notes.united(place, "differing schemas")
    return _united(distinct, place, notes) | described


def unite_operations(operations: Iterable[JsonObject], place: str, notes: Notes) -> JsonObject:
    """One operation of all the variants of it."""
    distinct = variants(operations)
    if len(distinct) == 1:
        single: JsonObject = distinct[0]
        return single
    notes.united(place, "differing operations")
    united: JsonObject = _first(distinct, "summary") | _longest(distinct, "description")
    tags = {tag for each in distinct for tag in each.get("tags", ())}
    if tags:
        united["tags"] = sorted(tags)
    if all(each.get("deprecated") for each in distinct):
        united["deprecated"] = True
    united["parameters"] = _parameters(distinct, place, notes)
    bodies = [each["requestBody"] for each in distinct if "requestBody" in each]
    if bodies:
        required = len(bodies) == len(distinct) and all(body["required"] for body in bodies)
        content = _content([body["content"] for body in bodies], f"{place} body", notes)
        united["requestBody"] = {"required": required, "content": content, **_longest(bodies, "description")}
    statuses = _keys(each["responses"] for each in distinct)
    united["responses"] = {
        status: _response(
            [each["responses"][status] for each in distinct if status in each["responses"]], f"{place} {status}", notes
        )
        for status in statuses
    }
    if all("security" in each for each in distinct):
        united["security"] = variants(requirement for each in distinct for requirement in each["security"])
    return united


def _united(distinct: list[JsonObject], place: str, notes: Notes) -> JsonObject:
    united: JsonObject = {}
    for key in _keys(distinct):
        having = [each[key] for each in distinct if key in each]
        everywhere = len(having) == len(distinct)
        values = variants(having)
        if key == "properties":
            united[key] = {
                name: unite_schemas([each[name] for each in having if name in each], f"{place}.{name}", notes)
                for name in _keys(values)
            }
        elif key == "items":
            united[key] = unite_schemas(having, f"{place}[]", notes)
        elif key == "required":
            common = [name for name in values[0] if everywhere and all(name in each for each in values)]
            united |= {key: common} if common else {}
        elif key == "enum":
            united |= {key: list(dict.fromkeys(value for each in values for value in each))} if everywhere else {}
        elif key == "additionalProperties" and all(map(is_object, values)):
            united[key] = unite_schemas(values, f"{place}.*", notes)
        elif key == "nullable":
            united[key] = any(values)
        elif key in _CONTRADICTING or (len(values) == 1 and everywhere):
            united[key] = values[0]
    return united


def _parameters(distinct: list[JsonObject], place: str, notes: Notes) -> list[JsonObject]:
    by_key: dict[tuple[str, str], list[JsonObject]] = {}
    for each in (each for operation in distinct for each in operation["parameters"]):
        by_key.setdefault((each["in"], each["name"]), []).append(each)
    united: list[JsonObject] = []
    for (where, name), found in by_key.items():
        kinds = variants(found)
        label = f"{place} {where} {name}"
        schemas = [each["schema"] for each in found]
        if where == "query" and name in ("include", "sort"):
            # That a page lists no names does not mean that any will do.
            schemas = [each for each in schemas if "enum" in each.get("items", ())] or schemas
        parameter: JsonObject = {
            "name": name,
            "in": where,
            "required": all(each["required"] for each in found) and (where == "path" or len(found) == len(distinct)),
            "schema": unite_schemas(schemas, label, notes),
            **_longest(kinds, "description"),
            **_first(kinds, "style"),
            **_first(kinds, "explode"),
        }
        if all(each.get("deprecated") for each in found):
            parameter["deprecated"] = True
        united.append(parameter)
    return [each for each in united if each["in"] == "path"] + [each for each in united if each["in"] != "path"]


def _response(found: list[JsonObject], place: str, notes: Notes) -> JsonObject:
    response: JsonObject = _longest(found, "description")
    content = _content([each["content"] for each in found if "content" in each], place, notes)
    return {**response, "content": content} if content else response


def _content(found: list[JsonObject], place: str, notes: Notes) -> JsonObject:
    united: JsonObject = {}
    for media_type in _keys(found):
        schemas = [each[media_type]["schema"] for each in found if "schema" in each.get(media_type, {})]
        united[media_type] = {"schema": unite_schemas(schemas, place, notes)} if schemas else {}
    return united


def _keys(objects: Iterable[JsonObject]) -> list[str]:
    """The keys of all, in the order of the first that has them."""
    return list(dict.fromkeys(key for each in objects for key in each))


def _longest(objects: list[JsonObject], key: str) -> JsonObject:
    texts = {each[key] for each in objects if key in each}
    return {key: max(texts, key=lambda text: (len(text), text))} if texts else {}


def _first(objects: list[JsonObject], key: str) -> JsonObject:
    """The shortest value, and of those the first: the same whatever the order."""
    values = [each[key] for each in objects if key in each]
    return {key: min(values, key=lambda value: (len(str(value)), str(value)))} if values else {}
