"""What a task of a type gives back, as its class says."""

from __future__ import annotations

from typing import TypeGuard, get_args

from kapell.sdk.task import Output, RunnableTask


def output_of(cls: type) -> type[Output] | None:
    """The class of a task's outputs, by its base (`RunnableTask[ReturnOutput]`); None where that says nothing."""
    for parent in cls.__mro__:
        for base in vars(parent).get("__orig_bases__", ()):
            for argument in get_args(base):
                if issubclass(parent, RunnableTask) and _is_output(argument):
                    return argument
    return None


def output_keys(cls: type | None) -> frozenset[str] | None:
    """The keys that a task of this type can have in its outputs, None where that is not known."""
    output = output_of(cls) if cls is not None else None
    return None if output is None else frozenset(output.__struct_encode_fields__)


def _is_output(argument: object) -> TypeGuard[type[Output]]:
    return isinstance(argument, type) and issubclass(argument, Output)
