"""One rate limit for many processes: the window and the server's pauses, shared through Redis."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from operator import itemgetter
from typing import Any, Final, NoReturn, Protocol
from uuid import uuid4

from ._limits import SPREAD, announce_wait
from ._request import checked_int
from .errors import ConfigurationError, PatchworksError, QuotaError

__all__ = ["RedisQuota"]

_WINDOW: Final = 60.0
_RENEWALS: Final = 60
"""How often a place in flight is renewed in a window: once a second."""

_PATIENCE: Final = 3.0
"""Seconds for one exchange with Redis, connecting included."""

_SCRIPT: Final = """
-- One sorted set: each place that is taken, with the microsecond from which on it is free again, and 'pause'.
local ask = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)

local pause = ask.pause
if ask.witness_until > now and not redis.call('ZSCORE', KEYS[1], ask.witness) then
  pause = math.max(pause, ask.window)  -- Redis lost its data: what was sent within the last window is not known
end
local paused = tonumber(redis.call('ZSCORE', KEYS[1], 'pause') or 0)
if pause > 0 and now + pause > paused then
  paused = now + pause
  redis.call('ZADD', KEYS[1], paused, 'pause')
end
for _, place in ipairs(ask.unused) do redis.call('ZREM', KEYS[1], place) end
for place, left in pairs(ask.taken) do redis.call('ZADD', KEYS[1], now + left, place) end

local granted, wait = 0, 0
if paused > now then
  wait = paused - now
