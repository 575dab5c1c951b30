"""What each fault does.

Faults come in three kinds: some befall a request before the endpoint is asked (and may keep it from acting), some
change the answer of an endpoint that acted, and some spoil the way in which the answer is sent.
"""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from .endpoints import Move
from .exchange import Answer, Exchange

Before = Callable[[Exchange, str], Awaitable[None]]
After = Callable[[Exchange, Answer, str], Answer]
Deliver = Callable[[Exchange, Answer, str], Awaitable[None]]
Check = Callable[[str], object]


@dataclass(frozen=True)
class Kind:
    """A kind of fault: one of `before`, `after` and `deliver` is what it does.

    Attributes:
        default: Its value where none is given.
        check: Raises ValueError for a value that it cannot have.
    """

    default: str
    check: Check
    before: Before | None = None
    after: After | None = None
    deliver: Deliver | None = None


KINDS: dict[str, Kind] = {}


def before(name: str, default: str = "", check: Check = str) -> Callable[[Before], Before]:
    """Register a fault that happens before the endpoint is asked."""

    def register(run: Before) -> Before:
        KINDS[name] = Kind(default, check, before=run)
        return run

    return register


def after(name: str, default: str = "", check: Check = str) -> Callable[[After], After]:
    """Register a fault that changes the answer of an endpoint that acted."""

    def register(run: After) -> After:
        KINDS[name] = Kind(default, check, after=run)
        return run

    return register


def deliver(name: str, default: str = "", check: Check = str) -> Callable[[Deliver], Deliver]:
    """Register a fault in how an answer is sent."""

    def register(run: Deliver) -> Deliver:
        KINDS[name] = Kind(default, check, deliver=run)
        return run

    return register


# Values.


def wait_headers(value: str, now: float) -> dict[str, str]:
    """The headers that tell a client how long to wait.

    Args:
        value: Seconds (`5`, `0.5`, `-1`); `date:5` and `reset:5`: as an HTTP date, or only as `X-RateLimit-Reset`;
            `both:5` for `Retry-After` and `X-RateLimit-Reset`; `missing`; `garbage`; `huge`.
        now: The time that the server believes it is.

    Raises:
        ValueError: None of these.
    """
    words = {"missing": None, "garbage": "soon, perhaps", "huge": "999999999999999999999"}
    if value in words:
        word = words[value]
        return {} if word is None else {"Retry-After": word}
    form, _, seconds = value.rpartition(":")
    wait = float(seconds)
    forms = {
        "": {"Retry-After": seconds},
        "date": {"Retry-After": formatdate(now + wait, usegmt=True)},
        "reset": {"X-RateLimit-Reset": str(int(now + wait))},
        "both": {"Retry-After": seconds, "X-RateLimit-Reset": str(int(now + wait))},
    }
    if form not in forms:
        raise ValueError(f"{value!r} is no way to say how long to wait.")
    return forms[form]


def is_first(value: str) -> bool:
    """Whether a place in a list is the first.

    Raises:
        ValueError: Neither `first` nor `last`.
    """
    if value not in ("first", "last"):
        raise ValueError(f"{value!r} is neither 'first' nor 'last'.")
    return value == "first"


# Before the endpoint is asked.


@before("latency", "0.2", float)
async def latency(_: Exchange, value: str) -> None:
    """Wait that many seconds, then go on."""
    await asyncio.sleep(float(value))


@before("hang")
async def hang(exchange: Exchange, _: str) -> None:
    """Never answer."""
    await exchange.wait_for_disconnect()


@before("reset-before")
async def reset_before(exchange: Exchange, _: str) -> None:
    exchange.reset()


@before("close-before")
async def close_before(exchange: Exchange, _: str) -> None:
    """Close the connection without an answer, as a server does after its idle timeout."""
    exchange.close()


@before("status", "500", int)
async def status(exchange: Exchange, value: str) -> None:
    """Answer with that status instead of carrying the request out."""
    exchange.answer = error_answer(int(value))


@before("html", "502", int)
async def html(exchange: Exchange, value: str) -> None:
    """A proxy's HTML page with that status, which may be 200."""
    exchange.answer = html_answer(int(value))


@before("throttled", "1", lambda value: wait_headers(value, 0.0))
async def throttled(exchange: Exchange, value: str) -> None:
    """A 429; the value says how long to wait, and in which form (see `wait_headers`)."""
    limits = {"X-RateLimit-Limit": "240", "X-RateLimit-Remaining": "0"}
    waits = wait_headers(value, exchange.shown_time())
    exchange.answer = json_answer(429, {"message": "Too Many Attempts."}, **limits, **waits)


