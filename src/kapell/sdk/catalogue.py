"""Names of types: those that were renamed, and all that Kestra has, built here or not."""

from __future__ import annotations

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
    lines = (line.split(maxsplit=1) for line in _lines("aliases.txt"))
    return dict(lines)


@cache
def known_types() -> frozenset[str]:
    """Every type name of Kestra's own and its official plugins, without the old names."""
    return frozenset(_lines("catalogue.txt"))


def _lines(name: str) -> list[str]:
    text = files("kapell.sdk").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
