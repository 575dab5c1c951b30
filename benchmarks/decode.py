"""From the bytes of a page of 100 to models, beside json.loads alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

from patchworks_core_client import FlowVersion, Model, Package

from . import samples
from .measure import OPENAI, OPENAPI_GENERATOR, OURS, STOCK, Row, Target, brief, hand_over, interleave, quick_asked
from .peers import (
    OPENAPI_GENERATOR_MODULE,
    STOCK_MODULE,
    list_of,
    msgspec_model,
    openapi_generator_model,
    peer,
    pydantic_model,
    stock_model,
)

LOADS = "json.loads"
ORJSON_OURS = f"{OURS}, orjson"
FOUR = f"{OURS}, four attributes read"
ORJSON_FOUR = f"{OURS}, orjson, four attributes read"
READ = f"{OURS}, every attribute read"
ORJSON_READ = f"{OURS}, orjson, every attribute read"

Decode = Callable[[bytes], Any]


def ours(model: type[Model], loads: Decode) -> Decode:
    """As _call.py decodes a page."""
    return lambda body: [model.from_dict(row) for row in loads(body)["data"]]


def four_read(decode: Decode) -> Decode:
    """Also reads what a program typically does: two plain attributes and two dates."""

    def decode_and_read(body: bytes) -> Any:
        found = decode(body)
        for each in found:
            _ = each.id, each.priority, each.created_at, each.updated_at
        return found

    return decode_and_read


def all_read(decode: Decode, model: type[Model]) -> Decode:
    """Also reads every attribute, which is when it is decoded."""
    names = list(model._names_by_key.values())  # pyright: ignore[reportPrivateUsage]

    def decode_and_read(body: bytes) -> Any:
        found = decode(body)
        for each in found:
            for name in names:
                getattr(each, name)
        return found

    return decode_and_read


def exact_loads() -> Decode:
    """The client's reader where orjson is not installed."""
    from patchworks_core_client import _json

    return partial(json.loads, parse_constant=_json._refuse_constant)  # pyright: ignore[reportPrivateUsage]


def fast_loads() -> Decode:
    """The client's reader where orjson is installed."""
    from patchworks_core_client import _json

    return _json.loads


def subjects(model: type[Model], schema: str) -> dict[str, Decode]:
    """Everything that can decode a page of a schema here."""
    exact, fast = ours(model, exact_loads()), ours(model, fast_loads())
    found: dict[str, Decode] = {
        LOADS: json.loads,
        OURS: exact,
        FOUR: four_read(exact),
        READ: all_read(exact, model),
    }
    if peer("orjson"):
        found[ORJSON_OURS] = fast
        found[ORJSON_FOUR] = four_read(fast)
        found[ORJSON_READ] = all_read(fast, model)
        found["orjson.loads"] = peer("orjson").loads
    found.update(_generated(schema))
    if peer("pydantic"):
        kind = peer("pydantic").create_model("Page", data=(list_of(pydantic_model(schema)), ...))
        found["pydantic, model_validate_json"] = kind.model_validate_json
    if peer("msgspec"):
        kind = peer("msgspec").defstruct("Page", [("data", list_of(msgspec_model(schema)))])
        found["msgspec"] = peer("msgspec").json.Decoder(kind).decode
    return found


def _generated(schema: str) -> dict[str, Decode]:
    found: dict[str, Decode] = {}
    if peer(STOCK_MODULE):
        stock = stock_model(f"{schema}sListResponse")
        found[STOCK] = lambda body: stock.from_dict(json.loads(body))
    if peer(OPENAPI_GENERATOR_MODULE):
        other = openapi_generator_model(f"{schema}sListResponse")
        found[OPENAPI_GENERATOR] = lambda body: other.from_json(body.decode())
    if peer("openai"):
        construct = peer("openai._models").construct_type
        rows = list_of(pydantic_model(schema, peer("openai").BaseModel))
        found[OPENAI] = lambda body: construct(type_=rows, value=json.loads(body)["data"])
    return found


def measure(
    key: str, title: str, model: type[Model], schema: str, body: bytes, rounds: int, limits: dict[str, float]
) -> Row:
    refused: dict[str, str] = {}
    usable: dict[str, Decode] = {}
    for name, decode in subjects(model, schema).items():
        try:
            decode(body)
            usable[name] = decode
        except Exception as error:
            refused[name] = f"refuses the page: {brief(error)}"
    timed = {name: _timed(decode, body) for name, decode in usable.items()}
    found = interleave(timed, rounds)
    targets = [Target(name, LOADS, "<=", limit) for name, limit in limits.items() if name in found]
    notes = [f"The page has {len(body) / 1000:.0f} kB; counted is processor time."]
    return Row(key, title, "ms a page", found, LOADS, targets, notes, refused)


def _timed(decode: Decode, body: bytes, repeats: int = 5) -> Callable[[], float]:
    def run() -> float:
        started = process_time()
        for _ in range(repeats):
            decode(body)
        return (process_time() - started) / repeats * 1000

    return run


def main() -> None:
    rounds = 20 if quick_asked() else 50
    numbers = range(1, 101)
    pages = {
        "packages": (Package, "Package", samples.package, "100 packages", {OURS: 1.6, ORJSON_OURS: 1.0}),
        "flow-versions": (
            FlowVersion,
            "FlowVersion",
            samples.flow_version,
            "100 flow versions",
            {OURS: 1.8, ORJSON_OURS: 1.15},
        ),
        "real-flow-versions": (
            FlowVersion,
            "FlowVersion",
            samples.real_flow_version,
            "100 real flow versions",
            {OURS: 1.8, ORJSON_OURS: 1.15},
        ),
        "packages-with-relations": (
            Package,
            "Package",
            samples.package_with_relations,
            "100 packages with 2 flow versions and 2 deployments each",
            {FOUR: 1.4, ORJSON_FOUR: 1.0},
        ),
    }
    rows = [
        measure(
            f"decode-{key}",
            f"Decode {title}, bytes to models",
            model,
            schema,
            samples.page([make(number) for number in numbers]),
            rounds,
            limits,
        )
        for key, (model, schema, make, title, limits) in pages.items()
    ]
    rows[2].notes.append(
        "Real: as installations send them, with nulls, unknown values and other types than the documented ones."
    )
    rows[0].notes.append(
        "A model of ours is a view of its JSON object: an attribute is decoded when it is first read. The lines "
        '"… read" pay for what they read, once.'
    )
    hand_over(rows)


if __name__ == "__main__":
    main()
