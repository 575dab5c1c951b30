"""A local Patchworks Core: an in-memory server with all 46 endpoints, for tests of programs that use the API.

It behaves as the server does, not as its documentation claims.

The profile
===========

What the framework does was measured on a real Laravel with the genuine spatie/laravel-query-builder, with Redis as its
cache and MariaDB as its database. The sandbox has one profile: Laravel 10 with query builder 5.8, Redis, MariaDB 10.11,
errors without debug output. `tests/sandbox_tests/test_profile.py` in the project has a test for every row of it.

Versions and databases that answer otherwise:

====================================  ===================================  ============================================
what                                  here                                 elsewhere
====================================  ===================================  ============================================
message of a 422                      first one "(and 1 more error)"       Laravel 8: "The given data was invalid."
texts of rules                        "The name field must be a string."   Laravel 8, 9: "The name must be a string."
404 without a route                   an empty message                     some: "The route … could not be found."
405                                   "… for this route."                  some: "… for route api/v1/packages."
what is trimmed                       U+200B, U+200E and U+FEFF, too       Laravel 8: blanks and NUL alone
`%` and `_` in partial filters        literal                              query builder 4: wildcards
include `xExists`                     allowed                              query builder before 5.5: 400
429 at the end of a window            up to a second of Retry-After 0      file and database caches: none
`filter[global]=true,false`           rows with 0                          SQLite: no rows
`packages/20001abc`                   package 20001                        SQLite: 404
case and accents in texts             ignored                              SQLite: accents count, case too if exact
====================================  ===================================  ============================================

What is only guessed about Patchworks itself: its data and the fields of its answers beyond those documented; which
statuses creating (201), copying and deploying have; the rules of bodies (lengths, what is required), the refusals of
release rules (409 and 422) and their texts; which filters are exact and which partial; that an unknown filter, sort or
include of a single item is refused, too; an empty `per_page` (15) and its bounds (422); that a label changes an
environment's `updated_at`; roles; that `list_metrics` has no `meta` and that a version's deployments take no `include`.
"""

from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .seed import Seed
    from .server import Sandbox

__all__ = ["Sandbox", "Seed", "__version__"]


def __getattr__(name: str) -> object:
    """Import the server when it is first asked for: pytest imports this package in every run."""
    if name == "Sandbox":
        from .server import Sandbox

        return Sandbox
    if name == "Seed":
        from .seed import Seed

        return Seed
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
