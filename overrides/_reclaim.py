"""What we do with private parts of httpcore's pool: close connections that it loses, and read its proxy.

httpcore protects its clean-up only from anyio's cancellation. A task that asyncio cancels (a timeout, a task group, a
caller) may leave behind a connection that is open, belongs to no request, and is never used or closed: see
https://github.com/encode/httpcore/pull/1099. If the pool's private parts differ, this does nothing.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


async def reclaim(sender: Any, extensions: object) -> None:
    """Close the connections of a pool that no request uses.

    Args:
        sender: The httpx transport that sent the request.
        extensions: The extensions of that request. The pool's copy of the request has the same object.
    """
    try:
        pool = sender._pool
        kept = [one for one in pool._requests if one.request.extensions is not extensions]
        used = {id(one.connection) for one in kept}
        lost = [one for one in pool._connections if id(one) not in used and not one.is_idle() and not one.is_closed()]
        assign = pool._assign_requests_to_connections
    except (AttributeError, TypeError):
        return
    pool._requests[:] = kept
    pool._connections[:] = [one for one in pool._connections if one not in lost]
    # The pool may be the caller's, and full: another request that waits for a connection can have one now.
    for connection in [*lost, *assign()]:
        await connection.aclose()


def proxy_of(sender: Any) -> str:
    """Host and port of an httpx transport's proxy, or an empty text."""
    try:
        url = str(sender.proxy.url) if hasattr(sender, "proxy") else bytes(sender._pool._proxy_url).decode()
    except (AttributeError, TypeError):
        return ""
    return urlsplit(url).netloc
