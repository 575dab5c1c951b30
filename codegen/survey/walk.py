"""The calls: lists first, then items by the ids that came; each include and sort once; GET only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from patchworks_core_client import (
    APIError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    PatchworksClient,
    QuotaError,
)

from ..json_tools import is_object
from .findings import STATUSES, THROTTLE, Findings, Names
from .operations import ReadOperation, snake

UNKNOWN = "survey_unknown_name"
"""Asked for once where names are documented: the server's refusal lists those that it allows."""

_NAME = re.compile(r"[A-Za-z_][\w.]*")
_THROTTLE = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after")


class StopError(Exception):
    """The survey cannot go on; the text says why, without a host or an id."""


async def walk(
    client: PatchworksClient, operations: list[ReadOperation], findings: Findings, tell: Callable[[str], None]
) -> None:
    """Call every operation that the ids suffice for.

    Args:
        client: Keeps to the quota and retries.
        operations: What to call, in this order as far as ids allow.
        findings: Gets what the answers show.
        tell: Shows how far the survey is.

    Raises:
        StopError: The credential is refused, or there is no answer.
    """
    pending = list(operations)
    while pending:
        ready = next((each for each in pending if findings.ids.arguments(each)), None)
        if ready is None:
            return
        pending.remove(ready)
        done = len(operations) - len(pending)
        tell(f"{ready.name} ({done} of {len(operations)}, {findings.counts[STATUSES].total()} requests so far)")
        await _Visit(client, ready, findings).run()


class _Visit:
    """All calls of one operation."""

    def __init__(self, client: PatchworksClient, operation: ReadOperation, findings: Findings) -> None:
        self._client = client
        self._operation = operation
        self._findings = findings

    async def run(self) -> None:
        """Plain calls with a few ids, and the variations with the first that is answered."""
        answered: tuple[str, ...] | None = None
        for arguments in self._findings.ids.arguments(self._operation):
            answer = await self._get(arguments, {})
            if answer is not None:
                answered = arguments if answered is None else answered
                self._page("default", answer)
        if answered is None:
            return
        if self._operation.largest_page is not None:
            self._findings.pages[self._operation.name]["asked"] = self._operation.largest_page
            for size in (self._operation.largest_page, 50, 25, 10):  # smaller ones where it is refused
                if self._page("largest", await self._get(answered, {"per_page": size})):
                    break
        for kind, documented in self._operation.choices.items():
            await self._choices(answered, kind, documented)

    async def _choices(self, arguments: tuple[str, ...], kind: str, documented: frozenset[str]) -> None:
        names = self._findings.names[self._operation.name, kind]
        await self._get(arguments, {f"filter[{UNKNOWN}]": "1"} if kind == "filter" else {kind: UNKNOWN}, kind)
        if names.listed is not None:
            names.refused |= documented - names.listed
        if kind == "filter":
            return  # what to filter by would be a value
        for name in sorted((documented | self._worth_asking(kind, names, documented)) - names.refused):
            await self._get(arguments, {kind: name}, kind)

    def _worth_asking(self, kind: str, names: Names, documented: frozenset[str]) -> set[str]:
        """Names that are allowed without being documented; counts only where their key is documented."""
        counts = {name for name in names.listed or () if snake(name) in self._findings.documented_keys}
        return names.undocumented(kind, documented) | counts

    async def _get(self, arguments: tuple[str, ...], query: dict[str, Any], kind: str = "") -> Any:
        """The JSON of an answer; None where there is none, or a refusal, which is recorded."""
        operation, findings = self._operation, self._findings
        values = iter(arguments)
        path = re.sub(r"\{[^}]+\}", lambda _: quote(next(values), safe=""), operation.path)
        try:
            answer = await self._client.request("GET", path, query=query)
        except AuthenticationError as error:
            raise StopError("the server refuses the credential (401)") from error
        except APIStatusError as error:
            self._count(error.status_code, error.headers)
            if isinstance(error, BadRequestError) and kind:
                names = findings.names[operation.name, kind]
                names.refused |= _harmless(error.requested) - {UNKNOWN}
                if error.allowed or "no allowed" in error.message:
                    names.listed = frozenset(_harmless(error.allowed))
            return None
        except (APIError, QuotaError) as error:
            raise StopError(f"there is no answer ({type(error).__name__})") from error
        self._count(answer.status_code, answer.headers)
        try:
            value = answer.json()
        except (ValueError, RecursionError):
            findings.counts[STATUSES][operation.name, "an answer that is not JSON"] += 1
            return None
        if operation.schema is not None:
            findings.see(operation.name, operation.schema, value)
        findings.ids.learn(operation, arguments, value.get("data") if is_object(value) else value)
        return value

    def _count(self, status: int, headers: Any) -> None:
        self._findings.counts[STATUSES][self._operation.name, str(status)] += 1
        for name in _THROTTLE:
            if name in headers:
                limit = headers[name] if name == _THROTTLE[0] and headers[name].isdecimal() else ""
                self._findings.counts[THROTTLE][f"{name} {limit}".rstrip(),] += 1

    def _page(self, which: str, answer: Any) -> bool:
        """Keep the size of a page; False where there is no answer."""
        meta = answer.get("meta") if is_object(answer) else None
        if is_object(meta) and isinstance(meta.get("per_page"), int):
            self._findings.pages[self._operation.name][which] = meta["per_page"]
        return answer is not None


def _harmless(names: list[str]) -> set[str]:
    """Names of the API, and nothing else that a message may quote."""
    return {name.removeprefix("-") for name in names if _NAME.fullmatch(name.removeprefix("-"))}
