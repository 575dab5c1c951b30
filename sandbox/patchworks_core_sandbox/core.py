"""Everything that one sandbox holds."""

import traceback
from typing import Any

from .auth import Auth
from .clock import Clock
from .faults import Faults
from .journal import Journal
from .seed import Seed, plant
from .state import State
from .throttle import Throttle


class Core:
    """What endpoints and server share. `server.Sandbox`, which adds the server, documents the attributes."""

    def __init__(
        self,
        *,
        seed: Seed,
        limit: int | None,
        window: float,
        token_lifetime: float,
        journal_size: int | None,
    ) -> None:
        self.clock = Clock()
        self.state = State(self.clock)
        self.auth = Auth(self.state, self.clock, token_lifetime)
        self.throttle = Throttle(self.clock, limit, window)
        self.requests = Journal(journal_size)
        self.faults = Faults()
        self.crashes: list[str] = []
        self.resets = 0
        self._seed = seed
        plant(self.state, seed)

    def counters(self) -> dict[str, Any]:
        """How often things have happened so far."""
        requests = self.requests
        return {
            "requests": sum(requests.seen.values()),
            "seen": {f"{method} {path}": number for (method, path), number in sorted(requests.seen.items())},
            "acted": dict(sorted(requests.acted.items())),
            "most_in_flight": requests.most_in_flight,
            "connections": requests.connections,
            "throttled": self.throttle.refused,
            "crashes": len(self.crashes),
        }

    def crashed(self, error: Exception) -> None:
        self.crashes.append("".join(traceback.format_exception(error)))

    def reset(self) -> None:
        """Set data, tokens, faults, counts, throttle and clock back to the start."""
        self.resets += 1  # what is still being answered belongs to the past, and is not carried out any more
        self.clock.reset()
        self.state.clear()
        plant(self.state, self._seed)
        self.auth.reset()
        self.throttle.reset()
        self.requests.reset()
        self.faults.clear()
        self.crashes.clear()
