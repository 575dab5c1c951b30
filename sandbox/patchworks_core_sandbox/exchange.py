"""One request and its answer, as the faults see them."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http import HTTPStatus

from starlette.types import Receive, Scope

from .core import Core
from .endpoints import Move
from .journal import Entry


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer. Header names are in their usual spelling; `Content-Length` is added when it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def changed(self, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> "Answer":
        return replace(self, headers={**self.headers, **(headers or {})}, body=self.body if body is None else body)

    def head(self, **headers: str) -> bytes:
        """Status line and headers as they go over the wire; `headers` (with `_` for `-`) are added or replaced."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        shown = dict(self.headers) | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in shown.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass
class Exchange:
    """A request on its way through the sandbox.

    Attributes:
        answer: Set before the endpoint is asked: the endpoint is not asked.
        over: The connection has ended, or will: nothing more is sent.
        skew: Seconds by which the clock that this answer shows is off.
    """

    core: Core
    scope: Scope
    receive: Receive
    entry: Entry
    headers: Mapping[str, str]
    body: bytes
    answer: Answer | None = None
    over: bool = False
    skew: float = 0.0
    moves: list[Move] = field(default_factory=list[Move])

    def __post_init__(self) -> None:
        self._resets = self.core.resets

    def is_stale(self) -> bool:
        """Whether the sandbox was reset since the request came in."""
        return self._resets != self.core.resets

    @property
    def transport(self) -> asyncio.Transport:
        """The connection. Only the sandbox's own server gives it."""
        transport: asyncio.Transport = self.scope["state"]["transport"]
        return transport

    def shown_time(self) -> float:
        return self.core.clock.time() + self.core.clock.skew + self.skew

    def standard_headers(self) -> dict[str, str]:
        """The headers of every answer."""
        date = formatdate(self.shown_time(), usegmt=True)
        return {"Date": date, "Server": "nginx", "Cache-Control": "no-cache, private"}

    def write(self, data: bytes) -> None:
        """Write to the connection directly. The HTTP server cannot use it afterwards."""
        self.over = True
        if not self.transport.is_closing():
            self.transport.write(data)

    def close(self) -> None:
        """Close the connection (FIN) after what was written."""
        self.over = True
        self.transport.close()

    def reset(self) -> None:
        """Reset the connection (RST); what was written may be lost."""
        self.over = True
        if self.transport.is_closing():
            return
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def wait_for_disconnect(self) -> None:
        self.over = True
        while (await self.receive())["type"] != "http.disconnect":
            pass
