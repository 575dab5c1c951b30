"""Models: typed, read-only views of the JSON objects that the server sent.

A model keeps a reference to the object it was made from; an attribute is decoded when it is first read. So nothing the
server said is lost, nothing it says can make decoding fail, and a page of models costs little more than its JSON.
"""
# pyright: reportPrivateUsage=false
# (a descriptor is part of the model that it reads)

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from importlib import import_module
from reprlib import Repr
from typing import Any, ClassVar, Self, TypeVar, cast

import attrs
from attrs import field, frozen

from ._json import copy_json, is_array, is_object, to_json

__all__ = ["Model"]

M = TypeVar("M", bound="Model")

_HIDDEN_KEYS = re.compile("secret|value|variables|password|token|api_?key|authorization|credential", re.IGNORECASE)
"""JSON keys whose content repr never shows; `variables` of a flow hold customers' secrets."""

_HIDDEN = "***"
_REPR_LENGTH = 2000
_LONGEST_INTEGER = 200

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DEFAULTS = datetime(2000, 1, 1), datetime(2001, 2, 2)  # noqa: DTZ001 - the text says the zone

Decoder = Callable[[Any], Any]


def parse_datetime(value: Any) -> Any:
    """A date-time as an aware datetime; what cannot be read as one comes back as it is.

    No zone means UTC, as Laravel writes it. `datetime.fromisoformat` reads what the server sends, at a tenth of the
    cost of python-dateutil, which is asked (and imported) only for the rest.
    """
    if not isinstance(value, str):
        return value
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        unusual = _parse_unusual(value)
        if unusual is None:
            return value
        parsed = unusual
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)


def _parse_unusual(text: str) -> datetime | None:
    from dateutil import parser  # type: ignore[import-untyped, unused-ignore]

    try:
        # Two defaults: what the text leaves out would differ, and a date that is half ours is not the server's.
        readings: list[datetime] = [parser.parse(text, default=start, tzinfos=_zone) for start in _DEFAULTS]
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
        return None
    first, second = readings
    if first != second or (_ISO_DATE.match(text) and text[:10] != first.date().isoformat()):
        return None
    return first


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is not None:
        raise ValueError(f"unknown time zone {name}")
    return None


def _plain_field(key: str) -> property:
    """Reads a key of the JSON as it is. A property of a plain function is the quickest that Python has."""

    def read(model: Model) -> Any:
        return model._data.get(key)

    return property(read)


def _decoded_field(name: str, key: str, decode: Decoder) -> property:
    """Reads a key of the JSON and decodes it, once."""

    def read(model: Model) -> Any:
        value = model._data.get(key)
        if value is None:
            return None
        cache = model._cache
        if cache is None:
            cache = _new_object()
            _set_cache(model, cache)
        elif name in cache:
            return cache[name]
        decoded = cache[name] = decode(value)
        return decoded

    return property(read)


def _same(value: Any, current: Any) -> bool:
    """Whether an attribute keeps its value, and so the server's text: equal is not enough (1 == True == 1.0)."""
    if value is current:
        return True
    if type(value) is not type(current):
        return False
    if isinstance(value, Model):
        return value._data is current._data or not (value._data or current._data)
    if is_array(value):
        return len(value) == len(current) and all(map(_same, value, current))
    if isinstance(value, datetime):
        return bool(value.isoformat() == current.isoformat())
    return bool(value == current) if isinstance(value, str | int | float) else value == {} == current


