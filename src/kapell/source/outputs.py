"""What a task of a type gives back, as its class says, or, where the engine makes it, as it is told here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeGuard, get_args, get_type_hints

from kapell.sdk.task import Output

_FLOW = "io.kestra.plugin.core.flow."


class Given(NamedTuple):
    """An output: the hint of its type, and a few words."""

    hint: object
    doc: str = ""


OF_THE_ENGINE: Mapping[str, Mapping[str, Given]] = {
    f"{_FLOW}If": {"evaluationResult": Given(bool, "Whether the condition held.")},
    f"{_FLOW}Switch": {
        "value": Given(str, "The value that was compared."),
        "defaults": Given(bool, "Whether no case fitted."),
    },
    f"{_FLOW}LoopUntil": {"iterationCount": Given(int, "How many turns there have been.")},
    f"{_FLOW}Loop": {
        "iterationCount": Given(int, "How many iterations there are."),
        "runningIterations": Given(int, "How many of them run."),
        "terminatedIterations": Given(dict[str, int], "How many have ended, by state."),
        "outputs": Given(list[object], "What each iteration gave back; `loopOutputs` takes one output of all."),
    },
    f"{_FLOW}Pause": {
        "onResume": Given(dict[str, object], "What the person gave who resumed it."),
        "resumed": Given(dict[str, object], "Who resumed it, when, and to which state."),
    },
    f"{_FLOW}Approval": {
        "decision": Given(str, "APPROVED, DENIED or EXPIRED."),
        "auto": Given(bool, "Whether nobody was asked."),
        "by": Given(str, "Who decided."),
        "on": Given(str, "When."),
        "comment": Given(str, "What was said about it."),
        "inputs": Given(dict[str, object], "What the person gave."),
    },
    f"{_FLOW}WorkingDirectory": {"outputFiles": Given(dict[str, str], "The addresses of the files, by path.")},
    f"{_FLOW}Subflow": {
        "executionId": Given(str, "The execution of the other flow."),
        "state": Given(str, "The state that it ended in."),
        "outputs": Given(dict[str, object], "The outputs of the other flow."),
    },
}
PARTS: Mapping[str, Mapping[str, Given]] = {
    "split": {"splits": Given(str, "A file with the addresses of the batches.")},
    "items": {
        "iterations": Given(dict[str, int], "How many executions there are, by state."),
        "numberOfBatches": Given(int, "How many batches there are."),
    },
    "merge": {"subflowOutputs": Given(str, "A file with the outputs of the executions, a line of Ion for each.")},
}
"""Kestra: a ForEachItem has task runs of these names, behind its own id."""


def output_of(cls: type) -> type[Output] | None:
    """The class of the outputs, by its base (`RunnableTask[ReturnOutput]`); None where that says nothing."""
    for parent in cls.__mro__:
        for base in vars(parent).get("__orig_bases__", ()):
            for argument in get_args(base):
                if _is_output(argument):
                    return argument
    return None


def output_keys(cls: type | None) -> frozenset[str] | None:
    """The keys that a task of this type can have in its outputs, None where that is not known."""
    output = output_of(cls) if cls is not None else None
    return None if output is None else frozenset(output.__struct_encode_fields__)


def outputs_of(type_name: str, cls: type | None) -> Mapping[str, Given]:
    """The outputs of a type by key; none where they are not known."""
    output = output_of(cls) if cls is not None else None
    if output is None:
        return OF_THE_ENGINE.get(type_name, {})
    hints = get_type_hints(output)
    keys = zip(output.__struct_fields__, output.__struct_encode_fields__, strict=True)
    return {key: Given(hints[name]) for name, key in keys}


def _is_output(argument: object) -> TypeGuard[type[Output]]:
    return isinstance(argument, type) and issubclass(argument, Output)
