"""Annotations of generated code as sets of alternatives, so that wider and narrower can be told from different."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

_UNSET = "Unset"
_MAPPING = "dict"
_TRANSPARENT = ("Required", "NotRequired")


@dataclass(frozen=True)
class Type:
    """One alternative: a class and what stands in its brackets."""

    name: str
    arguments: tuple[Union, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.arguments))}]" if self.arguments else self.name

    def takes(self, other: Type) -> bool:
        """Whether what fits `other` fits here."""
        if self == other or (self.name, other.name) == ("float", "int"):
            return True
        return (
            self.name == other.name
            and len(self.arguments) == len(other.arguments)
            and all(mine.takes(others) for mine, others in zip(self.arguments, other.arguments, strict=True))
        )


@dataclass(frozen=True)
class Union:
    """The alternatives of an annotation; UNSET, which says that an argument may be left out, is none."""

    types: frozenset[Type]

    def __str__(self) -> str:
        return " | ".join(sorted(map(str, self.types), key=lambda text: (text == "None", text)))

    def takes(self, other: Union) -> bool:
        """Whether everything that fits `other` fits here."""
        return self.open or all(any(mine.takes(theirs) for mine in self.types) for theirs in other.types)

    @property
    def open(self) -> bool:
        return Type("Any") in self.types

    def names(self) -> set[str]:
        """Every class in it, at any depth."""
        return {kind.name for kind in self.types} | {
            name for kind in self.types for argument in kind.arguments for name in argument.names()
        }


@dataclass(frozen=True)
class Annotation:
    """A type, the documented values in it, and the mapping types (TypedDicts) in it."""

    type: Union
    values: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.type)


class Reader:
    """Reads annotations; aliases are replaced by what they stand for."""

    def __init__(self, aliases: Mapping[str, str], mappings: frozenset[str]) -> None:
        self._aliases = aliases
        self._mappings = mappings

    def read(self, text: str) -> Annotation:
        values: dict[str, None] = {}
        mappings: dict[str, None] = {}
        union = self._union(ast.parse(text, mode="eval").body, values, mappings)
        return Annotation(union, tuple(values), tuple(mappings))

    def _union(self, node: ast.expr, values: dict[str, None], mappings: dict[str, None]) -> Union:
        return Union(frozenset(self._types(node, values, mappings)))

    def _types(self, node: ast.expr, values: dict[str, None], mappings: dict[str, None]) -> set[Type]:
        if isinstance(node, ast.BinOp):
            return self._types(node.left, values, mappings) | self._types(node.right, values, mappings)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a forward reference
            return self._types(ast.parse(node.value, mode="eval").body, values, mappings)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, values, mappings)
        name = node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
        if name in self._aliases:
            return self._types(ast.parse(self._aliases[name], mode="eval").body, values, mappings)
        if name in self._mappings:
            mappings[name] = None
            return {Type(_MAPPING)}
        return set() if name == _UNSET else {Type(name)}

    def _subscript(self, node: ast.Subscript, values: dict[str, None], mappings: dict[str, None]) -> set[Type]:
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        name = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
        if name == "Literal":
            constants = [each.value for each in inner if isinstance(each, ast.Constant)]
            values.update(dict.fromkeys(f'"{each}"' if isinstance(each, str) else str(each) for each in constants))
            return {Type(type(each).__name__) for each in constants}
        if name in _TRANSPARENT:
            return self._types(inner[0], values, mappings)
        return {Type(name, tuple(self._union(each, values, mappings) for each in inner))}
