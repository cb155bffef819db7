"""`io.kestra.plugin.serdes.json.JsonToIon`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kapell.plugins.serdes._file import Encoded, FileOutput, lines_of, text_opened
from kapell.plugins.serdes.json._element import elements
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import store_table


class JsonToIon(Encoded, RunnableTask[FileOutput]):
    """Read JSON, as lines or as one array, into a table with a row for each value."""

    new_line: Templated[bool] = prop(
        "Whether each line is a value; else the file is an array, or values one after the other.", default=True
    )

    aliases = ("io.kestra.plugin.serdes.json.JsonReader",)
    examples = (
        Example("Lines of JSON", 'from: "{{ outputs.download.uri }}"'),
        Example("An array", 'from: "{{ outputs.download.uri }}"\nnewLine: false'),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it value by value."""
        if self.new_line:
            with lines_of(ctx, self.source, self.charset) as lines:
                uri, count = store_table(ctx, _values(lines))
        else:
            with text_opened(ctx, self.source, self.charset) as given:
                uri, count = store_table(ctx, elements(given))
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)


def _values(lines: Iterator[str]) -> Iterator[object]:
    decode = msgspec.json.Decoder().decode
    for number, line in enumerate(lines, 1):
        if not line.isspace():
            try:
                yield decode(line)
            except msgspec.DecodeError as error:
                hint = " (if the whole file is one value: `newLine: false`)" if number == 1 else ""
                raise TaskFailed(f"Line {number}: this is no JSON: {error}{hint}") from None
