"""Python names from names of the documentation: words, cases, singulars."""

from __future__ import annotations

import keyword
import re
import unicodedata

_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+[a-z]*")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

_SAME = frozenset(
    {
        "address",
        "access",
        "alias",
        "analysis",
        "basis",
        "bias",
        "bonus",
        "bus",
        "business",
        "canvas",
        "census",
        "chaos",
        "class",
        "corpus",
        "cors",
        "crisis",
        "data",
        "dns",
        "focus",
        "gas",
        "https",
        "insights",
        "iris",
        "kubernetes",
        "lens",
        "metadata",
        "news",
        "process",
        "progress",
        "s3",
        "sales",
        "sass",
        "series",
        "sms",
        "species",
        "status",
        "success",
        "synopsis",
        "thesis",
        "tls",
        "virus",
    }
)
_IRREGULAR = {
    "addresses": "address",
    "aliases": "alias",
    "analyses": "analysis",
    "bases": "base",
    "biases": "bias",
    "bonuses": "bonus",
    "buses": "bus",
    "caches": "cache",
    "canvases": "canvas",
    "children": "child",
    "cookies": "cookie",
    "crises": "crisis",
    "criteria": "criterion",
    "focuses": "focus",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "men": "man",
    "movies": "movie",
    "people": "person",
    "quizzes": "quiz",
    "selves": "self",
    "statuses": "status",
    "vertices": "vertex",
    "viruses": "virus",
}
_PLURALS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("oes", "o"))
"""Endings in the order they are tried; whatever else ends in `s` (but not `ss`, `us`, `is`) loses it."""


def words(name: str) -> list[str]:
    """The words of a name in any case style, in ASCII: `createdBy` and `created-by` give the same two.

    ASCII only, so that two names that look the same are the same.
    """
    ascii_name = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode("ascii")
    return _WORDS.findall(ascii_name)


def snake_case(name: str, *, prefix: str = "field") -> str:
    """A lower-case identifier that is no keyword; `prefix` stands before a digit, and for a name without letters."""
    snake = name if _SNAKE.fullmatch(name) else "_".join(words(name)).lower()
    if not snake or snake[0].isdigit():
        snake = f"{prefix}_{snake}" if snake else prefix
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def pascal_case(name: str, *, prefix: str = "Model") -> str:
    """A class name; words in capitals (SFTP) keep them."""
    pascal = "".join(word[0].upper() + word[1:] for word in words(name))
    return pascal if pascal and not pascal[0].isdigit() else prefix + pascal


def singular(name: str) -> str:
    """A class name for one thing: the last word loses its plural (FlowVersions -> FlowVersion, Metadata stays)."""
    parts = words(name)
    if not parts:
        return name
    last = parts[-1]
    if last.isupper() or (last[:-1].isupper() and last[-1] == "s"):  # SMS, S3; URLs
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