@frozen(eq=False, repr=False, kw_only=True, weakref_slot=False)
class Model:
    """Base of all models.

    Attributes read as None where the server sent nothing; `fields_set` tells which it sent. `model["key"]` and
    `"key" in model` reach every key of the JSON, documented or not, as the server wrote it.
    """

    _data: dict[str, Any] = field(factory=dict[str, Any], alias="_data")
    _cache: dict[str, Any] | None = field(default=None, init=False)

    _names_by_key: ClassVar[dict[str, str]] = {}
    _keys_by_name: ClassVar[dict[str, str]] = {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make a model of a JSON object, which it keeps a reference to.

        Never fails for a JSON object: unknown keys, nulls, wrong types and unparsable dates are kept.

        Args:
            data: The JSON object, as `json.loads` gives it. PHP's empty object, `[]`, is one too.
        """
        instance = _new(cls)
        _set_data(instance, data if isinstance(data, dict) else dict(data))
        _set_cache(instance, None)
        return instance

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, exactly as the server sent it, with the changes of `attrs.evolve`; a copy."""
        return cast("dict[str, Any]", copy_json(self._data))

    @property
    def fields_set(self) -> frozenset[str]:
        """Names of the attributes that the server sent (null counts as sent)."""
        names = self._names_by_key
        return frozenset(names[key] for key in self._data if key in names)

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the server sent and the documentation does not name."""
        names = self._names_by_key
        return {key: copy_json(value) for key, value in self._data.items() if key not in names}

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        """The keys of the JSON object. Defined because Python would otherwise count through `model[0]`, `model[1]`."""
        return iter(self._data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(other) is not type(self):
            return NotImplemented
        return self._data == other._data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = self._names_by_key
        shown: list[str] = []
        room = _REPR_LENGTH
        for key, value in self._data.items():
            if room <= 0:
                shown.append("...")
                break
            shown.append(f"{names.get(key) or _brief(key)}={_brief(_visible(key, value))}")
            room -= len(shown[-1])
        return f"{type(self).__name__}({', '.join(shown)})"

    def __copy__(self) -> Self:
        return type(self).from_dict(dict(self._data))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self).from_dict(self.to_dict())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._data)


_new = object.__new__
_new_object = dict[str, Any]
_set_data: Callable[[Model, dict[str, Any]], None] = Model.__dict__["_data"].__set__
_set_cache: Callable[[Model, dict[str, Any] | None], None] = Model.__dict__["_cache"].__set__


def _rebuild(cls: type[M], data: dict[str, Any]) -> M:
    return cls.from_dict(data)


def _init(self: Model, *, _data: Mapping[str, Any] | None = None, **values: Any) -> None:
    """The constructor of every model, with the signature that attrs declares for it; attrs.evolve calls it too."""
    keys = self._keys_by_name
    unknown = next((name for name in values if name not in keys), None)
    if unknown is not None:
        raise TypeError(f"{type(self).__name__} has no field {unknown!r}; it has {', '.join(keys)}")
    data = dict(_data) if _data else _new_object()
    _set_data(self, data)
    _set_cache(self, None)
    changed = {keys[name]: to_json(value) for name, value in values.items() if not _same(value, getattr(self, name))}
    data.update(changed)
    _set_cache(self, None)


def model(cls: type[M]) -> type[M]:
    """Class decorator of the generated models: reads their fields from the JSON object instead of from slots."""
    keys: dict[str, str] = {}
    for attribute in attrs.fields(cls):
        name = attribute.name
        if name in ("_data", "_cache"):
            continue
        json_key: str | None = attribute.metadata.get("key")
        decode: Decoder | None = attribute.metadata.get("decode")
        if decode is None and str(attribute.type).startswith("dict["):
            decode = _mapping
        keys[name] = key = name if json_key is None else json_key
        setattr(cls, name, _plain_field(key) if decode is None else _decoded_field(name, key, decode))
    cls._keys_by_name = keys
    cls._names_by_key = {key: name for name, key in keys.items()}
    cls.__init__ = _init  # type: ignore[method-assign]
    return cls


def key(json_key: str) -> Any:
    """A field whose JSON key is no Python name."""
    return field(default=None, metadata={"key": json_key})


def date_time(json_key: str | None = None) -> Any:
    """A field that reads as an aware datetime."""
    return field(default=None, metadata={"key": json_key, "decode": parse_datetime})


def one(class_name: str, json_key: str | None = None) -> Any:
    """A field that reads as one model; by name, because models refer to each other."""
    return field(default=None, metadata={"key": json_key, "decode": _ModelDecoder(class_name)})


def many(class_name: str, json_key: str | None = None) -> Any:
    """A field that reads as a list of models."""
    return field(default=None, metadata={"key": json_key, "decode": _ModelDecoder(class_name).many})


def _mapping(value: Any) -> Any:
    return {} if value == [] else value  # PHP writes an empty object as []


class _ModelDecoder:
    """Decodes nested objects, and imports their class when the first one is met."""

    __slots__ = ("_class", "_class_name")

    def __init__(self, class_name: str) -> None:
        self._class_name = class_name
        self._class: type[Model] | None = None

    def __call__(self, value: Any) -> Any:
        if self._class is None:
            self._class = cast("type[Model]", getattr(import_module(".models", __package__), self._class_name))
        data = _mapping(value)
        return self._class.from_dict(data) if is_object(data) else value

    def many(self, value: Any) -> Any:
        return [self(item) for item in value] if is_array(value) else value


class _Brief(Repr):
    """Values for repr: short, and without what must not be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 1
        self.maxdict = self.maxlist = 4
        self.maxstring = 60

    def repr_dict(self, x: dict[str, Any], level: int) -> str:
        return super().repr_dict({key: _visible(key, value) for key, value in x.items()}, level)

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write very long ones.
        return repr(x) if x.bit_length() <= _LONGEST_INTEGER else f"<integer of {x.bit_length()} bits>"


def _visible(json_key: str, value: Any) -> Any:
    return _HIDDEN if value is not None and _HIDDEN_KEYS.search(json_key) else value


_brief = _Brief().repr
