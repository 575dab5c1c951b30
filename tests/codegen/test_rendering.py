"""A page as a browser shows it says the same as our snippets of it: an opinion that did not pass through our parser.

The fixture has the form of the documentation's rendered pages, with prose of our own.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
RENDERED = ROOT / "tests" / "fixtures" / "packages.rendered.txt"
SNIPPETS = ROOT / "openapi" / "snippets" / "packages"

METHODS = ("get", "post", "put", "patch", "delete")
SECTIONS = {"Authorizations": "", "Path parameters": "path", "Query parameters": "query", "Body": "body"}
_FIELD = re.compile(
    r"(?P<name>\S+?)(?P<type>string|integer|number|boolean|array|object)(?P<limits>(?: · [^·]+?)*)"
    r"(?P<need>Required|Optional)"
)
_DEFAULT = re.compile(r"Default: (?P<value>\S+)")


class Field(NamedTuple):
    place: str
    name: str
    type: str
    required: bool
    limits: frozenset[str]


Operations = dict[tuple[str, str], tuple[str, frozenset[Field]]]
"""Title and fields by method and path."""


def read_rendering(text: str) -> Operations:
    """The operations of a rendered page: each begins with title and method, and ends with method and path."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    operations: Operations = {}
    title, section, fields = "", None, list[Field]()
    for before, line in zip(["", *lines], lines, strict=False):
        if line in METHODS:
            if section is None:
                title, fields = before, []
        elif before in METHODS and line.startswith("/"):
            operations[before, line] = (title, frozenset(fields))
            section = None
        elif line == "Responses":
            section = ""
        elif line in SECTIONS:
            section = SECTIONS[line]
        elif section and (found := _FIELD.fullmatch(line)):
            limits = frozenset(found["limits"].split(" · ")) - {""}
            fields.append(Field(section, found["name"], found["type"], found["need"] == "Required", limits))
        elif section and (found := _DEFAULT.fullmatch(line)):
            fields[-1] = fields[-1]._replace(limits=fields[-1].limits | {line})
    return operations


def read_snippets(folder: Path) -> Operations:
    operations: Operations = {}
    for file in folder.glob("*.json"):
        document = json.loads(file.read_text(encoding="utf-8"))
        for path, item in document["paths"].items():
            for method, operation in item.items():
                fields = [
                    _field(each["in"], each["name"], each["schema"], bool(each.get("required")))
                    for each in operation.get("parameters", [])
                ]
                fields += _body_fields(document, operation)
                operations[method, path] = (operation["summary"], frozenset(fields))
    return operations


def _body_fields(document: dict[str, Any], operation: dict[str, Any]) -> list[Field]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", [])
    return [_field("body", name, each, name in required) for name, each in schema.get("properties", {}).items()]


def _field(place: str, name: str, schema: dict[str, Any], required: bool) -> Field:
    said = {
        "min": schema.get("minimum", schema.get("minLength")),
        "max": schema.get("maximum", schema.get("maxLength")),
    }
    limits = {f"{word}: {value}" for word, value in said.items() if value is not None}
    if schema.get("nullable"):
        limits.add("nullable")
    if "default" in schema:
        limits.add(f"Default: {schema['default']}")
    return Field(place, name, schema["type"], required, frozenset(limits))


def test_the_rendered_page_agrees_with_the_snippets() -> None:
    rendered, ours = read_rendering(RENDERED.read_text(encoding="utf-8")), read_snippets(SNIPPETS)
    assert set(rendered) == set(ours)
    assert len(ours) == 11
    for key, (title, fields) in ours.items():
        assert rendered[key][0] == title, key
        assert rendered[key][1] == fields, key


def test_a_difference_in_the_rendered_page_is_seen() -> None:
    text = RENDERED.read_text(encoding="utf-8")
    ours = read_snippets(SNIPPETS)
    for old, new in (
        ("max: 100Optional", "max: 50Optional"),
        ("Default: 1", "Default: 0"),
        ("namestring · max: 255Required", "namestring · max: 255Optional"),
        ("· nullableOptional", "Optional"),
        ("include", "includes"),
        ("{package}", "{id}"),
    ):
        assert old in text
        assert read_rendering(text.replace(old, new)) != ours, old
