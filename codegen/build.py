"""The whole pipeline, with the paths of this project as defaults."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .files import write_files
from .json_tools import dump
from .merge import merge
from .overlay import load_overlays
from .report import Report, to_markdown
from .snippets import load_snippets
from .sources import load_sources, page_entries

if TYPE_CHECKING:
    from .generate import GenerateResult


@dataclass(frozen=True)
class Paths:
    """The default paths, relative to the project's root."""

    snippets: Path = Path("openapi/snippets")
    sources: Path = Path("openapi/sources.toml")
    overlays: tuple[Path, ...] = (Path("openapi/overlay.yaml"),)
    spec: Path = Path("openapi/patchworks-core.json")
    overrides: Path = Path("overrides")
    package: Path = Path("patchworks_core_client")
    license: Path = Path("LICENSE")


@dataclass(frozen=True)
class MergedSpec:
    """The merged spec and its report, as text."""

    spec: str
    report_text: str
    report: Report

    def write(self, spec_path: Path) -> None:
        write_files({spec_path: self.spec, report_path(spec_path): self.report_text})


def report_path(spec_path: Path) -> Path:
    """The path of the report, beside the spec."""
    return spec_path.with_suffix(".report.md")


def merge_files(snippets: Path, sources: Path | None, overlays: Iterable[Path], *, strict: bool) -> MergedSpec:
    """Merge a folder of snippets without writing anything. Without sources the report does not name their origin.

    Raises:
        CodegenError: With the place.
    """
    loaded = load_snippets(snippets)
    report = Report()
    report.pages = page_entries(Counter(snippet.page for snippet in loaded), load_sources(sources) if sources else [])
    spec = merge(loaded, report, load_overlays(overlays), strict=strict)
    return MergedSpec(dump(spec), to_markdown(report), report)


def build(paths: Paths, *, strict: bool = False) -> tuple[Report, GenerateResult]:
    """Build spec, report and package. The old ones stay until all of them are ready.

    Raises:
        CodegenError: With the place.
    """
    from .generate import generate_package

    merged = merge_files(paths.snippets, paths.sources, paths.overlays, strict=strict)
    with tempfile.TemporaryDirectory(prefix="codegen-") as scratch:
        spec = Path(scratch) / paths.spec.name
        merged.write(spec)
        result = generate_package(spec, paths.overrides, paths.package, when_ready=lambda: merged.write(paths.spec))
    return merged.report, result


def differing_files(paths: Paths, *, strict: bool = False) -> list[str]:
    """The files that a fresh build would change, by name.

    Raises:
        CodegenError: With the place.
    """
    with tempfile.TemporaryDirectory(prefix="codegen-check-") as scratch:
        fresh = replace(
            paths, spec=Path(scratch) / paths.spec.name, package=Path(scratch) / "package" / paths.package.name
        )
        fresh.package.parent.mkdir()
        build(fresh, strict=strict)
        pairs = [(paths.spec, fresh.spec), (report_path(paths.spec), report_path(fresh.spec))]
        names = sorted({*_files(paths.package), *_files(fresh.package)})
        pairs += [(paths.package / name, fresh.package / name) for name in names]
        return [committed.as_posix() for committed, made in pairs if _bytes(committed) != _bytes(made)]


def _files(folder: Path) -> Iterator[str]:
    """All files except byte code."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(folder).as_posix()


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
