"""A sandbox that checks every request against the merged spec: a client that drifts from it is found out."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.datastructures import Headers, ImmutableMultiDict

from patchworks_core_sandbox import Sandbox
from patchworks_core_sandbox.exchange import Exchange
from patchworks_core_sandbox.json_types import JSON, is_object

SPEC = Path(__file__).parents[1] / "openapi" / "patchworks-core.json"
HOST = "https://core.wearepatchworks.com"
"""The server that the spec names; requests are checked as if they had been sent there."""


class CheckedSandbox(Sandbox):
    """A sandbox that answers 500 to what it carried out though the spec does not allow it.

    Args:
        spec: What requests are checked against.
        options: As for any sandbox.

    Attributes:
        check_contract: To be turned off where a test breaks the spec on purpose; `reset` turns it on again.
        contract_violations: One line for each request that broke the spec.
    """

    def __init__(self, *, spec: Path = SPEC, **options: Any) -> None:
        self.check_contract = True
        self.contract_violations: list[str] = []
        self._contract = Contract(spec)
        super().__init__(middleware=self._checked, **options)

    def reset(self) -> None:
        super().reset()
        self.check_contract = True
        self.contract_violations.clear()

    def _checked(self, app: ASGIApp) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            messages: list[Message] = []

            async def collect(message: Message) -> None:
                messages.append(message)

            await app(scope, receive, collect)
            violation = self._violation(scope, messages[0]["status"])
            if violation:
                self.contract_violations.append(violation)
                answer = JSONResponse({"message": f"contract: {violation}", "contract": violation}, 500)
                return await answer(scope, receive, send)
            for message in messages:
                await send(message)
            return None

        return serve

    def _violation(self, scope: Scope, status: int) -> str | None:
        """What is wrong with a request that was carried out; what the server refuses is no violation."""
        if not self.check_contract or status >= 300 or "exchange" not in scope:
            return None
        exchange: Exchange = scope["exchange"]
        entry = exchange.entry
        problem = self._contract.violation(entry.operation or "", entry.query, exchange.headers, exchange.body)
        return problem and f"{entry.operation}: {entry.method} {entry.path}: {problem}"


@dataclass
class SpecRequest:
    """A request as openapi-core wants it."""

    method: str
    path: str
    content_type: str
    body: bytes | None
    parameters: RequestParameters
    host_url: str = HOST


@dataclass(frozen=True)
class Documented:
    """What the spec says of an operation; `fields` are its JSON body's, None where it may hold anything."""

    method: str
    path: str
    fields: frozenset[str] | None


class Contract:
    """The spec at `path`."""

    def __init__(self, path: Path = SPEC) -> None:
        self._openapi, self._operations = _load(path, path.stat().st_mtime_ns)
        # The same request is asked again and again, and openapi-core takes its time.
        self._check = functools.lru_cache(maxsize=4096)(self._checked)

    def violation(self, operation: str, query: str, headers: Mapping[str, str], body: bytes) -> str | None:
        """What is wrong with a request for `operation` by the spec; None if nothing is.

        What the path's parameters stand for is any text, so there is nothing to check.
        """
        if operation == "login":
            return None
        return self._check(operation, query, headers.get("content-type", ""), "authorization" in headers, body)

    def _checked(self, operation: str, query: str, content_type: str, authorized: bool, body: bytes) -> str | None:
        documented = self._operations.get(operation)
        if documented is None:
            return "undocumented operation"
        request = SpecRequest(
            method=documented.method,
            path=re.sub("[{}]", "", documented.path),
            content_type=content_type,
            body=body or None,
            parameters=RequestParameters(
                query=ImmutableMultiDict(parse_qsl(query, keep_blank_values=True)),
                header=Headers({"Authorization": "given"} if authorized else {}),
            ),
        )
        try:
            self._openapi.validate_request(request)
        except OpenAPIError as error:
            return _explain(error)
        return _undocumented_fields(documented, body)


def _undocumented_fields(documented: Documented, body: bytes) -> str | None:
    """Laravel would ignore a misspelt field; the spec's schemas are open, so they would too."""
    if not body or documented.fields is None:
        return None
    sent = json.loads(body)
    unknown = sorted(set(sent) - documented.fields) if is_object(sent) else []
    return f"undocumented body fields: {', '.join(unknown)}" if unknown else None


@functools.lru_cache(maxsize=2)
def _load(path: Path, _modified: int) -> tuple[OpenAPI, dict[str, Documented]]:
    spec = json.loads(path.read_text(encoding="utf-8"))
    operations: dict[str, Documented] = {}
    for name, item in spec["paths"].items():
        for method, operation in item.items():
            if is_object(operation) and "operationId" in operation:
                operations[operation["operationId"]] = Documented(method, name, _body_fields(spec, operation))
    return OpenAPI.from_dict({**spec, "servers": [{"url": HOST}]}), operations


def _body_fields(spec: JSON, operation: JSON) -> frozenset[str] | None:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return frozenset(schema["properties"]) if "properties" in schema else None


def _explain(error: BaseException) -> str:
    """The messages of `error` and of what it came from, the schema's own in full."""
    parts = [str(error)]
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, InvalidSchemaValue):
            parts += [str(item) for item in cause.schema_errors]
        else:
            parts.append(str(cause))
        cause = cause.__cause__
    return "; ".join(dict.fromkeys(" ".join(part.split()) for part in parts))
