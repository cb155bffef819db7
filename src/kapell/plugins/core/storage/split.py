"""`io.kestra.plugin.core.storage.Split`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import cycle

from kapell.plugins.core.storage._file import Parts, extension_of, records
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.pattern import MATCH_SECONDS, java_pattern

UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
Chooser = Callable[[str, bytes], object]
"""The name of the part that a record belongs to, None for none."""


class SplitOutput(Output, frozen=True, kw_only=True):
    """The files that were made, in their order."""

    uris: Sequence[str]


class Split(RunnableTask[SplitOutput]):
    """Split a file into several, between its lines (or rows, in a file of binary Ion).

    One of `regexPattern`, `bytes`, `partitions` and `rows` says how.
    """

    source: Templated[str] = prop("Address of the file.", key="from")
    bytes: Templated[str] | None = prop("Begin a new file once one has this size, such as `10MB`.", default=None)
    partitions: Templated[int] | None = prop("Deal the lines out to so many files.", default=None, least=1)
    rows: Templated[int] | None = prop("Begin a new file after so many lines.", default=None)
    regex_pattern: Templated[str] | None = prop(
        "Put lines into one file for each text that the first group of this regular expression finds; "
        "lines in which it finds nothing are left out.",
        default=None,
    )
    separator: Templated[str] = prop("What to write after each line.", default="\n")

    aliases = ("io.kestra.core.tasks.storages.Split",)
    examples = (
        Example("By size", 'from: "{{ outputs.download.uri }}"\nbytes: 10MB'),
        Example("By what a line begins with", "from: \"{{ outputs.logs.uri }}\"\nregexPattern: '^(\\w+)'"),
    )

    def run(self, ctx: RunContext) -> SplitOutput:
        """Read the file once and write each line to its part."""
        choose = self._chooser()
        with closing(Parts(ctx)) as parts:
            for text, data in records(ctx, self.source, self.separator):
                part = choose(text, data)
                if part is not None:
                    parts.write(part, data)
            return SplitOutput(uris=parts.stored(extension_of(self.source)))

    def _chooser(self) -> Chooser:
        if self.regex_pattern is not None:
            return _by_pattern(self.regex_pattern)
        if self.bytes is not None:
            limit = size_in_bytes(self.bytes)
            return _in_order(lambda size, _rows: size >= limit)
        if self.partitions is not None:
            turns = cycle(range(max(1, self.partitions)))
            return lambda _text, _data: next(turns)
        if self.rows is not None:
            most = self.rows
            return _in_order(lambda _size, rows: rows >= most)
        raise TaskFailed("Invalid configuration with no size, count, rows, nor regexPattern")


def _by_pattern(source: str) -> Chooser:
    pattern = java_pattern(source)

    def choose(text: str, _data: bytes) -> object:
        found = pattern.search(text, timeout=MATCH_SECONDS)
        return (found[1],) if found and pattern.groups else None

    return choose


def _in_order(full: Callable[[int, int], bool]) -> Chooser:
    """One part after the other; `full` is told the bytes and the lines of the present one."""
    number = size = rows = 0

    def choose(_text: str, data: bytes) -> object:
        nonlocal number, size, rows
        if rows and full(size, rows):
            number, size, rows = number + 1, 0, 0
        size, rows = size + len(data), rows + 1
        return number

    return choose


def size_in_bytes(text: str) -> int:
    """The number that `10MB`, `512 kb` or `100` stands for; a kilobyte has 1024 bytes."""
    found = re.fullmatch(r"\s*(\d+)\s*([a-zA-Z]*)\s*", text)
    unit = UNITS.get(found[2].upper()) if found else None
    if found is None or unit is None:
        raise TaskFailed(f"Invalid size with value '{text}'")
    return int(found[1]) * unit
