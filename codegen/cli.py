"""The command line, `python -m codegen`: the commands and their options.

A command imports what it needs when it runs, so that `--help` and a mistyped option answer at once.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from .build import Paths
from .errors import CodegenError

Arguments = argparse.Namespace

_DEFAULTS = Paths()
_BUILT = ("snippets", "sources", "spec", "overrides", "package")


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

    def command(name: str, run: Callable[[Arguments], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    extract = command("extract", _extract, "documentation pages to snippets")
    extract.add_argument("pages", nargs="+", metavar="PAGE", help="a Markdown file or its URL")
    _add_path(extract, "--to", "DIR", "folder of the snippets, one folder a page")

    merge = command("merge", _merge, "snippets, and overlays if given, to one spec and its report")
    _add_path(merge, "--snippets", "DIR", "folder of the snippets")
    _add_overlays(merge, "corrections, applied in the order given; none without it")
    _add_path(merge, "--to", "SPEC", "the spec; its report goes beside it")
    _add_path(
        merge, "--sources", "FILE", "where the pages come from (default: sources.toml beside DIR)", required=False
    )
    _add_strict(merge)

    generate = command("generate", _generate, "a spec and the hand-written runtime to a package")
    _add_path(generate, "--spec", "SPEC", "the merged spec")
    _add_path(generate, "--overrides", "DIR", "modules copied as they are")
    _add_path(generate, "--to", "PACKAGE_DIR", "replaced as a whole")

    for name, run, text in (
        ("build", _build, "snippets to spec to package, with this project's paths"),
        ("check", _check, "whether spec, report and package are what a build makes; repairs nothing"),
    ):
        building = command(name, run, text)
        for path in _BUILT:
            _add_default(building, path)
        _add_overlays(building, f"default: {_DEFAULTS.overlays[0]}")
        _add_strict(building)

    fetch = command("fetch", _fetch, "download the pages of sources.toml, then extract their snippets")
    _add_default(fetch, "sources")
    _add_path(fetch, "--to", "DIR", "folder of the snippets (default: snippets beside the sources)", required=False)
    fetch.add_argument("--accept-removals", action="store_true", help="operations may vanish from the documentation")

    diff = command("diff", _diff, "what a new spec changes for callers, breaking changes first, as Markdown")
    diff.add_argument("old", metavar="OLD", help="a spec, or git:REVISION for the one committed there")
    diff.add_argument("new", metavar="NEW", help="a spec, or git:REVISION")
    diff.add_argument("--fail-on-breaking", action="store_true", help="exit with 1 if callers break")
    _add_default(diff, "spec", "which file git:REVISION means")
    _add_default(diff, "overrides")

    learn = command("learn", _learn, "recorded drift to a proposed overlay")
    learn.add_argument("record", type=Path, metavar="RECORD", help="what patchworks_core_client.DriftRecorder wrote")
    _add_default(learn, "spec", "the spec that the client was built from")
    _add_path(learn, "--to", "OVERLAY", "write there instead of to the terminal", required=False)

    survey = command("survey", _survey, "what the real server does differently: a report and a proposed overlay")
    _add_default(survey, "spec")
    survey.add_argument("--to", type=Path, default=Path("survey"), metavar="DIR", help="default: survey")
    survey.add_argument(
        "--per-minute", type=int, default=120, metavar="N", help="requests in any minute, 1 or more (default: 120)"
    )

    vendor = command("vendor", _vendor, "copy the client into another project, or bring the copy there up to date")
    vendor.add_argument("destination", type=Path, metavar="DEST", help="the package's folder goes into this one")
    vendor.add_argument("--only", metavar="NAME,…", help="only these resources and their models; `all` takes all again")
    vendor.add_argument(
        "--http", choices=("httpx", "httpx2"), help="what requests go through; the choice is remembered"
    )
    vendor.add_argument("--force", action="store_true", help="overwrite files that were edited there")
    for path in ("spec", "overrides", "sources", "license"):
        _add_default(vendor, path)
    return parser


def _add_path(parser: argparse.ArgumentParser, option: str, metavar: str, text: str, *, required: bool = True) -> None:
    parser.add_argument(option, type=Path, required=required, metavar=metavar, help=text)


def _add_default(parser: argparse.ArgumentParser, name: str, text: str = "") -> None:
    """Add an option for a path that has a default in this project."""
    default: Path = getattr(_DEFAULTS, name)
    text = f"{text} (default: {default})" if text else f"default: {default}"
    parser.add_argument(f"--{name}", type=Path, default=default, metavar="PATH", help=text)


def _add_overlays(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--overlay", type=Path, action="append", metavar="FILE", help=f"{text}; may be repeated")


def _add_strict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="fail where snippets contradict each other")


# ------------------------------------------------------------------------------------------------------------ commands


def _extract(arguments: Arguments) -> int:
    from .extract import extract

    for page in extract(arguments.pages, arguments.to):
        print(f"{page.page.title}: {len(page.files)} snippets in {arguments.to / page.page.name}")
    return 0


def _merge(arguments: Arguments) -> int:
    from .build import merge_files, report_path
    from .report import to_console

    beside: Path = arguments.snippets.parent / "sources.toml"
    sources = arguments.sources or (beside if beside.exists() else None)
    merged = merge_files(arguments.snippets, sources, arguments.overlay or (), strict=arguments.strict)
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

    paths = _paths(arguments, *_BUILT)
    report, result = build(paths, strict=arguments.strict)
    print(to_console(report), end="")
    print(result, end="")
    return 0


def _check(arguments: Arguments) -> int:
    from .build import differing_files

    names = differing_files(_paths(arguments, *_BUILT), strict=arguments.strict)
    if not names:
        print("Spec, report and package are what the build makes.")
        return 0
    print("These files are not what the build makes (run `make generate`, and edit only the sources):", file=sys.stderr)
    for name in names:
        print(f"  {name}", file=sys.stderr)
    return 1


def _paths(arguments: Arguments, *names: str) -> Paths:
    paths = Paths(**{name: getattr(arguments, name) for name in names})
    overlays: list[Path] | None = getattr(arguments, "overlay", None)
    return replace(paths, overlays=tuple(overlays)) if overlays else paths


def _fetch(arguments: Arguments) -> int:
    from .fetch import fetch

    snippets: Path = arguments.to or arguments.sources.parent / "snippets"
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

    paths = _paths(arguments, "spec", "overrides", "sources", "license")
    only = None if arguments.only is None else [name.strip() for name in arguments.only.split(",") if name.strip()]
    done = vendor(paths, arguments.destination, only=only, http=arguments.http, force=arguments.force)
    print(done, end="")
    return 0


def _printable(text: str) -> str:
    """Replace characters that could control a terminal, because messages quote pages."""
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
