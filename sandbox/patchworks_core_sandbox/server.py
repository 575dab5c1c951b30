"""The server: on a thread of its own, or on the current event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Any, Self, cast

import uvicorn
from anyio.from_thread import start_blocking_portal
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import credentials
from .app import LOGIN_PATH, Middleware, build_app
from .core import Core
from .edge import Edge
from .seed import Seed

HOST = "127.0.0.1"


class Sandbox(Core):
    """A local Patchworks Core, for tests and demonstrations.

    `async with Sandbox() as sandbox:` runs it on the current event loop. `with Sandbox.start_in_thread() as sandbox:`
    runs it on a thread of its own, for synchronous code.

    Args:
        port: The port on 127.0.0.1; 0 picks a free one.
        prefix: A path in front of every other, as a self-hosted installation may have it.
        seed: How much data there is at the start.
        limit: Requests allowed in a window; None turns the throttle off. Patchworks allows 240.
        window: Length of a window in seconds.
        token_lifetime: Lifetime of a token in seconds.
        journal_size: How many requests are remembered; None for all.
        middleware: ASGI middleware around the API, inside the journal and the faults.

    Attributes:
        state: The rows, to read and to change.
        requests: What came in, and what became of it.
        faults: What is going to fail, and how.
        auth: Tokens, to issue and to revoke.
        throttle: The rate limit.
        clock: The sandbox's time, which can be moved forward.
        crashes: Tracebacks of errors in the sandbox itself: a test can assert that there are none.
    """

    username = credentials.USERNAME
    password = credentials.PASSWORD
    api_key = credentials.API_KEY

    def __init__(
        self,
        *,
        port: int = 0,
        prefix: str = "",
        seed: Seed | None = None,
        limit: int | None = None,
        window: float = 60.0,
        token_lifetime: float = 86400.0,
        journal_size: int | None = None,
        middleware: Middleware | None = None,
    ) -> None:
        super().__init__(
            seed=seed or Seed(),
            limit=limit,
            window=window,
            token_lifetime=token_lifetime,
            journal_size=journal_size,
        )
        self.port = port
        self.prefix = prefix
        self._app = build_app(self, prefix, middleware)
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The address, for `base_url` or PATCHWORKS_BASE_URL."""
        return f"http://{HOST}:{self.port}{self.prefix}"

    @property
    def login_url(self) -> str:
        """The address of the login, for `login_url` or PATCHWORKS_LOGIN_URL."""
        return self.url + LOGIN_PATH

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which `PatchworksClient()` connects to this sandbox."""
        return {
            "PATCHWORKS_BASE_URL": self.url,
            "PATCHWORKS_LOGIN_URL": self.login_url,
            "PATCHWORKS_API_KEY": self.api_key,
        }

    def fail(
        self,
        status: int,
        *,
        times: int | None = 1,
        method: str | None = None,
        path: str | None = None,
        retry_after: float | str | None = None,
    ) -> None:
        """Answer the next matching requests with `status` instead of carrying them out.

        `faults.add` has more kinds of faults, such as lost, slow and broken answers.

        Args:
            status: 300 to 599. 502, 504 and 520 to 524 come as a proxy's HTML page, the others as Laravel's JSON.
            times: How many requests fail; None for all until `reset`.
            method: Only requests with this method, such as `"POST"`.
            path: Only requests to this documented path, such as `/api/v1/packages/{package}`, or
                `/packages/{package}` for short. `*` matches anything. Defaults to every call of the API; a login
                fails only where `path` is its path.
            retry_after: The value of `Retry-After`: seconds, or an HTTP date. None sends no such header.

        Raises:
            ValueError: `status` is not 300 to 599, or `times` is less than 1.
        """
        if not 300 <= status <= 599:
            raise ValueError(f"A request cannot fail with status {status}: 300 to 599 are possible.")
        if times is not None and times < 1:
            raise ValueError(f"times={times} makes no request fail: it is 1 or more, or None for all.")
        pattern = "/api/*" if path is None else path
        if not pattern.startswith(("/api/", "/fabric/", "*")):
            pattern = "/api/v1/" + pattern.lstrip("/")
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.faults.fail(status, times=times, method=method and method.upper(), path=pattern, headers=headers)

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        self._server = _Server(self._app, self)
        await self._server.start(listener)

    async def stop(self) -> None:
        """Close every connection, and cancel what is still being answered."""
        if self._server:
            await self._server.stop()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @classmethod
    @contextlib.contextmanager
    def start_in_thread(cls, **options: Any) -> Generator[Self]:
        """Run a sandbox on a thread with a loop of its own; `options` are those of the class."""
        sandbox = cls(**options)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(sandbox):
            yield sandbox


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the socket says that it is TCP: without it every answer, which is
    # written in two parts, would wait 40 ms for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


class _Protocol(H11Protocol):
    """Gives the application access to its connection, which faults need."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        cast(Core, self.app_state["core"]).requests.connections += 1


class _Server(uvicorn.Server):
    """uvicorn without signal handlers and main loop, so that it starts and stops at once."""

    def __init__(self, app: Edge, core: Core) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        super().__init__(config)
        self._app = app
        self._core = core

    async def start(self, listener: socket.socket) -> None:
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        self.lifespan.state["core"] = self._core
        self._app.stopping = False
        await self.startup(sockets=[listener])

    async def stop(self) -> None:
        self._app.stopping = True
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # let the connections notice that they are gone
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()
