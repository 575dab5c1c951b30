"""The command line, `python -m codegen`: the commands and their options.

A command imports what it needs when it runs, so that `--help` and a mistyped option answer at once.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from .build import Paths
from .errors import CodegenError

Arguments = argparse.Namespace

_DEFAULTS = Paths()
_BUILT = ("snippets", "sources", "spec", "overrides", "package")
"""The paths that a build reads and writes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. A failure prints one message to stderr and returns 1."""
    parsed = _parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except CodegenError as error:
        print(f"codegen {parsed.command}: {_printable(str(error))}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codegen", description="Builds the client from the documentation.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Arguments], int], text: str, *paths: str) -> argparse.ArgumentParser:
        """Add a command, with an option for each path that has a default in this project."""
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        for path in paths:
            default = getattr(_DEFAULTS, path)
            added.add_argument(f"--{path}", type=Path, default=default, metavar="PATH", help=f"default: {default}")
        return added

    extract = command("extract", _extract, "documentation pages to snippets")
    extract.add_argument("pages", nargs="+", metavar="PAGE", help="a Markdown file or its URL")
    _add_path(extract, "--to", "DIR", "folder of the snippets, one folder a page")

    merge = command("merge", _merge, "snippets, and overlays if given, to one spec and its report")
    _add_path(merge, "--snippets", "DIR", "folder of the snippets; sources.toml beside it says where they come from")
    _add_path(merge, "--to", "SPEC", "the spec; its report goes beside it")
    _add_merging(merge, "corrections, applied in the order given; none without it")

    generate = command("generate", _generate, "a spec and the hand-written runtime to a package")
    _add_path(generate, "--spec", "SPEC", "the merged spec")
    _add_path(generate, "--overrides", "DIR", "modules copied as they are")
    _add_path(generate, "--to", "PACKAGE_DIR", "replaced as a whole")

    build = command("build", _build, "snippets to spec to package, with this project's paths", *_BUILT)
    check = command(
        "check", _check, "whether spec, report and package are what a build makes; repairs nothing", *_BUILT
    )
    for building in (build, check):
        _add_merging(building, f"default: {_DEFAULTS.overlays[0]}")

    fetch = command("fetch", _fetch, "download the pages of sources.toml, then extract their snippets", "sources")
    fetch.add_argument("--accept-removals", action="store_true", help="operations may vanish from the documentation")

    text = "what a new spec changes for callers, breaking changes first, as Markdown"
    diff = command("diff", _diff, text, "spec", "overrides")
    diff.add_argument("old", metavar="OLD", help="a spec, or git:REVISION for the one (--spec) committed there")
    diff.add_argument("new", metavar="NEW", help="a spec, or git:REVISION")
    diff.add_argument("--fail-on-breaking", action="store_true", help="exit with 1 if callers break")

    learn = command("learn", _learn, "recorded drift to a proposed overlay", "spec")
    learn.add_argument("record", type=Path, metavar="RECORD", help="what patchworks_core_client.DriftRecorder wrote")
    learn.add_argument("--to", type=Path, metavar="OVERLAY", help="write there instead of to the terminal")

    survey = command(
        "survey", _survey, "what the real server does differently: a report and a proposed overlay", "spec"
    )
    survey.add_argument("--to", type=Path, default=Path("survey"), metavar="DIR", help="default: survey")
    survey.add_argument(
        "--per-minute", type=int, default=120, metavar="N", help="requests in any minute, 1 or more (default: 120)"
    )

    text = "copy the client into another project, or bring the copy there up to date"
    vendor = command("vendor", _vendor, text, "spec", "overrides", "sources", "license")
    vendor.add_argument("destination", type=Path, metavar="DEST", help="the package's folder goes into this one")
    vendor.add_argument("--only", metavar="NAME,…", help="only these resources and their models; `all` takes all again")
    vendor.add_argument("--http", choices=("httpx", "httpx2"), help="HTTP library to use; remembered for updates")
    vendor.add_argument("--force", action="store_true", help="overwrite files that were edited there")
    return parser


def _add_path(parser: argparse.ArgumentParser, option: str, metavar: str, text: str) -> None:
    parser.add_argument(option, type=Path, required=True, metavar=metavar, help=text)


def _add_merging(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the options that say how to merge."""
    parser.add_argument(
        "--overlay", type=Path, action="append", dest="overlays", metavar="FILE", help=f"{text}; may be repeated"
    )
    parser.add_argument("--strict", action="store_true", help="fail where snippets contradict each other")


