"""The names that hand-written code uses, and how documented names avoid them."""

from __future__ import annotations

import ast
import keyword
import runpy
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from openapi_python_client.strings import PythonIdentifier

from ..errors import CodegenError
from ..files import read_text
from ..words import snake_case

FIELD_TYPES = frozenset({"int", "str", "list", "dict", "float", "bool", "datetime", "date"})
"""Names in annotations: a field of that name would stand for itself there."""

# What the templates import, beside what overrides/ exports.
_IMPORTED = frozenset(
    "Any ExtraHeaders ExtraQuery Identifier Literal Mapping Operation ProgressCallback Required Resource Resources "
    "Sequence Timeout TypeAlias TypedDict".split()
)


@dataclass(frozen=True)
class Reserved:
    """Names of the hand-written modules.

    Attributes:
        contract: `overrides/_contract.py`: what generated code and the runtime agree on.
        exports: The public names of each module.
        model: Members of Model, which no field may hide.
        client: Members of the client, which no resource may hide.
        arguments: Arguments that methods have anyway.
    """

    contract: SimpleNamespace
    exports: dict[str, list[str]]
    model: frozenset[str]
    client: frozenset[str]
    arguments: frozenset[str]

    @property
    def classes(self) -> frozenset[str]:
        return _IMPORTED.union(*self.exports.values())


def reserved_by(overrides: Path) -> Reserved:
    """Read the names out of overrides/.

    Raises:
        CodegenError: It is not the folder with the hand-written modules.
    """
    path = overrides / "_contract.py"
    if not path.is_file():
        raise CodegenError(f"{overrides}: no folder with the hand-written modules ({path.name} and the others)")
    contract = SimpleNamespace(**runpy.run_path(str(path)))
    arguments = {*contract.CALL_ARGUMENTS, *contract.QUERY_ARGUMENTS, *contract.LIST_ARGUMENTS}
    return Reserved(
        contract=contract,
        exports={path.stem: names for path in sorted(overrides.glob("*.py")) if (names := _exports(path))},
        model=_public_members(overrides / "model.py", "Model") | (FIELD_TYPES - {"date"}) | {"self"},
        client=_public_members(overrides / "client.py", "PatchworksClient"),
        arguments=frozenset({"self", "body", *arguments}),
    )


def own_name(given: str, reserved: frozenset[str]) -> str:
    """The parser's name without the underscore that it gives to builtins, and with one where we need it."""
    bare = given.removesuffix("_")
    return f"{bare}_" if keyword.iskeyword(bare) or bare in reserved else bare


class Scope:
    """The Python names of one model or method, each of which stands for one name of the documentation."""

    def __init__(self, reserved: frozenset[str]) -> None:
        self._reserved = reserved
        self._taken: set[str] = set()

    def claim(self, documented: str) -> str:
        """The name to hand to the parser: the documented one, unless that would become no name or another's."""
        given = str(PythonIdentifier(documented, "field_"))
        plain = given.isascii() and len(given) < 100 and not documented.startswith("_")
        name = own_name(given if plain else snake_case(documented), self._reserved)
        free = self.claim_exactly(name)
        return documented if plain and free == name else free

    def claim_exactly(self, name: str) -> str:
        """A name that is one in Python already; the second of its kind is numbered."""
        free, number = name, 2
        while free in self._taken:
            free = f"{name.removesuffix('_')}_{number}"
            number += 1
        self._taken.add(free)
        return free


def _public_members(path: Path, class_name: str) -> frozenset[str]:
    """What a hand-written class has besides underscored names."""
    classes = [node for node in _parse(path).body if isinstance(node, ast.ClassDef) and node.name == class_name]
    body = [part for node in classes for part in node.body]
    members = {part.name for part in body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
    members |= {ast.unparse(part.target) for part in body if isinstance(part, ast.AnnAssign)}
    return frozenset(name for name in members if not name.startswith("_"))


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(read_text(path), str(path))
    except (SyntaxError, ValueError) as error:
        raise CodegenError(f"{path}: {error}") from error


def _exports(path: Path) -> list[str]:
    """What a hand-written module says in `__all__`; without one, the classes of a public module."""
    tree = _parse(path)
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return sorted(str(name) for name in ast.literal_eval(node.value))
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not path.stem.startswith("_")]
    return sorted(name for name in classes if not name.startswith("_"))
