"""Write the pages that follow from the package: the index of all calls, and the reference.

python docs/generate.py            (`make generate` runs it)
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import patchworks_core_client
from patchworks_core_client import Model, errors, models, resources
from patchworks_core_client._resources import Resources

DOCS = Path(__file__).parent
SPEC = DOCS.parent / "openapi" / "patchworks-core.json"
PACKAGE = patchworks_core_client.__name__
NOTE = "<!-- Written by docs/generate.py; do not edit. -->"
AS_PAGE = "    options: {show_root_heading: false, show_root_toc_entry: false, show_bases: false, members: false}"
AS_MODEL = "    options: {show_labels: false, show_attribute_values: false}"
AS_ERROR = "    options: {members: false}"
EVERY_CALL = {"self", "timeout", "max_retries", "extra_query", "extra_headers"}
EVERY_LIST = {"page", "per_page", "query", "prefetch", "on_progress"}
RUNTIME_TYPES = (
    "_types.UNSET",
    "_types.Unset",
    "_types.Identifier",
    "_types.Timeout",
    "_types.ExtraQuery",
    "_types.ExtraHeaders",
    "_types.ProgressCallback",
    "query.FilterScalar",
    "_http.TransportName",
    "_http.HTTPAuth",
    "_http.HTTPClient",
    "_http.HTTPResponse",
)
QUERY_PARTS = {"filter": "Filters", "include": "Includes", "sort": "Sorts"}


@dataclass(frozen=True)
class Names:
    """The names that one part of a call's query takes.

    Attributes:
        part: `filter`, `include` or `sort`.
        type_name: What the annotation calls the type of these names.
    """

    part: str
    type_name: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{QUERY_PARTS[self.part]}: {', '.join(f'`{name}`' for name in self.names)}"


@dataclass(frozen=True)
class Call:
    """One method of a resource, and the endpoint behind it."""

    method: str
    function: Callable[..., Any]
    endpoint: str

    @property
    def answer(self) -> str:
        """The type that the call returns, as its annotation says it."""
        return str(inspect.signature(self.function).return_annotation)

    @property
    def arguments(self) -> Iterator[str]:
        """The arguments that are this call's own; optional ones with `=…`."""
        parameters = inspect.signature(self.function).parameters
        hidden = EVERY_CALL | (EVERY_LIST if "prefetch" in parameters else {"query"})
        keyword_only = False
        for name, parameter in parameters.items():
            if name in hidden:
                continue
            if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
                keyword_only = True
                yield "*"
            yield name if parameter.default is parameter.empty else f"{name}=…"

    @property
    def names(self) -> list[Names]:
        """The documented names of its filters, includes and sorts."""
        hints = get_type_hints(self.function)
        annotations = inspect.get_annotations(self.function)
        return [
            Names(part, re.findall(r"\w+", annotations[part])[0], tuple(names_in(hints[part])))
            for part in QUERY_PARTS
            if part in hints
        ]


def names_in(hint: Any) -> list[str]:
    """The keys of a TypedDict, or the members of a Literal without their descending twins."""
    if is_typeddict(hint):
        return list(hint.__annotations__)
    if get_origin(hint) is Literal:
        return [name for name in get_args(hint) if not name.startswith("-")]
    return list(dict.fromkeys(name for argument in get_args(hint) for name in names_in(argument)))


def pages() -> dict[Path, str]:
    """Every generated page, by its path below docs/."""
    written = {
        Path("api.md"): index(),
        Path("reference/errors.md"): errors_page(),
        Path("reference/models.md"): models_page(),
        Path("reference/types.md"): types_page(),
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


def calls(resource: str, cls: type) -> list[Call]:
    """The calls of a resource in alphabetical order; where they go is read from the spec."""
    spec = json.loads(SPEC.read_text("utf-8"))
    endpoints = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if "operationId" in operation
    }
    here = {name.partition(".")[2]: endpoint for name, endpoint in endpoints.items() if name.startswith(f"{resource}.")}
    return [Call(method, getattr(cls, method), endpoint) for method, endpoint in sorted(here.items())]


# ---------------------------------------------------------------------------------------------------------- the index


