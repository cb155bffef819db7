"""`io.kestra.plugin.serdes.parquet.IonToParquet`."""

from __future__ import annotations

from typing import Literal

from kapell.plugins.serdes._file import FileOutput
from kapell.plugins.serdes._typed import Typed
from kapell.plugins.serdes.parquet._arrow import arrow_schema, batches
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import draft, stored
from kapell.sdk.vendor import vendor

CODECS = {"UNCOMPRESSED": "NONE"}
MEGABYTE = 1 << 20


class IonToParquet(Typed, RunnableTask[FileOutput]):
    """Write a table as a Parquet file."""

    compression_codec: Templated[Literal["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"]] = prop(
        "How columns are compressed.", default="GZIP"
    )
    parquet_version: Templated[Literal["V1", "V2"]] = prop("The version of the format.", default="V2")
    row_group_size: Templated[int] = prop(
        "About how many bytes of rows make a group; one group is held in memory.", default=32 * MEGABYTE, least=1
    )
    page_size: Templated[int] = prop("About how many bytes make a page.", default=MEGABYTE, least=1)
    dictionary_page_size: Templated[int] = prop("The most bytes of a dictionary.", default=MEGABYTE, least=1)

    aliases = ("io.kestra.plugin.serdes.parquet.ParquetWriter",)
    examples = (
        Example("With the schema that the rows have", 'from: "{{ outputs.query.uri }}"\ncompressionCodec: ZSTD'),
        Example(
            "With a schema",
            'from: "{{ outputs.query.uri }}"\nschema: |\n'
            '  {"type": "record", "name": "Salary", "fields": [\n'
            '    {"name": "job_title", "type": "string"}, {"name": "avg_salary", "type": "double"}]}',
        ),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it group by group."""
        with vendor("io.kestra.plugin.serdes.parquet.IonToParquet", "parquet"):
            import pyarrow  # type: ignore[import-untyped]  # it has no annotations
            from pyarrow import parquet
        schema = self.chosen_schema(ctx)
        count, group, size = 0, [], 0
        with draft(ctx) as made:
            try:
                with parquet.ParquetWriter(made, arrow_schema(schema), **self._options()) as writer:
                    for batch in batches(self.rows(ctx, schema), schema):
                        count, size = count + batch.num_rows, size + batch.nbytes
                        group.append(batch)
                        if size >= self.row_group_size:
                            writer.write_table(pyarrow.Table.from_batches(group), row_group_size=1 << 30)
                            group, size = [], 0
                    if group:
                        writer.write_table(pyarrow.Table.from_batches(group), row_group_size=1 << 30)
            except pyarrow.ArrowException as error:
                raise TaskFailed(f"Near row {count + 1}: {error}") from None
            uri = stored(ctx, made, ".parquet")
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)

    def _options(self) -> dict[str, object]:
        v2 = self.parquet_version == "V2"
        return {
            "compression": CODECS.get(self.compression_codec, self.compression_codec),
            "version": "2.6" if v2 else "1.0",
            "data_page_version": "2.0" if v2 else "1.0",
            "data_page_size": self.page_size,
            "dictionary_pagesize_limit": self.dictionary_page_size,
        }
