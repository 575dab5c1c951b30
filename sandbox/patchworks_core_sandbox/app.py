"""The application: login, the API, and the control endpoints."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from .control import control_routes
from .core import Core
from .edge import Edge
from .endpoints import ENDPOINTS, Call, Endpoint, parsed_body
from .errors import Refusal
from .exchange import Exchange
from .query import Query
from .validation import validate

LOGIN_PATH = "/fabric/api/login"

Serve = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[ASGIApp], ASGIApp]


def build_app(core: Core, prefix: str = "", middleware: Middleware | None = None) -> Edge:
    """The whole sandbox as one ASGI application.

    Args:
        prefix: A path that stands before every other, as on an installation of one's own.
        middleware: Wraps the API, inside the journal and the faults.
    """
    routes = [Route(endpoint.path, _api(core, endpoint), methods=[endpoint.method]) for endpoint in ENDPOINTS]
    routes.append(Route(LOGIN_PATH, _login(core), methods=["POST"]))
    routes += control_routes(core)
    app = Starlette(routes=routes, exception_handlers={404: _no_route, 405: _no_method})
    app.router.redirect_slashes = False
    return Edge(middleware(app) if middleware else app, core, prefix)


def _api(core: Core, endpoint: Endpoint) -> Serve:
    async def serve(request: Request) -> Response:
        exchange: Exchange = request.scope["exchange"]
        exchange.entry.operation = endpoint.operation
        limits: dict[str, str] = {}
        try:
            user = core.auth.identify(exchange.headers.get("authorization"))
            limits = core.throttle.hit(user.email)
            reply = endpoint(_call(core, user, exchange, request))
        except Refusal as refusal:
            return _refused(request, refusal, limits)
        core.journal.act(exchange.entry)
        return _json(reply.payload, reply.status, limits)

    return serve


def _call(core: Core, user: Any, exchange: Exchange, request: Request) -> Call:
    host = exchange.headers.get("host", "localhost")
    return Call(
        core=core,
        user=user,
        url=f"http://{host}{request.scope['prefix']}{request.scope['path']}",
        parameters=request.path_params,
        query=Query.parse(request.scope["query_string"].decode("latin-1")),
        body=parsed_body(exchange.headers.get("content-type", ""), exchange.body),
        moves=exchange.moves,
    )


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
        core.journal.act(exchange.entry)
        return _json({"message": "Login successful.", "token": token, "expires_in": int(lifetime)}, 200, {})

    return serve


def _json(payload: Any, status: int, headers: dict[str, str]) -> Response:
    return Response(json.dumps(payload), status, headers, media_type="application/json")


def _refused(request: Request, refusal: Refusal, limits: dict[str, str]) -> Response:
    """A refusal as Laravel gives it: those who do not ask for JSON are sent to a page."""
    headers = {**limits, **refusal.headers}
    if "json" in request.headers.get("accept", ""):
        return _json(refusal.body(), refusal.status, headers)
    if refusal.status in (401, 422):
        return RedirectResponse("/login" if refusal.status == 401 else "/", 302, headers)
    return HTMLResponse(f"<!DOCTYPE html><title>{refusal.status}</title>", refusal.status, headers)


async def _no_route(request: Request, _: Exception) -> Response:
    message = f"The route {request.scope['path'].lstrip('/')} could not be found."
    return _refused(request, Refusal(404, message), {})


async def _no_method(request: Request, error: Exception) -> Response:
    allowed = (error.headers or {}).get("Allow", "") if isinstance(error, HTTPException) else ""
    path = request.scope["path"].lstrip("/")
    message = f"The {request.method} method is not supported for route {path}. Supported methods: {allowed}."
    return _refused(request, Refusal(405, message), {"Allow": allowed})
