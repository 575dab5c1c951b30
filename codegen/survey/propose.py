"""An overlay that makes the spec say what the answers showed, for a person to judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..json_tools import JsonObject
from ..learn import Place, Proposals, action_at, replacing, schema_of, steps
from .findings import Difference, Findings, Names, Spot
from .operations import ReadOperation


def propose(findings: Findings, operations: list[ReadOperation]) -> Proposals:
    """The actions that would make the documentation agree with the answers."""
    actions = [action for difference in findings.differences() for action in _of_difference(difference, findings)]
    for operation in operations:
        actions += _of_names(operation, findings)
    return Proposals(tuple(actions), ())


def _of_difference(difference: Difference, findings: Findings) -> Iterator[JsonObject]:
    spot, seen = difference.spot, difference.seen
    component = findings.spec["components"]["schemas"].get(spot.component)
    if component is None or spot.key == "*":
        return
    owner: Place = (*steps(component["x-source"]), "properties")
    place = (*owner, spot.key, *("items",) * spot.depth)
    reason = f"Surveyed: {_evidence(difference)}."
    match difference.kind:
        case "unknown":
            date = {"format": "date-time"} if seen.keys() - {"null"} == {"date-time"} else {}
            yield action_at(owner, reason, {spot.key: schema_of(_plain(seen)) | date or {"nullable": True}})
        case "missing":
            yield action_at(place, reason, None)
        case "null" if "$ref" in (present := _present(findings, spot, place)):
            # In OpenAPI 3.0 nothing may stand beside a reference; it may be a part of what may be null.
            target = findings.resolve(present)[1]["x-source"]
            yield action_at((*place, "$ref"), reason, None)
            yield action_at(place, reason, {"nullable": True, "allOf": [{"$ref": target}]})
        case "null":
            yield action_at(place, reason, {"nullable": True})
        case "enum":
            yield action_at((*place, "enum"), reason, None)
        case _:
            yield from replacing(place, _present(findings, spot, place), schema_of(_plain(seen)), reason)


def _present(findings: Findings, spot: Spot, place: Place) -> JsonObject:
    """The schema as the documentation has it: what has become a component of its own may stand inline there."""
    schema = findings.documented(spot)
    resolved = findings.resolve(schema)[1]
    return resolved if steps(resolved.get("x-source", "")) == place else schema


def _plain(seen: Counter[str]) -> Counter[str]:
    """Types that a schema can name."""
    plain: Counter[str] = Counter()
    for kind, count in seen.items():
        plain[{"enum": "string", "date-time": "string"}.get(kind, kind)] += count
    return plain


def _evidence(difference: Difference) -> str:
    """What was seen, in answers to what; for the reason of an action and for the report."""
    calls = ", ".join(sorted(difference.operations))
    if difference.kind == "missing":
        return f"documented, but in none of {difference.seen.total()} objects, in answers to {calls}"
    seen = ", ".join(f"{kind} ({count} times)" for kind, count in sorted(difference.seen.items()))
    documented = f"documented as {difference.documented}" if difference.documented else "not documented"
    return f"{documented}; seen as {seen}, in answers to {calls}"


def _of_names(operation: ReadOperation, findings: Findings) -> Iterator[JsonObject]:
    parameters: str = action_at((*operation.source, "parameters"), "", None)["target"]
    for kind, documented in operation.choices.items():
        names = findings.names.get((operation.name, kind), Names())
        choices = f"{parameters}[?@.name=='{kind}'].schema.items"
        for name in sorted(names.refused & documented):
            reason = f"Surveyed: {operation.name} refuses the {kind} {name}."
            if kind == "filter":
                yield _action(f"{parameters}[?@.name=='filter[{name}]']", reason, remove=True)
            else:
                yield _action(f"{choices}.enum[?@=='{name}' || @=='-{name}']", reason, remove=True)
        more = sorted(names.undocumented(kind, documented))
        reason = f"Surveyed: {operation.name} allows the {kind} {', '.join(more)} as well."
        if more and kind == "filter":
            fresh = [{"name": f"filter[{name}]", "in": "query", "schema": {"type": "string"}} for name in more]
            yield _action(parameters, reason, update=fresh)
        elif more:
            both = [each for name in more for each in ((name,) if kind == "include" else (name, f"-{name}"))]
            yield _action(choices, reason, update={"enum": both})
    sizes = findings.pages.get(operation.name, {})
    if "largest" in sizes and sizes["largest"] < sizes["asked"]:
        reason = f"Surveyed: {operation.name} answers with {sizes['largest']} a page, not with {sizes['asked']}."
        yield _action(f"{parameters}[?@.name=='per_page'].schema", reason, update={"maximum": sizes["largest"]})


def _action(target: str, reason: str, **change: Any) -> JsonObject:
    return {"target": target, "description": reason, **change}
