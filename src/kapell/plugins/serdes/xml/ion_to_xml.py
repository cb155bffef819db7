"""`io.kestra.plugin.serdes.xml.IonToXml`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, codec_of, written, zone_of
from kapell.plugins.serdes.xml._tree import tag_of, write_element
from kapell.sdk import Example, RunContext, RunnableTask, Templated, prop
from kapell.sdk.draft import Counted, draft, stored, table
from kapell.sdk.zone import value_in_zone


class IonToXml(Encoded, RunnableTask[FileOutput]):
    """Write a table as XML, an element `item` for each row."""

    root_name: Templated[str] = prop("The name of the element around all rows.", default="items")
    time_zone_id: Templated[str] | None = prop(
        "The zone that instants are written in, and that those without a zone are taken to be in; without it each "
        "is written as it is.",
        default=None,
    )

    aliases = ("io.kestra.plugin.serdes.xml.XmlWriter",)
    examples = (Example("What a query found", 'from: "{{ outputs.query.uri }}"\nrootName: products'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Write it row by row."""
        zone = zone_of(self.time_zone_id) if self.time_zone_id else None
        root = tag_of(self.root_name)
        rows = Counted(table(ctx, self.source))
        with draft(ctx) as made:
            with written(made, self.charset) as text:
                text.write(f"<?xml version='1.0' encoding='{codec_of(self.charset).upper()}'?>\n<{root}>\n")
                for row in rows:
                    write_element(text, "item", value_in_zone(row, zone) if zone else row, "  ")
                text.write(f"</{root}>\n")
            uri = stored(ctx, made, ".xml")
        ctx.metric("records", rows.count)
        return FileOutput(uri=uri, size=rows.count)
