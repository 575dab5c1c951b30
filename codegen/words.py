"""Names from texts of the documentation: words, snake_case, PascalCase, singulars.

A class name of ours is one that openapi-python-client leaves as it is, so that a component of the spec, the class in
the package and every other tool's type have the same name.
"""

from __future__ import annotations

import html
import itertools
import keyword
import re
import unicodedata
from collections.abc import Iterable

MAX_NAME = 100
"""Longer names are cut: modules are files, which no system has room for without end."""

_PARTS = re.compile(
    r"OAuth[0-9]*|[0-9]+[A-Z]+(?![a-z])|[A-Z]{2,}s(?![a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+(?=[A-Z][a-z])|[A-Z]+[0-9]*|[0-9]+[a-z]*"
)

_SAME = frozenset("alias bias canvas cors dns gas https kubernetes lens news sales saas series sms species tls".split())
_PAIRS = (
    "aliases:alias analyses:analysis bonuses:bonus caches:cache canvases:canvas children:child criteria:criterion "
    "indices:index movies:movie people:person statuses:status"
)
_IRREGULAR = {plural: one for plural, _, one in (pair.partition(":") for pair in _PAIRS.split())}
_PLURALS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("oes", "o"))
"""Endings in the order they are tried; whatever else ends in `s` (but not `ss`, `us`, `is`) loses it."""


def words(text: str) -> list[str]:
    """The words of any text, in ASCII: `&` (also as an HTML entity) is "and", "User's" is "User", camelCase is two.

    ASCII only, so that two names that look the same are the same.
    """
    plain = html.unescape(text).replace("ß", "ss").replace("&", " and ")
    plain = re.sub(r"(?<=\w)['\u2019](s\b)?", "", unicodedata.normalize("NFKD", plain))
    return _PARTS.findall(plain.encode("ascii", "ignore").decode("ascii"))


def snake_case(text: str, *, prefix: str = "field") -> str:
    """A lower-case identifier that is no keyword; `prefix` stands before a digit, and for a text without letters."""
    snake = "_".join(words(text)).lower()[:MAX_NAME]
    if not snake or snake[0].isdigit():
        snake = f"{prefix}_{snake}" if snake else prefix
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def pascal_case(text: str, *, prefix: str = "Model") -> str:
    """A class name; words in capitals (SFTP) keep them."""
    pascal = "".join(word[0].upper() + word[1:] for word in words(text))
    if not pascal or pascal[0].isdigit():
        pascal = prefix + pascal
    # As openapi-python-client writes it: a letter behind a digit begins a word.
    return re.sub(r"(?<=[0-9])[a-z]", lambda letter: letter[0].upper(), pascal)[:MAX_NAME]


def singular(name: str) -> str:
    """A class name for one thing: the last word loses its plural (FlowVersions -> FlowVersion, Metadata stays)."""
    last = (words(name) or [""])[-1]
    if last[:-1].isupper():  # SMS, S3; URLs
        return name.removesuffix("s")
    one = singular_word(last.lower())
    if one == last.lower() or not name.endswith(last):
        return name
    return name.removesuffix(last) + (one[0].upper() + one[1:] if last[0].isupper() else one)


def singular_word(word: str) -> str:
    """The singular of a lower-case English word; of one that is no plural, itself."""
    if word in _SAME:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for plural, one in _PLURALS:
        if word.endswith(plural) and len(word) > len(plural) + 1:
            return word[: -len(plural)] + one
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word


class Names:
    """Gives out names, each once; the case of letters does not make names different, for modules are files."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}

    def claim(self, name: str, suffix: str = "") -> str:
        """`name` if it is free; else with the suffix; else numbered, in the order of asking."""
        numbered = f"{name}{suffix}_" if name.islower() else f"{name}{suffix}"
        candidates = itertools.chain((name, name + suffix), (f"{numbered}{number}" for number in itertools.count(2)))
        claimed = next(each for each in candidates if each.lower() not in self._taken)
        self._taken.add(claimed.lower())
        return claimed