def index() -> str:
    """api.md: all calls with their arguments, endpoints and query names."""
    found = {name: (cls, calls(name, cls)) for name, cls in resource_classes().items()}
    lines = [
        "# All calls",
        "",
        NOTE,
        "",
        f"{sum(len(own) for _, own in found.values())} calls. Await each; one that returns a `Paginator` can be",
        "iterated, too. Every call also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`. Every list",
        "also takes `page`, `per_page`, `query`, `prefetch` and `on_progress`. Put `-` before a sort to reverse it.",
        "For an endpoint that is not documented yet, use `await client.request(method, path)`.",
    ]
    for name, (cls, own) in found.items():
        lines += ["", f"## client.{name}", "", f"Reference: [{cls.__name__}](reference/{name}.md)", ""]
        lines += [index_entry(call) for call in own]
    return "\n".join(lines) + "\n"


def index_entry(call: Call) -> str:
    """A call as it is written, what it returns, where it goes, and the names that its query takes."""
    written = f"{call.method}({', '.join(call.arguments)})"
    lines = [f"- `{written}` → `{call.answer}`", f"  `{call.endpoint}`", *(f"  {names}" for names in call.names)]
    return "  \n".join(lines)


# ------------------------------------------------------------------------------------------------------- the reference


def resource_page(name: str, cls: type) -> str:
    """The reference of one resource. The site takes the texts from the docstrings; the names are written here."""
    parts = [f"# client.{name}", NOTE, f"::: {cls.__module__}.{cls.__name__}\n{AS_PAGE}"]
    for call in calls(name, cls):
        parts.append(f"::: {cls.__module__}.{cls.__name__}.{call.method}")
        parts += [f"[](){{#{cls.__module__}.{names.type_name}}}\n{emphasised(names)}" for names in call.names]
    return "\n\n".join(parts) + "\n"


def emphasised(names: Names) -> str:
    """The names, introduced by what they are and the type that holds them."""
    kind, _, listed = str(names).partition(": ")
    return f"**{kind}** (`{names.type_name}`): {listed}"


def models_page() -> str:
    """The reference of all models."""
    classes = [getattr(models, name) for name in models.__all__]
    directives = [
        f"::: {cls.__module__}.{cls.__name__}\n{AS_MODEL}"
        for cls in classes
        if isinstance(cls, type) and issubclass(cls, Model)
    ]
    about = "What calls return. How models behave: [Models and drift](../models.md)."
    base = f"::: {PACKAGE}.model.Model"
    return "\n\n".join(["# Models", NOTE, about, base, *directives]) + "\n"


def errors_page() -> str:
    """The reference of all errors and warnings, the bases first."""
    classes = [one for one in vars(errors).values() if isinstance(one, type) and one.__module__ == errors.__name__]
    directives = [f"::: {errors.__name__}.{one.__name__}\n{AS_ERROR}" for one in classes]
    about = "What can go wrong. What to do about it: [Errors and retries](../errors.md)."
    return "\n\n".join(["# Errors and warnings", NOTE, about, *directives]) + "\n"


def types_page() -> str:
    """The reference of the types in signatures and fields that have no page of their own."""
    directives = [f"::: {PACKAGE}.{name}" for name in [*RUNTIME_TYPES, *generated_types()]]
    about = "The types in signatures and fields. Filters, includes and sorts are listed with each call."
    return "\n\n".join(["# Types", NOTE, about, *directives]) + "\n"


def generated_types() -> list[str]:
    """The objects in bodies and the enums of models, by the modules that declare them."""
    names = {name for name in patchworks_core_client.__all__ if name.endswith(("Label", "Status", "Format"))}
    found: list[str] = []
    for package in (resources, models):
        for module in iter_modules(package.__path__):
            source = (Path(package.__path__[0]) / f"{module.name}.py").read_text("utf-8")
            declared = re.findall(r"^(?:class )?(\w+)(?=\(TypedDict|: TypeAlias)", source, re.MULTILINE)
            found += [f"{package.__name__}.{module.name}.{name}" for name in declared if name in names]
    return [name.removeprefix(f"{PACKAGE}.") for name in sorted(found)]


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
