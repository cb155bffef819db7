"""`io.kestra.plugin.serdes.yaml.IonToYaml`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, written
from kapell.plugins.serdes.yaml._dump import write_documents
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import draft, stored, table


class IonToYaml(Encoded, RunnableTask[FileOutput]):
    """Write a table as YAML, a document for each row."""

    examples = (Example("What a query found", 'from: "{{ outputs.query.uri }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it row by row."""
        with draft(ctx) as made:
            with written(made, self.charset) as text:
                count = write_documents(text, table(ctx, self.source))
            uri = stored(ctx, made, ".yaml")
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
