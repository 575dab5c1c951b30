"""Text of the documentation in generated code: readable, wrapped and escaped."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openapi_python_client.schema.untrusted_string import UntrustedString

WIDTH = 120

_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}
_FIRST_SENTENCE = re.compile(r"\A([^\n]{12,}?[.!?]) +(?=[A-Z`*])")
_RISKY_QUOTE = re.compile(r'"(?="|\Z)')  # one beside another, or at the end
_MARKDOWN_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~&\"'])")


def literal(value: Any) -> str:
    """Python source of a value.

    For strings repr escapes quotes, backslashes and every character that does not print: control characters, lone
    surrogates, bidirectional marks, line separators.
    """
    return repr(value)


def plain(text: Any) -> str:
    """A description as plain text: HTML entities and Markdown escapes resolved, only what prints, paragraphs kept."""
    text = text.get_untrusted_value() if isinstance(text, UntrustedString) else text
    if not isinstance(text, str):
        return ""
    unescaped = _MARKDOWN_ESCAPE.sub(r"\1", html.unescape(text)).replace("\r\n", "\n").replace("\r", "\n")
    printable = "".join(character if character.isprintable() or character == "\n" else " " for character in unescaped)
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", printable))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def one_line(text: Any) -> str:
    """A description as one paragraph."""
    return plain(text).replace("\n\n", " ")


def sentence(text: str) -> str:
    """The text, ending with punctuation."""
    return text if not text or text.endswith((".", "!", "?", ":", "…")) else f"{text}."


def described(text: Any) -> str:
    """A description as one paragraph, ending with punctuation."""
    return sentence(one_line(text))


def summarized(text: str) -> str:
    """The text with its first sentence as a paragraph of its own."""
    return _FIRST_SENTENCE.sub(r"\1\n\n", text, count=1)


def wrap(text: str, *, indent: int, hanging: int = 0) -> list[str]:
    """Wrap a text for the given indentation, keeping its paragraphs."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append("")
        lines += textwrap.wrap(
            paragraph,
            width=max(40, WIDTH - indent),
            subsequent_indent=" " * hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def section(title: str, entries: Iterable[tuple[str, str]], *, indent: int) -> list[str]:
    """A section of a Google-style docstring; empty without entries."""
    lines: list[str] = []
    for name, text in entries:
        entry = f"{name}: {text}" if name else text
        lines += ["    " + line for line in wrap(entry, indent=indent + 4, hanging=4 if name else 0)]
    return ["", f"{title}:", *lines] if lines else []


def docstring(lines: Sequence[str], *, indent: int) -> str:
    """The source of a docstring with these lines, the first one without its indentation.

    Backslashes and quotes are escaped, so that whatever the lines hold, the literal ends where we end it.
    """
    escaped = _RISKY_QUOTE.sub(r"\"", "\n".join(lines).replace("\\", "\\\\"))
    first, *rest = escaped.split("\n")
    if not rest and len(first) + indent + 6 <= WIDTH:
        return f'"""{first}"""'
    pad = " " * indent
    return "\n".join([f'"""{first}', *(pad + line if line else "" for line in rest), f'{pad}"""'])


def limits_of(schema: Mapping[str, Any]) -> str:
    """The documented limits in words."""
    said = [words.format(schema[key]) for key, words in _LIMITS.items() if key in schema]
    pattern, default = one_line(schema.get("pattern")), schema.get("default")
    said += [f"matching `{pattern}`"] if pattern else []
    said += [f"the server's default is {one_line(str(default))}"] if isinstance(default, str | int | float) else []
    text = ", ".join(said)
    return sentence(text[0].upper() + text[1:]) if text else ""
