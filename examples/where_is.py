"""Print where a flow is deployed. The smallest useful script.

    python examples/where_is.py "Orders to ERP"

The credential comes from the environment variables, as in examples/release.py.
"""

import asyncio
import sys

from patchworks_core_client import PatchworksClient


async def main(flow: str) -> None:
    async with PatchworksClient() as client:
        deployments = client.flow_version_deployments.list(
            include=["flowVersion", "virtualEnvironment"], sort="-enabled_at"
        )
        async for deployment in deployments:
            version, environment = deployment.flow_version, deployment.virtual_environment
            if version and version.flow_name == flow:
                place = environment.name if environment else "everywhere"
                print(f"{place}: version {version.iteration}, enabled {deployment.enabled_at}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
