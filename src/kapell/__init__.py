"""kapell: workflow orchestration that speaks Kestra. The public names are loaded when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kapell.assembly.local import Local
    from kapell.assembly.once import add_plugins, check, render, run
    from kapell.assembly.schedule import next_dates
    from kapell.assembly.view import Execution
    from kapell.errors import InputError, KapellError, NotFound, Refused, RenderError
    from kapell.model.problem import InvalidFlow, Problem

__version__ = "0.1.0"

__all__ = [
    "Execution",
    "InputError",
    "InvalidFlow",
    "KapellError",
    "Local",
    "NotFound",
    "Problem",
    "Refused",
    "RenderError",
    "add_plugins",
    "check",
    "next_dates",
    "render",
    "run",
]

_HOMES = {
    "kapell.assembly.local": ("Local",),
    "kapell.assembly.once": ("add_plugins", "check", "render", "run"),
    "kapell.errors": ("InputError", "KapellError", "NotFound", "Refused", "RenderError"),
    "kapell.assembly.schedule": ("next_dates",),
    "kapell.assembly.view": ("Execution",),
    "kapell.model.problem": ("InvalidFlow", "Problem"),
}


def __getattr__(name: str) -> object:
    import importlib

    for module, names in _HOMES.items():
        if name in names:
            value: object = getattr(importlib.import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'kapell' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
