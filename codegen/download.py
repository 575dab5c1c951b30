"""Downloading pages politely: only what changed, a few at a time, with patience for a busy server."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from .errors import CodegenError

_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504))
_GONE = frozenset((404, 410))
_HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Manners:
    """How a server is treated; times are in seconds."""

    at_once: int = 4
    attempts: int = 4
    timeout: float = 30
    first_pause: float = 0.5
    longest_pause: float = 30


@dataclass(frozen=True)
class Validators:
    """What a server told us to ask with the next time, and the content that it told it of."""

    etag: str = ""
    last_modified: str = ""
    sha256: str = ""

    def headers(self) -> dict[str, str]:
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Download:
    """An answer; `content` is None where the page has not changed since the validators were given."""

    url: str
    content: bytes | None
    validators: Validators
    moved_to: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a page could not be had."""

    url: str
    reason: str


def download(
    known: Mapping[str, Validators], manners: Manners, on_done: Callable[[str], None] = lambda url: None
) -> list[Download | Failure]:
    """Ask for every URL.

    Args:
        known: The URLs, each with the validators of what we have of it (empty ones: ask unconditionally).
        manners: How many at once, how patiently.
        on_done: Called with each URL once its answer, or failure, is there.

    Returns:
        One answer for each URL, in their order.
    """
    return asyncio.run(_download_all(known, manners, on_done))


async def _download_all(
    known: Mapping[str, Validators], manners: Manners, on_done: Callable[[str], None]
) -> list[Download | Failure]:
    slots = asyncio.Semaphore(manners.at_once)
    headers = {"User-Agent": "patchworks_core_client-codegen", "Accept": "text/markdown, text/plain;q=0.9, */*;q=0.1"}
    async with httpx.AsyncClient(headers=headers, timeout=manners.timeout, follow_redirects=True) as client:

        async def one(url: str, validators: Validators) -> Download | Failure:
            async with slots:
                try:
                    return _read(url, validators, await _ask(client, url, validators, manners))
                except CodegenError as error:
                    return Failure(url, str(error))
                finally:
                    on_done(url)

        return list(await asyncio.gather(*(one(url, validators) for url, validators in known.items())))


async def _ask(client: httpx.AsyncClient, url: str, validators: Validators, manners: Manners) -> httpx.Response:
    """The first answer that is not a plea for patience.

    Raises:
        CodegenError: When patience ran out, or the address is none.
    """
    for attempt in range(1, manners.attempts + 1):
        last = attempt == manners.attempts
        pause = random.uniform(0.5, 1) * min(manners.first_pause * 2 ** (attempt - 1), manners.longest_pause)
        try:
            response = await client.get(url, headers=validators.headers())
        except httpx.TransportError as error:
            if last or isinstance(error, httpx.UnsupportedProtocol):
                tried = f" ({attempt} attempts)" if attempt > 1 else ""
                raise CodegenError(f"no answer: {str(error) or type(error).__name__}{tried}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CodegenError(f"no answer: {str(error) or type(error).__name__}") from error
        else:
            wanted = _retry_after(response)
            if response.status_code not in _BUSY or last or (wanted or 0) > manners.longest_pause:
                return response
            pause = pause if wanted is None else wanted
        await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def _read(url: str, asked: Validators, response: httpx.Response) -> Download:
    status = response.status_code
    moved_to = str(response.url) if response.history else ""
    if status == 304 and asked.headers():
        return Download(url, None, asked, moved_to)
    if status in _GONE:
        raise CodegenError(f"gone (the server answers {status})")
    if status != 200:
        wait = response.headers.get("Retry-After")
        raise CodegenError(f"the server answers {status}{f' (Retry-After: {wait})' if wait else ''}")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in _HTML:
        raise CodegenError(f"HTML instead of Markdown ({kind})")
    headers, digest = response.headers, hashlib.sha256(response.content).hexdigest()
    validators = Validators(headers.get("ETag", ""), headers.get("Last-Modified", ""), digest)
    return Download(url, response.content, validators, moved_to)


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds a server wants us to wait; None where it does not say."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())
