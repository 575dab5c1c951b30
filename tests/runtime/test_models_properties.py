"""What every model holds for every JSON object: nothing is lost, nothing raises, nothing secret is shown."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchworks_core_client import Model, Package
from patchworks_core_client._types import is_array, is_object
from patchworks_core_client.drift import find_drift

from .cases import cases
from .realistic import DATE, MODELS, attributes, key_of, keys, realistic, types

CASES_PER_MODEL = 150  # of 10 models; with HYPOTHESIS_PROFILE=long more than 10,000 together
LONGEST_REPR = 4_000
CANARY = "canary-5f1e"
SECRET_KEYS = ("secret", "value", "variables", "Secret", "client_secret", "password")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        [
            DATE,
            "2025-05-01 10:00:00",
            "2025-13-45T99:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59.999999-23:59",
            "01/02/03",
            "2025-05-01T10:00:00 EST",
            "2025-W01-1",
            "24:00",
            "now",
            "1746093600",
            "1746092800123",
            "9:99999999999999999999920250501",
            "2025-05-01 9:99999999999999999999999",
            "2025-05-01 10:00:00 UTC",
            10**30,
            -(2**64),
            "\ud800",
        ]
    )
)
json_values = st.recursive(
    scalars | st.just(list[Any]()) | st.just(dict[str, Any]()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
REALISTIC = {model: realistic(model) for model in MODELS}


def arbitrary(model: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    """Any JSON object, under documented keys as well as unknown ones."""
    names = st.sampled_from(keys(model)) | st.sampled_from(SECRET_KEYS) | st.text(max_size=8)
    return st.dictionaries(names, json_values, max_size=4)


def mutated(model: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    """What the server sends, with a few things gone wrong."""
    return arbitrary(model).map(lambda changes: REALISTIC[model] | changes)


def objects(model: type[Model]) -> st.SearchStrategy[dict[str, Any]]:
    return arbitrary(model) | mutated(model)


def check_nothing_is_lost(model: type[Model], data: dict[str, Any], text: str) -> None:
    instance = model.from_dict(data)
    assert json.dumps(instance.to_dict()) == text
    assert instance.fields_set == {name for name in attributes(model) if key_of(model, name) in data}
    assert instance.additional_properties == {key: value for key, value in data.items() if key not in keys(model)}
    assert list(instance) == list(data)
    for key, value in data.items():
        assert key in instance
        assert instance[key] == value


def check_every_attribute_reads(model: type[Model], data: dict[str, Any], text: str) -> None:
    instance = model.from_dict(data)
    for key, name in zip(keys(model), attributes(model), strict=True):
        value = getattr(instance, name)
        if data.get(key) is None:
            assert value is None
        elif isinstance(value, datetime):
            assert value.tzinfo is not None
            assert isinstance(data[key], str)
        elif isinstance(value, Model):
            assert value.to_dict() == (data[key] or {})
        elif not isinstance(value, list):
            assert value == data[key] or (value, data[key]) == ({}, [])
        assert getattr(instance, name) is value or value == getattr(instance, name)
    assert json.dumps(instance.to_dict()) == text, "reading changes nothing"


def check_copies_are_equal(model: type[Model], data: dict[str, Any], text: str) -> None:
    instance = model.from_dict(data)
    assert instance == model.from_dict(json.loads(text))
    for made in (copy.copy(instance), copy.deepcopy(instance), pickle.loads(pickle.dumps(instance))):
        assert type(made) is model
        assert made == instance
        assert json.dumps(made.to_dict()) == text
    other = next(another for another in MODELS if another is not model)
    assert instance != other.from_dict(data)
    assert instance != model.from_dict({**data, "one key more": 1})


def check_repr_is_short_and_discreet(model: type[Model], data: dict[str, Any], text: str) -> None:
    instance = model.from_dict(spoiled(data))
    for name in attributes(model):
        getattr(instance, name)
    shown = repr(instance)
    assert shown.startswith(f"{model.__name__}(")
    assert CANARY not in shown
    assert len(shown) < LONGEST_REPR


def check_evolve_changes_one_thing(model: type[Model], data: dict[str, Any], text: str) -> None:
    instance = model.from_dict(data)
    assert json.dumps(attrs.evolve(instance).to_dict()) == text
    name = attributes(model)[len(text) % len(attributes(model))]
    changes: dict[str, Any] = {name: "changed"}
    changed = attrs.evolve(instance, **changes)
    assert changed.to_dict() == {**data, key_of(model, name): "changed"}
    assert json.dumps(instance.to_dict()) == text, "the original stays"


def check_drift_can_be_told(model: type[Model], data: dict[str, Any], text: str) -> None:
    found = list(find_drift("x.y", model, data, ""))
    assert {drift.pointer for drift in found if drift.documented is None} >= {
        f"/{key.replace('~', '~0').replace('/', '~1')}" for key in data if key not in keys(model)
    }
    assert json.dumps(data) == text


def spoiled(value: Any, hidden: bool = False) -> Any:
    """The same with a canary wherever something secret may stand."""
    if is_object(value):
        return {key: spoiled(item, hidden or key in SECRET_KEYS) for key, item in value.items()} | {
            "secret": {"deep": [CANARY]},
            "value": CANARY,
            "variables": [{"name": "x", "other": [CANARY]}],
        }
    if is_array(value):
        return [spoiled(item, hidden) for item in value]
    return CANARY if hidden else value


CHECKS = [
    check_nothing_is_lost,
    check_every_attribute_reads,
    check_copies_are_equal,
    check_repr_is_short_and_discreet,
    check_evolve_changes_one_thing,
    check_drift_can_be_told,
]


@pytest.mark.untraced
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_any_json_object(model: type[Model]) -> None:
    @cases(CASES_PER_MODEL)
    @given(objects(model))
    def holds(data: dict[str, Any]) -> None:
        text = json.dumps(data)
        for check in CHECKS:
            check(model, json.loads(text), text)

    holds()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_realistic_object_reads_as_documented(model: type[Model]) -> None:
    instance = model.from_dict(REALISTIC[model])
    for (key, documented), name in zip(types(model).items(), attributes(model), strict=True):
        value = getattr(instance, name)
        if documented is datetime:
            assert value == datetime.fromisoformat(DATE)
        elif isinstance(documented, type) and issubclass(documented, Model):
            assert type(value) is documented
        assert instance[key] == REALISTIC[model][key]


almost_dates = st.from_regex(
    r"\A[0-9]{3,5}([-/.][0-9]{1,3}){0,3}[ T]?([0-9]{1,22}[:.,]?){0,4} ?([AP]M|UTC|EST|Z|[+-][0-9:]{1,5})?\Z"
)
texts = st.text(max_size=30) | st.text("0123456789-/:.+ TZ", max_size=40) | almost_dates


@pytest.mark.untraced
def test_any_text_where_a_date_should_be() -> None:
    @cases(2_000)
    @given(texts)
    def holds(text: str) -> None:
        package = Package.from_dict({"created_at": text})
        value: Any = package.created_at
        if value != text:
            assert value.tzinfo is not None
            assert value.year == int(text[:4]), "it begins with its year"
        assert attrs.evolve(package, name="x").to_dict() == {"created_at": text, "name": "x"}
        assert [drift.pointer for drift in find_drift("x.y", Package, package.to_dict(), "")] == (
            ["/created_at"] if value == text else []
        )
        assert repr(package).startswith("Package(created_at=")

    holds()
