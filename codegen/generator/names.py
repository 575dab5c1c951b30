"""Which names are taken: those of overrides/, those generated modules import, and those given out before."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from pathlib import Path

from codegen.errors import CodegenError

from .words import snake_case

# Names that the templates import.
USED_IN_GENERATED_MODULES = frozenset(
    {
        "Any",
        "ExtraHeaders",
        "ExtraQuery",
        "FilterValue",
        "Identifier",
        "Literal",
        "Mapping",
        "Model",
        "Operation",
        "Paginator",
        "ProgressCallback",
        "Query",
        "Required",
        "Resource",
        "Resources",
        "Sequence",
        "Timeout",
        "TypeAlias",
        "TypedDict",
        "Unset",
    }
)
FIELD_TYPES = frozenset({"int", "str", "list", "dict", "float", "bool", "datetime"})
"""Names in the annotations of models: a field of that name would stand for itself there."""

MAX_NAME = 100
"""Longer names are cut where they become files, which no system has room for without end."""

_FILE_NAMES_OF_WINDOWS = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)


class Names:
    """Gives out names, each once; a second one gets a suffix, in the order of asking."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def claim(self, name: str, suffix: str = "") -> str:
        """`name` if it is free; else with the suffix; else numbered. Case does not make names different: files."""
        candidates = [name, f"{name}{suffix}"]
        number = 2
        while (candidate := candidates.pop(0)).lower() in self._taken:
            if not candidates:
                candidates.append(f"{name}{suffix}_{number}" if name.islower() else f"{name}{suffix}{number}")
                number += 1
        self._taken.add(candidate.lower())
        return candidate

    def is_free(self, name: str) -> bool:
        return name.lower() not in self._taken


def attribute_names(keys: Iterable[str], reserved: frozenset[str]) -> dict[str, str]:
    """A Python name for each JSON name: reserved ones get `_`, two that become one `_2`, in documented order."""
    names = Names()
    return {key: names.claim(argument_name(key, reserved)) for key in keys}


def argument_name(key: str, reserved: frozenset[str]) -> str:
    name = snake_case(key)
    return f"{name}_" if name in reserved else name


def module_name(class_name: str) -> str:
    """The file of a class, on every system; no builtin's name, which an imported module would hide in its package."""
    name = snake_case(class_name[:MAX_NAME], prefix="model")[:MAX_NAME]
    return f"{name}_" if name in _FILE_NAMES_OF_WINDOWS or name in dir(builtins) else name


def reserved_class_names(exports: dict[str, list[str]]) -> set[str]:
    """Names no generated class may have."""
    hand_written = {name for names in exports.values() for name in names}
    return hand_written | USED_IN_GENERATED_MODULES | {name for name in dir(builtins) if name[0].isupper()}


def hand_written_exports(overrides: Path) -> dict[str, list[str]]:
    """The names in `__all__` of the modules in overrides/, by module."""
    exports: dict[str, list[str]] = {}
    for path in sorted(overrides.glob("*.py")):
        if path.stem != "__init__" and (names := _all_of(_parse(path))):
            exports[path.stem] = names
    return exports


def public_members(overrides: Path, module: str, class_name: str) -> frozenset[str]:
    """What a hand-written class has besides underscored names: fields and resources must not hide it."""
    path = overrides / f"{module}.py"
    if not path.is_file():
        return frozenset()
    members: set[str] = set()
    for node in _parse(path).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            for statement in ast.walk(node):
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    members.add(statement.name)
                elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    members.add(statement.target.id)
                elif (
                    isinstance(statement, ast.Attribute)
                    and isinstance(statement.ctx, ast.Store)
                    and isinstance(statement.value, ast.Name)
                    and statement.value.id == "self"
                ):
                    members.add(statement.attr)
    return frozenset(name for name in members if not name.startswith("_"))


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (SyntaxError, ValueError) as error:
        raise CodegenError(f"{path}: {error}") from error


def _all_of(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return sorted(str(name) for name in ast.literal_eval(node.value))
    return []
