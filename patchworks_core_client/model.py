"""Models: typed, read-only views of the JSON objects that the server sent.

A model keeps a reference to its JSON object and decodes an attribute when you first read it. So nothing that the server
sent is lost, decoding cannot fail, and a page of models costs little more than its JSON.
"""
# pyright: reportPrivateUsage=false
# (a property is part of the model that it reads)

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, KeysView, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, partial
from importlib import import_module
from reprlib import Repr
from typing import Any, ClassVar, Self, TypeVar, cast

import attrs
from attrs import field, frozen

from ._json import copy_json, is_array, is_object, to_json
from .errors import InvalidArgumentError

__all__ = ["Model"]

M = TypeVar("M", bound="Model")
Decoder = Callable[[Any], Any]

_HIDDEN_KEYS = re.compile("secret|value|variables|password|token|api_?key|authorization|credential", re.IGNORECASE)
"""JSON keys whose content repr never shows; `variables` of a flow hold customers' secrets."""

_HIDDEN = "***"
_REPR_LENGTH = 2000
_LONGEST_INTEGER = 200


class _View:
    """The two slots of a model. They are not attrs fields, so tools show only the documented ones.

    Attributes:
        _data: The JSON object as the server sent it.
        _decoded: The decoded values so far, or None if there are none.
    """

    __slots__ = ("_data", "_decoded")

    _data: dict[str, Any]
    _decoded: dict[str, Any] | None


