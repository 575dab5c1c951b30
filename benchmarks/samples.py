"""Pages as the server sends them: flat objects, integer ids, nulls, microsecond dates."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "openapi" / "patchworks-core.json"

Json = dict[str, Any]


@cache
def schemas() -> Json:
    """The schemas of the merged spec."""
    spec: Json = json.loads(SPEC.read_text(encoding="utf-8"))
    found: Json = spec["components"]["schemas"]
    return found


def package(number: int) -> Json:
    """A package, as a list without includes shows it."""
    return {
        "id": number,
        "name": f"Checkout {number}",
        "notes": None if number % 3 else "Carries the new tax rules to every shop.",
        "created_by": number % 7 + 1,
        "priority": number % 5,
        "created_at": _when(number),
        "updated_at": _when(number + 1),
        "flow_versions_count": number % 9,
        "deployments_count": number % 4,
        "flow_version_deployments_count": number % 6,
    }


def package_with_relations(number: int) -> Json:
    """A package with two flow versions, each with a deployment."""
    deployment = {"id": number, "flow_version_id": number, "enabled_at": _when(number), "created_at": _when(number)}
    versions = [{**flow_version(2 * number + side), "deployments": [deployment]} for side in (0, 1)]
    return {**package(number), "flow_versions": versions}


def flow_version(number: int) -> Json:
    """A flow version that keeps to the documented types."""
    return {
        "id": number,
        "flow_id": number % 40 + 1,
        "flow_name": f"Orders to ERP {number % 40}",
        "flow_priority": number % 5,
        "iteration": number % 12 + 1,
        "status": ("Draft", "Inactive", "Deployed")[number % 3],
        "is_deployed": number % 3 == 2,
        "is_editable": number % 3 == 0,
        "deployed_at": _when(number) if number % 3 == 2 else None,
        "saved_at": _when(number),
        "saved_by": number % 7 + 1,
        "has_callback_step": number % 2 == 0,
        "steps_count": number % 20,
        "created_at": _when(number),
        "updated_at": _when(number + 1),
        "priority": None,
    }


def real_flow_version(number: int) -> Json:
    """A flow version as installations send it: nulls and types that no documentation knows."""
    return {
        **flow_version(number),
        "flow_priority": str(number % 5) if number % 10 == 9 else number % 5,
        "status": "Archived" if number % 10 == 5 else ("Draft", "Inactive", "Deployed")[number % 3],
        "parent_id": None,
        "saved_by_user": None if number % 4 == 0 else {"id": number % 7 + 1, "name": "Ada Admin"},
        "updated_at": _when(number + 1).replace("T", " ")[:19],
    }


def page(rows: list[Json], number: int = 1, last: int = 1, total: int | None = None, per_page: int = 100) -> bytes:
    """A page of a list, in the server's bytes."""
    first = (number - 1) * per_page + 1
    url = "http://127.0.0.1/api/v1/packages?page="
    links = {"first": f"{url}1", "last": f"{url}{last}", "prev": None, "next": f"{url}{number + 1}"}
    meta = {
        "current_page": number,
        "from": first,
        "last_page": last,
        "path": url.partition("?")[0],
        "per_page": per_page,
        "to": first + len(rows) - 1,
        "total": len(rows) if total is None else total,
    }
    return json.dumps({"data": rows, "links": links, "meta": meta}, separators=(",", ":")).encode()


def one_package() -> bytes:
    """The answer to a call for one package: 1 kB."""
    row = package(1)
    row["notes"] = "x" * (1024 - len(json.dumps({"data": {**row, "notes": ""}})))
    return json.dumps({"data": row}).encode()


def _when(number: int) -> str:
    return f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}T10:{number % 60:02}:00.000000Z"
