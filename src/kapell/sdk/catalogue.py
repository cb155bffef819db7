"""Names of types: those that were renamed, and all that Kestra has, built here or not."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files


class Aliases:
    """The old names, read when the first one is asked for."""

    def get(self, name: str, default: str) -> str:
        """The present name of `name`, or `default` where it is no old name."""
        return _aliases().get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in _aliases()


ALIASES = Aliases()


@cache
def _aliases() -> dict[str, str]:
    # what the classes say about themselves wins over what is known of Kestra
    lines = (line.split(maxsplit=1) for line in (*_lines("renamed.txt"), *_lines("aliases.txt")))
    return dict(lines)


@cache
def former_names(name: str) -> tuple[str, ...]:
    """The names that a type had before, in the order of the alphabet."""
    return tuple(sorted(old for old, present in _aliases().items() if present == name))


@cache
def known_types() -> frozenset[str]:
    """Every type name of Kestra's own and its official plugins, without the old names."""
    return frozenset(_lines("catalogue.txt"))


def near(name: str) -> tuple[str, ...]:
    """The known type that `name` is most likely meant to be: one of its folder, or one of its name elsewhere."""
    folder, _, last = name.rpartition(".")
    candidates = {*_by_folder().get(folder, ()), *_by_name().get(last, ())}
    return tuple(get_close_matches(name, sorted(candidates), n=1, cutoff=0.8))


@cache
def _by_folder() -> dict[str, list[str]]:
    return _grouped(0)


@cache
def _by_name() -> dict[str, list[str]]:
    return _grouped(2)


def _grouped(part: int) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in known_types():
        groups.setdefault(name.rpartition(".")[part], []).append(name)
    return groups


def _lines(name: str) -> list[str]:
    text = files("kapell.sdk").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
