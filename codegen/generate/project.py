"""openapi-python-client's Project with our layout: one module a resource, one a model, packages that import lazily."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from openapi_python_client import Project
from openapi_python_client.schema.untrusted_string import UntrustedString

from .client import Argument, Choices, Client, Field, Model
from .methods import common_arguments, enum_alias, method_docstring, types_of
from .names import Reserved
from .text import docstring, literal, summarized, wrap

TEMPLATES = Path(__file__).resolve().parent / "templates"


class ClientProject(Project):
    """Writes the generated modules into the folder that the client was read for; it must be empty."""

    def __init__(self, client: Client, reserved: Reserved) -> None:
        super().__init__(openapi=client.data, config=client.config, custom_template_path=TEMPLATES)
        self.env.undefined = StrictUndefined
        self.env.finalize = refuse_untrusted
        filters: dict[str, Any] = {"docstring": _docstring, "literal": literal, "summarized": summarized}
        self.env.filters.update(filters)
        functions: dict[str, Any] = {"common_arguments": common_arguments, "method_docstring": method_docstring}
        self.env.globals.update(functions)
        self._client, self._contract = client, reserved.contract
        self._modules = {model.name: f"models.{model.module}" for model in client.models.values()}
        """The module of each class: enums and TypedDicts stand in the one that uses them first."""
        self._own: dict[str, list[Choices | Model]] = {}
        """Enums and TypedDicts by the model or operation that uses them first."""
        self._used: defaultdict[str, set[str]] = defaultdict(set)
        """The classes that each module names."""
        self._exports: dict[str, list[str]] = dict(reserved.exports)

    def write(self) -> None:
        """Write every generated module."""
        self._place_types()
        self._build_models()
        self._build_api()
        self._create_package()

    def _place_types(self) -> None:
        for model in self._client.models.values():
            self._place(model.fields, f"models.{model.module}", model.name)
        for resource in self._client.resources:
            for method in resource.methods:
                self._place(method.arguments, f"resources.{resource.module}", method.operation_id)

    def _place(self, users: Iterable[Field | Argument], module: str, owner: str) -> None:
        for name in (name for each in users for name in each.type.classes):
            self._used[module].add(name)
            if name not in self._modules:
                self._modules[name] = module
                typed_dict = self._client.typed_dicts.get(name)
                self._place(typed_dict.fields if typed_dict else (), module, owner)
                self._own.setdefault(owner, []).append(typed_dict or self._client.enums[name])

    def _imports(self, module: str) -> list[tuple[str, str]]:
        """The classes of other modules that a module names, each with its module."""
        return sorted((self._modules[name], name) for name in self._used[module] if self._modules[name] != module)

    def _build_models(self) -> None:
        (self.package_dir / "models").mkdir()
        for model in self._client.models.values():
            module = f"models.{model.module}"
            enums = [enum_alias(each) for each in self._own.get(model.name, ()) if isinstance(each, Choices)]
            related = self._imports(module)
            self._write(f"models/{model.module}.py", "model.py.jinja", model=model, enums=enums, related=related)
            self._exports[module] = sorted([model.name, *(each.name for each in enums)])

    def _build_api(self) -> None:
        (self.package_dir / "resources").mkdir()
        for resource in self._client.resources:
            module = f"resources.{resource.module}"
            types = list(types_of(resource, self._own))
            self._used[module] |= {method.result for method in resource.methods if method.result}
            imports = self._imports(module)
            values = {"resource": resource, "types": types, "imports": imports, "contract": self._contract}
            self._write(f"resources/{resource.module}.py", "resource.py.jinja", **values)
            self._exports[module] = [resource.class_name, *sorted(each.name for each in types)]
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
        modules = {name: module for module, names in exports.items() for name in sorted(names)}
        path = f"{prefix.replace('.', '/')}__init__.py"
        self._write(path, "lazy_init.py.jinja", text=text, exports=exports, modules=modules)

    def _write(self, name: str, template: str, **values: Any) -> None:
        text = self.env.get_template(template).render(**values)
        (self.package_dir / name).write_text(text, encoding="utf-8", newline="\n")


def refuse_untrusted(value: object) -> object:
    """What a template prints: a text of the documentation only after a filter has made a docstring or literal of it."""
    if isinstance(value, UntrustedString):
        raise TypeError(f"a template prints {value.get_untrusted_value()!r} of the documentation as code")
    return value


def _docstring(text: str, indent: int = 0) -> str:
    return docstring(wrap(text, indent=indent), indent=indent)
