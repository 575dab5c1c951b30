"""A small HTTP server for the benchmarks: one process, loopback only, and it ends by itself.

It knows `/api/v1/packages/<id>` (one package) and `/api/v1/packages?page=…` (a page of a list), answers after the
latency that it is told, and, when a quota is set, with 429 beyond it in any fixed window.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import ceil

from . import samples

LONGEST_LIFE = 1800.0
_NUMBERS = re.compile(rb"[?&](page|per_page)=(\d+)")


@dataclass
class Settings:
    """What the server does.

    Attributes:
        latency: Seconds before an answer is sent.
        items: How many items the list has.
        default_per_page: The page size where the request names none.
        quota: Requests in a window; 0 for no limit.
        window: The fixed window, in seconds; it begins with the first request after the last one ended. Retry-After
            counts sixtieths of it, so that a shorter window is a minute in small.
    """

    latency: float = 0.0
    items: int = 10_000
    default_per_page: int = 15
    quota: int = 0
    window: float = 60.0


class Quota:
    """Laravel's throttle: so many requests from the first one on, then 429 until the window has ended."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ends = 0.0
        self._used = 0

    def refuses_for(self) -> float | None:
        """How long to wait, rounded up to a sixtieth of the window; None where the request may pass."""
        now = time.monotonic()
        if now >= self._ends:
            self._ends, self._used = now + self._settings.window, 0
        if self._used >= self._settings.quota:
            second = self._settings.window / 60
            return ceil((self._ends - now) / second) * second
        self._used += 1
        return None


class Connection(asyncio.Protocol):
    """One kept-alive connection; requests without a body, one after the other."""

    def __init__(self, settings: Settings, quota: Quota | None) -> None:
        self._settings = settings
        self._quota = quota
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget where answers went: a late page is dropped."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            target = self._buffer.split(b" ", 2)[1]
            self._buffer = self._buffer[end + 4 :]
            self._answer(target)

    def _answer(self, target: bytes) -> None:
        if self._quota is not None and (wait := self._quota.refuses_for()) is not None:
            self._write(_too_many(wait))
            return
        answer = _one_package() if target.startswith(b"/api/v1/packages/") else self._page(target)
        if self._settings.latency:
            asyncio.get_running_loop().call_later(self._settings.latency, self._write, answer)
        else:
            self._write(answer)

    def _page(self, target: bytes) -> bytes:
        asked = {name: int(value) for name, value in _NUMBERS.findall(target)}
        per_page = asked.get(b"per_page", self._settings.default_per_page)
        return _page(asked.get(b"page", 1), per_page, self._settings.items)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


@cache
def _one_package() -> bytes:
    return _response(samples.one_package())


@cache
def _page(number: int, per_page: int, items: int) -> bytes:
    start = (number - 1) * per_page
    rows = [samples.package(index) for index in range(start + 1, min(start + per_page, items) + 1)]
    return _response(samples.page(rows, number, ceil(items / per_page), items, per_page))


@cache
def _too_many(wait: float) -> bytes:
    return _response(b'{"message":"Too Many Attempts."}', "429 Too Many Requests", f"Retry-After: {wait:g}\r\n")


def _response(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve(settings: Settings, life: float) -> None:
    """Serve until standard input is closed or the time is up; the first line printed is the port."""
    loop = asyncio.get_running_loop()
    quota = Quota(settings) if settings.quota else None
    server = await loop.create_server(lambda: Connection(settings, quota), "127.0.0.1", 0, backlog=1024)
    if settings.latency:
        for per_page in (settings.default_per_page, 100):
            for number in range(1, ceil(settings.items / per_page) + 1):
                _page(number, per_page, settings.items)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        ended = loop.run_in_executor(None, sys.stdin.read)
        await asyncio.wait([ended], timeout=life)


@contextmanager
def running(settings: Settings) -> Generator[str, None, None]:
    """A server in a process of its own; its base URL."""
    command = [sys.executable, "-m", "benchmarks.server"]
    for name in ("latency", "items", "quota", "window"):
        command += [f"--{name}", str(getattr(settings, name))]
    process = subprocess.Popen(
        command, cwd=samples.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--quota", type=int, default=0)
    parser.add_argument("--window", type=float, default=60.0)
    arguments = parser.parse_args()
    settings = Settings(arguments.latency, arguments.items, 15, arguments.quota, arguments.window)
    asyncio.run(serve(settings, LONGEST_LIFE))


if __name__ == "__main__":
    main()
