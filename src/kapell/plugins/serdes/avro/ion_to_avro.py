"""`io.kestra.plugin.serdes.avro.IonToAvro`."""

from __future__ import annotations

from typing import cast

from kapell.plugins.serdes._file import FileOutput
from kapell.plugins.serdes._typed import Typed
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed
from kapell.sdk.draft import Counted, draft, stored
from kapell.sdk.vendor import vendor


class IonToAvro(Typed, RunnableTask[FileOutput]):
    """Write a table as an Avro file."""

    aliases = ("io.kestra.plugin.serdes.avro.AvroWriter",)
    examples = (
        Example("With the schema that the rows have", 'from: "{{ outputs.query.uri }}"'),
        Example(
            "With a schema",
            'from: "{{ outputs.query.uri }}"\nschema: |\n'
            '  {"type": "record", "name": "Product", "fields": [\n'
            '    {"name": "id", "type": "long"}, {"name": "price", "type": ["null", "double"]}]}',
        ),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it row by row."""
        with vendor("io.kestra.plugin.serdes.avro.IonToAvro", "avro"):
            import fastavro
        schema = self.chosen_schema(ctx)
        rows = Counted(self.rows(ctx, schema))
        with draft(ctx) as made:
            try:
                fastavro.writer(made, fastavro.parse_schema(cast(dict[str, object], schema)), iter(rows))
            except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType) as error:
                raise TaskFailed(f"The schema can't be used: {error}") from None
            uri = stored(ctx, made, ".avro")
        ctx.metric("records", rows.count)
        return FileOutput(uri=uri, size=rows.count)
