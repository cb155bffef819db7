"""Types in folders of plugin files: the path of a file is the name of its type, as it is for kapell's own types.

`acme/text/count_words.py` holds the class `CountWords` and is the type `acme.text.CountWords`. What begins with `_` is
no type; the files of a folder find one another by relative imports.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from kapell.errors import BrokenPlugin, KapellError

LOGGER = logging.getLogger(__name__)
VARIABLE = "KAPELL_PLUGINS"
PACKAGE = "kapell_plugins"


def add(folder: Path) -> None:
    """Look for types in one more folder; raises `KapellError` where there is none."""
    if not folder.is_dir():
        raise KapellError(f"{folder}: no such folder of plugins")
    path = str(folder.resolve())
    if path not in (known := _package().__path__):
        known.append(path)
        importlib.invalidate_caches()


def has(words: str) -> bool:
    """Whether there is a file at a path of words (`acme.text.count_words`)."""
    return any(_file(folder, words).is_file() for folder in folders())


def module_in(words: str) -> ModuleType:
    """The module at a path of words; raises `BrokenPlugin`."""
    found = _imported(words)
    if isinstance(found, BrokenPlugin):
        raise found
    return found


def modules() -> Iterator[str]:
    """The paths of words of all files that may hold a type, sorted."""
    found = {words for folder in folders() for words in _words(folder)}
    yield from sorted(found)


def folders() -> list[Path]:
    """Where plugin files are looked for, in this order."""
    if PACKAGE not in sys.modules and not os.environ.get(VARIABLE):
        return []
    return [Path(path) for path in _package().__path__]


@cache
def _package() -> ModuleType:
    """The package that holds the files of all folders; it begins with the folders that the environment names."""
    package = ModuleType(PACKAGE)
    named = [path for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]
    for path in named:
        if not os.path.isdir(path):
            LOGGER.warning("action=plugins-missing: %s names %s, and there is no such folder", VARIABLE, path)
    package.__path__ = [str(Path(path).resolve()) for path in named]
    sys.modules[PACKAGE] = package
    return package


@cache
def _imported(words: str) -> ModuleType | BrokenPlugin:
    try:
        return importlib.import_module(f"{PACKAGE}.{words}")
    except (Exception, SystemExit) as error:  # a plugin is anybody's code, and its import may do anything
        places = (_file(folder, words) for folder in folders())
        return BrokenPlugin(next((str(file) for file in places if file.is_file()), words), error)


def _file(folder: Path, words: str) -> Path:
    return folder.joinpath(*words.split(".")).with_suffix(".py")


def _words(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.py"):
        parts = file.relative_to(folder).with_suffix("").parts
        if not any(part.startswith(("_", ".")) or "." in part for part in parts):
            yield ".".join(parts)
