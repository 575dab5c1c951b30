"""Reading snippets back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import CodegenError
from .files import read_text
from .json_tools import JsonError, JsonObject, is_object, parse

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The methods that an operation can have."""


@dataclass(frozen=True)
class Snippet:
    """One fragment: `name` is its file, relative to the snippets folder, and its page the first part of that."""

    name: str
    document: JsonObject

    @property
    def page(self) -> str:
        return self.name.rpartition("/")[0]


def load_snippets(folder: Path) -> list[Snippet]:
    """All snippets below a folder; hidden files and folders are scratch space and passed over.

    Raises:
        CodegenError: When there are none, or one is not a JSON object.
    """
    if not folder.is_dir():
        raise CodegenError(f"{folder}: no such folder of snippets")
    snippets = [_load(folder, path) for path in sorted(folder.rglob("*.json")) if not _hidden(path.relative_to(folder))]
    if not snippets:
        raise CodegenError(f"{folder}: no snippets in this folder")
    return snippets


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _load(folder: Path, path: Path) -> Snippet:
    name = path.relative_to(folder).as_posix()
    try:
        document = parse(read_text(path))
    except JsonError as error:
        raise CodegenError(f"snippet {name}, line {error.line}: broken JSON: {error}") from error
    if not is_object(document):
        raise CodegenError(f"snippet {name}: not a JSON object")
    return Snippet(name, document)
