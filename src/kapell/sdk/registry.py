"""From a type's name to its class, imported when first used.

Built-in ones are found by their path, others by an entry point or by their path in a folder of plugins.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from keyword import iskeyword
from typing import TYPE_CHECKING

from kapell.errors import BrokenPlugin, MissingExtra, TypeNotBuilt, UnknownType
from kapell.sdk import plugin_folder
from kapell.sdk.prop import Properties
from kapell.sdk.task import TaskType

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from importlib.resources.abc import Traversable
    from pathlib import Path

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
    not installed, `BrokenPlugin` where somebody else's type can't be loaded.
    """
    name = canonical(type_name)
    found = _built_in(name) or _installed(name) or _in_folder(name)
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
    """The present names of all types there are: kapell's own by their files, those of packages and of folders."""
    from kapell.sdk.catalogue import known_types

    modules = set(_modules(files("kapell.plugins"), "kapell.plugins"))
    names = {module_of(name): name for name in known_types()}
    own = [names.get(module) or _name_in(module) for module in modules]
    return tuple(sorted({*filter(None, own), *_entry_points(), *_names_in_folders()}))


def add_folder(folder: Path) -> None:
    """Take up the types of a folder of plugins as well; raises `KapellError` where there is none."""
    plugin_folder.add(folder)
    find.cache_clear()
    built.cache_clear()


def broken() -> Iterator[BrokenPlugin]:
    """The plugins that can't be loaded."""
    for words in plugin_folder.modules():
        try:
            if _type_in(words) is None:
                yield from _misplaced(words)
        except BrokenPlugin as error:
            yield error
    for name in _entry_points():
        try:
            _installed(name)
        except BrokenPlugin as error:
            yield error


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
    return f"kapell.plugins.{_words_of(type_name.removeprefix(BUILT_IN))}"


def _words_of(name: str) -> str:
    """The words that lead to a type's module."""
    *folders, last = name.split(".")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last).lower()
    return ".".join(f"{part}_" if iskeyword(part) else part for part in (*folders, words))


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
    if point is None:
        return None
    place = f"{point.value} of the package {point.dist.name}" if point.dist else point.value
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # a plugin is anybody's code, and its import may do anything
        raise BrokenPlugin(place, error) from error
    if isinstance(found, type) and issubclass(found, Properties):
        return found
    raise BrokenPlugin(place, "it is no type of task, trigger, condition or task runner")


def _in_folder(name: str) -> type[Properties] | None:
    if not plugin_folder.folders() or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
        return None
    words = _words_of(name)
    if not plugin_folder.has(words):
        return None
    module = plugin_folder.module_in(words)
    found = vars(module).get(name.rpartition(".")[2])
    if isinstance(found, type) and issubclass(found, Properties):
        return found
    raise BrokenPlugin(str(module.__file__), f"it has no type of the name {name.rpartition('.')[2]}")


def _names_in_folders() -> Iterator[str]:
    for words in plugin_folder.modules():
        try:
            name = _type_in(words)
        except BrokenPlugin:
            continue
        if name is not None:
            yield name


def _misplaced(words: str) -> Iterator[BrokenPlugin]:
    """Types whose file has not their name."""
    module = plugin_folder.module_in(words)
    for name, found in vars(module).items():
        if isinstance(found, type) and issubclass(found, Properties) and found.__module__ == module.__name__:
            yield BrokenPlugin(str(module.__file__), f"the type {name} has to be in {_words_of(name)}.py")


def _type_in(words: str) -> str | None:
    """The name of the type in a file of a folder of plugins; raises `BrokenPlugin`."""
    inside = vars(plugin_folder.module_in(words))
    types = [word for word, found in inside.items() if isinstance(found, type) and issubclass(found, Properties)]
    folders = [folder.rstrip("_") for folder in words.split(".")[:-1]]
    return next((name for word in types if _words_of(name := ".".join([*folders, word])) == words), None)


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _missing(name: str) -> UnknownType | TypeNotBuilt:
    from kapell.sdk.catalogue import known_types, near

    return TypeNotBuilt(name) if name in known_types() else UnknownType(name, near(name))
