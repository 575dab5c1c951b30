"""Gives back what httpcore's pool loses where a request is cancelled at the wrong moment.

httpcore shields its clean-up from anyio's cancellation only. A task that is cancelled as asyncio does it (by a timeout,
a task group, a caller) may leave a connection behind that is open, belongs to no request, and is never used or closed:
see https://github.com/encode/httpcore/pull/1099. Where the pool has other insides, this does nothing.
"""

from __future__ import annotations

from typing import Any

MARK = "patchworks_core_client"
"""The extension by which an attempt finds its own request in the pool."""


async def reclaim(sender: object, attempt: object) -> None:
    """Close the connections of a pool that nobody uses any more.

    Args:
        sender: The httpx transport that sent the attempt.
        attempt: What stood in the request's extensions under MARK.
    """
    pool: Any = getattr(sender, "_pool", None)
    requests: list[Any] | None = getattr(pool, "_requests", None)
    connections: list[Any] | None = getattr(pool, "_connections", None)
    if requests is None or connections is None:
        return
    requests[:] = [one for one in requests if one.request.extensions.get(MARK) is not attempt]
    used = {id(one.connection) for one in requests}
    lost = [one for one in connections if id(one) not in used and not one.is_idle() and not one.is_closed()]
    if not lost:
        return
    connections[:] = [one for one in connections if one not in lost]
    # Who waits for a place in a pool of the caller's that is full gets one now.
    lost += pool._assign_requests_to_connections()
    for connection in lost:
        await connection.aclose()
