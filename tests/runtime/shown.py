"""What an error collector or a terminal shows of an exception: its texts, and the local variables of its frames.

Sentry shows the repr of each local variable; rich cuts texts to their first characters and lists containers,
dataclasses and the fields of attrs classes. This does what both of them do, and does not stop where they stop.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from traceback import walk_tb
from typing import Any, cast

import attrs

DEEPEST = 8


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, and all that it leads to: causes, contexts, the exceptions of a group."""
    pending, seen = [error], set[int]()
    while pending:
        one = pending.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            pending += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def shown(error: BaseException, *, of_tests: bool = False) -> Iterator[tuple[str, str]]:
    """Pairs of where and what; the frames of the tests are those of the caller, who knows the credential."""
    for one in chain(error):
        where = type(one).__name__
        yield where, f"{one!s} {one!r} {one.args!r} {vars(one)!r}"
        for frame, line in walk_tb(one.__traceback__):
            file = frame.f_code.co_filename
            if of_tests or ("/tests/" not in file and "/_pytest/" not in file):
                for name, value in frame.f_locals.items():
                    for text in texts(value):
                        yield f"{where}: {file}:{line} {name}", text


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """All that a value shows."""
    if isinstance(value, str | bytes | bytearray):
        whole: Any = value[:]  # a slice of a subclass is a plain text
        yield whole if isinstance(whole, str) else bytes(whole).decode("latin-1")
        return
    yield repr(value)
    if depth < DEEPEST:
        for part in _parts(value):
            yield from texts(part, depth + 1)


def _parts(value: object) -> Iterable[Any]:
    kind = type(value)
    if isinstance(value, type):
        return ()
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(cast("Iterable[Any]", value))
    if attrs.has(kind):
        return [getattr(value, field.name, None) for field in attrs.fields(kind)]
    if dataclasses.is_dataclass(kind):
        return [getattr(value, field.name, None) for field in dataclasses.fields(kind)]
    return ()
