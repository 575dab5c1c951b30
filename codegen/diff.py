"""`codegen diff`: what a new spec changes for those who call the client, breaking changes first, as Markdown.

Both specs are read as the generator reads them, so that names and types are those of the package.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from .errors import CodegenError
from .generate import read_spec
from .generate.client import Argument, Choices, Client, Field, Method, Model, read_client
from .generate.names import reserved_by
from .json_tools import JsonError, JsonObject, parse
from .report import code

Weight: TypeAlias = Literal["breaking", "added", "changed"]

_TITLES: dict[Weight, str] = {"breaking": "Breaking changes", "added": "Added", "changed": "Changed"}


@dataclass(frozen=True)
class Change:
    """One line: `subject` is the call, model or type that it is about, `text` Markdown."""

    weight: Weight
    subject: str
    text: str


def to_markdown(changes: Iterable[Change]) -> str:
    """Sections for a pull request and CHANGELOG.md; the order of the changes does not matter."""
    found, sections = set(changes), list[str]()
    for weight, title in _TITLES.items():
        chosen = sorted((each.subject, each.text) for each in found if each.weight == weight)
        if chosen:
            lines = "\n".join(f"- {code(subject)}: {text}" for subject, text in chosen)
            sections.append(f"### {title}\n\n{lines}\n")
    return "\n".join(sections) or "No changes for callers.\n"


def diff_specs(old: str, new: str, overrides: Path, spec: Path) -> list[Change]:
    """Every change between two specs that callers can notice.

    Args:
        old: A file, or `git:REVISION` for what is committed there.
        new: The same.
        overrides: The hand-written modules, whose names no class may take.
        spec: The file that is meant at a revision.

    Raises:
        CodegenError: One of the specs cannot be had or used.
    """
    documents = {place: _read(place, spec) for place in (old, new)}
    if documents[old] == documents[new]:
        return []
    reserved, clients = reserved_by(overrides), list[Client]()
    for place in (old, new):
        try:
            clients.append(read_client(documents[place], reserved))
        except (CodegenError, KeyError) as error:
            raise CodegenError(f"{place}: no client can be made of it: {error}") from error
    return list(_Comparison(*clients).changes())


def _read(place: str, spec: Path) -> JsonObject:
    if not place.startswith("git:"):
        return read_spec(Path(place))
    revision = place.removeprefix("git:")
    if not revision or revision.startswith("-"):
        raise CodegenError(f"{place}: no git revision")
    command = ["git", "show", f"{revision}:./{spec.as_posix()}"]
    try:
        done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")  # noqa: S603
        document: JsonObject = parse(done.stdout)
    except (OSError, subprocess.CalledProcessError, JsonError) as error:
        said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise CodegenError(f"{place}: {said.strip()}") from error
    return document


class _Comparison:
    """Two clients, and what in one of them is what in the other."""

    def __init__(self, old: Client, new: Client) -> None:
        self._old, self._new = old, new
        self._old_calls, self._new_calls = _calls(old), _calls(new)
        self._old_classes, self._new_classes = _classes(old), _classes(new)
        self._calls = dict(self._paired_calls())
        self._classes = sorted(self._paired_classes())
        gone, came = (self._old_classes.keys() - self._new_classes), (self._new_classes.keys() - self._old_classes)
        self._renamed = {before: after for before, after in self._classes if before in gone and after in came}

    def changes(self) -> Iterator[Change]:
        for name in self._old_calls.keys() - self._calls:
            yield Change("breaking", name, f"is gone ({code(self._old_calls[name].operation.label)}).")
        for name in self._new_calls.keys() - self._calls.values():
            yield Change("added", name, f"new ({code(self._new_calls[name].operation.label)}).")
        for before, after in self._calls.items():
            if before != after:
                yield Change("breaking", before, f"is now called {code(after)}.")
            yield from self._call(after, self._old_calls[before], self._new_calls[after])
        yield from self._models()
        yield from self._enums()

    # -- what is what ------------------------------------------------------------------------------------------------

    def _paired_calls(self) -> Iterator[tuple[str, str]]:
        """The same endpoint is the same call whatever its name; else the same name is, wherever it leads."""
        by_key = {_key(method): name for name, method in self._new_calls.items()}
        old_keys = {_key(method) for method in self._old_calls.values()}
        for name, method in self._old_calls.items():
            if _key(method) in by_key:
                yield name, by_key[_key(method)]
            elif name in self._new_calls and _key(self._new_calls[name]) not in old_keys:
                yield name, name

    def _paired_classes(self) -> set[tuple[str, str]]:
        """Classes of one name, of one place in the documentation, or at one place of paired calls and classes."""
        by_source = {each.source: name for name, each in self._new_classes.items() if isinstance(each, Model)}
        waiting = [(name, name) for name in self._old_classes]
        waiting += [
            (name, by_source.get(each.source, ""))
            for name, each in self._old_classes.items()
            if isinstance(each, Model)
        ]
        for name, new_name in self._calls.items():
            old, new = self._old_calls[name], self._new_calls[new_name]
            waiting += [(old.result, new.result), *_same_place(old.arguments, new.arguments)]
        pairs: set[tuple[str, str]] = set()
        while waiting:
            before, after = pair = waiting.pop()
            if pair not in pairs and before in self._old_classes and after in self._new_classes:
                pairs.add(pair)
                old_class, new_class = self._old_classes[before], self._new_classes[after]
                if isinstance(old_class, Model) and isinstance(new_class, Model):
                    waiting += _same_place(old_class.fields, new_class.fields)
        return pairs

    def _now(self, annotation: str) -> str:
        """An annotation with the classes' names of today."""
        return re.sub(r"\w+", lambda found: self._renamed.get(found[0], found[0]), annotation)

    def _open(self, annotation: str) -> str:
        """An annotation with the types of values in place of aliases, which take every other value as well."""
        types = {"Identifier": "int | str"}
        for enum in (*self._old.enums.values(), *self._new.enums.values()):
            types[enum.name] = type(enum.values[0]).__name__
        return re.sub(r"\w+", lambda found: types.get(found[0], found[0]), annotation)

    # -- calls -------------------------------------------------------------------------------------------------------

    def _call(self, name: str, old: Method, new: Method) -> Iterator[Change]:
        if _key(old) != _key(new):
            yield Change(
                "changed", name, f"goes to {code(new.operation.label)}, no longer to {code(old.operation.label)}."
            )
        if new.operation.body.get("deprecated") and not old.operation.body.get("deprecated"):
            yield Change("changed", name, "is deprecated.")
        if old.description != new.description:
            yield Change("changed", name, "is described in other words.")
        before, after = ([each.name for each in method.arguments if each.place == "path"] for method in (old, new))
        if before != after:
            text = f"the arguments from the path are now {_codes(after)}, no longer {_codes(before)}."
            yield Change("breaking", name, text)
        given = ({each.name: each for each in method.arguments if each.place != "path"} for method in (old, new))
        yield from self._inputs(name, "argument", *given)
        for argument in ("filter", "include", "sort"):
            yield from _choices(name, argument, old.choices.get(argument), new.choices.get(argument))
        returned, returns = _result(old), _result(new)
        if self._now(returned) != returns:
            yield Change("breaking", name, f"returns {code(returns)}, no longer {code(returned)}.")

    def _inputs(
        self, subject: str, noun: str, before: Mapping[str, Argument | Field], after: Mapping[str, Argument | Field]
    ) -> Iterator[Change]:
        """The arguments of a call, or the keys of what is given to one."""
        for name in before.keys() - after.keys():
            yield Change("breaking", subject, f"the {noun} {code(name)} is gone.")
        for name in after.keys() - before.keys():
            new = after[name]
            text = f"new {'required ' if new.required else ''}{noun} {code(name)} ({code(new.type.annotation)})."
            yield Change("breaking" if new.required else "added", subject, text)
        for name in before.keys() & after.keys():
            old, new = before[name], after[name]
            if old.required != new.required:
                text = f"the {noun} {code(name)} {'is now required' if new.required else 'may now be left out'}."
                yield Change("breaking" if new.required else "added", subject, text)
            took, now = self._now(old.type.annotation), new.type.annotation
            if took != now:
                text = f"the {noun} {code(name)} takes {code(now)}, no longer {code(old.type.annotation)}."
                more, less = takes(self._open(now), self._open(took)), takes(self._open(took), self._open(now))
                yield Change("changed" if more and less else "added" if more else "breaking", subject, text)
            elif old.text != new.text:
                yield Change("changed", subject, f"the {noun} {code(name)} is described in other words.")

    # -- models and types --------------------------------------------------------------------------------------------

    def _models(self) -> Iterator[Change]:
        for name in self._old.models.keys() - {before for before, _ in self._classes}:
            yield Change("breaking", name, "the model is gone.")
        for name in self._new.models.keys() - {after for _, after in self._classes}:
            yield Change("added", name, "new model.")
        for before, after in self._classes:
            if self._renamed.get(before) == after:
                yield Change("breaking", before, f"is now called {code(after)}.")
            if before in self._old.models and after in self._new.models:
                yield from self._attributes(self._old.models[before], self._new.models[after])
            elif before in self._old.typed_dicts and after in self._new.typed_dicts:
                pair = self._old.typed_dicts[before], self._new.typed_dicts[after]
                yield from self._inputs(after, "key", *({each.key: each for each in model.fields} for model in pair))

    def _attributes(self, old: Model, new: Model) -> Iterator[Change]:
        before, after = ({each.name: each for each in model.fields} for model in (old, new))
        for name in before.keys() - after.keys():
            yield Change("breaking", f"{old.name}.{name}", "is no longer documented.")
        for name in after.keys() - before.keys():
            yield Change("added", f"{new.name}.{name}", f"new attribute, {code(after[name].type.annotation)}.")
        for name in before.keys() & after.keys():
            was, now = before[name], after[name]
            if self._now(was.type.annotation) != now.type.annotation:
                text = f"is {code(now.type.annotation)}, no longer {code(was.type.annotation)}."
                types = self._open(self._now(was.type.annotation)), self._open(now.type.annotation)
                same = was.decode == now.decode and takes(*types)
                yield Change("changed" if same else "breaking", f"{new.name}.{name}", text)

    def _enums(self) -> Iterator[Change]:
        calls, mappings = self._new_calls.values(), self._new.typed_dicts.values()
        sent = {name for call in calls for each in call.arguments for name in each.type.classes}
        sent |= {name for mapping in mappings for each in mapping.fields for name in each.type.classes}
        for before, after in self._classes:
            if before in self._old.enums and after in self._new.enums:
                old, new = (map(json.dumps, enum.values) for enum in (self._old.enums[before], self._new.enums[after]))
                yield from _listed(after, "value", old, new, "breaking" if after in sent else "changed")


