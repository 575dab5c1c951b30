"""`make conformance`: the spec and the client, judged by tools that nobody here wrote.

Redocly's linter judges the merged spec. openapi-typescript, another generator, makes types of it under the names of our
classes. Stoplight Prism serves it as a mock server, which refuses every request that the spec does not allow and makes
up its answers from the spec alone; all operations are called through it. They are installed with npm, in the releases
that package.json pins, into node_modules beside it.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from patchworks_core_client import Page, PatchworksClient, PatchworksError, UnprocessableEntityError
from tests.operations import CASES, SPEC, Case

HERE = Path(__file__).parent
BIN = HERE / "node_modules" / ".bin"
STARTS_WITHIN = 60.0

# Each breaks the spec in one way: a mock server that let them pass would prove nothing.
REFUSED: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/v1/packages", {}),
    ("POST", "/api/v1/packages", {"name": "x" * 256}),
    ("POST", "/api/v1/packages", {"name": 1}),
    ("POST", "/api/v1/virtual-environments", {"name": "Demo", "labels": [51]}),
    ("POST", "/api/v1/packages/1/flow-versions/2", {"priority": 101}),
)


def install() -> None:
    """The tools, where they are not there yet."""
    if all((BIN / tool).exists() for tool in ("prism", "redocly", "openapi-typescript", "tsc")):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("make conformance needs Node.js with npm: its tools come from there")
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=HERE, check=True)


def lint() -> bool:
    """Whether Redocly finds nothing wrong with the merged spec."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    config = str(HERE / "redocly.yaml")
    command = [str(BIN / "redocly"), "lint", str(SPEC), "--config", config, "--format=stylish"]
    answer = subprocess.run(command, env={**os.environ, **quiet}, capture_output=True, text=True, check=False)
    found = "warning" in answer.stdout or "error" in answer.stdout
    print(
        "Redocly: " + ("the spec is sound" if answer.returncode == 0 and not found else answer.stdout + answer.stderr)
    )
    return answer.returncode == 0 and not found


def types() -> bool:
    """Whether openapi-typescript makes types of the spec without a warning, one for each component and operation."""
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    names = [*spec["components"]["schemas"]]
    names += [f'"{body["operationId"]}"' for item in spec["paths"].values() for body in item.values()]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "core.ts"
        command = [str(BIN / "openapi-typescript"), str(SPEC), "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        text = made.read_text(encoding="utf-8") if made.exists() else ""
        checked = subprocess.run([str(BIN / "tsc"), "--noEmit", "--strict", str(made)], check=False).returncode == 0
    missing = [name for name in names if f" {name}: " not in text]
    sound = done.returncode == 0 and "warn" not in (done.stdout + done.stderr).lower() and checked and not missing
    print(f"openapi-typescript: {len(names)} names, {'all as in the package' if sound else (missing, done.stderr)}")
    return sound


def for_prism(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec so that Prism can make up answers: models within models are any object, and pages begin at 1.

    It makes none of schemas that lead back to themselves, as a package with versions with deployments with packages
    does; and the page it would show is 0. Requests are judged by the same schemas as ever: only models have others in
    them, and only answers have pages.
    """
    cut: dict[str, Any] = copy.deepcopy(spec)
    schemas: dict[str, Any] = cut["components"]["schemas"]
    for name in [name for name in schemas if _leads_to(schemas, name, name, set())]:
        properties: dict[str, Any] = schemas[name]["properties"]
        for key, value in properties.items():
            if "$ref" in value:
                properties[key] = {"type": "object"}
            elif "$ref" in value.get("items", {}):
                properties[key] = {"type": "array", "items": {"type": "object"}}
    schemas["PaginationMeta"]["properties"]["current_page"]["example"] = 1
    return cut


def _leads_to(schemas: dict[str, Any], start: str, name: str, seen: set[str]) -> bool:
    """Whether the properties of schema `start` lead to schema `name`."""
    for value in schemas[start].get("properties", {}).values():
        reference: str = value.get("$ref") or value.get("items", {}).get("$ref", "")
        target = reference.rpartition("/")[2]
        if target == name:
            return True
        if target and target not in seen:
            seen.add(target)
            if _leads_to(schemas, target, name, seen):
                return True
    return False


@contextmanager
def prism(spec: dict[str, Any]) -> Generator[str]:
    """A mock server of `spec`; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "spec.json"
        document.write_text(json.dumps(spec), encoding="utf-8")
        command = [
            str(BIN / "prism"),
            "mock",
            str(document),
            "--errors",
            "--port",
            str(port),
            "--verboseLevel",
            "error",
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield _ready(f"http://127.0.0.1:{port}", process)
            finally:
                process.terminate()


def _ready(address: str, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return address
    raise SystemExit("Prism did not start")


async def problem_of(case: Case, client: PatchworksClient) -> str | None:
    """What goes wrong with one operation."""
    try:
        result: Any = await case.call(client)
    except PatchworksError as error:
        return f"{error!r} {getattr(error, 'body', '')}"
    if isinstance(result, Page) is not case.is_list:
        return f"gave {result!r}"
    one = result[0] if case.is_list else result
    if case.result is dict:
        return None if one is None or isinstance(one, dict) else f"gave {one!r}, which is no JSON object"
    return None if type(one) is case.result else f"gave {one!r}, which is no {case.result.__name__}"


async def call_everything(address: str) -> bool:
    """Whether every operation is accepted, and what the spec does not allow is not."""
    problems: list[str] = []
    credentials: tuple[dict[str, Any], ...] = ({"api_key": "key"}, {"token": "token"})
    for credential in credentials:
        async with PatchworksClient(base_url=address, max_retries=0, requests_per_minute=None, **credential) as client:
            found = [(case.operation, await problem_of(case, client)) for case in CASES]
            problems += [f"{operation}: {problem}" for operation, problem in found if problem]
            for method, path, body in REFUSED:
                try:
                    await client.request(method, path, json=body)
                except UnprocessableEntityError:
                    continue
                problems.append(f"{method} {path} with {body} was accepted")
    print(f"Prism: {len(CASES)} operations with each of {len(credentials)} kinds of credential, ", end="")
    print(f"{len(REFUSED)} requests that break the spec, {len(problems)} problems", *problems, sep="\n  ")
    return not problems


def main() -> int:
    install()
    sound = all([lint(), types()])
    with prism(for_prism(json.loads(SPEC.read_text(encoding="utf-8")))) as address:
        kept = asyncio.run(call_everything(address))
    return 0 if sound and kept else 1


if __name__ == "__main__":
    sys.exit(main())