@before("unavailable", "1", lambda value: wait_headers(value, 0.0))
async def unavailable(exchange: Exchange, value: str) -> None:
    """A 503 that says how long to wait (see `wait_headers`)."""
    waits = wait_headers(value, exchange.shown_time())
    exchange.answer = json_answer(503, {"message": "Service Unavailable"}, **waits)


@before("expired-token")
async def expired_token(exchange: Exchange, _: str) -> None:
    """Refuse every token issued so far, beginning with this request's."""
    exchange.core.auth.revoke_tokens()
    exchange.answer = json_answer(401, {"message": "Unauthenticated."})


@before("redirect", "302", int)
async def redirect(exchange: Exchange, value: str) -> None:
    """Redirect to another path of the same origin."""
    exchange.answer = Answer(int(value), {"Location": "/moved", "Content-Type": "text/html; charset=utf-8"})


@before("redirect-away", "http://elsewhere.invalid/")
async def redirect_away(exchange: Exchange, value: str) -> None:
    """Redirect to another origin, where no credentials may go."""
    exchange.answer = Answer(302, {"Location": value, "Content-Type": "text/html; charset=utf-8"})


@before("list-grows", "last", is_first)
async def list_grows(exchange: Exchange, value: str) -> None:
    """Add an item at the first or last place of the list, then answer."""
    exchange.moves.append(Move(grows=True, first=is_first(value)))


@before("list-shrinks", "first", is_first)
async def list_shrinks(exchange: Exchange, value: str) -> None:
    """Remove the first or last item of the list, then answer."""
    exchange.moves.append(Move(grows=False, first=is_first(value)))


@before("same-page")
async def same_page(exchange: Exchange, _: str) -> None:
    """Answer with the first page, whichever was asked for."""
    exchange.scope["query_string"] += b"&page=1"


@before("clock-skew", "3600", float)
async def clock_skew(exchange: Exchange, value: str) -> None:
    """Show a clock that is wrong by that many seconds, in `Date` and in `X-RateLimit-Reset` of later faults."""
    exchange.skew = float(value)


# Changes to the answer of an endpoint that has acted.


@after("acted-status", "502", int)
def acted_status(_: Exchange, __: Answer, value: str) -> Answer:
    """Carry the request out, and answer with an error all the same."""
    return error_answer(int(value))


@after("accepted-text")
def accepted_text(_: Exchange, answer: Answer, __: str) -> Answer:
    return replace(answer, status=202, body=b"Accepted").changed(headers={"Content-Type": "text/plain"})


@after("no-content")
def no_content(_: Exchange, answer: Answer, __: str) -> Answer:
    return replace(answer, status=204, body=b"")


@after("empty")
def empty(_: Exchange, answer: Answer, __: str) -> Answer:
    return answer.changed(body=b"")


