"""Loopback servers for bad days: raw sockets, so that a test says byte for byte what the client gets, and when.

async with serve(reply(503), item()) as server:  # one action for each request, the last for the rest
    async with connect(server) as client:
        ...
assert [seen.method for seen in server.seen] == ["GET", "GET"]
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from patchworks_core_client import PatchworksClient

KEY = "canary-Kz7Qp2Xv9Lm4"
"""The API key of these tests: whatever is shown is searched for it."""

Headers: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """A request as the server read it.

    Attributes:
        method: The method.
        target: Path and query, as they stood on the wire.
        headers: Names in lower case.
        raw_headers: The header lines as they came.
        body: The body.
        at: When it had been read, by time.monotonic().
        connection: Which connection it came over, counted from 0.
    """

    method: str
    target: str
    headers: dict[str, str]
    raw_headers: list[str]
    body: bytes
    at: float
    connection: int

    @property
    def authorization(self) -> str | None:
        return self.headers.get("authorization")

    def json(self) -> Any:
        return json.loads(self.body)


Action: TypeAlias = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]
Choice: TypeAlias = Callable[[Seen], Action]


@dataclass
class Server:
    """A running server, and what it has seen.

    Attributes:
        url: Its address.
        seen: The requests, in the order in which they were read.
        connections: How many were accepted.
        most: The most requests that were being answered at the same time.
        refusing: So many connections are reset before anything is read from them.
    """

    url: str = ""
    seen: list[Seen] = field(default_factory=list[Seen])
    connections: int = 0
    active: int = 0
    most: int = 0
    refusing: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def handle(self, choose: Choice, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.connections
        self.connections += 1
        if self.refusing:
            self.refusing -= 1
            abort(writer)
            return
        try:
            while (seen := await read_request(reader, number)) is not None:
                self.seen.append(seen)
                self.active += 1
                self.most = max(self.most, self.active)
                try:
                    await choose(seen)(seen, writer)
                finally:
                    self.active -= 1
                if writer.is_closing():
                    return
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


async def read_request(reader: asyncio.StreamReader, connection: int) -> Seen | None:
    """The next request of a connection; None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, lines, body, time.monotonic(), connection)


@asynccontextmanager
async def serve(
    *actions: Action, choose: Choice | None = None, refusing: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Server]:
    """A server on a free loopback port.

    Args:
        actions: What happens to the first request, the second, …; the last happens to all others too.
        choose: In place of the actions: picks one for each request.
        refusing: So many connections are reset before anything is read.
        tls: Speak TLS.
    """
    left = list(actions)

    def in_order(_: Seen) -> Action:
        return left.pop(0) if len(left) > 1 else left[0]

    server = Server(refusing=refusing)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(server.handle(choose or in_order, reader, writer), name="test-server")
        server.tasks.add(task)
        task.add_done_callback(server.tasks.discard)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls, backlog=1024)
    host, port = listening.sockets[0].getsockname()[:2]
    server.url = f"{'https' if tls else 'http'}://{host}:{port}"
    try:
        yield server
    finally:
        listening.close()
        for task in list(server.tasks):
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await asyncio.sleep(0)


def connect(server: Server, **options: Any) -> PatchworksClient:
    """A client of that server, with the canary key unless another credential is given."""
    if not options.keys() & {"token", "username", "auth"}:
        options.setdefault("api_key", KEY)
    return PatchworksClient(base_url=server.url, **options)


def unused_url() -> str:
    """A loopback address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


# ------------------------------------------------------------------------------------------------------------- actions


def message(status: int = 200, body: Any = None, headers: Headers | None = None, reason: str = "Fine") -> bytes:
    """An answer as bytes; a body that is neither bytes nor None is written as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode("latin-1") + content


def reply(
    status: int = 200, body: Any = None, headers: Headers | None = None, *, reason: str = "Fine", delay: float = 0
) -> Action:
    """Answer."""
    data = message(status, body, headers, reason)

    async def act(_: Seen, writer: asyncio.StreamWriter) -> None:
        if delay:
            await asyncio.sleep(delay)
        writer.write(data)
        await writer.drain()

    return act


def item(**fields: Any) -> Action:
    """Answer with one thing in an envelope."""
    return reply(200, {"data": {"id": 1, **fields}})


def send(*parts: bytes, pause: float = 0) -> Action:
    """Write these bytes, with a pause after each, and close."""

    async def act(_: Seen, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        writer.close()

    return act


def reset(after: bytes = b"") -> Action:
    """Reset the connection, perhaps after some bytes."""

    async def act(_: Seen, writer: asyncio.StreamWriter) -> None:
        if after:
            writer.write(after)
            await writer.drain()
            await asyncio.sleep(0.02)
        abort(writer)

    return act


def hang(after: bytes = b"") -> Action:
    """Write some bytes and nothing more; the connection stays open."""

    async def act(_: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        await asyncio.sleep(60)

    return act


def abort(writer: asyncio.StreamWriter) -> None:
    """Close with a reset in place of a goodbye."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
