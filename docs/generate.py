"""Write the pages that follow from the package: the index of all calls, and the reference of calls and models.

python docs/generate.py            (`make generate` does it)
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import patchworks_core_client
from patchworks_core_client import Model, errors, models, resources
from patchworks_core_client._operation import Operation
from patchworks_core_client._resources import Resources

DOCS = Path(__file__).parent
PACKAGE = patchworks_core_client.__name__
NOTE = "<!-- Written by docs/generate.py; do not edit. -->"
AS_PAGE = "    options: {show_root_heading: false, show_root_toc_entry: false, show_bases: false}\n"
AS_MODEL = "    options: {show_labels: false, show_attribute_values: false}"
AS_ERROR = "    options: {members: false}"
EVERY_CALL = {"self", "timeout", "max_retries", "extra_query", "extra_headers"}
EVERY_LIST = {"page", "per_page", "query", "prefetch", "on_progress"}


def pages() -> dict[Path, str]:
    """Every generated page, by its path below docs/."""
    written = {
        Path("api.md"): index(),
        Path("reference/errors.md"): errors_page(),
        Path("reference/models.md"): models_page(),
    }
    for name, cls in resource_classes().items():
        written[Path(f"reference/{name}.md")] = resource_page(name, cls)
    return written


def resource_classes() -> dict[str, type]:
    """The class of each `client.<name>`, in alphabetical order."""
    properties = {name for name in vars(Resources) if not name.startswith("_")}
    classes = {name: getattr(import_module(f"{PACKAGE}.resources.{name}"), _class_name(name)) for name in properties}
    return dict(sorted(classes.items()))


def _class_name(resource: str) -> str:
    return next(name for name in resources.__all__ if name.lower() == resource.replace("_", ""))


def operations(resource: str) -> dict[str, Operation[Any]]:
    """The operation behind each method."""
    module = import_module(f"{PACKAGE}.resources.{resource}")
    declared: list[Operation[Any]] = [value for value in vars(module).values() if isinstance(value, Operation)]
    return {one.name.partition(".")[2]: one for one in sorted(declared, key=lambda one: one.name)}


# ---------------------------------------------------------------------------------------------------------- the index


def index() -> str:
    """api.md: one line for each call."""
    classes = resource_classes()
    count = sum(len(operations(name)) for name in classes)
    lines = [
        "# All calls",
        "",
        NOTE,
        "",
        f"{count} calls. Each also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`; each that",
        "answers a `Paginator` also takes `page`, `per_page`, `query`, `prefetch` and `on_progress`. All are awaited;",
        "a `Paginator` may be iterated over instead. What is not documented yet: `await client.request(method, path)`.",
    ]
    for name, cls in classes.items():
        lines += ["", f"## client.{name}", "", f"In detail: [{cls.__name__}](reference/{name}.md)", ""]
        lines += [index_entry(cls, method, operation) for method, operation in operations(name).items()]
    return "\n".join(lines) + "\n"


def index_entry(cls: type, method: str, operation: Operation[Any]) -> str:
    """A call as it is written, what it answers, and where it goes."""
    function = getattr(cls, method)
    answer = inspect.signature(function).return_annotation
    call = f"`{method}({', '.join(arguments(function))})` → `{answer}`"
    return f"- {call}  \n  `{operation.method} {operation.path}`"


def arguments(function: Any) -> Iterator[str]:
    """The arguments that are this call's own; optional ones with `=…`."""
    hidden = EVERY_CALL | (EVERY_LIST if "prefetch" in inspect.signature(function).parameters else {"query"})
    keyword_only = False
    for name, parameter in inspect.signature(function).parameters.items():
        if name in hidden:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            yield "*"
        yield name if parameter.default is parameter.empty else f"{name}=…"


# ------------------------------------------------------------------------------------------------------- the reference


def resource_page(name: str, cls: type) -> str:
    """The reference of one resource; its text comes from the docstrings when the site is built."""
    return f"# client.{name}\n\n{NOTE}\n\n::: {cls.__module__}.{cls.__name__}\n{AS_PAGE}"


def models_page() -> str:
    """The reference of all models."""
    classes = [getattr(models, name) for name in models.__all__]
    directives = [
        f"::: {cls.__module__}.{cls.__name__}" for cls in classes if isinstance(cls, type) and issubclass(cls, Model)
    ]
    about = "What the server answers. How models behave: [Models and drift](../models.md)."
    base = f"::: {PACKAGE}.model.Model"
    return "\n\n".join(["# Models", NOTE, about, base, *directives]) + "\n"


def errors_page() -> str:
    """The reference of all errors and warnings, the bases first."""
    directives = [f"::: {errors.__name__}.{name}\n{AS_ERROR}" for name in vars(errors) if name in errors.__all__]
    about = "What can go wrong. What to do about it: [Errors and retries](../errors.md)."
    return "\n\n".join(["# Errors and warnings", NOTE, about, *directives]) + "\n"


def main() -> int:
    """Write what changed."""
    for path, text in pages().items():
        target = DOCS / path
        target.parent.mkdir(exist_ok=True)
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")
            print(f"docs/{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
