"""`io.kestra.plugin.serdes.json.JsonToJsonl`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, text_of, written
from kapell.plugins.serdes.json._element import elements
from kapell.plugins.serdes.json._encode import json_encoder
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import Counted, draft, opened, stored, unless_cancelled


class JsonToJsonl(Encoded, RunnableTask[FileOutput]):
    """Write the elements of a JSON array as lines of JSON."""

    examples = (Example("An answer of an API", 'from: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Copy element by element."""
        encode = json_encoder()
        with opened(ctx, self.source) as content, draft(ctx) as made:
            values = Counted(unless_cancelled(ctx, elements(text_of(content, self.charset))))
            with written(made, self.charset) as text:
                for value in values:
                    text.write(f"{encode(value).decode()}\n")
            uri = stored(ctx, made, ".jsonl")
        ctx.metric("records", values.count)
        return FileOutput(uri=uri, size=values.count)
