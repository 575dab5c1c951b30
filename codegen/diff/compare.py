"""Two surfaces compared, in the words of those who call the client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..report import code
from .annotations import Annotation
from .changes import Change, Weight, codes
from .surface import Argument, Call, Key, Surface

_ERRORS = {
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "422": "UnprocessableEntityError",
    "429": "RateLimitError",
}
_CHOICES = {"filter": "filter", "include": "include", "sort": "sort order"}
# Reading one of these gives the same object whether or not it is documented.
_AS_SENT = frozenset(("str", "int", "float", "bool", "None"))


def compare(old: Surface, new: Surface) -> list[Change]:
    """Every change that a caller can notice."""
    pairs = _pairs(old, new)
    known, met = {call.name for call, _ in pairs}, {call.name for _, call in pairs}
    changes = [
        Change("breaking", name, f"is gone ({code(call.endpoint)}).")
        for name, call in old.calls.items()
        if name not in known
    ]
    changes += [
        Change("added", name, f"new ({code(call.endpoint)}).") for name, call in new.calls.items() if name not in met
    ]
    for before, after in pairs:
        changes += _Calls(old, new, before, after).changes()
    changes += _models(old, new)
    return changes


def _pairs(old: Surface, new: Surface) -> list[tuple[Call, Call]]:
    """The same endpoint is the same call whatever its name; else the same name is, wherever it leads."""
    by_key = {call.key: call for call in new.calls.values()}
    pairs = [(call, by_key[call.key]) for call in old.calls.values() if call.key in by_key]
    known, met = {call.name for call, _ in pairs}, {call.name for _, call in pairs}
    moved = [name for name in old.calls if name in new.calls and name not in known and name not in met]
    return pairs + [(old.calls[name], new.calls[name]) for name in moved]


class _Calls:
    """The changes of one call."""

    def __init__(self, old: Surface, new: Surface, before: Call, after: Call) -> None:
        self._old, self._new = old, new
        self._before, self._after = before, after
        self._changes: list[Change] = []

    def changes(self) -> list[Change]:
        before, after = self._before, self._after
        if before.name != after.name:
            self._say("breaking", f"is now called {code(after.name)}.", before.name)
        if before.key != after.key:
            self._say("changed", f"goes to {code(after.endpoint)}, no longer to {code(before.endpoint)}.")
        if after.deprecated and not before.deprecated:
            self._say("changed", "is deprecated.")
        self._positions()
        self._arguments()
        for name, word in _CHOICES.items():
            self._choices(name, word)
        self._result()
        self._errors()
        if after.description != before.description and not self._changes:
            self._say("changed", "is described in other words.")
        return self._changes

    def _say(self, weight: Weight, text: str, subject: str = "") -> None:
        self._changes.append(Change(weight, subject or self._after.name, text))

    def _positions(self) -> None:
        before, after = _positional(self._before), _positional(self._after)
        if before == after:
            return
        if sorted(before) == sorted(after):
            self._say("breaking", f"the arguments from the path stand in another order: {codes(after)}.")
        elif len(before) == len(after):
            for old, new in zip(before, after, strict=True):
                if old != new:
                    text = f"the argument {code(old)} is now called {code(new)} (only calls that name it break)."
                    self._say("breaking", text)
        else:
            self._say("breaking", f"the arguments from the path are now {codes(after)}, no longer {codes(before)}.")

    def _arguments(self) -> None:
        before, after = _named(self._before), _named(self._after)
        for name, argument in before.items():
            if name in after:
                self._argument(argument, after[name])
            else:
                self._say("breaking", f"the argument {code(name)} is gone.")
        for name, argument in after.items():
            if name not in before:
                required = "required " if argument.required else ""
                text = f"new {required}argument {code(name)} ({_described(argument.annotation)})."
                self._say("breaking" if argument.required else "added", text)

    def _argument(self, before: Argument, after: Argument) -> None:
        what = f"the argument {code(after.name)}"
        if after.required and not before.required:
            self._say("breaking", f"{what} is now required.")
        elif before.required and not after.required:
            self._say("added", f"{what} may now be left out.")
        self._taken(what, before.annotation, after.annotation)
        if before.limits != after.limits:
            self._say("changed", f"{what}: documented as {_limits(after)}, before as {_limits(before)}.")

    def _taken(self, what: str, before: Annotation, after: Annotation) -> None:
        """What a caller may give for an argument, or for a key of a mapping in it."""
        if after.type != before.type:
            if after.type.takes(before.type):
                self._say("added", f"{what} takes {code(str(after))}, before only {code(str(before))}.")
            else:
                self._say("breaking", f"{what} takes {code(str(after))}, no longer {code(str(before))}.")
        if before.values and after.values:
            gone = [value for value in before.values if value not in after.values]
            more = [value for value in after.values if value not in before.values]
            if gone:
                self._say("breaking", f"{what}: {codes(gone)} {_is_are(gone)} no longer among its documented values.")
            if more:
                self._say("added", f"{what}: new documented {_plural('value', more)} {codes(more)}.")
        elif after.values:
            self._say("changed", f"{what}: its values are now documented: {codes(after.values)}.")
        elif before.values:
            self._say("changed", f"{what}: its values are no longer documented.")
        for old, new in zip(before.mappings, after.mappings, strict=False):
            self._keys(what, self._old.mappings[old], self._new.mappings[new])

    def _keys(self, what: str, before: Mapping[str, Key], after: Mapping[str, Key]) -> None:
        for name, key in before.items():
            place = f"{what}: its key {code(name)}"
            if name not in after:
                self._say("breaking", f"{place} is gone.")
                continue
            if after[name].required and not key.required:
                self._say("breaking", f"{place} is now required.")
            elif key.required and not after[name].required:
                self._say("added", f"{place} may now be left out.")
            # A mapping that holds itself is typed open by the generator, so this ends.
            self._taken(place, key.annotation, after[name].annotation)
        for name, key in after.items():
            if name not in before:
                required = "required " if key.required else ""
                text = f"{what}: new {required}key {code(name)} ({_described(key.annotation)})."
                self._say("breaking" if key.required else "added", text)

    def _choices(self, name: str, word: str) -> None:
        before, after = self._before.choices.get(name), self._after.choices.get(name)
        if before is None and after is not None:
            named = f": {codes(after)}" if after else ""
            self._say("added", f"takes {code(name)}{named}.")
        elif after is None and before is not None:
            self._say("breaking", f"the argument {code(name)} is gone.")
        elif before is not None and after is not None and before and after:
            gone, more = _without(before, after), _without(after, before)
            if gone:
                self._say("breaking", f"the {_plural(word, gone)} {codes(gone)} {_is_are(gone)} gone.")
            if more:
                self._say("added", f"new {_plural(word, more)} {codes(more)}.")
        elif before != after:
            self._say("changed", f"the names for {code(name)} are {'now' if after else 'no longer'} documented.")

    def _result(self) -> None:
        before, after = self._before.result, self._after.result
        if before.type == after.type:
            return
        lists = [any(kind.name == "Paginator" for kind in each.type.types) for each in (before, after)]
        hint = {
            (False, True): ": iterate over it, or await one page",
            (True, False): ": await it, it is no list any more",
        }.get((lists[0], lists[1]), "")
        self._say("breaking", f"returns {code(str(after))}, no longer {code(str(before))}{hint}.")

    def _errors(self) -> None:
        gone = _without(self._before.statuses, self._after.statuses)
        more = _without(self._after.statuses, self._before.statuses)
        if more:
            self._say("changed", f"can raise {_errors(more)}, as is documented now.")
        if gone:
            self._say("changed", f"no longer documents {_errors(gone)}.")


def _positional(call: Call) -> list[str]:
    return [argument.name for argument in call.arguments.values() if argument.position is not None]


def _named(call: Call) -> dict[str, Argument]:
    return {name: argument for name, argument in call.arguments.items() if argument.position is None}


def _limits(argument: Argument) -> str:
    return f"“{argument.limits.rstrip('.')}”" if argument.limits else "unlimited"


def _errors(statuses: list[str]) -> str:
    return ", ".join(f"{code(_error(status))} ({status})" for status in statuses)


def _error(status: str) -> str:
    return _ERRORS.get(status) or ("ServerError" if status.startswith("5") else "APIStatusError")


# --------------------------------------------------------------------------------------------------------------- models


def _models(old: Surface, new: Surface) -> Iterator[Change]:
    for name in old.models.keys() - new.models.keys():
        yield Change("breaking", name, "the model is gone.")
    for name in new.models.keys() - old.models.keys():
        yield Change("added", name, f"new model{_returned_by(new, name)}.")
    for name in old.models.keys() & new.models.keys():
        yield from _attributes(name, old, new)


def _attributes(name: str, old: Surface, new: Surface) -> Iterator[Change]:
    before, after = old.models[name], new.models[name]
    for attribute, annotation in before.items():
        subject = f"{name}.{attribute}"
        if attribute in after:
            yield from _attribute(subject, annotation, after[attribute])
        else:
            yield Change("breaking", subject, f"is no longer documented{_returned_by(new, name)}.")
    for attribute in after.keys() - before.keys():
        text = f"new attribute, {_described(after[attribute])}{_returned_by(new, name)}."
        yield Change("added", f"{name}.{attribute}", text)


def _attribute(subject: str, before: Annotation, after: Annotation) -> Iterator[Change]:
    if before.type != after.type:
        narrower = after.type.names() <= _AS_SENT if before.type.open else before.type.takes(after.type)
        text = f"is {code(str(after))}, no longer {code(str(before))}."
        yield Change("changed" if narrower else "breaking", subject, text)
    gone, more = _without(before.values, after.values), _without(after.values, before.values)
    if gone:
        yield Change(
            "changed", subject, f"the {_plural('value', gone)} {codes(gone)} {_is_are(gone)} no longer documented."
        )
    if more:
        yield Change("added", subject, f"new documented {_plural('value', more)} {codes(more)}.")


def _returned_by(surface: Surface, model: str) -> str:
    calls = sorted(name for name, call in surface.calls.items() if model in call.result.type.names())
    return f" (returned by {codes(calls, longest=3)})" if calls else ""


def _described(annotation: Annotation) -> str:
    values = f", documented: {codes(annotation.values)}" if annotation.values else ""
    return f"{code(str(annotation))}{values}"


def _without(these: tuple[str, ...], those: tuple[str, ...]) -> list[str]:
    return [each for each in these if each not in those]


def _plural(word: str, names: list[str]) -> str:
    return word if len(names) == 1 else f"{word}s"


def _is_are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
