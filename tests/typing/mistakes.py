# type: ignore  # noqa: PGH003
# mypy: ignore-errors
"""What type checkers must refuse: each line that says so, and no other.

What one checker alone can see says which. test_typing.py takes the two lines above away.
"""

from __future__ import annotations

import attrs

import patchworks_core_client
from patchworks_core_client import Package, PatchworksClient, Query


def make_clients() -> None:
    patchworks_core_client.Packags()  # error
    PatchworksClient(apikey="x")  # error
    PatchworksClient("x")  # error
    PatchworksClient(timeout="5")  # error
    PatchworksClient(transport="requests")  # error
    PatchworksClient(max_retries=None)  # error
    PatchworksClient(auth=("user", "password"))  # error
    PatchworksClient().with_options(api_key="x")  # error


async def call(client: PatchworksClient) -> None:
    await client.package.get(1)  # error
    await client.packages.fetch(1)  # error
    await client.packages.get()  # error
    await client.packages.get(None)  # error
    await client.packages.get(1.5)  # error
    await client.packages.create()  # error
    await client.packages.create("Checkout")  # error
    await client.packages.create(name=None)  # error
    await client.packages.create(name=7)  # error
    await client.packages.create(name="x", note="y")  # error
    await client.packages.create(name="x", notes=7)  # error
    await client.packages.update(1, nane="x")  # error
    await client.packages.add_flow_version(1)  # error
    await client.packages.delete(1, extra_headers=["x"])  # error
    await client.flow_version_deployments.create(1, priority="high")  # error
    await client.virtual_environments.create(name="x")  # error
    await client.virtual_environments.create(name="x", labels=[1])  # error
    await client.virtual_environments.create(name="x", labels=[{}])  # error
    await client.virtual_environments.create(name="x", labels=[{"name": "x"}])  # error
    await client.flow_versions.create_schedule(1, deployed_at=None)  # error
    await client.flow_versions.create_schedule(1, cron_string="x", deployed_at="2025-05-01")  # error
    await client.flow_versions.update_graph_step(1, 2)  # error
    await client.request("GET")  # error


async def ask(client: PatchworksClient) -> None:
    client.packages.list(filter={"nane": "x"})  # error
    client.packages.list(filter={"name": None})  # error
    client.packages.list(filter={"name": object()})  # error
    client.packages.list(filter="x")  # error
    client.packages.list(include="createdby")  # error
    client.packages.list(include=["createdBy", "flowversions.deployments"])  # error
    client.packages.list(sort="+name")  # error
    client.packages.list(sort=["-nane"])  # error
    client.packages.list(page="2")  # error
    client.packages.list(per_page=1.5)  # error
    client.packages.list(query={"page": 1})  # error
    client.packages.list(prefetch=None)  # error
    client.packages.list(on_progress=print_name)  # error
    await client.packages.get(1, include="versions")  # error
    await client.packages.get(1, sort="name")  # error
    client.flow_version_deployments.list(filter={"flowVersion": 1})  # error
    client.flow_versions.list_metrics(1, include="steps")  # error
    Query(filters={})  # error
    Query(page="1")  # error
    Query().page = 2  # error


async def read(client: PatchworksClient) -> None:
    client.packages.get(1)  # error
    await client.packages  # error
    await client.packages.list().pages()  # error
    package = await client.packages.get(1)
    await package  # error
    for _ in client.packages.list():  # error
        pass
    async for _ in client.packages.get(1):  # error
        pass
    page = await client.packages.list()
    print(page.next().items)  # error
    print((await client.packages.list().first()).name)  # error
    await client.packages.list().to_list("500")  # error


def change(package: Package) -> None:
    package.name = "x"  # error
    del package.name  # error by pyright
    package["name"] = "x"  # error
    attrs.evolve(package, name=7).to_dict()  # error by mypy


def make(package: Package) -> None:
    print(package.nane)  # error
    package.name.upper()  # error
    length: int = package.name  # error
    print(length)
    Package(nane="x")  # error
    Package(name=7)  # error
    Package("x")  # error
    Package.from_dict("x")  # error


def print_name(name: str) -> None:
    print(name)