@after("not-json")
def not_json(_: Exchange, answer: Answer, __: str) -> Answer:
    """Send half of the JSON, as a complete answer."""
    return answer.changed(body=answer.body[: len(answer.body) // 2])


@after("bad-encoding")
def bad_encoding(_: Exchange, answer: Answer, __: str) -> Answer:
    """Say that the body is gzip, which it is not."""
    return answer.changed(headers={"Content-Encoding": "gzip"}, body=b"\x00" + gzip.compress(answer.body))


@after("no-meta")
def no_meta(_: Exchange, answer: Answer, __: str) -> Answer:
    """Leave out `meta` and `links` of a list."""
    return _rewritten(answer, lambda payload: {"data": payload["data"]})


@after("bare-list")
def bare_list(_: Exchange, answer: Answer, __: str) -> Answer:
    """Send the data without its envelope."""
    return _rewritten(answer, lambda payload: payload["data"])


def _rewritten(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    if answer.status >= 300:
        return answer
    return answer.changed(body=json.dumps(change(json.loads(answer.body))).encode())


def split_header(value: str) -> tuple[str, str]:
    """Name and value of a header that is written `Name: value`.

    Raises:
        ValueError: It is not.
    """
    name, colon, text = value.partition(":")
    if not (name.strip() and colon):
        raise ValueError(f"{value!r} is no header: write `Name: value`.")
    return name.strip(), text.strip()


@after("header", "X-Request-Id: 5f1c", split_header)
def header(_: Exchange, answer: Answer, value: str) -> Answer:
    """Add a header, as a proxy does."""
    name, text = split_header(value)
    return answer.changed(headers={name: text})


# How an answer is sent.


@deliver("reset-after")
async def reset_after(exchange: Exchange, _: Answer, __: str) -> None:
    """Carry the request out, then reset the connection."""
    exchange.reset()


@deliver("close-after")
async def close_after(exchange: Exchange, _: Answer, __: str) -> None:
    exchange.close()


@deliver("hang-after")
async def hang_after(exchange: Exchange, _: Answer, __: str) -> None:
    """Carry the request out, and never answer."""
    await exchange.wait_for_disconnect()


@deliver("truncated")
async def truncated(exchange: Exchange, answer: Answer, _: str) -> None:
    """Send half of the body, then close."""
    exchange.write(_head(answer) + answer.body[: len(answer.body) // 2])
    exchange.close()


@deliver("reset-midway")
async def reset_midway(exchange: Exchange, answer: Answer, _: str) -> None:
    """Send half of the body, then reset."""
    exchange.write(_head(answer) + answer.body[: len(answer.body) // 2])
    await asyncio.sleep(0.05)  # or the reset would overtake the body
    exchange.reset()


@deliver("chunked-truncated")
async def chunked_truncated(exchange: Exchange, answer: Answer, _: str) -> None:
    """Send chunks, but not the last one."""
    half = answer.body[: len(answer.body) // 2]
    exchange.write(answer.head(Transfer_Encoding="chunked") + b"%x\r\n%s\r\n" % (len(half), half))
    exchange.close()


@deliver("length-too-long")
async def length_too_long(exchange: Exchange, answer: Answer, _: str) -> None:
    """Announce more than the body has."""
    exchange.write(_head(answer, len(answer.body) + 10) + answer.body)
    exchange.close()


@deliver("length-too-short")
async def length_too_short(exchange: Exchange, answer: Answer, _: str) -> None:
    """Announce less than the body has."""
    exchange.write(_head(answer, max(0, len(answer.body) - 10)) + answer.body)
    exchange.close()


@deliver("garbage")
async def garbage(exchange: Exchange, _: Answer, __: str) -> None:
    """Send bytes that are not HTTP."""
    exchange.write(b"\x15\x03\x01\x00\x02\x02\x16 this is not HTTP\r\n\r\n")
    exchange.close()


@deliver("slow-headers", "0.5", float)
async def slow_headers(exchange: Exchange, answer: Answer, value: str) -> None:
    """Send the headers in pieces over that many seconds."""
    head = answer.head(Content_Length=str(len(answer.body)), Connection="close")
    await _drip(exchange, head, float(value))
    exchange.write(answer.body)
    exchange.close()


@deliver("slow-body", "0.5", float)
async def slow_body(exchange: Exchange, answer: Answer, value: str) -> None:
    """Pause that many seconds between headers and body."""
    exchange.write(answer.head(Content_Length=str(len(answer.body)), Connection="close"))
    await asyncio.sleep(float(value))
    exchange.write(answer.body)
    exchange.close()


@deliver("slow-drip", "0.5", float)
async def slow_drip(exchange: Exchange, answer: Answer, value: str) -> None:
    """Send the body in pieces over that many seconds."""
    exchange.write(answer.head(Content_Length=str(len(answer.body)), Connection="close"))
    await _drip(exchange, answer.body, float(value))
    exchange.close()


async def _drip(exchange: Exchange, data: bytes, seconds: float, pieces: int = 10) -> None:
    size = -(-len(data) // pieces) or 1
    for start in range(0, len(data), size):
        exchange.write(data[start : start + size])
        await asyncio.sleep(seconds / pieces)


def _head(answer: Answer, length: int | None = None) -> bytes:
    return answer.head(Content_Length=str(len(answer.body) if length is None else length))


# Answers of faults.

MESSAGES = {
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    419: "CSRF token mismatch.",
    429: "Too Many Attempts.",
    500: "Server Error",
    503: "Service Unavailable",
}
PROXY_STATUSES = frozenset({502, 504, 520, 521, 522, 523, 524})


def error_answer(status: int) -> Answer:
    """An error as Laravel answers it, or the proxy in front."""
    if status in PROXY_STATUSES:
        return html_answer(status)
    return json_answer(status, {"message": MESSAGES.get(status, _phrase(status))})


def json_answer(status: int, payload: Any, **headers: str) -> Answer:
    return Answer(status, {"Content-Type": "application/json", **headers}, json.dumps(payload).encode())


def html_answer(status: int) -> Answer:
    title = f"{status} {_phrase(status)}".strip()
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr>nginx</body></html>"
    return Answer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Web server is returning an unknown error" if status == 520 else ""
