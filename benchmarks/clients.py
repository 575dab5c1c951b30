"""One way to call for one package, for each client there is: what call, throughput and quota measure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Any

import httpx

from patchworks_core_client import PatchworksClient

from .measure import OPENAI, OPENAPI_GENERATOR, OURS, STOCK
from .peers import OPENAPI_GENERATOR_MODULE, STOCK_MODULE, openapi_generator_model, peer, pydantic_model
from .samples import one_package

HTTPX = "httpx"
HTTPX2 = "httpx2"
AIOHTTP = "aiohttp"
HTTPX_AIOHTTP = "httpx over aiohttp"
OURS_AIOHTTP = f'{OURS}, transport="aiohttp"'

PATH = "/api/v1/packages/1"
_HEADERS = {"Authorization": "k", "Accept": "application/json"}

Call = Callable[[], Awaitable[Any]]
Opened = AbstractAsyncContextManager[Call]


def in_memory(module: Any) -> Any:
    """A transport of httpx, or of its successor, that answers at once without a network."""
    body = one_package()

    def answer(_: Any) -> Any:
        return module.Response(200, content=body, headers={"content-type": "application/json"})

    return module.MockTransport(answer)


@asynccontextmanager
async def raw(module: Any, base_url: str, transport: Any = None) -> AsyncGenerator[Call, None]:
    """Httpx or httpx2 by hand: one client, status checked, JSON read."""
    async with module.AsyncClient(base_url=base_url, headers=_HEADERS, transport=transport, timeout=60) as client:

        async def call() -> Any:
            response = await client.get(PATH)
            response.raise_for_status()
            return response.json()

        yield call


@asynccontextmanager
async def raw_aiohttp(base_url: str) -> AsyncGenerator[Call, None]:
    """Aiohttp by hand: the limit of pure throughput."""
    async with peer("aiohttp").ClientSession(headers=_HEADERS) as session:

        async def call() -> Any:
            async with session.get(base_url + PATH) as response:
                response.raise_for_status()
                return await response.json()

        yield call


@asynccontextmanager
async def ours(base_url: str, **options: Any) -> AsyncGenerator[Call, None]:
    """This project's client, with no quota unless one is given."""
    options.setdefault("requests_per_minute", None)
    async with PatchworksClient(api_key="k", base_url=base_url, **options) as client:
        yield lambda: client.packages.get(1)


@asynccontextmanager
async def ours_in_memory(*, own: bool) -> AsyncGenerator[Call, None]:
    """This project's client without a network, by `http_client=` or with the client that it makes itself."""
    if not own:
        given = httpx.AsyncClient(transport=in_memory(httpx))
        async with given, ours("http://127.0.0.1", http_client=given) as call:
            yield call
        return
    async with PatchworksClient(api_key="k", base_url="http://127.0.0.1", requests_per_minute=None) as client:
        inner: Any = client._pipeline._http._client  # pyright: ignore[reportPrivateUsage]
        await inner._transport.aclose()
        inner._mounts.clear()
        inner._transport = in_memory(httpx)
        yield lambda: client.packages.get(1)


@asynccontextmanager
async def stock(base_url: str, transport: Any = None) -> AsyncGenerator[Call, None]:
    """The stock output of openapi-python-client."""
    get = import_module(f"{STOCK_MODULE}.api.packages.packages_get").asyncio
    options = {} if transport is None else {"transport": transport}
    client = peer(STOCK_MODULE).AuthenticatedClient(base_url=base_url, token="k", prefix="", httpx_args=options)
    async with client:

        async def call() -> Any:
            answer = await get("1", client=client)
            # What is no success comes back as another object, or as None, and every caller must look.
            if type(answer).__name__ != "PackagesResponse":
                raise ValueError(f"no package: {answer!r}")
            return answer

        yield call


@asynccontextmanager
async def openapi_generator(base_url: str, transport: Any = None) -> AsyncGenerator[Call, None]:
    """openapi-generator's Python client, over httpx."""
    module = peer(OPENAPI_GENERATOR_MODULE)
    configuration = module.Configuration(host=base_url, api_key={"ApiKeyAuth": "k"})
    async with module.ApiClient(configuration) as client:
        if transport is not None:
            client.rest_client.pool_manager = httpx.AsyncClient(transport=transport)
        api = module.PackagesApi(client)
        yield lambda: api.packages_get("1")


@asynccontextmanager
async def openai(base_url: str, transport: Any = None, **options: Any) -> AsyncGenerator[Call, None]:
    """openai-python, sent to our path; it brings its own httpx2."""
    module = peer("openai")
    base = module.BaseModel
    answer = peer("pydantic").create_model("Answer", __base__=base, data=(pydantic_model("Package", base), ...))
    if transport is not None:
        options["http_client"] = peer("httpx2").AsyncClient(transport=transport)
    async with module.AsyncOpenAI(api_key="k", base_url=base_url, **options) as client:
        yield lambda: client.get(PATH, cast_to=answer)


def over_network() -> dict[str, Callable[[str], Opened]]:
    """Every client that is installed here, by name; each is opened with the server's base URL."""
    found: dict[str, Callable[[str], Opened]] = {HTTPX: lambda url: raw(httpx, url), OURS: ours}
    if peer("httpx_aiohttp"):
        found[OURS_AIOHTTP] = lambda url: ours(url, transport="aiohttp")
        found[HTTPX_AIOHTTP] = lambda url: raw(httpx, url, peer("httpx_aiohttp").AiohttpTransport())
    if peer("aiohttp"):
        found[AIOHTTP] = raw_aiohttp
    if peer("httpx2"):
        found[HTTPX2] = lambda url: raw(peer("httpx2"), url)
    if peer(STOCK_MODULE):
        found[STOCK] = stock
    if peer(OPENAPI_GENERATOR_MODULE):
        openapi_generator_model("Package")
        found[OPENAPI_GENERATOR] = openapi_generator
    if peer("openai"):
        found[OPENAI] = openai
    return found
