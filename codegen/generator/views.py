"""What the templates print: every value is ready-made source text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Field:
    """A field of a model."""

    name: str
    annotation: str
    default: str
    docstring: str


@dataclass
class ModelModule:
    """One module under models/: an enum or a model with the enums of its fields."""

    docstring: str
    aliases: list[str]
    related: list[tuple[str, str]]
    class_name: str = ""
    class_docstring: str = ""
    fields: list[Field] = field(default_factory=list[Field])
    helpers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Method:
    """A method of a resource."""

    definition: str
    docstring: str
    body: str


@dataclass
class ResourceModule:
    """One module under resources/."""

    docstring: str
    class_name: str
    class_docstring: str
    models: list[tuple[str, str]]
    types: list[str]
    operations: list[str]
    methods: list[Method]
