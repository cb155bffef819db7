"""`io.kestra.plugin.serdes.yaml.YamlToJson`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from kapell.plugins.serdes._file import Encoded, FileOutput, text_opened, written
from kapell.plugins.serdes.json._encode import json_encoder
from kapell.plugins.serdes.yaml._document import documents
from kapell.sdk import Example, RunContext, RunnableTask, Templated, prop
from kapell.sdk.draft import Counted, draft, stored, unless_cancelled


class YamlToJson(Encoded, RunnableTask[FileOutput]):
    """Write YAML as JSON.

    One document is written as it is, several as an array, none as an empty object.
    """

    jsonl: Templated[bool] = prop("Whether to write each document as a line instead.", default=False)

    examples = (Example("Lines of JSON", 'from: "{{ inputs.file }}"\njsonl: true'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it document by document."""
        with text_opened(ctx, self.source, self.charset) as given, draft(ctx) as made:
            values = Counted(unless_cancelled(ctx, documents(given)))
            with written(made, self.charset) as text:
                (_lines if self.jsonl else _whole)(text, values)
            uri = stored(ctx, made, ".jsonl" if self.jsonl else ".json")
        ctx.metric("records", values.count)
        return FileOutput(uri=uri, size=values.count)


def _lines(text: TextIO, values: Iterable[object]) -> None:
    encode = json_encoder()
    for value in values:
        text.write(f"{encode(value).decode()}\n")


def _whole(text: TextIO, values: Iterable[object]) -> None:
    encode = json_encoder()
    rest = iter(values)
    first = encode(next(rest, {})).decode()
    several = False
    for value in rest:
        text.write("," if several else f"[{first},")
        text.write(encode(value).decode())
        several = True
    text.write("]" if several else first)
