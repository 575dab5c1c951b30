"""Models in other people's tools: dict, attrs, rich, pydantic, FastAPI."""

from __future__ import annotations

import copy
import json
import pickle
from io import StringIO
from types import MappingProxyType
from typing import Any

import attrs
import httpx
import pydantic
import pytest
import rich
from fastapi import FastAPI
from rich.console import Console
from rich.pretty import Pretty

from patchworks_core_client import FlowVersion, Message, Model, Package, VirtualEnvironment

from .realistic import MODELS, attributes, realistic

SENT: dict[str, Any] = {
    "id": 7,
    "colour": {"name": "red"},
    "notes": None,
    "created_at": "2025-05-01T12:00:00.000000Z",
    "flow_versions": [{"id": 1, "size": 5}],
}


def sent() -> dict[str, Any]:
    return copy.deepcopy(SENT)


class TestDict:
    def test_it_is_the_object_as_it_came(self) -> None:
        package = Package.from_dict(sent())
        assert dict(package) == SENT
        assert list(dict(package)) == list(SENT)
        assert {**package} == SENT
        assert list(map(dict, [package, Package.from_dict({})])) == [SENT, {}], "rows of a table"

    def test_it_is_a_new_one(self) -> None:
        package = Package.from_dict(sent())
        dict(package)["id"] = 8
        assert package.id == 7


class TestAttrs:
    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_fields_are_the_documented_ones_and_the_additional_properties(self, model: type[Model]) -> None:
        names = [field.name for field in attrs.fields(model)]
        assert sorted(names) == sorted(["additional_properties", *attributes(model)])

    def test_asdict_has_everything_once(self) -> None:
        shown = attrs.asdict(Package.from_dict(sent()))
        assert set(shown) == {"additional_properties", *attributes(Package)}
        assert (shown["id"], shown["notes"], shown["name"]) == (7, None, None)
        assert shown["additional_properties"] == {"colour": {"name": "red"}}
        version = shown["flow_versions"][0]
        assert (version["id"], version["additional_properties"]) == (1, {"size": 5})
        assert json.dumps(shown, default=str).count("colour") == 1

    def test_a_model_can_be_made_of_asdict(self) -> None:
        package = Package.from_dict({"id": 7, "colour": "red"})
        assert Package(**attrs.asdict(package)) == package


class TestEvolveWithAdditionalProperties:
    def test_what_is_not_changed_stays_exact(self) -> None:
        changed = attrs.evolve(Package.from_dict(sent()), name="x")
        assert json.dumps(changed.to_dict()) == json.dumps({**SENT, "name": "x"})
        again = attrs.evolve(changed, notes="y", name=None)
        assert json.dumps(again.to_dict()) == json.dumps({**SENT, "notes": "y", "name": None})

    def test_changed_ones(self) -> None:
        package = Package.from_dict({**sent(), "flag": 1, "size": 2})
        rest = package.additional_properties
        rest["colour"]["name"] = "blue"
        rest["flag"] = True
        rest["new"] = None
        del rest["size"]
        changed = attrs.evolve(package, additional_properties=rest)
        expected = {**SENT, "colour": {"name": "blue"}, "flag": True, "new": None}
        assert json.dumps(changed.to_dict()) == json.dumps({key: expected[key] for key in (*SENT, "flag", "new")}), (
            "all else is as it was sent"
        )
        assert package.to_dict() == {**SENT, "flag": 1, "size": 2}

    def test_given_anew(self) -> None:
        package = Package.from_dict(sent())
        changed = attrs.evolve(package, additional_properties={"shape": "round"})
        assert changed.additional_properties == {"shape": "round"}
        assert (changed.id, changed.notes, changed.created_at) == (7, None, package.created_at)
        assert changed.flow_versions == package.flow_versions
        assert Package(additional_properties={"colour": "red"}, id=7).to_dict() == {"colour": "red", "id": 7}

    def test_those_of_another_model(self) -> None:
        other = FlowVersion.from_dict({"colour": "red", "created_at": "2025-05-01 12:00:00"})
        changed = attrs.evolve(Package.from_dict({"id": 7}), additional_properties=other.additional_properties)
        assert changed.to_dict() == {"colour": "red", "id": 7}

    def test_copies_of_them_do_as_well(self) -> None:
        package = Package.from_dict(sent())
        rest = package.additional_properties
        for made in (copy.copy(rest), copy.deepcopy(rest), pickle.loads(pickle.dumps(rest)), rest.copy()):
            assert made == {"colour": {"name": "red"}}
            assert attrs.evolve(package, additional_properties=made).additional_properties == made


def printed(value: Any) -> str:
    console = Console(file=StringIO(), width=200)
    console.print(value)
    file: Any = console.file
    return str(file.getvalue())


