"""From a type's name to its class: built-in ones by their path, others by entry point; imported when first used."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from keyword import iskeyword
from typing import TYPE_CHECKING

from kapell.errors import MissingExtra, TypeNotBuilt, UnknownType
from kapell.sdk.prop import Properties
from kapell.sdk.task import TaskType

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from importlib.resources.abc import Traversable

BUILT_IN = "io.kestra.plugin."
ENTRY_POINTS = "kapell.plugins"


def canonical(type_name: str) -> str:
    """The present name of a type that was renamed; any other name as it is."""
    from kapell.sdk.catalogue import ALIASES

    return ALIASES.get(type_name, type_name)


@cache
def find(type_name: str) -> type[Properties]:
    """The class of a type by its present or an old name.

    Raises `UnknownType`, `TypeNotBuilt` for what Kestra has and kapell has not, `MissingExtra` where a library is
    not installed.
    """
    name = canonical(type_name)
    found = _built_in(name) or _installed(name)
    if found is None:
        raise _missing(name)
    return found


def find_task(type_name: str) -> type[TaskType]:
    """The class of a task type; raises as `find` does, `UnknownType` also for what is no task."""
    found = find(type_name)
    if not issubclass(found, TaskType):
        raise UnknownType(type_name)
    return found


@cache
def built() -> tuple[str, ...]:
    """The present names of all types there are: kapell's own by their files, and those that packages bring."""
    from kapell.sdk.catalogue import known_types

    modules = set(_modules(files("kapell.plugins"), "kapell.plugins"))
    names = {module_of(name): name for name in known_types()}
    own = [names.get(module) or _name_in(module) for module in modules]
    return tuple(sorted({*filter(None, own), *_entry_points()}))


def _modules(folder: Traversable, package: str) -> Iterator[str]:
    for entry in folder.iterdir():
        name, dot, ending = entry.name.partition(".")
        if name.startswith("_"):
            continue
        if entry.is_dir() and not dot:
            yield from _modules(entry, f"{package}.{name}")
        elif ending == "py":
            yield f"{package}.{name}"


def _name_in(module: str) -> str | None:
    """The name of the type in a module that Kestra has no type for."""
    folders = [folder.rstrip("_") for folder in module.split(".")[2:-1]]
    try:
        inside = vars(importlib.import_module(module))
    except ModuleNotFoundError:
        # its library is not installed
        return None
    types = [word for word, found in inside.items() if isinstance(found, type) and issubclass(found, Properties)]
    return next((name for word in types if module_of(name := BUILT_IN + ".".join([*folders, word])) == module), None)


def module_of(type_name: str) -> str:
    """The module that holds a built-in type: `io.kestra.plugin.core.flow.If` → `kapell.plugins.core.flow.if_`."""
    *folders, name = type_name.removeprefix(BUILT_IN).split(".")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return ".".join(["kapell", "plugins", *(f"{part}_" if iskeyword(part) else part for part in (*folders, words))])


def _built_in(name: str) -> type[Properties] | None:
    if not name.startswith(BUILT_IN) or not re.fullmatch(r"[A-Za-z0-9_.]+(\$[A-Za-z]+)?", name):
        return None
    # Kestra: `ForEachItem$ForEachItemSplit` is a class of its own inside that of another type.
    outer, _, inner = name.partition("$")
    module = module_of(outer)
    try:
        found = getattr(importlib.import_module(module), inner or outer.rpartition(".")[2], None)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(f"{error.name}.")):
            return None
        raise MissingExtra(name, error.name or "a library", name.removeprefix(BUILT_IN).split(".")[1]) from error
    return found if isinstance(found, type) and issubclass(found, Properties) else None


def _installed(name: str) -> type[Properties] | None:
    point = _entry_points().get(name)
    found = point.load() if point is not None else None
    return found if isinstance(found, type) and issubclass(found, Properties) else None


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _missing(name: str) -> UnknownType | TypeNotBuilt:
    from kapell.sdk.catalogue import known_types, near

    return TypeNotBuilt(name) if name in known_types() else UnknownType(name, near(name))