else
  local count = redis.call('ZCARD', KEYS[1])
  granted = math.max(0, math.min(#ask.wanted, ask.quota - count))
  for i = 1, granted do redis.call('ZADD', KEYS[1], now + ask.lease, ask.wanted[i]) end
  if granted < #ask.wanted then
    local first = count + granted - ask.quota  -- 0, unless others were allowed more
    wait = redis.call('ZRANGE', KEYS[1], first, first, 'WITHSCORES')[2] - now
  end
end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last then redis.call('PEXPIRE', KEYS[1], math.ceil((last - now) / 1000)) end
return {granted, wait, paused > now and 1 or 0, now}
"""


class Quota(Protocol):
    """Decides when a request may be sent. Each HTTP request to base_url's origin takes one place."""

    async def enter(self, operation: str) -> str:
        """Wait for a place. Waits are announced with `announce_wait`.

        Args:
            operation: The name of what waits, for the log.

        Returns:
            The name of the place, for `leave`.

        Raises:
            QuotaError: The quota is unreachable.
        """
        raise NotImplementedError

    def leave(self, place: str, *, sent: bool) -> None:
        """End a request; if it was not sent, its place is free at once. Does not raise: the answer would be lost."""

    def pause(self, seconds: float) -> None:
        """Let no request be sent for this long, because the server said so. A current pause is never shortened.

        Does not raise, or the answer would be lost.
        """

    async def aclose(self) -> None:
        """Close connections. The client has already woken everything that waits."""


class RedisQuota:
    """A rate limit that any number of processes and machines share through Redis, with the server's pauses.

        async with PatchworksClient(quota=RedisQuota("redis://cache:6379/0")) as client:
            ...

    In any 60 seconds all of them together send at most `per_minute` requests, even if one of them is killed meanwhile.
    A request counts from its start until a minute after its end, and what a killed process had in flight is free again
    within a minute. A quota belongs to one client (and its with_options copies), which closes it.

    Args:
        url: The address of Redis (5.0 or newer): `redis://`, `rediss://` or `unix://`, as in redis-py.
        per_minute: The most requests of all processes together in any 60 seconds, 1 or more.
        name: Processes with the same name share the quota. Give each API key its own name.

    Raises:
        ConfigurationError: An argument is invalid, or the extra `redis` is not installed. Nothing is connected yet: if
            Redis is unreachable, the calls raise a QuotaError.
    """

    def __init__(self, url: str, *, per_minute: int = 240, name: str = "patchworks") -> None:
        self._per_minute, self._name, self._address, fault = per_minute, name, "?", ""
        try:
            self._redis, self._address = _connect(url)
        except ImportError:
            fault = 'RedisQuota needs the extra "redis": pip install "patchworks_core_client[redis]"'
        except Exception:  # of any type, depending on what is wrong, and their texts quote the URL
            fault = "RedisQuota's URL must be redis://[user:password@]host[:port][/db], or the same with rediss://, or unix://"
        del url  # so that no traceback shows the password among the local variables
        if fault:
            raise ConfigurationError(fault)
        try:
            checked_int("per_minute", per_minute, 1)
        except (ValueError, TypeError) as error:
            raise ConfigurationError(str(error)) from None
        self._window = _WINDOW
        self._script: Any = self._redis.register_script(_SCRIPT)
        self._keeper: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._closed = False
        self._waiting: deque[_Waiter] = deque()
        self._full_until = 0.0
        self._resume_at = 0.0
        self._reason = ""
        # Places: of requests in flight, of those that ended (and when), and those to give back, for nothing was sent.
        self._held: list[str] = []
        self._ended: dict[str, float] = {}
        self._unused: list[str] = []
        self._witness = ("", 0)

    async def enter(self, operation: str) -> str:
        """Wait for a place in the shared window and for the end of a pause.

        Raises:
            QuotaError: Redis is unreachable or refuses.
            PatchworksError: The quota was closed, also while this waits.
        """
        if self._closed:
            raise _closed()
        waiter = _Waiter(operation)
        self._waiting.append(waiter)
        self._announce()
        self._wake(news=time.monotonic() >= self._full_until)
        try:
            return await waiter.place
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            if not waiter.place.cancelled() and waiter.place.exception() is None:  # granted in the same moment
                self.leave(waiter.place.result(), sent=False)
            raise

    def leave(self, place: str, *, sent: bool) -> None:
        """End a request. If it was sent, it counts for one more window."""
        if place in self._held:
            self._held.remove(place)
            if sent:
                self._ended[place] = time.monotonic()
            else:
                self._unused.append(place)
                self._witness = ("", 0)  # it may be this one
            self._wake()

    def pause(self, seconds: float) -> None:
        """Let no process send anything for this long. A current pause is never shortened."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)
        self._wake()

    async def aclose(self) -> None:
        """Wake everything that waits with a PatchworksError, tell Redis what ended, and close the connection."""
        self._closed = True
        self._refuse(_closed)
        self._ended |= dict.fromkeys(self._held, time.monotonic())
        self._held.clear()
        with suppress(Exception):  # Redis may be gone, or the loop that the connection belongs to
            async with asyncio.timeout(_PATIENCE):
                self._news.set()
                if self._ended or self._unused:
                    self._wake()
                if self._keeper is not None:
                    await self._keeper
        with suppress(Exception):
            await self._redis.aclose()

    def __repr__(self) -> str:
        return f"<RedisQuota: {self._per_minute} a minute, {self._name!r} at {self._address}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a RedisQuota holds a connection and a password and is not pickled; make one where it is needed"
        )

    def _announce(self) -> None:
        seconds = self._full_until - time.monotonic()
        for waiter in self._waiting:
            if seconds >= 1 and not waiter.announced:
                announce_wait(waiter.operation, seconds, self._reason)
                waiter.announced = True

    def _wake(self, *, news: bool = True) -> None:
        """Let the keeper talk to Redis: at once if there is news, else when a place is due to become free."""
        if news:
            self._news.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep(), name="patchworks-quota")

    async def _keep(self) -> None:
        """Talk to Redis for all requests of this process while any is waiting or in flight."""
        renewal = self._window / _RENEWALS
        while True:
            self._news.clear()
            delay = renewal
            try:
                wait = await self._exchange()
            except Exception as error:
                cause = _bare(error)
                self._refuse(lambda: _unreachable(cause, self._address))  # noqa: B023
                self._full_until = 0.0
                if self._closed or not self._held:
                    return  # what has ended is told with the next request
            else:
                self._full_until = time.monotonic() + wait
                self._announce()
                if not (self._waiting or self._held or self._ended or self._unused):
                    return
                if self._waiting:
                    delay = min(wait, renewal) if self._held else wait
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._news.wait()

    async def _exchange(self) -> float:
        """Tell Redis what is in flight and what has ended, and hand out the places that it grants.

        Returns:
            Seconds until there may be more places; 0 if every request got one.
        """
        now = time.monotonic()
        window = round(self._window * 1e6)
        self._ended = {key: at for key, at in self._ended.items() if at + self._window > now}
        ended, unused = dict(self._ended), list(self._unused)
        taken = dict.fromkeys(self._held, window)
        taken |= {key: window - round((now - at) * 1e6) for key, at in ended.items()}
        wanted = [uuid4().hex for _ in range(min(len(self._waiting), self._per_minute))]
        lease = window + window // _RENEWALS // 2  # the request leaves a moment after its place is granted
        witness, witness_until = self._witness
        ask = {
            "quota": self._per_minute,
            "window": window,
            "lease": lease,
            "pause": max(0, round((self._resume_at - now) * 1e6)),
            "taken": taken,
            "unused": unused,
            "wanted": wanted,
            "witness": witness,
            "witness_until": witness_until,
        }
        async with asyncio.timeout(_PATIENCE):
            answer = await self._script(keys=[f"{self._name}:quota"], args=[json.dumps(ask)])
        granted, wait, paused, server_now = answer
        for key in ended:
            del self._ended[key]
        del self._unused[: len(unused)]
        for key in wanted[:granted]:
            taken[key] = lease
            waiter = self._next_waiting()
            if waiter is None:
                self._unused.append(key)
            else:
                waiter.place.set_result(key)
                self._held.append(key)
        known = taken.keys() - self._unused
        self._witness = max(((key, server_now + taken[key]) for key in known), key=itemgetter(1), default=("", 0))
        if not wait:
            return 0.0
        self._reason = "the server asks for a pause" if paused else f"{self._per_minute} a minute are the shared quota"
        # Processes come one after the other, and a little late: so they find several places at once.
        return float(wait) / 1e6 + random.uniform(0, SPREAD if paused else self._window / 1000)

    def _next_waiting(self) -> _Waiter | None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.place.done():  # as it is after a cancellation
                return waiter
        return None

    def _refuse(self, make_error: Callable[[], PatchworksError]) -> None:
        """Raise an error in everything that waits."""
        while (waiter := self._next_waiting()) is not None:
            waiter.place.set_exception(make_error())


class _Waiter:
    """A request that waits for the name of its place."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.announced = False
        self.place: asyncio.Future[str] = asyncio.get_running_loop().create_future()


def _connect(url: str) -> tuple[Any, str]:
    """A Redis client that connects when it is first used, and the address of its server."""
    redis: Any = import_module("redis")  # a call, so that type checkers need the extra as little as the package does
    once_more = redis.asyncio.retry.Retry(redis.backoff.NoBackoff(), 1)  # for a connection lost while it was idle
    pool = redis.asyncio.ConnectionPool.from_url(url, retry=once_more, retry_on_error=[redis.ConnectionError])
    settings = pool.connection_kwargs
    user, password = settings.pop("username", None), settings.pop("password", None)
    if password is not None:  # in place of the password, which the pool's repr shows in some releases
        settings["credential_provider"] = redis.UsernamePasswordCredentialProvider(user, password)
    address = settings.get("path") or f"{settings.get('host', 'localhost')}:{settings.get('port', 6379)}"
    return redis.asyncio.Redis.from_pool(pool), address


def _closed() -> PatchworksError:
    return PatchworksError("the client is closed, and its RedisQuota with it: make new ones, or keep the client open")


def _bare(error: Exception) -> Exception:
    """The error without what may show the password: frames, causes, and texts that quote the server."""
    reason = next((str(each) for each in (error, error.__cause__, error.__context__) if isinstance(each, OSError)), "")
    error.__traceback__ = error.__cause__ = error.__context__ = None
    error.args = (reason,)
    return error


def _unreachable(cause: Exception, address: str) -> QuotaError:
    reason = f"{type(cause).__name__}{cause.args[0] and ': '}{cause.args[0]}"
    error = QuotaError(
        f"the shared quota is out of reach: Redis at {address} failed with {reason}; nothing was sent. "
        "Check that it runs, and the URL of RedisQuota"
    )
    error.__cause__ = cause
    return error
