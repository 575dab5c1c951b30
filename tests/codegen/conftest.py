"""What makes the many builds of these tests cheap."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import CodeType

import openapi_python_client
import pytest
from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache

from codegen.generate import names


class CompiledTemplates(BytecodeCache):
    """Keeps compiled templates, by name and content, for as long as the process runs."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key, bucket.checksum] = bucket.code


_read = names.reserved_by
_reserved: dict[tuple[tuple[str, bytes], ...], names.Reserved] = {}


def _reserved_by(overrides: Path) -> names.Reserved:
    """Reads equal copies of overrides/ once."""
    content = tuple((path.name, path.read_bytes()) for path in sorted(overrides.glob("*.py")))
    if content not in _reserved:
        _reserved[content] = _read(overrides)
    return _reserved[content]


@pytest.fixture(scope="session", autouse=True)
def _templates_and_overrides_are_read_once() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """A process builds one package as a rule; here it builds hundreds, of the same templates and runtime."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "reserved_by", _reserved_by)
        cached = partial(Environment, bytecode_cache=CompiledTemplates())
        patch.setattr(openapi_python_client, "Environment", cached)
        yield
