"""Ids with dots: groups of inputs, flat where they are declared and given, nested where expressions see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kapell.model.input import Input


def flattened(inputs: Sequence[Input]) -> list[Input]:
    """All inputs in order; those of a FORM behind it, with its id in front and depending on it."""
    found: list[Input] = []
    for declared in inputs:
        found.append(declared)
        for inner in declared.inputs:
            depends_on = (declared.id, *inner.depends_on)
            found.append(replace(inner, id=f"{declared.id}.{inner.id}", depends_on=depends_on))
    return found


def taken_apart(given: Mapping[str, object], ids: set[str]) -> tuple[dict[str, object], tuple[str, ...]]:
    """What was given by declared id, whether flat (`db.host`) or nested; and the ids that nothing declares."""
    flat: dict[str, object] = {}
    unknown: list[str] = []
    groups = {id[:at] for id in ids for at, letter in enumerate(id) if letter == "."}
    waiting = [*given.items()]
    while waiting:
        id, value = waiting.pop(0)
        if id in groups and isinstance(value, Mapping):
            waiting += [(f"{id}.{key}", item) for key, item in value.items()]
        elif id in ids:
            flat[id] = value
        else:
            unknown.append(id)
    return flat, tuple(unknown)


def nest(values: dict[str, object], id: str, value: object) -> None:
    """Set a value in the map of its group; where a group's place is taken by another value, that one stays."""
    *groups, last = id.split(".")
    here = values
    for group in groups:
        inner = here.setdefault(group, {})
        if not isinstance(inner, dict):
            return
        here = inner
    here[last] = value


def placed(values: Mapping[str, object], id: str, value: object) -> dict[str, object]:
    """The same map with a value set in its group; nothing that `values` holds is changed."""
    first, _, rest = id.partition(".")
    if not rest:
        return {**values, first: value}
    inner = values.get(first)
    return {**values, first: placed(inner if isinstance(inner, Mapping) else {}, rest, value)}
