"""Small specs to generated packages, with a runtime that answers every call with what it was given."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import json
import pkgutil
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from codegen.generate import GenerateResult, generate_package
from codegen.merge import merge
from codegen.overlay import Action, Overlay
from codegen.report import Report
from codegen.snippets import Snippet

Json = dict[str, Any]

OVERRIDES = Path(__file__).resolve().parents[2] / "overrides"
RECORDING = {
    "client": '''
"""Stands for the client; a call is answered with its operation and arguments."""
from typing import Any

from ._call import Resource
from ._resources import Resources

__all__ = ["PatchworksClient"]


async def _call(self: Any, operation: Any, identifiers: Any = (), **arguments: Any) -> Any:
    return operation, identifiers, arguments


def _list(self: Any, operation: Any, identifiers: Any = (), **arguments: Any) -> Any:
    return operation, identifiers, arguments


setattr(Resource, "_call", _call)
setattr(Resource, "_list", _list)


class PatchworksClient(Resources):
    def request(self) -> Any: ...
''',
}

_numbers = itertools.count()


def recording_overrides(folder: Path) -> Path:
    """overrides/ with a client that records."""
    shutil.copytree(OVERRIDES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, source in RECORDING.items():
        (folder / f"{name}.py").write_text(source.lstrip(), encoding="utf-8")
    return folder


def spec_of(paths: Json, schemas: Json | None = None, **components: Any) -> Json:
    """A spec; operations without an answer get an empty one."""
    for item in paths.values():
        for verb, operation in item.items():
            if verb != "parameters":
                operation.setdefault("responses", {"200": {"description": "OK"}})
    return {
        "openapi": "3.0.3",
        "info": {"title": "Test", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas or {}, **components},
    }


def named(document: Json, report: Report | None = None) -> Json:
    """What merge makes of a document whose operations have the names that they are to get."""
    actions: list[Action] = []
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            if verb != "parameters":
                operation["tags"] = [operation["operationId"].partition(".")[0].replace("_", " ")]
                target = f"$.paths[{json.dumps(path)}].{verb}"
                update = {"operationId": operation["operationId"]}
                actions.append(Action(len(actions) + 1, target, "The test says so.", "update", update))
    return merge([Snippet("page/0.json", document)], report or Report(), Overlay(tuple(actions)))


def answer(schema: Json, status: str = "200", content_type: str = "application/json") -> Json:
    return {status: {"description": "", "content": {content_type: {"schema": schema}}}}


def body(schema: Json, content_type: str = "application/json", *, required: bool = True) -> Json:
    return {"required": required, "content": {content_type: {"schema": schema}}}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def query(name: str, schema: Json | None = None, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema or {"type": "string"}, **more}


class Generated:
    """A generated package, imported under a name of its own."""

    def __init__(self, folder: Path, result: GenerateResult | None = None, report: Report | None = None) -> None:
        self.folder = folder
        self.result = result
        self.report = report or Report()
        self.package = importlib.import_module(folder.name)

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.folder.name}.{name}")

    def source(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    @property
    def notes(self) -> str:
        """What merge and generate did not understand."""
        lines = [f"{place}: {each}" for place, what in self.report.open_questions.items() for each in what]
        return "\n".join([*lines, *(self.result.notes if self.result else ())])

    @property
    def client(self) -> Any:
        return self.module("client").PatchworksClient()

    def import_all(self) -> None:
        """Import every module, and every public name."""
        for info in pkgutil.walk_packages([str(self.folder)], f"{self.folder.name}."):
            importlib.import_module(info.name)
        for name in self.package.__all__:
            getattr(self.package, name)

    def call(self, operation: str, *arguments: Any, **keywords: Any) -> tuple[Any, tuple[Any, ...], Json]:
        """What the runtime is asked for by a method."""
        resource, _, method = operation.partition(".")
        result = getattr(getattr(self.client, resource), method)(*arguments, **keywords)
        answer: tuple[Any, tuple[Any, ...], Json] = asyncio.run(result) if asyncio.iscoroutine(result) else result
        return answer


GENERATED = "generated_"
"""How the names of packages begin that tests generate."""


@cache
def _compiled(source: bytes) -> CodeType:
    return compile(source, "<generated>", "exec", dont_inherit=True)


_uncached: Any = SourceFileLoader.source_to_code


def _source_to_code(loader: SourceFileLoader, data: bytes, *args: object, **options: object) -> CodeType:
    """Compile a source once: the runtime, most of each package, is the same in all of them."""
    if loader.name.startswith(GENERATED):
        return _compiled(bytes(data))
    code: CodeType = _uncached(loader, data, *args, **options)
    return code


@contextmanager
def importable(folder: Path) -> Generator[None]:
    """The packages in the folder can be imported, and are forgotten afterwards."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SourceFileLoader, "source_to_code", _source_to_code)
            patch.setattr(sys, "dont_write_bytecode", True)
            yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.startswith(GENERATED)]:
            del sys.modules[name]


class PackageMaker:
    """Generates packages into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.overrides = recording_overrides(folder / "overrides")

    def write(self, document: Json) -> Path:
        """The spec of a document, as a file."""
        return self.write_spec(named(document))

    def write_spec(self, spec: Json) -> Path:
        path = self.folder / "spec.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        return path

    def __call__(self, document: Json) -> Generated:
        """The package of a document, by way of merge."""
        report = Report()
        return self.from_spec(named(document, report), report)

    def from_spec(self, spec: Json, report: Report | None = None) -> Generated:
        destination = self.folder / f"generated_{next(_numbers)}"
        result = generate_package(self.write_spec(spec), self.overrides, destination)
        return Generated(destination, result, report)
