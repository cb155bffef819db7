"""`io.kestra.plugin.serdes.avro.InferAvroSchemaFromIon`."""

from __future__ import annotations

import json
from itertools import islice

from kapell.plugins.serdes._file import Converting
from kapell.plugins.serdes._schema import infer_schema
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.draft import draft, stored, table


class SchemaOutput(Output, frozen=True, kw_only=True):
    """The schema, as a file of JSON."""

    uri: str


class InferAvroSchemaFromIon(Converting, RunnableTask[SchemaOutput]):
    """Make the Avro schema that fits the first rows of a table."""

    number_of_rows_to_scan: Templated[int] = prop("How many rows to look at.", default=100, least=1)

    examples = (Example("A schema to keep", 'from: "{{ outputs.query.uri }}"\nnumberOfRowsToScan: 1000'),)

    def run(self, ctx: RunContext) -> SchemaOutput:
        """Look at the rows and write the schema."""
        schema = infer_schema(islice(table(ctx, self.source), self.number_of_rows_to_scan))
        with draft(ctx) as made:
            made.write(json.dumps(schema, indent=2).encode())
            return SchemaOutput(uri=stored(ctx, made, ".avsc"))
