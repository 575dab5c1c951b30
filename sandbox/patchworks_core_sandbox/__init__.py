"""A local Patchworks Core: an in-memory server with all 46 endpoints, for tests of programs that use the API.

It behaves as the server does, not as its documentation claims.

The profile
===========

The behavior of the framework was measured on a real Laravel (8.83, PHP 8.2) with the genuine
spatie/laravel-query-builder. The sandbox has one profile: Laravel 8.83 without debug output, query builder 5.8, Redis
as the cache and MariaDB 10.11 as the database; but the 422 of Laravel 9 and later with the texts of Laravel 10, and the
trimming of Laravel 11. Where versions differ, the profile has what is hardest on a client.
`tests/sandbox_tests/test_profile.py` in the project tests every row of it.

Versions and databases that answer otherwise:

====================================  ===================================  ============================================
what                                  here                                 elsewhere
====================================  ===================================  ============================================
message of a 422                      first one "(and 1 more error)"       Laravel 8: "The given data was invalid."
texts of rules                        "The name field must be a string."   Laravel 8, 9: "The name must be a string."
404 without a route                   an empty message                     later ones: "The route … could not be found."
405                                   "… for this route."                  later ones: "… for route api/v1/packages."
what is trimmed                       U+200B, U+200E and U+FEFF, too       Laravel 8 to 10: only blanks and NUL
`%` and `_` in partial filters        literal                              query builder 4: wildcards
include `xExists`                     allowed                              query builder before 5.5: 400
429 at the end of a window            up to a second of Retry-After 0      file and database caches: none
`filter[global]=true,false`           rows with 0                          SQLite: no rows
`packages/20001abc`                   package 20001                        SQLite: 404
case and accents in texts             ignored                              SQLite: accents count, case too if exact
====================================  ===================================  ============================================

What is only guessed about Patchworks itself:

==================  ==========================================================================================
statuses            201 for creating, copying and deploying; 409 and 422 where a release rule is broken
fields of answers   all beyond the documented ones, and the forms of their dates
rules of bodies     what is required, lengths, bounds, unique names, what a graph step takes
release rules       what deploying, copying and removing do to versions and deployments; the texts of refusals
filters             which are exact and which partial
single items        an unknown filter, sort or include is refused as in the list
pages               an empty `per_page` is 15, and one outside 1 to 100 is a 422
lists               `list_metrics` has no `meta`; the deployments of a version take no `include`
labels              changing those of an environment changes its `updated_at`
roles               an API key is a manager's, and only an administrator may upload a flow version
==================  ==========================================================================================
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
