"""openapi-python-client's Project with our layout: one module a resource, one a model, packages that import lazily."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from openapi_python_client import Project
from openapi_python_client.schema.untrusted_string import UntrustedString

from .client import Choices, Client, Field, Model
from .methods import ResourceSource, enum_alias, typed_dict
from .names import Reserved
from .text import docstring, literal, sentence, summarized, wrap

TEMPLATES = Path(__file__).resolve().parent / "templates"

_HELPERS = ("key", "one", "many", "date_time", "mapping")
"""What a model's module imports to declare how its fields are read."""


class ClientProject(Project):
    """Writes the generated modules into the folder that the client was read for; it must be empty."""

    def __init__(self, client: Client, reserved: Reserved) -> None:
        super().__init__(openapi=client.data, config=client.config, custom_template_path=TEMPLATES)
        self.env.undefined = StrictUndefined
        self.env.finalize = refuse_untrusted
        filters: dict[str, Any] = {"docstring_of": docstring_of, "paragraphs": paragraphs, "literal": literal}
        self.env.filters.update(filters)
        self._client = client
        self._reserved = reserved
        self._placed = _placed(client)
        self._exports: dict[str, list[str]] = dict(reserved.exports)

    def write(self) -> None:
        """Write every generated module."""
        self._build_models()
        self._build_api()
        self._create_package()

    def _build_models(self) -> None:
        (self.package_dir / "models").mkdir()
        own: dict[str, list[Choices]] = {}
        for name, enum in self._client.enums.items():
            module = self._placed.get(name, f"models.{enum.module}")
            if not module.startswith("resources."):
                own.setdefault(module.removeprefix("models."), []).append(enum)
        shared = [
            each for name, each in self._client.typed_dicts.items() if not self._placed[name].startswith("resources.")
        ]
        modules = {model.module: model for model in (*self._client.models.values(), *shared)}
        for module in sorted({*modules, *own}):
            self._write_model(module, modules.get(module), own.get(module, []))

    def _write_model(self, module: str, model: Model | None, enums: list[Choices]) -> None:
        order = [name for each in model.fields for name in each.type.classes] if model else []
        enums.sort(key=lambda enum: order.index(enum.name) if enum.name in order else -1)
        is_typed_dict = model is not None and model.name in self._client.typed_dicts
        names = {each.name for each in model.fields} if model else set[str]()
        helpers = {"model": "model", **{name: f"_{name}" if name in names else name for name in _HELPERS}}
        self._write(
            f"models/{module}.py",
            "model.py.jinja",
            model=model if model and not is_typed_dict else None,
            typed_dict=typed_dict(model, "An object in a body.") if model and is_typed_dict else "",
            aliases=[enum_alias(enum) for enum in enums],
            about=paragraphs(model or enums[0]) if is_typed_dict or model is None else [f"The model {model.name}."],
            related=self._related(model),
            helpers=helpers,
            read_as=partial(_read_as, helpers),
        )
        self._exports[f"models.{module}"] = sorted([*([model.name] if model else []), *(enum.name for enum in enums)])

    def _related(self, model: Model | None) -> list[tuple[str, str]]:
        """What a model's annotations name in other modules."""
        related: dict[str, str] = {}
        for name in (name for each in (model.fields if model else ()) for name in each.type.classes):
            known = self._client.models.get(name) or self._client.typed_dicts.get(name) or self._client.enums[name]
            module = self._placed.get(name, f"models.{known.module}").removeprefix("models.")
            if model and module != model.module:
                related[module] = name
        return sorted(related.items())

    def _build_api(self) -> None:
        (self.package_dir / "resources").mkdir()
        for resource in self._client.resources:
            source = ResourceSource(self._client, resource, self._reserved, self._placed)
            self._write(f"resources/{resource.module}.py", "resource.py.jinja", source=source, resource=resource)
            self._exports[f"resources.{resource.module}"] = [resource.class_name, *sorted(source.type_names)]
        self._write("_resources.py", "resources.py.jinja", resources=self._client.resources)

    def _create_package(self) -> None:
        self._write_init("", "The Patchworks Core API, typed and asynchronous. See `PatchworksClient`.")
        self._write_init("models.", "What the API answers, as classes; each module is imported when it is first used.")
        self._write_init(
            "resources.", "The calls of the API by resource; each module is imported when it is first used."
        )

    def _write_init(self, prefix: str, text: str) -> None:
        exports = {
            module.removeprefix(prefix): names
            for module, names in sorted(self._exports.items())
            if module.startswith(prefix)
        }
        self._write(
            f"{prefix.replace('.', '/')}__init__.py",
            "lazy_init.py.jinja",
            text=text,
            exports=exports,
            modules={name: module for module, names in exports.items() for name in sorted(names)},
        )

    def _write(self, name: str, template: str, **values: Any) -> None:
        text = self.env.get_template(template).render(**values)
        (self.package_dir / name).write_text(text, encoding="utf-8", newline="\n")


def refuse_untrusted(value: object) -> object:
    """What a template prints: a text of the documentation only after a filter has made a docstring or literal of it."""
    if isinstance(value, UntrustedString):
        raise TypeError(f"a template prints {value.get_untrusted_value()!r} of the documentation as code")
    return value


def _placed(client: Client) -> dict[str, str]:
    """The module of each enum and TypedDict: that of the one module that uses it, else one of its own."""
    users: dict[str, set[str]] = {}

    def use(module: str, names: Iterable[str]) -> None:
        for name in names:
            if name not in client.models and module not in users.setdefault(name, set()):
                users[name].add(module)
                if name in client.typed_dicts:
                    use(module, (each for entry in client.typed_dicts[name].fields for each in entry.type.classes))

    for model in client.models.values():
        use(f"models.{model.module}", (name for each in model.fields for name in each.type.classes))
    for resource in client.resources:
        arguments = (argument for method in resource.methods for argument in method.arguments)
        use(f"resources.{resource.module}", (name for argument in arguments for name in argument.type.classes))
    known: dict[str, Choices | Model] = {**client.enums, **client.typed_dicts}
    return {
        name: next(iter(modules)) if len(modules) == 1 else f"models.{known[name].module}"
        for name, modules in users.items()
    }


def _read_as(helpers: dict[str, str], each: Field) -> str:
    """The right-hand side of a field: which helper decodes it, under which JSON key."""
    key = [literal(each.key)] if each.key != each.name else []
    if each.type.annotation == "Any":
        helper, arguments = "key", key
    elif each.model:
        helper, arguments = "many" if each.many else "one", [literal(each.model), *key]
    elif each.type.annotation == "dict[str, Any]":
        helper, arguments = "mapping", key
    elif each.type.annotation == "datetime":
        helper, arguments = "date_time", key
    else:
        helper, arguments = "key", [literal("id")] if each.key == "id" else key
    return "None" if helper == "key" and not arguments else f"{helpers[helper]}({', '.join(arguments)})"


def docstring_of(text: str | list[str], indent: int = 0) -> str:
    lines = wrap(text, indent=indent) if isinstance(text, str) else text
    return docstring(lines, indent=indent)


def paragraphs(model: Model | Choices, indent: int = 0) -> list[str]:
    """What is said of a class, and where in the documentation it is from."""
    lines = wrap(summarized(sentence(model.description)), indent=indent) if model.description else []
    if isinstance(model, Choices):
        return lines or ["The values that are documented."]
    kind, _, name = model.source.partition(" ")
    origin = f"From the schema `{name}`." if kind == "schema" and "." not in name else f"From `{name or kind}`."
    return [*lines, *([""] if lines else []), *wrap(origin, indent=indent)]
