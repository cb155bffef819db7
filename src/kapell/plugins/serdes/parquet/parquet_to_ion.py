"""`io.kestra.plugin.serdes.parquet.ParquetToIon`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from kapell.plugins.serdes._file import Converting, FileOutput
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed
from kapell.sdk.draft import opened, store_table
from kapell.sdk.vendor import vendor

BATCH_ROWS = 4096


class ParquetToIon(Converting, RunnableTask[FileOutput]):
    """Read a Parquet file into a table; dates, times and decimals keep their types."""

    aliases = ("io.kestra.plugin.serdes.parquet.ParquetReader",)
    examples = (Example("A file of another system", 'from: "{{ inputs.file }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it some thousand rows at a time."""
        with vendor("io.kestra.plugin.serdes.parquet.ParquetToIon", "parquet"):
            import pyarrow  # type: ignore[import-untyped]  # it has no annotations
        with opened(ctx, self.source) as content:
            try:
                uri, count = store_table(ctx, _rows(content))
            except pyarrow.ArrowException as error:
                raise TaskFailed(f"This is no Parquet file: {error}") from None
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)


def _rows(content: BinaryIO) -> Iterator[object]:
    from pyarrow import parquet

    for batch in parquet.ParquetFile(content).iter_batches(BATCH_ROWS):
        yield from batch.to_pylist()
