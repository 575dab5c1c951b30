"""Models: typed, read-only views of the JSON objects that the server sent.

A model keeps a reference to its JSON object and decodes an attribute when you first read it. So nothing that the server
sent is lost, decoding cannot fail, and a page of models costs little more than its JSON.
"""
# pyright: reportPrivateUsage=false
# (a property is part of the model that it reads)

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, KeysView, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from reprlib import repr as _brief
from typing import Any, ClassVar, Self, TypeVar, cast

import attrs

from ._json import copy_json, to_json
from ._types import is_array, is_object

M = TypeVar("M", bound="Model")

_HIDDEN_KEYS = re.compile("secret|value|variables|password|token|api_?key|authorization|credential", re.IGNORECASE)
"""JSON keys whose content repr never shows; `variables` of a flow hold customers' secrets."""

_REPR_LENGTH = 2000


class _View:
    """The two slots of a model. They are not attrs fields, so tools show only the documented ones.

    Attributes:
        _data: The JSON object as the server sent it.
        _decoded: The decoded values so far, or None if there are none.
    """

    __slots__ = ("_data", "_decoded")

    _data: dict[str, Any]
    _decoded: dict[str, Any] | None


@attrs.frozen(slots=False, eq=False, repr=False, kw_only=True)
class Model(_View):
    """Base class of all models.

    An attribute is None if the server did not send it; `fields_set` names those that it sent. `model["key"]`,
    `"key" in model` and `dict(model)` give access to every key of the JSON, documented or not, as the server sent it.
    """

    __slots__ = ()

    additional_properties: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """What the server sent and the documentation does not name; a copy."""

    _names_by_key: ClassVar[dict[str, str]] = {}

    def __init__(self, **values: Any) -> None:
        # The generated classes declare a signature of their fields; attrs.evolve calls it with all of them.
        names = self._names_by_key
        keys = {name: key for key, name in names.items()}
        rest: Mapping[str, Any] = values.pop("additional_properties", {})
        if unknown := values.keys() - keys:
            raise TypeError(f"{type(self).__name__} has no field {min(unknown)!r}; it has {', '.join(keys)}")
        origin = rest.model if isinstance(rest, _Rest) and type(rest.model) is type(self) else self.from_dict({})
        kept = {key: value for key, value in origin._data.items() if key in names or key in rest}
        changes = {keys[name]: value for name, value in values.items() if value is not getattr(origin, name)}
        object.__setattr__(self, "_data", {**kept, **to_json({**rest, **changes})})
        object.__setattr__(self, "_decoded", None)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Create a model from a JSON object. It keeps a reference to the object.

        Never fails for a JSON object: unknown keys, nulls, wrong types and unparsable dates are kept.

        Args:
            data: The JSON object, as `json.loads` returns it, or `[]`, which is PHP's empty object.
        """
        view = _View()
        view._data = data if isinstance(data, dict) else dict(data)
        view._decoded = None
        # The fastest way to a frozen instance: create an unfrozen one and change its class.
        view.__class__ = cls  # pyright: ignore[reportAttributeAccessIssue]
        return view  # type: ignore[return-value]  # pyright: ignore[reportReturnType]

    def to_dict(self) -> dict[str, Any]:
        """Return a copy of the JSON object, exactly as the server sent it, with the changes of `attrs.evolve`."""
        return copy_json(self._data)

    @property
    def fields_set(self) -> frozenset[str]:
        """The names of the attributes that the server sent. A null counts as sent."""
        return frozenset(name for key, name in self._names_by_key.items() if key in self._data)

    def keys(self) -> KeysView[str]:
        """The keys of the JSON object. They let `dict(model)` return the object as the server sent it."""
        return self._data.keys()

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __eq__(self, other: Any) -> bool:
        return self._data == other._data if type(other) is type(self) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names, shown = self._names_by_key, copy_json(self._data, hidden=_HIDDEN_KEYS)
        text = ", ".join(f"{names.get(key) or _brief(key)}={_brief(value)}" for key, value in shown.items())
        return f"{type(self).__name__}({text if len(text) <= _REPR_LENGTH else f'{text[:_REPR_LENGTH]}...'})"

    def __rich_repr__(self) -> Iterator[tuple[Any, ...]]:
        """What rich shows: the attributes that the server sent, and the undocumented keys if there are any."""
        shown = self.from_dict(copy_json(self._data, hidden=_HIDDEN_KEYS))
        yield from ((name, getattr(shown, name)) for key, name in self._names_by_key.items() if key in shown)
        yield "additional_properties", shown.additional_properties, {}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_dict, (self._data,)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic and FastAPI use a model: they accept an instance or a mapping, and emit `to_dict()`."""
        core = import_module("pydantic_core").core_schema
        return core.union_schema(
            [core.is_instance_schema(cls), core.no_info_after_validator_function(cls.from_dict, core.dict_schema())],
            ref=f"{cls.__module__}.{cls.__name__}",  # OpenAPI documents refer to it by this, instead of repeating it
            serialization=core.plain_serializer_function_ser_schema(cls.to_dict),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        """The schema that pydantic and FastAPI write into their documentation."""
        return {"type": "object", "title": cls.__name__, "additionalProperties": True}


class _Rest(dict[str, Any]):
    """The additional properties of a model, with a reference to it.

    attrs.evolve passes them to the constructor of the copy. So a copy keeps what the attributes do not show: the text
    of a date, the order of the keys, a null that was sent.
    """

    __slots__ = ("model",)

    def __init__(self, model: Model) -> None:
        names = model._names_by_key
        super().__init__(copy_json({key: value for key, value in model._data.items() if key not in names}))
        self.model = model


_set_decoded: Callable[[_View, dict[str, Any]], None] = _View.__dict__["_decoded"].__set__

Model.additional_properties = property(_Rest)  # type: ignore[assignment]


def field(decode: Callable[..., Any] | None = None, *arguments: Any, key: str | None = None) -> Any:
    """Declare a field that a plain default of None does not describe.

    Args:
        decode: `date_time`, `mapping`, `one` or `many`. None leaves the value as it is.
        arguments: What `decode` needs before the value: the name of the class for `one` and `many`.
        key: The JSON key, if it is not the name.
    """
    decode = partial(decode, *arguments) if decode and arguments else decode
    return attrs.field(default=None, metadata={"key": key, "decode": decode})


def model(cls: type[M]) -> type[M]:
    """Class decorator of the generated models: replaces each field with a property that reads the JSON object."""
    names: dict[str, str] = {}
    for attribute in attrs.fields(cls)[1:]:  # the first is the one that all have, additional_properties
        name, metadata = attribute.name, attribute.metadata
        key = name if metadata.get("key") is None else metadata["key"]
        names[key] = name
        setattr(cls, name, _reader(key, metadata.get("decode")))
    cls._names_by_key = names
    cls.__init__ = Model.__init__  # type: ignore[method-assign]
    return cls


def _reader(key: str, decode: Callable[[Any], Any] | None) -> property:
    """A property that reads a key of the JSON object and decodes it, once."""
    if decode is None:
        return property(lambda model: model._data.get(key))

    def read(model: Model) -> Any:
        decoded: dict[str, Any] | None = model._decoded
        if decoded is None:
            decoded = {}
            _set_decoded(model, decoded)
        if key not in decoded:
            value = model._data.get(key)
            decoded[key] = None if value is None else decode(value)
        return decoded[key]

    return property(read)


def mapping(value: Any) -> Any:
    """Decode an object without documented keys to a dict. PHP writes an empty one as []."""
    return {} if value == [] else value


def one(class_name: str, value: Any) -> Any:
    """Decode an object to a model. The class is named, because models refer to each other."""
    data = mapping(value)
    return _class(class_name).from_dict(data) if is_object(data) else value


def many(class_name: str, value: Any) -> Any:
    """Decode an array of objects to a list of models."""
    return [one(class_name, item) for item in value] if is_array(value) else value


@cache
def _class(name: str) -> type[Model]:
    return cast("type[Model]", getattr(import_module(".models", __package__), name))


def date_time(value: Any) -> Any:
    """Decode a date-time to an aware datetime; return anything else unchanged.

    Only a text that begins with a four-digit year is a date, because in others the day and the month are ambiguous. A
    time without a zone is UTC, as Laravel writes it. `datetime.fromisoformat` reads what the server sends, ten times
    as fast as python-dateutil, which is imported only for the rest (such as `2025-05-01 10:00:00 UTC`).
    """
    try:
        moment = _from_iso(value)
    except (TypeError, ValueError):
        moment = _ask_dateutil(value)
    if moment is value or moment.tzinfo is not None:
        return moment
    # fromisoformat takes digits alone, too, but they may be milliseconds since 1970.
    # combine costs a sixth of replace(tzinfo=UTC).
    return value if value.isdigit() else datetime.combine(moment, moment.time(), UTC)


_from_iso: Callable[[str], Any] = datetime.fromisoformat
_OTHER_DATE = re.compile(r"\d{4}[-/](0[1-9]|1[0-2])[-/]\d\d( \d\d:\d\d(:\d\d)?( UTC| ?[+-][01]\d[0-5]\d)?)?", re.ASCII)


def _ask_dateutil(value: Any) -> Any:
    if isinstance(value, str) and _OTHER_DATE.fullmatch(value):
        from dateutil import parser  # type: ignore[import-untyped, unused-ignore]

        with suppress(ValueError):
            return parser.parse(value)
    return value