class TestRich:
    def test_it_shows_what_was_sent_once(self) -> None:
        text = printed(Package.from_dict(sent()))
        for shown in (
            "Package(",
            "id=7",
            "notes=None",
            "created_at=datetime.datetime(2025",
            "FlowVersion(",
            "'size': 5",
        ):
            assert shown in text
        assert text.count("additional_properties={'colour': {'name': 'red'}}") == 1
        assert text.count("colour") == 1
        for hidden in ("_data", "_decoded", "priority"):
            assert hidden not in text
        assert "additional_properties" not in printed(Package.from_dict({"id": 7}))

    @pytest.mark.parametrize("key", ["secret", "value", "variables", "client_secret", "password"])
    def test_it_hides_what_repr_hides(self, key: str) -> None:
        for depth in range(4):
            for wrap in ("flow", "deployments", "unknown"):
                raw: dict[str, Any] = {key: {"other": ["hush"]}, "id": 7}
                for _ in range(depth):
                    raw = {wrap: [raw] if wrap == "deployments" else raw}
                version = FlowVersion.from_dict(raw)
                assert "hush" not in printed(version) + printed({"locals": [version]}) + printed(Pretty(version))
                assert "***" in printed(version)

    def test_inspect_shows_nothing_private(self) -> None:
        console = Console(file=StringIO(), width=200)
        rich.inspect(Package.from_dict(sent()), console=console)
        file: Any = console.file
        assert "additional_properties" in file.getvalue()
        assert "_data" not in file.getvalue()


def open_object(title: str) -> dict[str, Any]:
    return {"type": "object", "title": title, "additionalProperties": True}


class Release(pydantic.BaseModel):
    package: Package
    environments: list[VirtualEnvironment] = []


class TestPydantic:
    def test_instances_and_mappings_are_taken(self) -> None:
        package = Package.from_dict(sent())
        release = Release(package=package)
        assert release.package is package
        for given in (sent(), MappingProxyType(sent())):
            made = Release.model_validate({"package": given, "environments": [{"id": 1}]})
            assert made.package == package
            assert [type(environment) for environment in made.environments] == [VirtualEnvironment]
        assert Release.model_validate_json(json.dumps({"package": SENT})).package == package

    @pytest.mark.parametrize("given", [7, "text", None, [], Message.from_dict({})])
    def test_anything_else_is_a_validation_error(self, given: Any) -> None:
        with pytest.raises(
            pydantic.ValidationError,
            match=r"(?s)an instance of Package.* a valid dictionary",
        ):
            Release(package=given)

    def test_it_is_dumped_as_it_came(self) -> None:
        release = Release(package=Package.from_dict(sent()))
        assert release.model_dump() == {"package": SENT, "environments": []}
        assert json.loads(release.model_dump_json())["package"] == SENT
        assert pydantic.TypeAdapter(list[Package]).dump_python([release.package]) == [SENT]

    @pytest.mark.parametrize("mode", ["validation", "serialization"])
    def test_the_schema_is_an_open_object(self, mode: Any) -> None:
        schema = Release.model_json_schema(mode=mode)
        assert schema["properties"]["package"] == {"$ref": "#/$defs/Package"}
        assert schema["properties"]["environments"]["items"] == {"$ref": "#/$defs/VirtualEnvironment"}
        assert schema["$defs"] == {name: open_object(name) for name in ("Package", "VirtualEnvironment")}
        assert pydantic.TypeAdapter(Package).json_schema(mode=mode) == open_object("Package")

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_every_model_can_be_a_field(self, model: type[Model]) -> None:
        adapter: pydantic.TypeAdapter[Model] = pydantic.TypeAdapter(model)
        raw = realistic(model)
        assert json.loads(adapter.dump_json(adapter.validate_python(raw))) == raw


class TestFastAPI:
    def client(self) -> httpx.AsyncClient:
        app = FastAPI()

        @app.get("/one")
        async def one() -> Package:
            return Package.from_dict(sent())

        @app.get("/many")
        async def many() -> list[Package]:
            return [Package.from_dict(sent()), Package.from_dict({})]

        @app.get("/inside")
        async def inside() -> Release:
            return Release(package=Package.from_dict(sent()))

        @app.get("/untyped")
        async def untyped():  # type: ignore[no-untyped-def]
            return Package.from_dict(sent())

        @app.post("/body")
        async def body(release: Release) -> int:
            return release.package.id

        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/one", SENT),
            ("/many", [SENT, {}]),
            ("/inside", {"package": SENT, "environments": []}),
            ("/untyped", SENT),
        ],
    )
    async def test_routes_answer_with_the_object_as_it_came(self, path: str, expected: Any) -> None:
        async with self.client() as client:
            answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, expected)

    async def test_a_body_is_checked(self) -> None:
        async with self.client() as client:
            assert (await client.post("/body", json={"package": {"id": 7}})).json() == 7
            refused = await client.post("/body", json={"package": 7})
        assert refused.status_code == 422
        assert "instance of Package" in refused.text

    async def test_the_documentation_shows_open_objects(self) -> None:
        async with self.client() as client:
            document = (await client.get("/openapi.json")).json()
        assert document["components"]["schemas"]["Package"] == open_object("Package")
        reference = {"$ref": "#/components/schemas/Package"}
        answers = {path: document["paths"][path]["get"]["responses"]["200"] for path in ("/one", "/many")}
        schemas = {path: answer["content"]["application/json"]["schema"] for path, answer in answers.items()}
        assert (schemas["/one"], schemas["/many"]["items"]) == (reference, reference)
