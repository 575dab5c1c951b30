"""A web service that uses the client: one client for the whole application.

    fastapi dev examples/fastapi_app.py        (or: uvicorn examples.fastapi_app:app)

The client is created on start-up and closed on shutdown. A client per request would log in,
connect and count its requests anew each time. Needs fastapi.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from patchworks_core_client import (
    APIStatusError,
    NotFoundError,
    PatchworksClient,
    PatchworksError,
    UnprocessableEntityError,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[dict[str, Any]]:
    """Create the client before the first request: that does the slow work."""
    async with PatchworksClient() as client:
        yield {"patchworks": client}


app = FastAPI(title="Releases", lifespan=lifespan)


def patchworks(request: Request) -> PatchworksClient:
    return cast(PatchworksClient, request.state.patchworks)


Patchworks = Annotated[PatchworksClient, Depends(patchworks)]


@app.get("/environments/{environment}/flows")
async def deployed_flows(environment: int, client: Patchworks) -> list[dict[str, Any]]:
    """The flows that are live in an environment."""
    deployments = client.flow_version_deployments.list(
        filter={"virtual_environment_id": environment}, include="flowVersion"
    )
    return [
        {
            "flow": version.flow_name,
            "version": version.iteration,
            "since": deployment.enabled_at,
        }
        async for deployment in deployments
        if deployment.enabled_at and (version := deployment.flow_version)
    ]


@app.post("/packages", status_code=201)
async def create_package(name: str, client: Patchworks) -> dict[str, Any]:
    """Create a package."""
    package = await client.packages.create(name=name)
    return {"id": package.id, "name": package.name}


@app.post("/packages/{package}/deployments/{environment}", status_code=202)
async def deploy(package: int, environment: int, client: Patchworks) -> None:
    """Deploy a package."""
    await client.packages.deploy(package, environment)


@app.exception_handler(PatchworksError)
async def refused(request: Request, error: PatchworksError) -> JSONResponse:
    """Pass on what the caller can act on. Anything else is our problem: a 502."""
    if isinstance(error, UnprocessableEntityError):
        return JSONResponse({"errors": error.errors}, 422)
    if isinstance(error, NotFoundError):
        return JSONResponse({"error": error.message}, 404)
    request_id = error.request_id if isinstance(error, APIStatusError) else None
    return JSONResponse(
        {"error": "Patchworks did not answer as expected", "request_id": request_id}, 502
    )
