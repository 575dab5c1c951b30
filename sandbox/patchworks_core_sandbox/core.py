"""Everything one sandbox holds, and the way back to the start."""

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
    """The parts that endpoints and the edge share.

    Attributes:
        crashes: Tracebacks of the sandbox's own faults; there should never be one.
    """

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
        self.journal = Journal(journal_size)
        self.faults = Faults()
        self.crashes: list[str] = []
        self._seed = seed
        plant(self.state, seed)

    def counters(self) -> dict[str, Any]:
        """What has happened so far, in figures."""
        journal = self.journal
        return {
            "requests": sum(journal.seen.values()),
            "seen": {f"{method} {path}": number for (method, path), number in sorted(journal.seen.items())},
            "acted": dict(sorted(journal.acted.items())),
            "most_in_flight": journal.most_in_flight,
            "connections": journal.connections,
            "throttled": self.throttle.refused,
            "crashes": len(self.crashes),
        }

    def crashed(self, error: Exception) -> None:
        self.crashes.append("".join(traceback.format_exception(error)))

    def reset(self) -> None:
        """Data, tokens, faults, counts and time as they were at the start."""
        self.clock.reset()
        self.state.clear()
        plant(self.state, self._seed)
        self.auth.reset()
        self.throttle.reset()
        self.journal.reset()
        self.faults.clear()
        self.crashes.clear()
