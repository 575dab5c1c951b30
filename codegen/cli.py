"""The command line: `python -m codegen`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .commands import NAMES, command
from .errors import CodegenError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a failure is one message on stderr and exit code 1."""
    parsed = _parser().parse_args(arguments)
    try:
        return command(parsed.command).run(parsed)
    except CodegenError as error:
        print(f"codegen {parsed.command}: {_printable(str(error))}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codegen", description="Builds the client from the documentation.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in NAMES:
        module = command(name)
        module.configure(commands.add_parser(name, help=module.HELP, description=module.HELP))
    return parser


def _printable(text: str) -> str:
    """Messages quote pages: what could steer a terminal is not passed on."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
