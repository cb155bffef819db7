"""`io.kestra.plugin.serdes.yaml.YamlToIon`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, text_opened
from kapell.plugins.serdes.yaml._document import documents
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import store_table


class YamlToIon(Encoded, RunnableTask[FileOutput]):
    """Read YAML into a table with a row for each document."""

    examples = (Example("Documents between lines of `---`", 'from: "{{ inputs.file }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Read it document by document."""
        with text_opened(ctx, self.source, self.charset) as given:
            uri, count = store_table(ctx, documents(given))
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
