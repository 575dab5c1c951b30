"""A sandbox that runs: on its own thread, or on the loop of whoever starts it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Generator
from typing import Any, Self, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import credentials
from .app import LOGIN_PATH, Middleware, build_app
from .auth import Auth
from .clock import Clock
from .core import Core
from .edge import Edge
from .faults import Faults
from .journal import Journal
from .seed import Seed
from .state import State
from .throttle import Throttle

HOST = "127.0.0.1"


class Sandbox:
    """A local Patchworks Core, for tests and demonstrations.

    On the running loop: `async with Sandbox() as sandbox:`. On a thread of its own, for synchronous code and where the
    loop must be free: `with Sandbox.start_in_thread() as sandbox:`.

    Args:
        port: 0 for any that is free.
        prefix: A path that stands before every other, as on an installation of one's own.
        seed: How much data there is at the start.
        limit: Requests in a window; None for no throttle. Patchworks allows 240.
        window: Seconds a window lasts.
        token_lifetime: Seconds a token lives.
        journal_size: How many requests are remembered; None for all.
        middleware: Wraps the API, inside the journal and the faults: for checks of one's own.

    Attributes:
        crashes: Tracebacks of the sandbox's own faults: a test may assert that there are none.
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
        self.core = Core(
            seed=seed or Seed(),
            limit=limit,
            window=window,
            token_lifetime=token_lifetime,
            journal_size=journal_size,
        )
        self.port = port
        self.prefix = prefix
        self.app = build_app(self.core, prefix, middleware)
        self.crashes = self.core.crashes
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The address: what `base_url` and PATCHWORKS_BASE_URL are set to."""
        return f"http://{HOST}:{self.port}{self.prefix}"

    @property
    def login_url(self) -> str:
        """Where a username and password are exchanged for a token."""
        return self.url + LOGIN_PATH

    @property
    def state(self) -> State:
        """The rows, to look at and to change."""
        return self.core.state

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.core.faults

    @property
    def requests(self) -> Journal:
        """The requests so far."""
        return self.core.journal

    @property
    def auth(self) -> Auth:
        """Tokens, to issue and to revoke."""
        return self.core.auth

    @property
    def throttle(self) -> Throttle:
        """The rate limit."""
        return self.core.throttle

    @property
    def clock(self) -> Clock:
        """The sandbox's time, which can be moved forward."""
        return self.core.clock

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that lead a `PatchworksClient()` here, with the API key."""
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
        """Refuse the next requests that match with `status`, without carrying them out.

        More kinds of faults, such as lost answers and slow ones, are in `faults.add`.

        Args:
            status: 300 to 599. Answers of 502, 504 and 520 to 524 are a proxy's HTML pages, the others Laravel's JSON.
            times: How many requests; None for every one until `reset`.
            method: Only requests with this method, such as `"POST"`.
            path: Only requests for this path as it is documented, such as `/api/v1/packages/{package}` or, shorter,
                `/packages/{package}`. `*` stands for anything. Without it every call of the API, but no login.
            retry_after: What `Retry-After` says: seconds, or an HTTP date. Without it there is no such header.

        Raises:
            ValueError: `status` is not 300 to 599.
        """
        if not 300 <= status <= 599:
            raise ValueError(f"A request cannot fail with status {status}: 300 to 599 are possible.")
        pattern = "/api/*" if path is None else path
        if not pattern.startswith(("/api/", "/fabric/", "*")):
            pattern = "/api/v1/" + pattern.lstrip("/")
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.core.faults.fail(status, times=times, method=method and method.upper(), path=pattern, headers=headers)

    def reset(self) -> None:
        """Data, tokens, faults, counts and time as they were at the start."""
        self.core.reset()

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        self._server = _Server(self.app, self.core)
        await self._server.start(listener)

    async def stop(self) -> None:
        """End every connection and whatever is still being answered."""
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
        """Run a sandbox, made with `options`, on a thread with a loop of its own."""
        sandbox = cls(**options)
        runner = _Thread(sandbox)
        runner.start()
        try:
            yield sandbox
        finally:
            runner.stop()


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


class _Thread:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="sandbox", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()
        if self._failure:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        try:
            await self._sandbox.start()
        except OSError as error:
            self._failure = error
            return
        finally:
            self._ready.set()
        await self._stopped.wait()
        await self._sandbox.stop()


class _Protocol(H11Protocol):
    """Lets the application at its connection, which faults need."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
        cast(Core, self.app_state["core"]).journal.connections += 1


class _Server(uvicorn.Server):
    """uvicorn without signal handlers and without its ticking main loop: it starts and stops at once."""

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
        await asyncio.sleep(0)  # the connections learn that they are gone
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()
