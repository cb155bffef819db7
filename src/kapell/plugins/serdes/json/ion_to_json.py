"""`io.kestra.plugin.serdes.json.IonToJson`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, written, zone_of
from kapell.plugins.serdes.json._encode import json_encoder
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import draft, stored, table


class IonToJson(Encoded, RunnableTask[FileOutput]):
    """Write a table as JSON, a line for each row or all rows as one array."""

    new_line: Templated[bool] = prop("Whether each row is a line; else the file is an array.", default=True)
    time_zone_id: Templated[str] | None = prop(
        "The zone that instants are written in, and that those without a zone are taken to be in; without it each "
        "is written as it is.",
        default=None,
    )
    should_keep_annotations: Templated[bool] = prop(
        "Refused where it is true: Ion's annotations do not outlive the reading.", default=False
    )

    aliases = ("io.kestra.plugin.serdes.json.JsonWriter",)
    examples = (
        Example("Lines of JSON", 'from: "{{ outputs.query.uri }}"'),
        Example("An array", 'from: "{{ outputs.query.uri }}"\nnewLine: false'),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it row by row."""
        if self.should_keep_annotations:
            raise TaskFailed("shouldKeepAnnotations: annotations of Ion can't be kept")
        encode = json_encoder(zone_of(self.time_zone_id) if self.time_zone_id else None)
        between, after = ("", "\n") if self.new_line else (",", "")
        count = 0
        with draft(ctx) as made:
            with written(made, self.charset) as text:
                text.write("" if self.new_line else "[")
                for count, row in enumerate(table(ctx, self.source), 1):
                    text.write(f"{between if count > 1 else ''}{encode(row).decode()}{after}")
                text.write("" if self.new_line else "]")
            uri = stored(ctx, made, ".jsonl" if self.new_line else ".json")
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
