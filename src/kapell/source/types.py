"""The types there are, by kind: what schema, completion and docs tell about each of them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Literal

from kapell.errors import KapellError, MissingExtra, TypeNotBuilt, UnknownType
from kapell.sdk.condition import ConditionType
from kapell.sdk.prop import Properties
from kapell.sdk.registry import built, find
from kapell.sdk.runner import TaskRunner
from kapell.sdk.shape import Plugin
from kapell.sdk.task import Example, TaskType
from kapell.sdk.trigger import TriggerType
from kapell.source.vocabulary import TriggerSlot

Kind = Literal["task", "trigger", "condition", "runner"]
KINDS: dict[Kind, type[Properties]] = {
    "task": TaskType,
    "trigger": TriggerType,
    "condition": ConditionType,
    "runner": TaskRunner,
}


@cache
def all_types() -> Mapping[str, type[Properties]]:
    """Every type that can be used now, by its name; one whose library is not installed is left out."""
    return {name: found for name in built() if (found := _found(name)) is not None}


def of_kind(kind: type) -> Mapping[str, type[Properties]]:
    """The types that are a subclass of `kind`, by name."""
    wanted = TriggerType if kind is TriggerSlot else kind
    return {name: cls for name, cls in all_types().items() if issubclass(cls, wanted)}


def kind_of(cls: type) -> Kind | None:
    """The kind of a type."""
    return next((kind for kind, parent in KINDS.items() if issubclass(cls, parent)), None)


def slot_kind(plugin: type[Plugin]) -> str:
    """The word for what a property chooses by a `type`."""
    return "trigger" if plugin is TriggerSlot else (kind_of(plugin) or plugin.__name__)


def class_of(type_name: str) -> type[Properties] | None:
    """The class of a type by its present or an old name, None where there is none."""
    return _found(type_name)


def _found(type_name: str) -> type[Properties] | None:
    try:
        return find(type_name)
    except (UnknownType, TypeNotBuilt, MissingExtra):
        return None
    except Exception:  # a plugin is anybody's code, and its import may do anything
        return None


def named(type_name: str) -> type[Properties]:
    """The class of a type by its name, or the end of it (`Log`, `log.Log`) where only one type has that.

    Raises `UnknownType`, `TypeNotBuilt` or `MissingExtra`.
    """
    try:
        return find(type_name)
    except KapellError:
        ending = "." + type_name.lower()
        fitting = [name for name in built() if name.lower().endswith(ending)]
        if len(fitting) == 1:
            return find(fitting[0])
        raise


def name_of(cls: type[Properties]) -> str:
    """The present name of a type."""
    return next((name for name, found in all_types().items() if found is cls), cls.__name__)


def told(cls: type) -> tuple[str, str]:
    """What a class says about itself: its first line, and the rest."""
    first, _, rest = (inspect.getdoc(cls) or "").partition("\n")
    return first.strip(), rest.strip()


def examples_of(cls: type) -> tuple[Example, ...]:
    """The examples of a type."""
    found: tuple[Example, ...] = getattr(cls, "examples", ())
    return found


def is_deprecated(cls: type) -> bool:
    """Whether a type should not be used any more."""
    return bool(getattr(cls, "deprecated", False))
