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
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """Pages by path. A page with an ETag or a date answers conditional requests as the standard says."""

    address: str = ""
    pages: dict[str, str | Callable[[], Reply]] = field(default_factory=dict[str, "str | Callable[[], Reply]"])
    headers: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    requests: list[Request] = field(default_factory=list[Request])

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        page = self.pages.get(request.path)
        if page is None:
            return Reply(b"nothing here", 404)
        if not isinstance(page, str):
            return page()
        headers = {"Content-Type": "text/markdown; charset=utf-8", **self.headers.get(request.path, {})}
        same = [
            request.headers.get(asked) == headers[told]
            for asked, told in (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified"))
            if told in headers
        ]
        return Reply(b"", 304) if same and all(same) else Reply(page.encode(), 200, headers)


@contextmanager
def serving() -> Generator[Site]:
    """Serve a site while the block runs."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = site.reply(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
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
