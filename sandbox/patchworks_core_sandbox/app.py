"""The application: login, the API, and the control endpoints."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .control import control_routes
from .core import Core
from .edge import Edge
from .endpoints import ENDPOINTS, Call, Endpoint, parsed_body
from .errors import Refusal
from .exchange import Exchange
from .query import Query
from .validation import validate

LOGIN_PATH = "/fabric/api/login"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
"""In the order in which Laravel names them."""

Serve = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[ASGIApp], ASGIApp]


def build_app(core: Core, prefix: str = "", middleware: Middleware | None = None) -> Edge:
    """The whole sandbox as one ASGI application.

    Args:
        prefix: A path that stands before every other, as on an installation of one's own.
        middleware: Wraps the API, inside the journal and the faults.
    """
    paths: dict[str, dict[str, Serve]] = {LOGIN_PATH: {"POST": _login(core)}}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method] = _api(core, endpoint)
    routes = [Route(path, _Path(served)) for path, served in paths.items()]
    app = Starlette(routes=control_routes(core) + routes, exception_handlers={404: _no_route})
    app.router.redirect_slashes = False
    return Edge(middleware(app) if middleware else app, core, prefix)


class _Path:
    """One path and what each method does there; GET answers HEAD, and OPTIONS names the methods."""

    def __init__(self, served: Mapping[str, Serve]) -> None:
        self._served = dict(served)
        if "GET" in served:
            self._served["HEAD"] = served["GET"]
        self._methods = [verb for verb in VERBS if verb in self._served]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method in self._served:
            response = await self._served[request.method](request)
        elif request.method == "OPTIONS":
            response = Response(headers={"Allow": ",".join(self._methods)}, media_type="text/html")
        else:
            response = _no_method(request, ", ".join(self._methods))
        await response(scope, receive, send)


def _api(core: Core, endpoint: Endpoint) -> Serve:
    async def serve(request: Request) -> Response:
        exchange: Exchange = request.scope["exchange"]
        exchange.entry.operation = endpoint.operation
        limits: dict[str, str] = {}
        try:
            user = core.auth.identify(exchange.headers.get("authorization"))
            limits = await core.throttle.hit(user.email)
            reply = endpoint(_call(core, user, exchange, request))
        except Refusal as refusal:
            return _refused(request, refusal, limits)
        core.requests.act(exchange.entry)
        return _json(reply.payload, reply.status, limits)

    return serve


def _call(core: Core, user: Any, exchange: Exchange, request: Request) -> Call:
    return Call(
        core=core,
        user=user,
        url=_origin(request) + request.scope["path"],
        parameters=request.path_params,
        query=Query.parse(request.scope["query_string"].decode("latin-1")),
        body=parsed_body(exchange.headers.get("content-type", ""), exchange.body),
        moves=exchange.moves,
    )


def _origin(request: Request) -> str:
    """Where the installation says that it is, which is http:// even behind a proxy that speaks TLS."""
    return f"http://{request.headers.get('host', 'localhost')}{request.scope['prefix']}"


def _login(core: Core) -> Serve:
    async def serve(request: Request) -> Response:
        exchange: Exchange = request.scope["exchange"]
        exchange.entry.operation = "login"
        body = dict(parsed_body(exchange.headers.get("content-type", ""), exchange.body))
        identity = "email" if "email" in body else "username"
        try:
            fields = validate(core.state, body, {identity: "required|string", "password": "required|string"})
            token, lifetime = core.auth.log_in(fields[identity], fields["password"])
        except Refusal as refusal:
            return _refused(request, refusal, {})
        core.requests.act(exchange.entry)
        return _json({"message": "Login successful.", "token": token, "expires_in": int(lifetime)}, 200, {})

    return serve


def _json(payload: Any, status: int, headers: dict[str, str]) -> Response:
    return Response(json.dumps(payload), status, headers, media_type="application/json")


def _refused(request: Request, refusal: Refusal, limits: dict[str, str]) -> Response:
    """A refusal as Laravel gives it: who does not ask for JSON first is redirected, or gets a page."""
    headers = {**limits, **refusal.headers}
    wanted = request.headers.get("accept", "").partition(",")[0]
    if "/json" in wanted or "+json" in wanted:
        return _json(refusal.body(), refusal.status, headers)
    if refusal.status in (401, 422):
        target = _origin(request) + ("/login" if refusal.status == 401 else "/")
        page = f"<!DOCTYPE html><title>Redirecting to {target}</title>Redirecting to <a href={target}>{target}</a>."
        return HTMLResponse(page, 302, {**headers, "Location": target})
    return HTMLResponse(f"<!DOCTYPE html><title>{refusal.status}</title>", refusal.status, headers)


async def _no_route(request: Request, _: Exception) -> Response:
    return _refused(request, Refusal(404, ""), {})


def _no_method(request: Request, methods: str) -> Response:
    message = f"The {request.method} method is not supported for this route. Supported methods: {methods}."
    return _refused(request, Refusal(405, message, headers={"Allow": methods}), {})
