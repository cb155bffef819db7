"""SECRET inputs among the variables: still encrypted, opened by the expression that reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from kapell.engine.inputs.group import flattened
from kapell.expr.sealed import TYPE, Sealed
from kapell.model.flow import Task
from kapell.model.input import Input
from kapell.sdk.pausing import asked_inputs, pausing_type


def sealed_inputs(declared: Sequence[Input], values: Mapping[str, object]) -> Mapping[str, object]:
    """An execution's inputs as its expressions see them; only what is declared as SECRET can be opened."""
    for path in _secrets(tuple(declared)):
        values = _with_seal(values, path)
    return values


def sealed_answers(task: Task | None, outputs: Mapping[str, object]) -> Mapping[str, object]:
    """A task's outputs, with what a person was asked for sealed where it is a secret."""
    pausing = pausing_type(task) if task else None
    answers = outputs.get(pausing.answers) if pausing else None
    if pausing is None or not isinstance(answers, Mapping):
        return outputs
    sealed = sealed_inputs(asked_inputs(task), answers)
    return outputs if sealed is answers else {**outputs, pausing.answers: sealed}


@lru_cache(512)
def _secrets(declared: tuple[Input, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(each.id.split(".")) for each in flattened(declared) if each.type == "SECRET")


def _with_seal(values: Mapping[str, object], path: tuple[str, ...]) -> Mapping[str, object]:
    first, *rest = path
    value = values.get(first)
    if not isinstance(value, Mapping):
        return values
    if rest:
        return {**values, first: _with_seal(value, tuple(rest))}
    sealed = value.get("value")
    return {**values, first: Sealed(sealed)} if value.get("type") == TYPE and isinstance(sealed, str) else values
