"""Recorded drift becomes overlay actions that a person can paste, and only what the record bears out."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.build import merge_files
from codegen.cli import main
from codegen.errors import CodegenError
from codegen.generate import generate_package
from codegen.learn import Proposals, Recorded, learn, read_record
from codegen.overlay import load_overlay, parse_overlay
from patchworks_core_sandbox import Sandbox

from .generating import named

ROOT = Path(__file__).parents[2]
OVERRIDES = ROOT / "overrides"
OPENAPI = ROOT / "openapi"

Json = dict[str, Any]

PROPERTIES: Json = {
    "id": {"type": "integer", "description": "The id."},
    "count": {"type": "array", "items": {"type": "object"}, "nullable": True},
    "at": {"type": "string", "format": "date-time"},
    "kind": {"type": "string", "enum": ["a", "b"]},
    "names": {"type": "array", "items": {"type": "string"}},
    "grid": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    "owner": {"$ref": "#/components/schemas/Owners"},
    "inner": {"type": "object", "properties": {"deep": {"type": "string"}}},
    "odd key's": {"type": "string"},
    "7": {"type": "string"},
    "note": {"type": "string", "nullable": True},
}


def spec() -> Json:
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/things/{thing}": {
                "get": {
                    "operationId": "things.get",
                    "tags": ["Things"],
                    "parameters": [{"name": "thing", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "properties": {"data": {"$ref": "#/components/schemas/Things"}},
                                    }
                                }
                            },
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Owners": {"type": "object", "properties": {"name": {"type": "string"}}},
                "Things": {"type": "object", "properties": json.loads(json.dumps(PROPERTIES))},
            }
        },
    }


def seen(pointer: str, documented: str | None, *types: str, model: str = "Thing") -> list[Recorded]:
    return [Recorded("things.get", model, f"/data/{pointer}", documented, kind) for kind in types]


def learned(*recorded: list[Recorded]) -> Proposals:
    return learn([each for some in recorded for each in some], named(spec()))


def corrected(*recorded: list[Recorded]) -> Json:
    """The properties of Things, as documented, after the proposals were accepted."""
    proposals = learned(*recorded)
    overlay = parse_overlay(yaml.safe_load(proposals.to_yaml()))
    document = overlay.apply(spec())[0]
    named(json.loads(json.dumps(document)))  # a spec can be made of it
    properties: Json = document["components"]["schemas"]["Things"]["properties"]
    return properties


@pytest.mark.parametrize(
    ("recorded", "key", "expected"),
    [
        (seen("id", "integer", "string"), "id", {"type": "string", "description": "The id."}),
        (
            seen("id", "integer", "string", "null"),
            "id",
            {"type": "string", "description": "The id.", "nullable": True},
        ),
        (seen("id", "integer", "integer", "number"), "id", {"type": "number", "description": "The id."}),
        (seen("id", "integer", "string", "boolean"), "id", {"description": "The id."}),
        (seen("id", "integer", "array"), "id", {"type": "array", "items": {}, "description": "The id."}),
        (seen("count", "array", "integer"), "count", {"type": "integer", "nullable": True}),
        (seen("count", "array", "integer", "string"), "count", {"nullable": True}),
        (
            seen("count/0", "object", "integer", "integer"),
            "count",
            {"type": "array", "items": {"type": "integer"}, "nullable": True},
        ),
        (seen("at", "date-time", "string"), "at", {"type": "string"}),
        (seen("at", "date-time", "integer"), "at", {"type": "integer"}),
        (seen("kind", "enum", "integer"), "kind", {"type": "integer"}),
        (seen("kind", "enum", "integer", "string"), "kind", {}),
        (seen("names", "array", "string"), "names", {"type": "string"}),
        (seen("names/12", "string", "integer"), "names", {"type": "array", "items": {"type": "integer"}}),
        (
            seen("grid/1/2", "integer", "string"),
            "grid",
            {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        ),
        (seen("owner", "object", "string"), "owner", {"type": "string"}),
        (seen("inner", "object", "boolean"), "inner", {"type": "boolean"}),
        (seen("odd key's", "string", "integer"), "odd key's", {"type": "integer"}),
        (seen("7", "string", "integer"), "7", {"type": "integer"}),
        (seen("new", None, "integer"), "new", {"type": "integer"}),
        (seen("new", None, "null", "string"), "new", {"type": "string", "nullable": True}),
        (seen("new", None, "integer", "string"), "new", {}),
        (seen("a~1b~0'\"\\\n", None, "object"), "a/b~'\"\\\n", {"type": "object"}),
        (seen("9", None, "boolean"), "9", {"type": "boolean"}),
    ],
)
def test_what_is_proposed(recorded: list[Recorded], key: str, expected: Json) -> None:
    assert corrected(recorded) == {**PROPERTIES, key: expected}


def test_a_property_keeps_its_place() -> None:
    assert list(corrected(seen("count", "array", "integer"))) == list(PROPERTIES)


def test_models_of_inline_objects_have_a_place_too() -> None:
    properties = corrected(seen("inner/deep", "string", "integer", model="ThingInner"))
    assert properties["inner"]["properties"] == {"deep": {"type": "integer"}}


def test_the_reason_gives_the_counts() -> None:
    recorded = [
        Recorded("things.list", "Thing", "/data/0/id", "integer", "string"),
        Recorded("things.list", "Thing", "/data/1/id", "integer", "string"),
        Recorded("things.get", "Thing", "/data/id", "integer", "boolean"),
    ]
    (action,) = learned(recorded).actions
    assert action["description"] == (
        "Inferred: documented as integer; seen as string (2 times), boolean (once), in answers to things.list "
        "(2 times), things.get (once)."
    )


def test_what_is_not_proposed_is_told() -> None:
    proposals = learned(
        seen("kind", "enum", "string", "string"),
        seen("new", None, "null"),
        seen("id", None, "integer"),
        seen("gone", "string", "integer"),
        seen("id", "integer", "string", model="Stranger"),
    )
    assert proposals.actions == ()
    assert proposals.notes == (
        "Stranger.id: the spec has no component Stranger",
        "Thing.gone: it is not documented any more, or is a part of a union",
        "Thing.id: it is documented by now",
        "Thing.kind: undocumented values were seen 2 times; drift records no values",
        "Thing.new: not documented, and always null (seen once)",
    )


def test_the_order_of_the_record_does_not_matter() -> None:
    recorded = [*seen("new", None, "integer"), *seen("id", "integer", "string"), *seen("count", "array", "integer")]
    assert learned(recorded).to_yaml() == learned(recorded[::-1]).to_yaml()


class TestCommand:
    LINE = (
        '{"operation": "packages.get", "model": "Package", "pointer": "/data/id", '
        '"documented": "integer", "seen": "string"}'
    )

    def run(self, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, *more: str) -> tuple[int, str, str]:
        record = tmp_path / "drift.jsonl"
        record.write_text(text, encoding="utf-8")
        code = main(["learn", str(record), "--spec", str(OPENAPI / "patchworks-core.json"), *more])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    def test_to_the_terminal_and_to_a_file(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        code, out, err = self.run(capsys, tmp_path, f"{self.LINE}\n\n{self.LINE}\n")
        assert (code, err) == (0, "")
        assert yaml.safe_load(out)["actions"] == [
            {
                "target": "$.components.schemas.Packages.properties.id",
                "description": "Inferred: documented as integer; seen as string (2 times), in answers to "
                "packages.get (2 times).",
                "update": {"type": "string"},
            }
        ]
        proposed = tmp_path / "proposed.yaml"
        code, said, _ = self.run(capsys, tmp_path, f"{self.LINE}\n\n{self.LINE}\n", "--to", str(proposed))
        assert (code, proposed.read_text(encoding="utf-8")) == (0, out)
        assert "proposed.yaml: 1 proposed" in said
        assert len(load_overlay(proposed).actions) == 1

    def test_nothing(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        assert self.run(capsys, tmp_path, "") == (0, "", "Nothing to propose.\n")

    @pytest.mark.parametrize(
        "line",
        ["{", "7", "[]", "{}", LINE.replace("string", "text"), LINE.replace('"/data/id"', "7"), "[" * 100_000],
    )
    def test_a_line_that_is_no_record(self, capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str) -> None:
        code, out, err = self.run(capsys, tmp_path, f"{self.LINE}\n{line}\n")
        assert (code, out) == (1, "")
        assert "drift.jsonl, line 2: " in err

    def test_no_record(self, tmp_path: Path) -> None:
        with pytest.raises(CodegenError, match=r"drift\.jsonl"):
            read_record(tmp_path / "drift.jsonl")


CORRECTED = tuple(
    f"$.components.schemas.{name}.properties" for name in ("FlowVersions", "Flows", "Packages", "VirtualEnvironments")
)


def uncorrected_overlay(folder: Path) -> Path:
    """The overlay without what it says of the types of properties."""
    document: Any = yaml.safe_load((OPENAPI / "overlay.yaml").read_text(encoding="utf-8"))
    kept = [action for action in document["actions"] if not action["target"].startswith(CORRECTED)]
    overlay = folder / "overlay.yaml"
    overlay.write_text(yaml.safe_dump({**document, "actions": kept}), encoding="utf-8")
    return overlay


def client_of(folder: Path, name: str, *overlays: Path) -> tuple[Any, Json]:
    """A client, and the spec that it was built from."""
    merged = merge_files(OPENAPI / "snippets", OPENAPI / "sources.toml", overlays, strict=False)
    merged.write(folder / "spec.json")
    generate_package(folder / "spec.json", OVERRIDES, folder / name)
    return importlib.import_module(name), json.loads(merged.spec)


async def use(package: Any, sandbox: Sandbox, record: Path) -> None:
    """What anybody does with the client, with a recorder at its side."""
    recorder = package.DriftRecorder(record)
    async with package.PatchworksClient(api_key=sandbox.api_key, base_url=sandbox.url, on_drift=recorder) as client:
        flows: set[int] = set()
        async for item in client.packages.list(include="flowVersions.deployments"):
            await client.packages.get(item.id)
            flows |= {version["flow_id"] for version in item["flow_versions"]}
        for flow in sorted(flows):
            async for version in client.flow_versions.list(
                flow, include=["steps", "latestRun", "schedules", "variables"]
            ):
                await client.flow_versions.get(flow, version.id)
        await client.flow_version_deployments.list(include=["flowVersion", "virtualEnvironment"]).to_list()
        async for environment in client.virtual_environments.list(include="deployedVersion.variables"):
            await client.virtual_environments.list_versions(environment.id).to_list()


def test_one_run_against_the_sandbox_proposes_what_real_answers_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    overlay, record, proposed = uncorrected_overlay(tmp_path), tmp_path / "drift.jsonl", tmp_path / "proposed.yaml"
    with Sandbox.start_in_thread() as sandbox:
        package, spec = client_of(tmp_path, "uncorrected_client", overlay)
        asyncio.run(use(package, sandbox, record))
        proposals = learn(read_record(record), spec)
        proposed.write_text(proposals.to_yaml())
        package, accepted = client_of(tmp_path, "accepted_client", overlay, proposed)
        record.unlink()
        asyncio.run(use(package, sandbox, record))
    version = accepted["components"]["schemas"]["FlowVersion"]["properties"]
    assert version["flow_priority"]["type"] == "integer"
    assert version["iteration"]["type"] == "integer"
    assert version["has_callback_step"]["type"] == "boolean"
    assert version["steps_count"]["type"] == "integer"
    assert all(action["description"].startswith("Inferred: ") for action in proposals.actions)
    left = learn(read_record(record), accepted).actions if record.exists() else ()
    assert left == (), "what was accepted is not proposed again"
    for name in [name for name in sys.modules if name.startswith(("uncorrected_client", "accepted_client"))]:
        del sys.modules[name]
