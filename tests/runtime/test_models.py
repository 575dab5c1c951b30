"""Models: values that lose nothing, read as documented where the answer is so, and show nothing secret."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Any

import attrs
import httpx
import pytest

from patchworks_core_client import (
    UNSET,
    Flow,
    FlowVersion,
    InvalidArgumentError,
    Message,
    Model,
    Package,
    PackageDeployment,
    PaginationMeta,
    PatchworksClient,
    ResponseDecodeError,
    VirtualEnvironment,
)
from patchworks_core_client._json import loads
from patchworks_core_client.model import date_time

from .realistic import MODELS, attributes, key_of, realistic

NOON = datetime(2025, 5, 1, 12, tzinfo=UTC)


def package(**values: Any) -> Package:
    return Package.from_dict({"id": 7, "name": "Checkout", **values})


class TestReading:
    def test_a_missing_attribute_is_none_and_fields_set_tells_what_was_sent(self) -> None:
        instance = package(notes=None, created_at="2025-05-01T12:00:00Z", surprise=1)
        assert (instance.notes, instance.priority, instance.flow_versions) == (None, None, None)
        assert instance.fields_set == {"id", "name", "notes", "created_at"}
        assert Package.from_dict({}).fields_set == frozenset()

    def test_the_rest_is_within_reach(self) -> None:
        instance = package(surprise={"deep": [1]}, created_at="2025-05-01 12:00:00")
        assert instance["surprise"] == {"deep": [1]}
        assert instance["created_at"] == "2025-05-01 12:00:00", "as the server wrote it"
        assert "surprise" in instance
        assert "priority" not in instance
        other: Any = 0
        assert other not in instance
        assert list(instance) == ["id", "name", "surprise", "created_at"]
        with pytest.raises(KeyError):
            instance["priority"]
        assert instance.additional_properties == {"surprise": {"deep": [1]}}
        instance.additional_properties["surprise"]["deep"].append(2)
        instance.to_dict()["surprise"]["deep"].append(3)
        assert instance["surprise"] == {"deep": [1]}, "what is handed out is a copy"

    def test_a_key_that_is_no_name_has_an_attribute(self) -> None:
        meta = PaginationMeta.from_dict({"from": 3})
        assert meta.from_ == meta["from"] == 3
        assert meta.fields_set == {"from_"}

    def test_nested_objects_are_models(self) -> None:
        instance = package(flow_versions=[{"id": 1, "deployments": [{"id": 2}]}, {"id": 3}])
        assert instance.flow_versions is not None
        first = instance.flow_versions[0]
        assert isinstance(first, FlowVersion)
        assert first.deployments is not None
        assert first.deployments[0].id == 2
        assert instance.flow_versions is instance.flow_versions, "decoded once"
        environment = VirtualEnvironment.from_dict({"deployed_version": {"id": 4}})
        assert environment.deployed_version is not None
        assert environment.deployed_version.id == 4

    def test_what_does_not_fit_stays_what_it_is(self) -> None:
        raw: dict[str, Any] = {
            "id": "seven",
            "name": ["a"],
            "created_at": 1746093600,
            "flow_versions": {"0": {"id": 1}},
            "deployments": [{"id": 1}, "text", None, 7],
            "created_by_user": "Jane",
        }
        instance: Any = Package.from_dict(raw)
        for name in ("id", "name", "created_at", "flow_versions", "created_by_user"):
            assert getattr(instance, name) == raw[name]
        assert [type(item) for item in instance.deployments] == [PackageDeployment, str, type(None), int]
        assert instance.to_dict() == raw

    def test_the_empty_array_of_php_is_an_empty_object(self) -> None:
        instance = Package.from_dict({"created_by_user": [], "deployments": [[], {"user": []}]})
        assert instance.created_by_user == {}
        assert instance.deployments is not None
        assert [item.to_dict() for item in instance.deployments] == [{}, {"user": []}]
        assert instance.to_dict() == {"created_by_user": [], "deployments": [[], {"user": []}]}
        empty: Any = []
        assert Package.from_dict(empty).to_dict() == {}

    def test_unknown_enum_values_are_texts(self) -> None:
        assert Flow.from_dict({"status": "Brand new"}).status == "Brand new"

    def test_any_mapping_will_do(self) -> None:
        from types import MappingProxyType

        instance = Package.from_dict(MappingProxyType({"id": 1}))
        assert instance.to_dict() == {"id": 1}

    def test_huge_integers_are_exact(self) -> None:
        text = f'{{"id": {10**40 + 1}, "priority": {2**63}, "numbers": [{-(10**25) - 1}, 0.1, 1e300]}}'
        instance = Package.from_dict(loads(text.encode()))
        assert instance.id == 10**40 + 1
        assert instance["numbers"][0] == -(10**25) - 1
        for number in (2**63, -(2**63) - 1, 2**64):
            assert Package.from_dict(loads(f'{{"id": {number}}}'.encode())).id == number
        assert json.dumps(instance.to_dict()) == text.replace("1e300", "1e+300")

    @pytest.mark.parametrize("depth", [100, 400])
    @pytest.mark.parametrize("opening", ['{"value": ', '{"flow_versions": [{"deployments": [', '{"labels": ['])
    def test_deep_nesting(self, depth: int, opening: str) -> None:
        times = depth // (opening.count("{") + opening.count("["))
        closing = "".join({"{": "}", "[": "]"}[sign] for sign in reversed(opening) if sign in "{[")
        raw = json.loads(opening * times + "{}" + closing * times)
        instance = Package.from_dict(raw)
        assert instance.to_dict() == raw
        assert instance == copy.deepcopy(instance) == copy.copy(instance) == pickle.loads(pickle.dumps(instance))
        assert attrs.evolve(instance, name="x").to_dict() == {**raw, "name": "x"}
        assert len(repr(instance)) < 500
        for name in attributes(Package):
            getattr(instance, name)

    def test_an_object_of_tens_of_thousands_of_levels_can_be_given_back(self) -> None:
        raw: dict[str, Any] = {}
        for _ in range(50_000):
            raw = {"value": raw}
        given = Package.from_dict(raw).to_dict()
        depth = 0
        while given:
            given, depth = given["value"], depth + 1
        assert depth == 50_000


class TestAnswers:
    async def ask(self, text: str) -> Package:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=text.encode()))
        async with (
            httpx.AsyncClient(transport=transport) as http,
            PatchworksClient(api_key="a-key-of-the-tests", http_client=http) as client,
        ):
            return await client.packages.get(7)

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "nan"])
    async def test_what_is_no_number_is_refused(self, number: str) -> None:
        with pytest.raises(ResponseDecodeError, match="it is not JSON"):
            await self.ask(f'{{"data": {{"id": {number}}}}}')

    async def test_the_answer_comes_back_whole(self) -> None:
        text = '{"id":7,"created_at":"2025-05-01T10:00:00.000000Z","é":[1.0,1e5,null,true,"\\ud83d\\ude00"]}'
        instance = await self.ask(f'{{"data": {text}}}')
        assert instance.to_dict() == json.loads(text)
        assert instance["created_at"] == "2025-05-01T10:00:00.000000Z"

    async def test_nesting_without_end_is_an_error_of_ours(self) -> None:
        with pytest.raises(ResponseDecodeError):
            await self.ask('{"data": ' + '{"value": ' * 100_000 + "{}" + "}" * 100_001)


class TestDates:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2025-05-01T12:00:00.000000Z", NOON),
            ("2025-05-01T12:00:00+00:00", NOON),
            ("2025-05-01T12:00:00", NOON),
            ("2025-05-01 12:00:00", NOON),
            ("2025-05-01T14:00:00+02:00", NOON),
            ("2025-05-01T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
            ("2025-05-01T12:00:00.1Z", NOON.replace(microsecond=100000)),
            ("2025-05-01 12:00:00 UTC", NOON),
            ("2025-05-01 14:00:00 +0200", NOON),
            ("2025/05/01 12:00", NOON),
            ("2025/05/01 07:00:00 -0500", NOON),
            ("2025/05/01", datetime(2025, 5, 1, tzinfo=UTC)),
            ("2025-05-01", datetime(2025, 5, 1, tzinfo=UTC)),
        ],
    )
    def test_they_become_aware_datetimes(self, text: str, expected: datetime) -> None:
        instance = package(created_at=text)
        assert instance.created_at == expected
        assert instance.created_at is not None
        assert instance.created_at.tzinfo is not None
        assert instance.to_dict()["created_at"] == text, "and the exact text is kept"
        assert instance.created_at is instance.created_at, "parsed once"

    def test_a_zone_is_kept(self) -> None:
        created_at = package(created_at="2025-05-01T14:00:00+02:00").created_at
        assert created_at is not None
        assert created_at.utcoffset() == timedelta(hours=2)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "soon",
            "10",
            "May",
            "2025",
            "12:00",
            "2025-13-01T12:00:00Z",
            "2025-05-32",
            "0000-00-00 00:00:00",
            "2025-05-01T12:00:00 EST",
            "2025-05-01 25:00:00",
            "2025-20-05 10:00:00",
            "9" * 400,
            "1e999999",
            "2025-05-01T12:00:00+99:99",
            "\ud800",
            "01/02/2025",
            "05-01-2025 12:00:00",
            "1.2.3",
            "1746092800123",
            "20250501",
            "2025/20/05 10:00",
            "2025-05-01 10:00 PM",
            "2025-05-01 10:00:00 +9900",
            "2025-02-30 10:00:00 UTC",
            "May 1, 2025 12:00",
            "Thu, 01 May 2025 12:00:00 GMT",
            "9:99999999999999999999920250501",
            "2025-05-01 9:999999999999999999999999",
            f"2025-05-01 {'9' * 400}",
        ],
    )
    def test_what_cannot_be_read_stays_a_text(self, text: str) -> None:
        instance = package(created_at=text)
        assert instance.created_at == text
        assert instance.to_dict()["created_at"] == text

    def test_dateutil_is_imported_only_for_what_is_unusual(self) -> None:
        code = """if True:
            import sys
            from patchworks_core_client import Package
            Package.from_dict({"created_at": "2025-05-01 12:00:00"}).created_at
            assert "dateutil" not in sys.modules
            Package.from_dict({"created_at": "2025-05-01 12:00:00 UTC"}).created_at
            assert "dateutil" in sys.modules
        """
        subprocess.run([sys.executable, "-c", code], check=True, cwd=inspect.getfile(Package).rpartition("/patch")[0])

    def test_other_types_pass(self) -> None:
        values: list[Any] = [None, 7, 1.5, True, [], {}]
        for value in values:
            assert date_time(value) is value


class TestValues:
    def test_equality(self) -> None:
        assert package() == package()
        assert package() != package(notes="x")
        assert package() != package(notes=None), "null is not missing"
        assert Message.from_dict({}) != Package.from_dict({})
        assert package() != {"id": 7, "name": "Checkout"}
        with pytest.raises(TypeError, match="unhashable"):
            hash(package())

    def test_copies_are_independent(self) -> None:
        instance = package(created_by_user={"names": ["Jane"]})
        for made in (copy.deepcopy(instance), pickle.loads(pickle.dumps(instance))):
            made["created_by_user"]["names"].append("Joe")
        shallow = copy.copy(instance)
        assert shallow == instance
        assert shallow is not instance
        assert instance["created_by_user"] == {"names": ["Jane"]}

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_nothing_can_be_assigned_or_deleted(self, model: type[Model]) -> None:
        instance = model.from_dict(realistic(model))
        for name in (*attributes(model), "anything", "_data"):
            with pytest.raises(AttributeError):
                setattr(instance, name, 1)
        with pytest.raises(AttributeError):
            delattr(instance, attributes(model)[0])
        assert instance.to_dict() == realistic(model)

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_slots(self, model: type[Model]) -> None:
        assert not hasattr(model.from_dict({}), "__dict__")

    def test_made_by_hand(self) -> None:
        instance = Package(name="x", created_at=NOON, flow_versions=[FlowVersion(id=1)])
        assert instance.to_dict() == {
            "name": "x",
            "created_at": "2025-05-01T12:00:00Z",
            "flow_versions": [{"id": 1}],
        }
        assert (instance.created_at, instance.flow_versions) == (NOON, [FlowVersion(id=1)])
        assert Package().to_dict() == {}
        wrong: dict[str, Any] = {"nane": "x"}
        with pytest.raises(TypeError, match="Package has no field 'nane'"):
            Package(**wrong)

    def test_pattern_matching(self) -> None:
        match package():
            case Package(name=name, notes=None):
                assert name == "Checkout"
            case _:
                pytest.fail("it has a name")


class TestEvolve:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_each_field_alone_can_be_changed(self, model: type[Model]) -> None:
        raw = realistic(model)
        instance = model.from_dict(raw)
        assert attrs.evolve(instance).to_dict() == raw
        for name in attributes(model):
            key = key_of(model, name)
            for value in ("something else", None, 99):
                changes: dict[str, Any] = {name: value}
                changed = attrs.evolve(instance, **changes)
                assert type(changed) is model
                assert changed.to_dict() == {**raw, key: value}
                assert list(changed) == list(raw), "in its place"
                assert getattr(changed, name) == value
        assert instance.to_dict() == raw, "the original stays"

    def test_dates(self) -> None:
        instance = package(created_at="2025-05-01T12:00:00.000000Z", updated_at="soon")
        assert attrs.evolve(instance, name="x")["created_at"] == "2025-05-01T12:00:00.000000Z", "the text is kept"
        changed = attrs.evolve(instance, created_at=NOON + timedelta(hours=1))
        assert changed["created_at"] == "2025-05-01T13:00:00Z"
        assert list(changed) == list(instance)
        assert changed.created_at == NOON + timedelta(hours=1)
        moved = attrs.evolve(instance, created_at=NOON.astimezone(timezone(timedelta(hours=2))))
        assert moved["created_at"] == "2025-05-01T12:00:00Z", "as requests send it"
        assert attrs.evolve(instance, created_at=NOON.replace(microsecond=5))["created_at"].endswith(":00.000005Z")
        assert moved["updated_at"] == "soon"

    @pytest.mark.parametrize(
        "moment",
        [
            datetime(2025, 5, 1),  # noqa: DTZ001
            datetime.min.replace(tzinfo=timezone(timedelta(hours=2))),
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-2))),
        ],
    )
    def test_moments_that_nobody_knows_are_refused(self, moment: datetime) -> None:
        for changes in ({"created_at": moment}, {"notes": [{"at": moment}]}, {"additional_properties": {"at": moment}}):
            values: dict[str, Any] = changes
            with pytest.raises(InvalidArgumentError, match="datetime"):
                attrs.evolve(package(), **values)
            with pytest.raises(InvalidArgumentError, match="datetime"):
                Package(**values)

    def test_models_and_plain_data(self) -> None:
        class Colour(Enum):
            RED = "red"

        instance = package(flow_versions=[{"id": 1, "more": [{}]}], created_by_user=[])
        assert instance.flow_versions is not None
        version = attrs.evolve(instance.flow_versions[0], iteration=9)
        changed = attrs.evolve(instance, flow_versions=[version, *instance.flow_versions])
        assert changed["flow_versions"] == [{"id": 1, "more": [{}], "iteration": 9}, {"id": 1, "more": [{}]}]
        assert changed["created_by_user"] == [], "what was not changed stays as it was sent"
        changes: dict[str, Any] = {
            "created_by_user": {"colour": Colour.RED, Colour.RED: 1, "born": date(2000, 1, 2), "ids": (1, 2)}
        }
        odd = Package.from_dict({"deployments": [[], "x"], "labels": []})
        assert attrs.evolve(odd, name="x").to_dict() == {"deployments": [[], "x"], "labels": [], "name": "x"}
        environment = VirtualEnvironment.from_dict({"deployed_version": []})
        assert attrs.evolve(environment, name="x").to_dict() == {"deployed_version": [], "name": "x"}
        plain = attrs.evolve(instance, **changes)
        assert plain["created_by_user"] == {
            "colour": "red",
            "red": 1,
            "born": "2000-01-02",
            "ids": [1, 2],
        }
        assert json.loads(json.dumps(plain.to_dict())) == plain.to_dict()

    def test_equal_is_not_the_same(self) -> None:
        instance = package(priority=1, created_by_user={"a": 1})
        changes: dict[str, Any] = {"priority": True}
        assert attrs.evolve(instance, **changes)["priority"] is True
        changes = {"created_by_user": {"a": True}}
        assert json.dumps(attrs.evolve(instance, **changes)["created_by_user"]) == '{"a": true}'

    def test_null_where_nothing_was_sent_changes_nothing(self) -> None:
        assert attrs.evolve(package(), notes=None).to_dict() == package().to_dict()
        assert attrs.evolve(package(notes="x"), notes=None).to_dict() == {"id": 7, "name": "Checkout", "notes": None}

    def test_unset_changes_nothing(self) -> None:
        changes: dict[str, Any] = {"notes": UNSET, "created_by_user": {"id": 1, "name": UNSET}}
        assert (
            attrs.evolve(package(notes="x"), **changes).to_dict()
            == package(notes="x", created_by_user={"id": 1}).to_dict()
        )

    def test_what_has_no_json_form_is_refused(self) -> None:
        odd: dict[str, Any] = {"notes": object()}
        with pytest.raises(TypeError, match="JSON"):
            attrs.evolve(package(), **odd)
        odd = {"notes": [UNSET]}
        with pytest.raises(TypeError, match="JSON"):
            attrs.evolve(package(), **odd)
        wrong: dict[str, Any] = {"nane": "x"}
        with pytest.raises(TypeError, match="nane"):
            attrs.evolve(package(), **wrong)


class TestRepr:
    def test_it_shows_what_was_sent_and_only_that(self) -> None:
        assert repr(package(notes=None, surprise=1)) == "Package(id=7, name='Checkout', notes=None, 'surprise'=1)"
        assert repr(Package.from_dict({})) == "Package()"
        assert repr(PaginationMeta.from_dict({"from": 3})) == "PaginationMeta(from_=3)"

    @pytest.mark.parametrize("key", ["secret", "value", "variables", "Secret", "client_secret", "VALUE", "password"])
    def test_secrets_are_hidden_at_any_depth(self, key: str) -> None:
        for depth in range(6):
            for wrap in ("one", "many"):
                raw: dict[str, Any] = {key: {"other": ["hush"]}}
                for _ in range(depth):
                    raw = {"nested": raw if wrap == "one" else [raw]}
                instance = FlowVersion.from_dict(raw)
                assert "hush" not in repr(instance) + str(instance) + f"{instance}" + repr([instance])
        assert repr(Package.from_dict({key: "hush"})).endswith("='***')")
        assert repr(Package.from_dict({key: None})).endswith("=None)")

    def test_it_is_short(self) -> None:
        many = [{f"key {n}": "x" * 1000 for n in range(100)}] * 10
        huge: dict[str, Any] = {f"{'long ' * 50}{n}": many for n in range(100)}
        assert len(repr(Package.from_dict(huge))) < 3000
        assert repr(Package.from_dict(huge)).endswith("...)")
        assert repr(package(flow_versions=[{"id": 1}] * 9)).endswith("=[" + "{'id': 1}, " * 6 + "...])")
        assert repr(package(notes="x" * 100)).endswith(f"notes='{'x' * 12}...{'x' * 13}')")
