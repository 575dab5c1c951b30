"""`$ref`: every one must lead somewhere within its own fragment."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from .json_tools import JsonObject, is_array, is_object
from .places import Place
from .words import Names

_SCHEMAS = ("components", "schemas")


class References:
    """Writes out what a fragment's references lead to; those to named schemas stay, under the names of the spec."""

    def __init__(self, document: JsonObject) -> None:
        self._document = document
        components = document.get("components")
        schemas = components.get("schemas") if is_object(components) else None
        self.schema_names = _safe_names(schemas) if is_object(schemas) else {}

    def inlined(self, value: Any, at: Place, within: tuple[tuple[str, ...], ...] = ()) -> Any:
        """A copy of a value of the fragment.

        Raises:
            CodegenError: When a reference leads nowhere.
        """
        if is_array(value):
            return [self.inlined(child, at.down(index), within) for index, child in enumerate(value)]
        if not is_object(value):
            return value
        if "$ref" not in value or is_object(value["$ref"]):  # a property may be called `$ref`
            return {key: self.inlined(child, at.down(key), within) for key, child in value.items()}
        parts, target = self._follow(value["$ref"], at)
        if parts[:2] == _SCHEMAS and len(parts) == 3:
            return {**value, "$ref": f"#/components/schemas/{self.schema_names[parts[2]]}"}
        if parts in within:
            at.report.not_understood(at.label, "typed open: it contains itself, without a name of its own")
            return {}
        return self.inlined(target, at, (*within, parts))

    def _follow(self, reference: Any, at: Place) -> tuple[tuple[str, ...], Any]:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise at.refusal(f"$ref leaves the fragment: {reference!r}")
        parts = tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/"))
        value: Any = self._document
        for part in parts:
            if is_array(value) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            elif is_object(value) and part in value:
                value = value[part]
            else:
                raise at.refusal(f"$ref to nowhere: {reference!r}")
        return parts, value


def _safe_names(schemas: JsonObject) -> dict[str, str]:
    """OpenAPI allows letters, digits, `.`, `_` and `-` in the names of components; a page may hold any text."""
    names = Names()
    safe = {name: re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._-") or "Schema" for name in schemas}
    return {name: names.claim(safe[name]) for name in sorted(schemas, key=lambda name: (safe[name] != name, name))}
