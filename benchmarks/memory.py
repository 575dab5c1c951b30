"""What a decoded item holds in memory, beside the plain dict."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

from patchworks_core_client import FlowVersion, Package

from . import samples
from .decode import LOADS, Decode, subjects
from .measure import OURS, Row, Target, hand_over, quick_asked

PAGES = 10


def held(decode: Decode, body: bytes) -> float:
    """Bytes an item that are still held when decoding has ended."""
    decode(body)
    gc.collect()
    tracemalloc.start()
    try:
        kept = [decode(body) for _ in range(PAGES)]
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / (len(kept) * 100)
    finally:
        tracemalloc.stop()


def measure(key: str, title: str, model: type[Package | FlowVersion], schema: str, body: bytes, rounds: int) -> Row:
    measured = {name: decode for name, decode in subjects(model, schema).items() if "orjson" not in name}
    found = {name: [held(decode, body) for _ in range(rounds)] for name, decode in measured.items()}
    return Row(f"memory-{key}", title, "bytes an item", found, LOADS, [Target(OURS, LOADS, "<=", 1.1)])


def main() -> None:
    rounds = 1 if quick_asked() else 3
    makers: dict[str, tuple[type[Package | FlowVersion], str, Callable[[int], samples.Json]]] = {
        "packages": (Package, "Package", samples.package),
        "flow-versions": (FlowVersion, "FlowVersion", samples.flow_version),
    }
    rows = [
        measure(
            key,
            f"Memory of a decoded item ({key.replace('-', ' ')})",
            model,
            schema,
            samples.page([make(number) for number in range(1, 101)]),
            rounds,
        )
        for key, (model, schema, make) in makers.items()
    ]
    rows[0].notes.append("Counted with tracemalloc, so the figures do not depend on what else the machine does.")
    hand_over(rows)


if __name__ == "__main__":
    main()
