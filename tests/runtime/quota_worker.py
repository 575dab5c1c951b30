"""A process of the tests of the shared quota; its arguments are those of `work`.

It starts its calls when a line comes on its standard input, and prints the names of the errors that they raised.
"""

from __future__ import annotations

import asyncio
import sys

from patchworks_core_client import PatchworksClient, quota

from .servers import KEY


async def work(server: str, redis: str, per_minute: str, window: str, calls: str, transport: str) -> None:
    """Make the calls, all at once."""
    quota._WINDOW = float(window)  # type: ignore[misc]  # pyright: ignore[reportPrivateUsage, reportConstantRedefinition]
    shared = quota.RedisQuota(redis, per_minute=int(per_minute))
    async with PatchworksClient(base_url=server, api_key=KEY, quota=shared, transport=transport) as client:  # type: ignore[arg-type]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        outcomes = await asyncio.gather(
            *(client.packages.get(number) for number in range(int(calls))), return_exceptions=True
        )
        print([repr(each) for each in outcomes if isinstance(each, BaseException)], flush=True)


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
