"""openapi-python-client's parser: what we take from it, and its properties as Python types.

The parser checks the lowered document, orders path parameters, tells required from optional properties and resolves
every schema to a typed property. Its templates and its endpoint modules are not used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.literal_enum_property import LiteralEnumProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty

from codegen.errors import CodegenError

from .facts import FREE_OBJECT, ClassFacts, Lowered

_CODE = re.compile(r"\b(?:op_|Class)\d+\b")
_SCALARS: dict[type[PropertyProtocol], str] = {
    AnyProperty: "Any",
    BooleanProperty: "bool",
    DateTimeProperty: "datetime",
    FloatProperty: "float",
    IntProperty: "int",
    NoneProperty: "None",
    StringProperty: "str",
}


@dataclass
class Typed:
    """A property's type in Python, and the generated classes it names."""

    annotation: str
    classes: list[ClassFacts] = field(default_factory=list[ClassFacts])


def config_for(destination: Path) -> Config:
    """The parser's settings; enums as literals, nothing written by openapi-python-client itself."""
    return Config.from_sources(
        ConfigFile(literal_enums=True, post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=destination,
        file_encoding="utf-8",
        overwrite=False,
        output_path=destination,
    )


def parse(lowered: Lowered, config: Config) -> GeneratorData:
    """What the parser makes of the lowered document.

    Raises:
        CodegenError: The parser refused or dropped something. It warns and goes on; we do not.
    """
    data = GeneratorData.from_dict(lowered.document, config=config)
    if isinstance(data, GeneratorError):
        raise CodegenError(_explain([data], lowered))
    errors: list[GeneratorError] = list(data.errors)
    for collection in data.endpoint_collections_by_tag.values():
        errors += collection.parse_errors
    if errors:
        raise CodegenError(_explain(errors, lowered))
    return data


def endpoints_of(data: GeneratorData) -> dict[str, Endpoint]:
    """The parsed operations by the code that stands for their name."""
    return {
        str(item.name): item
        for collection in data.endpoint_collections_by_tag.values()
        for item in collection.endpoints
    }


def _explain(errors: list[GeneratorError], lowered: Lowered) -> str:
    def documented(match: re.Match[str]) -> str:
        code = match[0]
        if code in lowered.operations:
            return lowered.operations[code].name
        return lowered.classes[code].source if code in lowered.classes else code

    lines = [f"{error.header} {error.detail or ''}".strip() for error in errors]
    return "openapi-python-client refuses the spec:\n" + "\n".join(_CODE.sub(documented, line) for line in lines)


def code_of(prop: PropertyProtocol) -> str | None:
    """The code of the class that a property refers to, free objects aside."""
    if isinstance(prop, ModelProperty | LiteralEnumProperty) and prop.class_info.name != FREE_OBJECT:
        return str(prop.class_info.name)
    return None


def properties_of(prop: ModelProperty) -> list[PropertyProtocol]:
    """The properties, required ones first, each part in documented order."""
    return [*(prop.required_properties or []), *(prop.optional_properties or [])]


class Types:
    """Renders properties as annotations: read-only types for what is sent, plain ones for what is read."""

    def __init__(self, classes: dict[str, ClassFacts], *, request: bool) -> None:
        self._classes = classes
        self._list = "Sequence" if request else "list"
        self._dict = "Mapping[str, Any]" if request else "dict[str, Any]"
        self._request = request

    def of(self, prop: PropertyProtocol, key: str = "") -> Typed:
        """The type of a property with this JSON name; ids in requests are Identifier, whatever is documented."""
        typed = Typed("")
        parts = self._parts(prop, key, typed)
        typed.annotation = " | ".join(dict.fromkeys(["Any"] if "Any" in parts else parts))
        return typed

    def _parts(self, prop: PropertyProtocol, key: str, typed: Typed) -> list[str]:
        if isinstance(prop, UnionProperty):
            parts = [part for inner in prop.inner_properties for part in self._parts(inner, key, typed)]
            return list(dict.fromkeys(parts))
        if isinstance(prop, ListProperty):
            inner = self.of(prop.inner_property, key.removesuffix("[]").removesuffix("s"))
            typed.classes += inner.classes
            return [f"{self._list}[{inner.annotation}]"]
        if (code := code_of(prop)) is not None:
            typed.classes.append(self._classes[code])
            return [self._classes[code].name]
        if isinstance(prop, ModelProperty):
            return [self._dict]
        name = _SCALARS.get(type(prop))
        if name is None:
            raise CodegenError(f"openapi-python-client gave a {type(prop).__name__}, which no lowered schema asks for")
        is_id = self._request and name in ("int", "str") and (key == "id" or key.endswith("_id"))
        return ["Identifier" if is_id else name]
