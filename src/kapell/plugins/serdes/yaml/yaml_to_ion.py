"""`io.kestra.plugin.serdes.yaml.YamlToIon`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, text_of
from kapell.plugins.serdes.yaml._document import documents
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import opened, store_table


class YamlToIon(Encoded, RunnableTask[FileOutput]):
    """Read YAML into a table with a row for each document."""

    examples = (Example("Documents between lines of `---`", 'from: "{{ inputs.file }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it document by document."""
        with opened(ctx, self.source) as content:
            uri, count = store_table(ctx, documents(text_of(content, self.charset)))
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