@frozen(slots=False, eq=False, repr=False, kw_only=True)
class Model(_View):
    """Base class of all models.

    An attribute is None if the server did not send it; `fields_set` names those that it sent. `model["key"]`,
    `"key" in model` and `dict(model)` give access to every key of the JSON, documented or not, as the server sent it.
    """

    __slots__ = ()

    additional_properties: dict[str, Any] = field(factory=dict[str, Any])
    """What the server sent and the documentation does not name; a copy."""

    _names_by_key: ClassVar[dict[str, str]] = {}
    _keys_by_name: ClassVar[dict[str, str]] = {}

    def __init__(self, *, additional_properties: Mapping[str, Any] | None = None, **values: Any) -> None:
        # The generated classes declare a signature of their fields; attrs.evolve calls it with all of them.
        keys, names = self._keys_by_name, self._names_by_key
        unknown = next((name for name in values if name not in keys), None)
        if unknown is not None:
            raise TypeError(f"{type(self).__name__} has no field {unknown!r}; it has {', '.join(keys)}")
        rest: Mapping[str, Any] = additional_properties or {}
        origin: Any = getattr(additional_properties, "model", None)
        if type(origin) is not type(self):
            origin = self.from_dict({})
        sent: dict[str, Any] = origin._data
        data = {key: value for key, value in sent.items() if key in names or key in rest}
        changes = {key: value for key, value in rest.items() if key not in sent or not _same(value, sent[key])}
        changes |= {keys[name]: value for name, value in values.items() if value is not getattr(origin, name)}
        try:
            data.update((key, to_json(value)) for key, value in changes.items())
        except ValueError as error:
            raise InvalidArgumentError(f"{type(self).__name__}: {error}") from None
        object.__setattr__(self, "_data", data)
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
        return cast("dict[str, Any]", copy_json(self._data))

    @property
    def fields_set(self) -> frozenset[str]:
        """The names of the attributes that the server sent. A null counts as sent."""
        names = self._names_by_key
        return frozenset(names[key] for key in self._data if key in names)

    def keys(self) -> KeysView[str]:
        """The keys of the JSON object. They let `dict(model)` return the object as the server sent it."""
        return self._data.keys()

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(other) is not type(self):
            return NotImplemented
        return self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = self._names_by_key
        shown = (f"{names.get(key) or _brief(key)}={_brief(_visible(key, value))}" for key, value in self._data.items())
        text = ", ".join(shown)
        return f"{type(self).__name__}({text if len(text) <= _REPR_LENGTH else f'{text[:_REPR_LENGTH]}...'})"

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        """What rich shows: the attributes that the server sent, and the undocumented keys."""
        for key, name in self._names_by_key.items():
            if key in self._data:
                yield name, _discreet(key, getattr(self, name))
        if rest := self.additional_properties:
            yield "additional_properties", _discreet("", rest)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self).from_dict(self.to_dict())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_dict, (self._data,)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic and FastAPI use a model: they accept an instance or a mapping, and emit `to_dict()`."""

        def validate(value: Any) -> Any:
            if not isinstance(value, cls | Mapping):
                raise ValueError(f"a {cls.__name__} or a mapping is needed, not a {type(value).__name__}")
            return value if isinstance(value, cls) else cls.from_dict(cast("Mapping[str, Any]", value))

        core_schema = import_module("pydantic_core").core_schema
        serialization = core_schema.plain_serializer_function_ser_schema(cls.to_dict)
        name = f"{cls.__module__}.{cls.__name__}"  # by which OpenAPI documents refer to it, instead of repeating it
        return core_schema.no_info_plain_validator_function(validate, ref=name, serialization=serialization)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        """The schema that pydantic and FastAPI write into their documentation."""
        return {"type": "object", "title": cls.__name__, "additionalProperties": True}


_set_decoded: Callable[[_View, dict[str, Any]], None] = _View.__dict__["_decoded"].__set__


class _Rest(dict[str, Any]):
    """The additional properties of a model, with a reference to it.

    attrs.evolve passes them to the constructor of the copy. So a copy keeps what the attributes do not show: the text
    of a date, the order of the keys, a null that was sent.
    """

    __slots__ = ("model",)
    model: Model

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


def _additional_properties(model: Model) -> dict[str, Any]:
    names = model._names_by_key
    rest = _Rest((key, copy_json(value)) for key, value in model._data.items() if key not in names)
    rest.model = model
    return rest


def _same(value: Any, sent: Any) -> bool:
    return type(value) is type(sent) and bool(value == sent)  # True == 1 == 1.0 in Python, but not in JSON


Model.additional_properties = property(_additional_properties)  # type: ignore[assignment]


def model(cls: type[M]) -> type[M]:
    """Class decorator of the generated models: replaces each field with a property that reads the JSON object."""
    keys: dict[str, str] = {}
    for attribute in attrs.fields(cls):
        name = attribute.name
        if name != "additional_properties":
            given: str | None = attribute.metadata.get("key")
            decode: Decoder | None = attribute.metadata.get("decode")
            keys[name] = key = name if given is None else given
            setattr(cls, name, _plain(key) if decode is None else _decoded(key, decode, decode is parse_datetime))
    cls._keys_by_name = keys
    cls._names_by_key = {key: name for name, key in keys.items()}
    cls.__init__ = Model.__init__  # type: ignore[method-assign]
    return cls


def _plain(key: str) -> property:
    """A property that reads a key of the JSON object. A plain function is the fastest getter that Python has."""

    def read(model: Model) -> Any:
        return model._data.get(key)

    return property(read)


def _decoded(key: str, decode: Decoder, is_date: bool) -> property:
    """Reads a key of the JSON object and decodes it, once."""

    def read(model: Model) -> Any:
        decoded: dict[str, Any] | None = model._decoded
        if decoded is None:
            decoded = {}
            _set_decoded(model, decoded)
        elif key in decoded:
            return decoded[key]
        value = model._data.get(key)
        if value is not None:
            try:  # inlined for the usual form, because a function call per date would slow down a page
                moment = _from_iso(value) if is_date else None
            except (TypeError, ValueError):
                moment = None
            value = moment if moment is not None and moment.tzinfo is not None else decode(value)
        decoded[key] = value
        return value

    return property(read)


def key(json_key: str) -> Any:
    """Declare a field that is not decoded, with a JSON key other than its name or a type that is never None."""
    return field(default=None, metadata={"key": json_key})


def date_time(json_key: str | None = None) -> Any:
    """Declare a field that is decoded to an aware datetime."""
    return field(default=None, metadata={"key": json_key, "decode": parse_datetime})


def mapping(json_key: str | None = None) -> Any:
    """Declare a field that holds an object without documented keys, as a dict."""
    return field(default=None, metadata={"key": json_key, "decode": _php_object})


def one(class_name: str, json_key: str | None = None) -> Any:
    """Declare a field that holds a model; by name, because models refer to each other."""
    return field(default=None, metadata={"key": json_key, "decode": partial(_one, class_name)})


def many(class_name: str, json_key: str | None = None) -> Any:
    """Declare a field that holds a list of models."""
    return field(default=None, metadata={"key": json_key, "decode": partial(_many, class_name)})


def _php_object(value: Any) -> Any:
    return {} if value == [] else value  # PHP writes an empty object as []


@cache
def _class(name: str) -> type[Model]:
    return cast("type[Model]", getattr(import_module(".models", __package__), name))


def _one(class_name: str, value: Any) -> Any:
    data = _php_object(value)
    return _class(class_name).from_dict(data) if is_object(data) else value


def _many(class_name: str, value: Any) -> Any:
    return [_one(class_name, item) for item in value] if is_array(value) else value


def parse_datetime(value: Any) -> Any:
    """Decode a date-time to an aware datetime; return anything else unchanged.

    Only a text that begins with a four-digit year is a date, because in others the day and the month are ambiguous. A
    time without a zone is UTC, as Laravel writes it. `datetime.fromisoformat` reads what the server sends, ten times
    as fast as python-dateutil, which is imported only for the rest (such as `2025-05-01 10:00:00 UTC`).
    """
    try:
        moment = _from_iso(value)
    except (TypeError, ValueError):
        return _parse_unusual(value)
    if moment.tzinfo is not None:
        return moment
    # Of texts of digits, only those of eight are dates. fromisoformat reads others, too: milliseconds since 1970.
    return value if value.isdigit() and len(value) != 8 else _in_utc(moment)


_from_iso = datetime.fromisoformat
_DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d(?!\d)", re.ASCII)
_LONGEST_DATE = 50
_MIDNIGHT = datetime(2000, 1, 1)  # noqa: DTZ001 - the text says the zone


def _parse_unusual(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > _LONGEST_DATE or not _DATE.match(value):
        return value
    from dateutil import parser  # type: ignore[import-untyped, unused-ignore]

    try:
        moment: datetime = parser.parse(value, default=_MIDNIGHT, tzinfos=_zone)
    except Exception:  # dateutil does not catch what its parts raise
        return value
    if moment.date().isoformat() != value[:10].replace("/", "-"):
        return value  # day and month were swapped: a guess
    return moment if moment.tzinfo is not None else _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    return datetime.combine(moment, moment.time(), UTC)  # a sixth of the cost of moment.replace(tzinfo=UTC)


def _zone(name: str | None, offset: Any) -> timezone | None:
    # An unknown name has no offset, which is a TypeError.
    return None if name is None and offset is None else timezone(timedelta(seconds=offset))


class _Brief(Repr):
    """Shortens values for repr and hides secrets."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 1
        self.maxdict = self.maxlist = 4
        self.maxstring = 60

    def repr_dict(self, x: dict[str, Any], level: int) -> str:
        return super().repr_dict({key: _visible(key, value) for key, value in x.items()}, level)

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to format very long ones.
        return repr(x) if x.bit_length() <= _LONGEST_INTEGER else f"<integer of {x.bit_length()} bits>"


_brief = _Brief().repr


def _visible(key: str, value: Any) -> Any:
    return _HIDDEN if value is not None and _HIDDEN_KEYS.search(key) else value


def _discreet(key: str, value: Any) -> Any:
    """The same, at any depth."""
    visible = _visible(key, value)
    if is_object(visible):
        return {inner: _discreet(inner, item) for inner, item in visible.items()}
    return [_discreet("", item) for item in visible] if is_array(visible) else visible
