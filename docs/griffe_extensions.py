"""What the reference shows differently from the source: values of defaults, comments above type aliases."""

from __future__ import annotations

import ast
from itertools import takewhile
from typing import Any

import griffe


class DefaultsByValue(griffe.Extension):
    """Shows `timeout=60.0` for `timeout=DEFAULT_TIMEOUT`. Names of objects, such as UNSET, stay."""

    def on_object(self, *, obj: griffe.Object, loader: griffe.GriffeLoader, **_: Any) -> None:
        """Look at each default of a function once its whole package has been read."""
        if not isinstance(obj, griffe.Function):
            return
        for parameter in obj.parameters:
            if isinstance(parameter.default, griffe.ExprName):
                parameter.default = literal_of(parameter.default, obj, loader) or parameter.default


class CommentsAsDocstrings(griffe.Extension):
    """Shows the comment above an attribute that has no docstring."""

    def on_attribute(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Take the lines that end just above the attribute."""
        path = attr.filepath
        if attr.docstring is not None or attr.lineno is None or isinstance(path, list):
            return
        above = reversed(attr.lines_collection[path][: attr.lineno - 1])
        comment = [line[1:].strip() for line in takewhile(lambda line: line.startswith("# "), above)]
        if comment:
            attr.docstring = griffe.Docstring(" ".join(reversed(comment)), parent=attr)


def literal_of(name: griffe.ExprName, function: griffe.Function, loader: griffe.GriffeLoader) -> str | None:
    """What the constant was assigned, if that is a number, a text or the like."""
    try:
        constant = loader.modules_collection[function.resolve(name.name)]
        value = str(constant.value) if isinstance(constant, griffe.Attribute) else ""
        ast.literal_eval(value)
    except (griffe.GriffeError, KeyError, SyntaxError, ValueError):
        return None
    return value
