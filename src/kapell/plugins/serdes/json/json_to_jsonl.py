"""`io.kestra.plugin.serdes.json.JsonToJsonl`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, text_opened, written
from kapell.plugins.serdes.json._element import elements
from kapell.plugins.serdes.json._encode import json_encoder
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import Counted, draft, stored, unless_cancelled


class JsonToJsonl(Encoded, RunnableTask[FileOutput]):
    """Write the elements of a JSON array as lines of JSON."""

    examples = (Example("An answer of an API", 'from: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Copy element by element."""
        encode = json_encoder()
        with text_opened(ctx, self.source, self.charset) as given, draft(ctx) as made:
            values = Counted(unless_cancelled(ctx, elements(given)))
            with written(made, self.charset) as text:
                for value in values:
                    text.write(f"{encode(value).decode()}\n")
            uri = stored(ctx, made, ".jsonl")
        ctx.metric("records", values.count)
        return FileOutput(uri=uri, size=values.count)
