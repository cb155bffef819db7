"""`io.kestra.plugin.serdes.avro.AvroToIon`."""

from __future__ import annotations

from collections.abc import Iterator

from kapell.plugins.serdes._file import BadRows, Converting, FileOutput, OnBadLines
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import opened, store_table
from kapell.sdk.vendor import vendor


class AvroToIon(Converting, RunnableTask[FileOutput]):
    """Read an Avro file into a table; dates, times and decimals keep their types."""

    on_bad_lines: Templated[OnBadLines] = prop(
        "What to do where a row can't be read: fail, or keep those before it, with or without a warning; what comes "
        "after it can't be found any more.",
        default="ERROR",
    )

    aliases = ("io.kestra.plugin.serdes.avro.AvroReader",)
    examples = (Example("A file of another system", 'from: "{{ inputs.file }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it row by row."""
        with vendor("io.kestra.plugin.serdes.avro.AvroToIon", "avro"):
            import fastavro
        with opened(ctx, self.source) as content:
            try:
                reader = fastavro.reader(content)
            except (ValueError, EOFError, fastavro.schema.SchemaParseException) as error:
                raise TaskFailed(f"This is no Avro file: {error}") from None
            uri, count = store_table(ctx, _rows(reader, BadRows(ctx, self.on_bad_lines)))
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)


def _rows(reader: Iterator[object], bad: BadRows) -> Iterator[object]:
    number = 0
    try:
        for row in reader:
            number += 1
            yield row
    except (ValueError, EOFError, IndexError, OverflowError) as error:
        bad.meet(f"Row {number + 1}: Failed to read Avro record: {error}")
