"""What the documentation says, beside the lowered spec: every name and text, under the opaque code that replaced it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["list", "model", "plain", "message", "any"]
BodyType: TypeAlias = Literal["json", "form", "multipart", "text", "binary"]
Role: TypeAlias = Literal["model", "enum", "typed_dict", "arguments"]

FREE_OBJECT = "FreeObject"
"""The one class of the lowered spec that stands for every object without documented properties."""


@dataclass
class FieldFacts:
    """A property of a model, or an argument of a method."""

    name: str
    key: str
    description: str = ""
    limits: str = ""
    required: bool = False
    default_from: str | None = None
    """The path argument that is sent if this one is not given."""
    repeat: bool = False
    """A query parameter whose values are repeated and not joined with commas."""


@dataclass
class ClassFacts:
    """A class of the lowered spec: a model, an enum, the mapping type of an object in a body, or a body's arguments."""

    code: str
    name: str
    role: Role
    source: str
    """Where the documentation has it, as words for a docstring."""
    description: str = ""
    fields: dict[str, FieldFacts] = field(default_factory=dict[str, FieldFacts])
    values: tuple[str | int | bool, ...] = ()
    module: str = ""
    """The module under models/; empty for the types of a resource module."""
    owner: str = ""
    """The code of the model, or of the operation, in whose module this type stands."""
    schema: Json = field(default_factory=dict[str, Any])
    """What the spec says of it: the object in the spec itself, wherever no union had to be made of several."""


@dataclass
class OperationFacts:
    """One operation, as far as the parser does not know it."""

    code: str
    resource: str
    method: str
    http_method: str
    path: str
    description: str = ""
    kind: Kind = "any"
    filters: list[str] = field(default_factory=list[str])
    includes: list[str] | None = None
    sorts: list[str] | None = None
    type_names: dict[str, str] = field(default_factory=dict[str, str])
    """The names of the generated types of filter, include and sort."""
    arguments: dict[str, FieldFacts] = field(default_factory=dict[str, FieldFacts])
    """Path, query and header arguments, by code."""
    body_type: BodyType = "json"
    whole_body: FieldFacts | None = None
    """The one argument `body`, where the body is no object with documented properties."""
    fields_parameter: FieldFacts | None = None
    """`fields`, which stands for every documented `fields[x]`."""
    statuses: list[str] = field(default_factory=list[str])

    @property
    def name(self) -> str:
        """As in the spec's operationId."""
        return f"{self.resource}.{self.method}"


@dataclass
class Lowered:
    """A spec the parser takes whole, and what its opaque names stand for."""

    document: Json
    classes: dict[str, ClassFacts]
    operations: dict[str, OperationFacts]
    resources: dict[str, str]
    """Class name of each resource, by its name in operationIds."""
    attributes: dict[str, str]
    """Name of each resource as an attribute of the client."""
    notes: list[str]
