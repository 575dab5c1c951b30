"""Requests, checked against the merged spec: a client that drifts from it is found out."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .json_types import JSON, is_object

SPEC = Path(__file__).parents[2] / "openapi" / "patchworks-core.json"
HOST = "https://core.wearepatchworks.com"
"""The server that the spec names; requests are checked as if they had been sent there."""


@dataclass
class SpecRequest:
    """A request as openapi-core wants it."""

    method: str
    path: str
    content_type: str
    body: bytes | None
    parameters: RequestParameters
    host_url: str = HOST


class Contract:
    """The spec at `path`."""

    def __init__(self, path: Path = SPEC) -> None:
        self._openapi, self._documented = _load(path, path.stat().st_mtime_ns)
        # The same request is asked again and again, and openapi-core takes its time.
        self._check = functools.lru_cache(maxsize=4096)(self._checked)

    def violation(
        self, method: str, operation_path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> str | None:
        """What is wrong with a request by the spec; None if nothing is.

        Args:
            operation_path: The path with its parameters' names in braces, as in the spec: what they stand for is any
                text, so there is nothing to check.
        """
        content_type = headers.get("content-type", "")
        return self._check(method.lower(), operation_path, query, content_type, "authorization" in headers, body)

    def _checked(
        self, method: str, path: str, query: str, content_type: str, authorized: bool, body: bytes
    ) -> str | None:
        request = SpecRequest(
            method=method,
            path=re.sub("[{}]", "", path),
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
        return self._undocumented_fields(method, path, body)

    def _undocumented_fields(self, method: str, operation_path: str, body: bytes) -> str | None:
        """Laravel would ignore a misspelt field; the spec's schemas are open, so they would too."""
        documented = self._documented.get((method, operation_path))
        if not body or documented is None:
            return None
        sent = json.loads(body)
        unknown = sorted(set(sent) - documented) if is_object(sent) else []
        return f"undocumented body fields: {', '.join(unknown)}" if unknown else None


@functools.lru_cache(maxsize=2)
def _load(path: Path, _modified: int) -> tuple[OpenAPI, dict[tuple[str, str], frozenset[str] | None]]:
    spec = json.loads(path.read_text(encoding="utf-8"))
    documented: dict[tuple[str, str], frozenset[str] | None] = {}
    for name, item in spec["paths"].items():
        for method, operation in item.items():
            if is_object(operation) and "requestBody" in operation:
                documented[method, name] = _body_fields(spec, operation)
    return OpenAPI.from_dict({**spec, "servers": [{"url": HOST}]}), documented


def _body_fields(spec: JSON, operation: JSON) -> frozenset[str] | None:
    """The documented fields of a JSON body; None where it may hold anything."""
    schema = operation["requestBody"].get("content", {}).get("application/json", {}).get("schema", {})
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
