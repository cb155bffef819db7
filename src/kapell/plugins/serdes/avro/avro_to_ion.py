"""`io.kestra.plugin.serdes.avro.AvroToIon`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Converting, FileOutput
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed
from kapell.sdk.draft import opened, store_table
from kapell.sdk.vendor import vendor


class AvroToIon(Converting, RunnableTask[FileOutput]):
    """Read an Avro file into a table; dates, times and decimals keep their types."""

    aliases = ("io.kestra.plugin.serdes.avro.AvroReader",)
    examples = (Example("A file of another system", 'from: "{{ inputs.file }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it row by row."""
        with vendor("io.kestra.plugin.serdes.avro.AvroToIon", "avro"):
            import fastavro
        with opened(ctx, self.source) as content:
            try:
                uri, count = store_table(ctx, fastavro.reader(content))
            except (ValueError, EOFError, fastavro.schema.SchemaParseException) as error:
                raise TaskFailed(f"This is no Avro file: {error}") from None
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
