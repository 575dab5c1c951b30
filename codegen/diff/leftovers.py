"""What griffe calls a breakage and no comparison of ours has said, so that nothing is missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import griffe

from .changes import Change
from .surface import Surface

# Values of aliases and defaults are compared by meaning, and types by what they take.
_COMPARED = frozenset(
    (
        griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE,
        griffe.BreakageKind.ATTRIBUTE_CHANGED_TYPE,
        griffe.BreakageKind.RETURN_CHANGED_TYPE,
        griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT,
        griffe.BreakageKind.OBJECT_CHANGED_KIND,  # a mapping type is a class only if its keys are names
    )
)


def leftovers(old: Surface, new: Surface, told: Iterable[Change]) -> Iterator[Change]:
    """The breakages of calls, models and types that no change tells of."""
    subjects = {change.subject for change in told if change.weight == "breaking"}
    for breakage in griffe.find_breaking_changes(old.package, new.package):
        subject = _subject(old, breakage)
        if breakage.kind in _COMPARED or subject is None:
            continue
        if subjects.isdisjoint((subject, old.owners.get(subject, ""))):
            yield Change("breaking", subject, _words(breakage))


def _subject(old: Surface, breakage: griffe.Breakage) -> str | None:
    """The call (`packages.list`), the model's attribute (`Package.name`), or the type that it is about."""
    folder, *names = breakage.obj.path.removeprefix(f"{old.package.path}.").split(".")
    if folder not in ("resources", "models") or len(names) < 2 or names[-1].startswith("_"):
        return None  # modules are told of by what was in them
    if folder == "resources" and len(names) > 2:
        return names[1] if names[1] in old.mappings else f"{names[0]}.{names[-1]}"
    return ".".join(names[1:])


def _words(breakage: griffe.Breakage) -> str:
    if breakage.kind is griffe.BreakageKind.OBJECT_REMOVED:
        return "can no longer be imported."
    text = breakage.kind.value
    return f"{text[0].lower()}{text[1:]}."
