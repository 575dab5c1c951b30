"""Drift: where answers differ from the documentation, told without a value, and only to those who ask."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import httpx
import pytest

from patchworks_core_client import (
    Drift,
    DriftRecorder,
    Flow,
    FlowVersion,
    Message,
    Model,
    Package,
    PatchworksClient,
    VirtualEnvironment,
)
from patchworks_core_client.drift import _fits, find_drift, type_name  # pyright: ignore[reportPrivateUsage]

from .list_server import ListServer, client_of
from .realistic import MODELS, realistic


def drift_of(model: type[Model], data: Any) -> list[tuple[str, str | None, str]]:
    return [(drift.pointer, drift.documented, drift.seen) for drift in find_drift("x.y", model, data, "")]


class TestWhatIsDrift:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_what_is_as_documented_is_none(self, model: type[Model]) -> None:
        assert drift_of(model, realistic(model)) == []
        assert drift_of(model, dict.fromkeys(realistic(model))) == [], "nulls come anywhere"

    @pytest.mark.parametrize(
        ("model", "key", "value", "documented", "seen"),
        [
            (Package, "id", "7", "integer", "string"),
            (Package, "id", True, "integer", "boolean"),
            (Package, "id", 7.5, "integer", "number"),
            (Package, "name", 7, "string", "integer"),
            (Package, "name", ["x"], "string", "array"),
            (Package, "name", {"x": 1}, "string", "object"),
            (Package, "created_at", "soon", "date-time", "string"),
            (Package, "created_at", 1746093600, "date-time", "integer"),
            (Package, "created_by_user", "Jane", "object", "string"),
            (Package, "flow_versions", {"0": {}}, "array", "object"),
            (Flow, "is_enabled", 1, "boolean", "integer"),
            (Flow, "status", "Brand new", "enum", "string"),
            (Flow, "status", 3, "enum", "integer"),
            (VirtualEnvironment, "deployed_version", 3, "object", "integer"),
            (Message, "message", False, "string", "boolean"),
        ],
    )
    def test_another_type(self, model: type[Model], key: str, value: Any, documented: str, seen: str) -> None:
        assert drift_of(model, {key: value}) == [(f"/{key}", documented, seen)]

    def test_an_unknown_key(self) -> None:
        found = drift_of(Package, {"a/b": None, "~": [1], "": 1.5})
        assert found == [("/a~1b", None, "null"), ("/~0", None, "array"), ("/", None, "number")]

    PHP: tuple[tuple[type[Model], Any], ...] = (
        (Package, dict[str, Any](created_by_user=[], flow_versions=[[], None])),
        (VirtualEnvironment, {"deployed_version": []}),
        (Package, []),
        (Flow, dict[str, Any](labels=[{}, []])),
        (Package, {"created_at": "2025-05-01 12:00:00", "updated_at": "2025-05-01T12:00:00"}),
    )

    @pytest.mark.parametrize(("model", "data"), PHP)
    def test_what_php_writes_is_no_difference(self, model: type[Model], data: Any) -> None:
        assert drift_of(model, data) == []

    @pytest.mark.parametrize("value", [7, "text", [1], {"a": 1}])
    def test_what_is_documented_without_a_type_takes_anything(self, value: Any) -> None:
        assert drift_of(FlowVersion, {"deployed_by": value}) == []

    def test_inside_of_objects_and_lists(self) -> None:
        data = {"flow_versions": [{"id": 1}, "text", {"deployments": [{"id": "x", "new": {"value": "hush"}}]}]}
        assert drift_of(Package, data) == [
            ("/flow_versions/1", "object", "string"),
            ("/flow_versions/2/deployments/0/id", "integer", "string"),
            ("/flow_versions/2/deployments/0/new", None, "object"),
        ]

    def test_each_is_told_of_the_model_that_has_it(self) -> None:
        data = {"extra": 1, "flow_versions": [{"extra": 1}, 7]}
        assert [(drift.model, drift.pointer) for drift in find_drift("x.y", Package, data, "/data")] == [
            ("Package", "/data/extra"),
            ("Package", "/data/flow_versions/1"),
            ("FlowVersion", "/data/flow_versions/0/extra"),
        ]

    def test_what_is_no_object(self) -> None:
        assert drift_of(Package, "text") == [("", "object", "string")]

    def test_nesting_has_no_limit(self) -> None:
        data: dict[str, Any] = {"extra": 1}
        for _ in range(3000):
            data = {"flow": {"versions": [data]}}
        assert drift_of(FlowVersion, data) == [("/flow/versions/0" * 3000 + "/extra", None, "integer")]

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            (None, "null"),
            (True, "boolean"),
            (1, "integer"),
            (1.0, "number"),
            ("", "string"),
            ([], "array"),
            ({}, "object"),
        ],
    )
    def test_types_have_the_names_that_the_documentation_uses(self, value: Any, name: str) -> None:
        assert type_name(type(value)) == name

    def test_an_integer_is_a_number(self) -> None:
        assert _fits(float, 3)
        assert not _fits(int, 3.5)

    def test_it_is_a_value(self) -> None:
        drift = Drift("packages.get", "Package", "/data/id", "integer", "string")
        assert copy.copy(drift) == pickle.loads(pickle.dumps(drift)) == drift
        assert hash(drift) == hash(copy.copy(drift))


class TestCallback:
    async def told(self, answer: Any, call: str = "get") -> list[Drift]:
        told: list[Drift] = []
        server = ListServer()
        server.answers = {1: httpx.Response(200, content=json.dumps(answer))}
        async with client_of(server, on_drift=told.append) as client:
            if call == "get":
                await client.packages.get(7)
            elif call == "list":
                await client.packages.list()
            elif call == "delete":
                await client.packages.delete(7)
            else:
                await client.flow_versions.list_metrics(7)
        return told

    async def test_of_one_model(self) -> None:
        assert await self.told({"data": {"id": "7"}}) == [
            Drift("packages.get", "Package", "/data/id", "integer", "string")
        ]
        assert await self.told({"id": "7"}) == [Drift("packages.get", "Package", "/id", "integer", "string")]
        assert await self.told({"data": []}) == []

    async def test_of_a_list(self) -> None:
        expected = [Drift("packages.list", "Package", "/data/1/id", "integer", "string")]
        assert await self.told({"data": [{"id": 1}, {"id": "7"}]}, "list") == expected
        bare = [Drift("packages.list", "Package", "/1/id", "integer", "string")]
        assert await self.told([{"id": 1}, {"id": "7"}], "list") == bare
        gaps = [Drift("packages.list", "Package", "/data/4/id", "integer", "string")]
        assert await self.told({"data": {"0": {"id": 1}, "4": {"id": "7"}}}, "list") == gaps

    async def test_of_a_message(self) -> None:
        assert await self.told({"message": 7}, "delete") == [
            Drift("packages.delete", "Message", "/message", "string", "integer")
        ]

    async def test_where_nothing_is_documented_nothing_differs(self) -> None:
        assert await self.told({"data": [{"id": "x"}]}, "metrics") == []

    async def test_never_a_value(self) -> None:
        told = await self.told({"data": {"id": "hush", "name": ["hush"], "extra": {"value": "hush"}}})
        assert len(told) == 3
        assert "hush" not in repr(told) + str([pickle.dumps(drift) for drift in told])

    async def test_copies_of_the_client_tell_too(self) -> None:
        told: list[Drift] = []
        server = ListServer()
        server.answers = {1: {"data": {"id": "7"}}}
        async with client_of(server, on_drift=told.append) as client:
            await client.with_options(timeout=5).packages.get(7)
        assert len(told) == 1

    @pytest.mark.parametrize("call", ["get", "list", "delete"])
    async def test_what_the_callback_raises_is_raised_as_it_is(self, call: str) -> None:
        mine = KeyError("mine")

        def fail(_: Drift) -> None:
            raise mine

        server = ListServer()
        server.answers = {1: {"data": [{"id": "7"}]} if call == "list" else {"id": "7", "message": 1}}
        async with client_of(server, on_drift=fail) as client:
            with pytest.raises(KeyError) as caught:
                await getattr(client.packages, call)(*([] if call == "list" else [7]))
        assert caught.value is mine
        assert (mine.__cause__, mine.__context__) == (None, None)

    async def test_off_it_is_free(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any) -> None:
            raise AssertionError("nobody asked")

        monkeypatch.setattr("patchworks_core_client.drift.find_drift", fail)
        server = ListServer(3)
        async with client_of(server) as client:
            await client.packages.list()
            server.answers = {1: {"data": {"id": "7"}}}
            await client.packages.get(7)


class TestRecorder:
    async def test_it_writes_json_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "drift.jsonl"
        server = ListServer()
        server.answers = {1: {"data": {"id": "7", "extra": "hush"}}}
        for _ in range(2):
            async with client_of(server, on_drift=DriftRecorder(path)) as client:
                await client.packages.get(7)
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        common = {"operation": "packages.get", "model": "Package"}
        unknown = {**common, "pointer": "/data/extra", "documented": None, "seen": "string"}
        other_type = {**common, "pointer": "/data/id", "documented": "integer", "seen": "string"}
        assert lines == 2 * [other_type, unknown]
        assert "hush" not in path.read_text(encoding="utf-8")

    def test_any_path_will_do(self, tmp_path: Path) -> None:
        DriftRecorder(str(tmp_path / "drift.jsonl"))(Drift("a.b", "FlowVersion", "/ü\n", None, "null"))
        assert json.loads((tmp_path / "drift.jsonl").read_text(encoding="utf-8"))["pointer"] == "/ü\n"


async def test_types_of_all_models_can_be_read() -> None:
    assert PatchworksClient.__init__.__annotations__["on_drift"]
    assert drift_of(FlowVersion, {"iteration": "x"}) == [("/iteration", "integer", "string")]
