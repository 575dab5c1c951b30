"""A documentation server on the loopback interface, whose pages a test changes as it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What one request is answered."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Site:
    """Pages by path."""

    address: str = ""
    pages: dict[str, str | Callable[[], Reply]] = field(default_factory=dict[str, "str | Callable[[], Reply]"])

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def reply(self, path: str) -> Reply:
        page = self.pages.get(path)
        if page is None:
            return Reply(b"nothing here", 404)
        if not isinstance(page, str):
            return page()
        return Reply(page.encode(), 200, {"Content-Type": "text/markdown; charset=utf-8"})


@contextmanager
def serving() -> Generator[Site]:
    """Serve a site while the block runs."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = site.reply(self.path)
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
