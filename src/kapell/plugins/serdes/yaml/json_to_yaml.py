"""`io.kestra.plugin.serdes.yaml.JsonToYaml`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, text_opened, written
from kapell.plugins.serdes.json._element import elements
from kapell.plugins.serdes.yaml._dump import write_documents
from kapell.sdk import Example, RunContext, RunnableTask, Templated, prop
from kapell.sdk.draft import draft, stored, unless_cancelled


class JsonToYaml(Encoded, RunnableTask[FileOutput]):
    """Write JSON as YAML, a document for each value: a line, or an element of an array."""

    jsonl: Templated[bool] = prop(
        "Whether the file is lines of JSON, of which an array is one value; else an array is as many as its elements.",
        default=False,
    )

    examples = (Example("An answer of an API", 'from: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it value by value."""
        with text_opened(ctx, self.source, self.charset) as given, draft(ctx) as made:
            values = elements(given, split=not self.jsonl)
            with written(made, self.charset) as text:
                count = write_documents(text, unless_cancelled(ctx, values))
            uri = stored(ctx, made, ".yaml")
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
