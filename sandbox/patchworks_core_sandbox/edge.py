"""The outermost layer: records every request and applies faults."""

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .core import Core
from .exchange import Answer, Exchange
from .fault_kinds import KINDS, html_answer, json_answer
from .faults import Fault

CONTROL = "/_sandbox/"


class Edge:
    """ASGI middleware around the application.

    Attributes:
        stopping: The server is going down: requests that are still waiting end without a sound.
    """

    def __init__(self, app: ASGIApp, core: Core, prefix: str = "") -> None:
        self.stopping = False
        self._app = app
        self._core = core
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"].startswith(CONTROL):
                await self._app(scope, receive, send)
            else:
                await self._handle(scope, receive, send)
        except asyncio.CancelledError:
            if not self.stopping:
                raise

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = await self._open(scope, receive)
        try:
            await self._answer(exchange, send)
        except Exception as error:
            self._core.crashed(error)
            if exchange.over:
                exchange.reset()
            else:
                await self._send(exchange, json_answer(500, {"message": f"The sandbox failed: {error!r}"}), send)
        finally:
            if not exchange.is_stale():
                self._core.requests.close()

    async def _open(self, scope: Scope, receive: Receive) -> Exchange:
        body = await _read(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, query = scope["path"].removeprefix(self._prefix), scope["query_string"].decode("latin-1")
        entry = self._core.requests.open(scope["method"], path, query, headers, _readable(body))
        routed = path.rstrip("/") or "/"  # Laravel ignores a trailing slash
        inner = {**scope, "path": routed, "raw_path": routed.encode(), "prefix": self._prefix}
        exchange = Exchange(self._core, inner, receive, entry, headers, body)
        inner["exchange"] = exchange
        if not scope["path"].startswith(self._prefix):
            exchange.answer = html_answer(404)
        return exchange

    async def _answer(self, exchange: Exchange, send: Send) -> None:
        """Ask the endpoint, and apply the faults in their order."""
        faults = self._faults(exchange)
        exchange.entry.faults = [str(fault) for fault in faults]
        for fault in faults:
            run = KINDS[fault.kind].before
            if run and not exchange.over:
                await run(exchange, fault.value)
        if exchange.is_stale() and not exchange.over:
            exchange.reset()
        if exchange.over:
            return await _finish(exchange)
        answer = exchange.answer or await self._ask(exchange)
        answer = answer.changed(headers=exchange.standard_headers())
        for fault in faults:
            if change := KINDS[fault.kind].after:
                answer = change(exchange, answer, fault.value).changed(headers=exchange.standard_headers())
        exchange.entry.status = answer.status
        for fault in faults:
            if spoil := KINDS[fault.kind].deliver:
                await spoil(exchange, answer, fault.value)
                return await _finish(exchange)
        return await self._send(exchange, answer, send)

    def _faults(self, exchange: Exchange) -> tuple[Fault, ...]:
        try:
            return self._core.faults.pick(exchange.entry.method, exchange.entry.path, exchange.headers)
        except ValueError as error:
            exchange.answer = json_answer(400, {"message": str(error)})
            return ()

    async def _ask(self, exchange: Exchange) -> Answer:
        """The application's answer. The request's body has been read already."""
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": exchange.body, "more_body": False}

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app(exchange.scope, receive, collect)
        start, *parts = messages
        headers = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in start["headers"]}
        headers.pop("Content-Length", None)
        return Answer(start["status"], headers, b"".join(part.get("body", b"") for part in parts))

    async def _send(self, exchange: Exchange, answer: Answer, send: Send) -> None:
        headers = dict(exchange.standard_headers()) | dict(answer.headers)
        if answer.status != 204:
            headers["Content-Length"] = str(len(answer.body))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _finish(exchange: Exchange) -> None:
    """Wait until the HTTP server has noticed that the connection is gone, or it would answer by itself."""
    await exchange.wait_for_disconnect()


def _readable(body: bytes) -> Any:
    """A body for the journal: as JSON, else as text."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