def _classes(client: Client) -> dict[str, Model | Choices]:
    return {**client.models, **client.typed_dicts, **client.enums}


def _calls(client: Client) -> dict[str, Method]:
    return {f"{each.attribute}.{method.name}": method for each in client.resources for method in each.methods}


def _key(method: Method) -> str:
    """The endpoint, however the placeholders of its path are called."""
    return re.sub(r"\{[^{}]*\}", "{}", method.operation.label)


def _result(method: Method) -> str:
    return f"Paginator[{method.returns}]" if method.answer.kind == "list" else method.returns


def _same_place(old: Iterable[Argument | Field], new: Iterable[Argument | Field]) -> Iterator[tuple[str, str]]:
    """The classes of arguments, or fields, of one key."""
    by_key = {each.key: each.type.classes for each in new}
    for each in old:
        yield from zip(each.type.classes, by_key.get(each.key, ()), strict=False)


def _choices(call: str, argument: str, old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Iterator[Change]:
    if old is None and new is not None:
        yield Change("added", call, f"takes {code(argument)}: {_codes(new)}.")
    elif new is None and old is not None:
        yield Change("breaking", call, f"the argument {code(argument)} is gone.")
    else:
        yield from _listed(call, argument, old or (), new or (), "breaking")


def _listed(subject: str, noun: str, old: Iterable[str], new: Iterable[str], weight: Weight) -> Iterator[Change]:
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    if gone := [each for each in before if each not in after]:
        yield Change(weight, subject, f"{noun} gone: {_codes(gone)}.")
    if came := [each for each in after if each not in before]:
        yield Change("added", subject, f"new {noun}: {_codes(came)}.")


def _codes(names: Iterable[str]) -> str:
    """A list of names for a sentence."""
    return ", ".join(map(code, names)) or "none"


# -- annotations -----------------------------------------------------------------------------------------------------


def takes(wide: str, narrow: str) -> bool:
    """Whether everything that fits the narrow annotation fits the wide one."""
    return _takes(ast.parse(wide, mode="eval").body, ast.parse(narrow, mode="eval").body)


def _takes(wide: ast.expr, narrow: ast.expr) -> bool:
    if isinstance(narrow, ast.BinOp):
        return _takes(wide, narrow.left) and _takes(wide, narrow.right)
    if isinstance(wide, ast.BinOp):
        return _takes(wide.left, narrow) or _takes(wide.right, narrow)
    if isinstance(wide, ast.Subscript) and isinstance(narrow, ast.Subscript):
        return ast.dump(wide.value) == ast.dump(narrow.value) and _takes(wide.slice, narrow.slice)
    texts = ast.unparse(wide), ast.unparse(narrow)
    return texts[0] in ("Any", texts[1]) or texts == ("float", "int")
