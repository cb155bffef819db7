"""What an expression reads from outside, as values: asked once, recorded in the journal, answered again on replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from kapell.errors import KapellError

ReadKind = Literal[
    "kv",
    "secret",
    "file",
    "file_size",
    "file_exists",
    "http",
    "error_logs",
    "subflow",
    "output",
    "spilled",
    "flow",
    "slots",
]


class Read(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question to the outside: a key, a secret, a file, a URL, an output that memory no longer holds.

    `name` is the thing's own name (key, secret, address, task run id); `scope` the namespace it is looked up
    in; `options` what else the function was given, as sorted pairs of name and JSON text, so that equal
    questions are equal values.
    """

    kind: ReadKind
    name: str
    scope: str = ""
    options: tuple[tuple[str, str], ...] = ()


Reader = Callable[[Read], object]
"""Answers a Read with a plain value; raises `ReadFailed` (the function's own sentence) or `NeedsRead`."""


class NeedsRead(KapellError):
    """The answer is not at hand: whoever called must fetch it and call again. Never caught by an expression."""

    def __init__(self, read: Read) -> None:
        super().__init__(f"{read.kind} {read.name} has to be read first")
        self.read = read


class ReadFailed(KapellError):
    """The outside answered with an error; becomes a `RenderError` with the same sentence."""


def from_answers(answers: Mapping[Read, object]) -> Reader:
    """A Reader over what has been read already; anything else raises `NeedsRead`."""

    def reader(read: Read) -> object:
        if read not in answers:
            raise NeedsRead(read)
        answer = answers[read]
        if isinstance(answer, ReadFailed):
            raise answer
        return answer

    return reader
