"""Small OpenAPI documents for the tests of extract and merge."""

from __future__ import annotations

import json
from typing import Any

from codegen.merge import documented_spec, merge
from codegen.overlay import Overlay
from codegen.report import Report
from codegen.snippets import Snippet

Json = dict[str, Any]

FENCE = "```"


def operation(summary: str = "List Things", tag: str | None = "Things", **more: Any) -> Json:
    """An operation that answers nothing in particular."""
    tags: Json = {} if tag is None else {"tags": [tag]}
    return {"summary": summary, "responses": {"200": {"description": "OK"}}, **tags, **more}


def document(paths: Json, schemas: Json | None = None, version: str = "3.0.0", **more: Any) -> Json:
    """An OpenAPI document."""
    components: Json = {} if schemas is None else {"components": {"schemas": schemas}}
    return {"openapi": version, "info": {"title": "Things", "version": "1"}, "paths": paths, **components, **more}


def one(path: str = "/things", method: str = "get", schemas: Json | None = None, **body: Any) -> Json:
    """A document of one operation."""
    return document({path: {method: operation(**body)}}, schemas)


def with_schema(schema: Any, version: str = "3.0.0") -> Json:
    """A document whose schema `Thing` this is."""
    return document({"/things": {"get": operation()}}, {"Thing": schema}, version)


def query(name: str, description: str = "", **schema: Any) -> Json:
    return {"name": name, "in": "query", "schema": {"type": "string", **schema}, "description": description}


def answering(schema: Any) -> Json:
    return {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}


def page(*blocks: str, title: str = "Things") -> str:
    return "\n\n".join((f"# {title}", *blocks)) + "\n"


def section(fragment: Json | str, heading: str = "List Things", language: str = "json") -> str:
    text = fragment if isinstance(fragment, str) else json.dumps(fragment)
    return f"## {heading}\n\n> What it does.\n\n{FENCE}{language}\n{text}\n{FENCE}"


def merged(*documents: Json, overlay: Overlay | None = None, strict: bool = False) -> tuple[Json, Report]:
    """The spec and the report of some documents."""
    report = Report()
    snippets = [Snippet(f"page/{index}.json", each) for index, each in enumerate(documents)]
    return merge(snippets, report, overlay, strict=strict), report


def united(*documents: Json, overlay: Overlay | None = None, strict: bool = False) -> tuple[Json, Report]:
    """The same in the documentation's names and shapes: what overlays see."""
    report = Report()
    snippets = [Snippet(f"page/{index}.json", each) for index, each in enumerate(documents)]
    return documented_spec(snippets, report, overlay, strict=strict), report


def merged_schema(schema: Any, version: str = "3.0.0") -> tuple[Json, Report]:
    """What becomes of the schema `Thing`."""
    spec, report = united(with_schema(schema, version))
    thing: Json = spec["components"]["schemas"]["Thing"]
    return thing, report


def merged_operation(body: Json, path: str = "/things", method: str = "get") -> tuple[Json, Report]:
    """What becomes of an operation."""
    spec, report = united(document({path: {method: body}}))
    result: Json = spec["paths"][path][method]
    return result, report


def names(*operations: tuple[str, str, str, str]) -> dict[str, str]:
    """The names of (method, path, title, tag)s, by "METHOD path"."""
    documents = [one(path, method, summary=title, tag=tag) for method, path, title, tag in operations]
    _, report = merged(*documents)
    return {decision.operation: decision.name for decision in report.names}
