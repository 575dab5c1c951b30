"""openapi-python-client's Project with our layout: one module per resource, one per model, lazy packages."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from openapi_python_client import Project
from openapi_python_client.config import Config
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol

from .facts import ClassFacts, FieldFacts, Lowered
from .methods import MethodWriter, enum_alias
from .names import hand_written_exports, module_name
from .parser import Types, code_of, endpoints_of, properties_of
from .text import docstring, literal, sentence, summarized, wrap
from .views import Field, ModelModule, ResourceModule

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

_EVERY_METHOD = (
    "Every method also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`, for this call alone."
)
_HELPERS = ("key", "one", "many", "date_time", "mapping")


class ClientProject(Project):
    """Writes the generated modules into the folder that the configuration names."""

    def __init__(self, *, openapi: GeneratorData, config: Config, lowered: Lowered, overrides: Path) -> None:
        super().__init__(openapi=openapi, config=config, custom_template_path=TEMPLATES)
        self.env.undefined = StrictUndefined
        self._lowered = lowered
        self._overrides = overrides
        self._parsed = {str(model.class_info.name): model for model in openapi.models}
        self._endpoints = endpoints_of(openapi)
        self._types = Types(lowered.classes, request=False)
        self._exports: dict[str, list[str]] = dict(hand_written_exports(overrides))

    def write(self) -> None:
        """Write every generated module; the folder must be empty."""
        for folder in ("models", "resources"):
            (self.package_dir / folder).mkdir()
        self._write_models()
        self._write_resources()
        self._write_init("", "The Patchworks Core API, typed and asynchronous. See `PatchworksClient`.")
        self._write_init("models.", "What the API answers, as classes; each module is imported when it is first used.")
        self._write_init(
            "resources.", "The calls of the API by resource; each module is imported when it is first used."
        )

    def _write(self, name: str, template: str, **values: Any) -> None:
        text = self.env.get_template(template).render(**values)
        (self.package_dir / name).write_text(text, encoding="utf-8", newline="\n")

    # -- models ------------------------------------------------------------------------------------------------------

    def _write_models(self) -> None:
        enums: dict[str, list[ClassFacts]] = {}
        for facts in self._lowered.classes.values():
            if facts.role == "enum":
                enums.setdefault(facts.owner if not facts.module else facts.code, []).append(facts)
        for facts in self._lowered.classes.values():
            if not facts.module:
                continue
            own = enums.get(facts.code, [])
            module = self._enum_module(facts) if facts.role == "enum" else self._model_module(facts, own)
            self._write(f"models/{facts.module}.py", "model.py.jinja", module=module)
            names = [facts.name, *(enum.name for enum in own if enum is not facts)]
            self._exports[f"models.{facts.module}"] = sorted(names)

    def _enum_module(self, facts: ClassFacts) -> ModelModule:
        return ModelModule(docstring(_class_doc(facts, 0), indent=0), [enum_alias(facts)], [])

    def _model_module(self, facts: ClassFacts, enums: list[ClassFacts]) -> ModelModule:
        typed = [
            (facts.fields[str(prop.name.get_untrusted_value())], prop)
            for prop in properties_of(self._parsed[facts.code])
        ]
        names = {field.name for field, _ in typed}
        helpers = {"model": "model", **{name: f"_{name}" if name in names else name for name in _HELPERS}}
        related: dict[str, str] = {}
        fields: list[Field] = []
        for field, prop in typed:
            form = self._types.of(prop)
            related |= {used.module: used.name for used in form.classes if used.module and used is not facts}
            # Every resource has an id: without None, callers can pass it on as it is.
            always = form.annotation == "Any" or field.key == "id"
            annotation = form.annotation if always else f"{form.annotation} | None"
            text = docstring(wrap(field.description, indent=4), indent=4) if field.description else ""
            fields.append(Field(field.name, annotation, self._default(field, prop, helpers), text))
        return ModelModule(
            docstring([f"The model {facts.name}."], indent=0),
            [enum_alias(enum) for enum in enums],
            sorted(related.items()),
            facts.name,
            docstring(_class_doc(facts, 4), indent=4),
            fields,
            helpers,
        )

    def _default(self, field: FieldFacts, prop: PropertyProtocol, helpers: dict[str, str]) -> str:
        """The right-hand side of a field: which helper decodes it, under which JSON key."""
        key = literal(field.key) if field.key != field.name else ""
        inner = prop.inner_property if isinstance(prop, ListProperty) else prop
        if isinstance(inner, ModelProperty) and (code := code_of(inner)) is not None:
            helper = helpers["one" if inner is prop else "many"]
            return f"{helper}({literal(self._lowered.classes[code].name)}{', ' if key else ''}{key})"
        if isinstance(prop, ModelProperty):
            return f"{helpers['mapping']}({key})"
        if self._types.of(prop).annotation == "datetime":
            return f"{helpers['date_time']}({key})"
        if field.key == "id":
            key = literal("id")
        return f"{helpers['key']}({key})" if key else "None"

    # -- resources ---------------------------------------------------------------------------------------------------

    def _write_resources(self) -> None:
        rows: list[dict[str, str]] = []
        for resource, class_name in self._lowered.resources.items():
            name = module_name(resource)
            module = self._resource_module(resource, class_name)
            self._write(f"resources/{name}.py", "resource.py.jinja", module=module)
            attribute = self._lowered.attributes[resource]
            rows.append({"module": name, "class_name": class_name, "attribute": attribute})
        self._write("_resources.py", "resources.py.jinja", resources=rows)

    def _resource_module(self, resource: str, class_name: str) -> ResourceModule:
        facts = [item for item in self._lowered.operations.values() if item.resource == resource]
        writer = MethodWriter(self._lowered, self._parsed, {item.method for item in facts})
        for item in sorted(facts, key=lambda item: item.method):
            writer.add(item, self._endpoints[item.code])
        self._exports[f"resources.{module_name(resource)}"] = [class_name, *sorted(writer.type_names)]
        attribute = self._lowered.attributes[resource]
        return ResourceModule(
            docstring([f"The calls of `client.{attribute}`."], indent=0),
            class_name,
            docstring([f"`client.{attribute}`.", "", _EVERY_METHOD], indent=4),
            sorted(writer.models.items()),
            writer.types,
            writer.operations,
            writer.methods,
        )

    # -- packages ----------------------------------------------------------------------------------------------------

    def _write_init(self, prefix: str, text: str) -> None:
        exports = {
            module.removeprefix(prefix): names
            for module, names in sorted(self._exports.items())
            if module.startswith(prefix)
        }
        self._write(
            f"{prefix.replace('.', '/')}__init__.py",
            "lazy_init.py.jinja",
            docstring=docstring([text], indent=0),
            exports=list(exports.items()),
            all=literal(sorted(name for names in exports.values() for name in names)),
            modules=f"{{{', '.join(f'{literal(module)}: {_spaced(names)}' for module, names in exports.items())}}}",
        )


def _spaced(names: list[str]) -> str:
    """The names as one string, in pieces that fit a line."""
    lines = textwrap.wrap(" ".join(names), width=100, break_long_words=False)
    return f"({' '.join(literal(line) for line in [*(f'{line} ' for line in lines[:-1]), lines[-1]])})"


def _class_doc(facts: ClassFacts, indent: int) -> list[str]:
    origin = f"From the {facts.source}." if facts.source.startswith("schema") else f"From {facts.source}."
    lines = wrap(summarized(sentence(facts.description)), indent=indent) if facts.description else []
    return [*lines, *([""] if lines else []), *wrap(origin, indent=indent)]
