"""`$ref`: every one must lead somewhere within its own fragment."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from .json_tools import JsonObject, is_array, is_object
from .places import Place


class References:
    """The targets of a fragment's references, and the names under which its schemas go into the spec."""

    def __init__(self, snippet: str, document: JsonObject) -> None:
        self._document = document
        self._place = Place(snippet)
        components = document.get("components")
        schemas = components.get("schemas") if is_object(components) else None
        self.schema_names = _safe_names(schemas) if is_object(schemas) else {}

    def follow(self, reference: Any, at: Place) -> tuple[Any, Place]:
        """The target of one reference.

        Raises:
            CodegenError: When there is none in this fragment.
        """
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise at.refusal(f"$ref leaves the fragment: {reference!r}")
        value: Any = self._document
        parts = [unquote(part).replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/")]
        place = self._place
        for part in parts:
            if is_object(value) and part in value:
                value = value[part]
                place = place.down(part)
            elif is_array(value) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
                place = place.down(int(part))
            else:
                raise at.refusal(f"$ref to nowhere: {reference!r}")
        return value, place

    def resolve(self, value: Any, at: Place) -> tuple[Any, Place]:
        """The value itself, or what its `$ref` leads to in the end.

        Raises:
            CodegenError: When it leads nowhere, or in a circle.
        """
        seen: set[str] = set()
        while is_object(value) and "$ref" in value:
            reference = value["$ref"]
            if str(reference) in seen:
                raise at.refusal(f"$ref in a circle: {reference!r}")
            seen.add(str(reference))
            label = at.label
            value, at = self.follow(reference, at)
            at = Place(at.snippet, at.parts, label)
        return value, at

    def schema_name(self, place: Place) -> str | None:
        """The name in the spec, where a place is that of a named schema."""
        if len(place.parts) == 3 and place.parts[:2] == ("components", "schemas"):
            return self.schema_names.get(str(place.parts[2]))
        return None


def _safe_names(schemas: JsonObject) -> dict[str, str]:
    """OpenAPI allows letters, digits, `.`, `_` and `-` in the names of components; a page may hold any text."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(schemas, key=lambda name: (_safe(name) != name, name)):
        base = _safe(name)
        safe, number = base, 1
        while safe in taken:
            number += 1
            safe = f"{base}_{number}"
        taken.add(safe)
        names[name] = safe
    return names


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._-") or "Schema"
