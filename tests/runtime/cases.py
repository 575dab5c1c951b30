"""How many cases a property is tried with: the same ones in every `make test`, ever new ones in `make test-long`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def cases(count: int) -> settings:
    """The settings of a property that is tried `count` times; ten times as often with HYPOTHESIS_PROFILE=long."""
    return settings(
        max_examples=count * 10 if LONG else count,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
