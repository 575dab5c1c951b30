"""What we do with the private insides of httpcore's pool: give back what it loses, and read which proxy it uses.

httpcore shields its clean-up from anyio's cancellation only. A task that is cancelled as asyncio does it (by a timeout,
a task group, a caller) may leave a connection behind that is open, belongs to no request, and is never used or closed:
see https://github.com/encode/httpcore/pull/1099. Where the pool has other insides, this does nothing.
"""

from __future__ import annotations

from typing import Any


async def reclaim(sender: Any, extensions: object) -> None:
    """Close the connections of a pool that no request uses any more.

    Args:
        sender: The httpx transport that sent the request.
        extensions: The extensions of that request: the pool's own copy of it has the same object.
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
    if not lost:
        return
    pool._connections[:] = [one for one in pool._connections if one not in lost]
    # The pool may be the caller's, and full: another request that waits for a connection can have one now.
    for connection in [*lost, *assign()]:
        await connection.aclose()


def proxy_of(sender: Any) -> str:
    """Host and port of the proxy that an httpx transport sends through; an empty text where there is none."""
    try:
        url = sender.proxy.url if hasattr(sender, "proxy") else sender._pool._proxy_url
        host, port = url.host, url.port
    except AttributeError:
        return ""
    host = host.decode() if isinstance(host, bytes) else host
    return f"{host}:{port}" if port else host
