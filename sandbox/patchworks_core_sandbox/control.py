"""`/_sandbox/…`: control from another process."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .core import Core

Action = Callable[[Any], Any]


def control_routes(core: Core) -> list[Route]:
    """The routes. They need no credentials, because the sandbox listens on loopback only."""

    def add_faults(body: Any) -> Any:
        if "random" in body:
            core.faults.random(**body["random"])
        else:
            core.faults.add(**body)
        return core.faults.to_list()

    def clear_faults(_: Any) -> Any:
        core.faults.clear()
        return []

    def reset(_: Any) -> Any:
        core.reset()
        return {"message": "The sandbox is as it was at the start."}

    def set_clock(body: Any) -> Any:
        core.clock.advance(body.get("advance", 0))
        core.clock.skew = body.get("skew", core.clock.skew)
        return {"time": core.clock.time(), "skew": core.clock.skew}

    def set_throttle(body: Any) -> Any:
        core.throttle.limit = body.get("limit", core.throttle.limit)
        core.throttle.window = body.get("window", core.throttle.window)
        core.throttle.clear()
        return {"limit": core.throttle.limit, "window": core.throttle.window}

    return [
        _route("/faults", "GET", lambda _: core.faults.to_list()),
        _route("/faults", "POST", add_faults),
        _route("/faults", "DELETE", clear_faults),
        _route("/requests", "GET", lambda _: [entry.to_dict() for entry in core.requests]),
        _route("/counters", "GET", lambda _: core.counters()),
        _route("/reset", "POST", reset),
        _route("/clock", "POST", set_clock),
        _route("/throttle", "POST", set_throttle),
    ]


def _route(path: str, method: str, action: Action) -> Route:
    return Route(f"/_sandbox{path}", _served(action), methods=[method])


def _served(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        body = await request.body()
        try:
            return JSONResponse(action(await request.json() if body else {}))
        except (ValueError, TypeError, AttributeError) as error:
            return JSONResponse({"message": str(error)}, 400)

    return serve