# ------------------------------------------------------------------------------------------------------------ commands


def _paths(arguments: Arguments) -> Paths:
    """The paths that were given, and this project's for the others."""
    names = {field.name for field in fields(Paths)}
    return Paths(**{name: value for name, value in vars(arguments).items() if name in names and value})


def _extract(arguments: Arguments) -> int:
    from .extract import extract

    for page in extract(arguments.pages, arguments.to):
        print(f"{page.page.title}: {len(page.files)} snippets in {arguments.to / page.page.name}")
    return 0


def _merge(arguments: Arguments) -> int:
    from .build import merge_files, report_path
    from .report import to_console

    sources: Path = arguments.snippets.parent / "sources.toml"
    known = sources if sources.exists() else None
    merged = merge_files(arguments.snippets, known, arguments.overlays or (), strict=arguments.strict)
    merged.write(arguments.to)
    print(to_console(merged.report), end="")
    print(f"{arguments.to}; how it was made: {report_path(arguments.to)}")
    return 0


def _generate(arguments: Arguments) -> int:
    from .generate import generate_package

    print(generate_package(arguments.spec, arguments.overrides, arguments.to), end="")
    return 0


def _build(arguments: Arguments) -> int:
    from .build import build
    from .report import to_console

    report, result = build(_paths(arguments), strict=arguments.strict)
    print(to_console(report), end="")
    print(result, end="")
    return 0


def _check(arguments: Arguments) -> int:
    from .build import differing_files

    names = differing_files(_paths(arguments), strict=arguments.strict)
    if not names:
        print("Spec, report and package are what the build makes.")
        return 0
    print("These files are not what the build makes (run `make generate`, and edit only the sources):", file=sys.stderr)
    for name in names:
        print(f"  {name}", file=sys.stderr)
    return 1


def _fetch(arguments: Arguments) -> int:
    from .fetch import fetch

    snippets: Path = arguments.sources.parent / "snippets"
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for line in fetch(arguments.sources, snippets, today, accept_removals=arguments.accept_removals):
        print(line)
    return 0


def _diff(arguments: Arguments) -> int:
    from .diff import diff_specs, to_markdown

    changes = diff_specs(arguments.old, arguments.new, arguments.overrides, arguments.spec)
    print(to_markdown(changes), end="")
    breaking = sum(change.weight == "breaking" for change in changes)
    if breaking and arguments.fail_on_breaking:
        print(f"codegen diff: {breaking} breaking", file=sys.stderr)
        return 1
    return 0


def _learn(arguments: Arguments) -> int:
    from .files import write_files
    from .generate import read_spec
    from .learn import learn, read_record

    proposals = learn(read_record(arguments.record), read_spec(arguments.spec))
    for note in proposals.notes:
        print(f"Not proposed: {note}", file=sys.stderr)
    if not proposals.actions:
        print("Nothing to propose.", file=sys.stderr)
    elif arguments.to is None:
        print(proposals.to_yaml(), end="")
    else:
        write_files({arguments.to: proposals.to_yaml()})
        print(f"{arguments.to}: {len(proposals.actions)} proposed; read them before you add them to the overlay.")
    return 0


def _survey(arguments: Arguments) -> int:
    from .survey import survey

    done = survey(arguments.spec, arguments.to, per_minute=arguments.per_minute)
    print(done.text)
    return 1 if done.failed else 0


def _vendor(arguments: Arguments) -> int:
    from .vendor import vendor

    only = None if arguments.only is None else [name.strip() for name in arguments.only.split(",") if name.strip()]
    done = vendor(_paths(arguments), arguments.destination, only=only, http=arguments.http, force=arguments.force)
    print(done, end="")
    return 0


def _printable(text: str) -> str:
    """Replace characters that could control a terminal, because messages quote pages."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
