"""`io.kestra.plugin.serdes.xml.XmlToIon`."""

from __future__ import annotations

from kapell.plugins.serdes._file import Encoded, FileOutput, codec_of
from kapell.plugins.serdes.xml._tree import at, read_xml
from kapell.sdk import Example, Part, RunContext, RunnableTask, Templated, prop
from kapell.sdk.draft import opened, store_table


class ParserConfiguration(Part):
    """How elements become values."""

    force_list: Templated[list[str]] = prop("Elements that are a list even where there is but one.", default=())


class XmlToIon(Encoded, RunnableTask[FileOutput]):
    """Read XML into a table: one row, or as many as there are elements at `query`.

    Attributes and child elements are the keys of a map, repeated elements a list, text beside them is `content`;
    texts that look like numbers or booleans become that. The file is held in memory.
    """

    query: Templated[str] | None = prop("Where the rows are: a path such as `/catalog/book`.", default=None)
    parser_configuration: ParserConfiguration | None = prop("How elements become values.", default=None)

    aliases = ("io.kestra.plugin.serdes.xml.XmlReader",)
    examples = (
        Example("A row for each book", 'from: "{{ outputs.download.uri }}"\nquery: /catalog/book'),
        Example(
            "With lists of one",
            'from: "{{ inputs.file }}"\nparserConfiguration:\n  forceList:\n    - author',
        ),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Read all of it, then write the rows."""
        lists = self.parser_configuration.force_list if self.parser_configuration else ()
        with opened(ctx, self.source) as content:
            found: object = read_xml(content, codec_of(self.charset), lists)
        if self.query:
            found = at(found, self.query)
        uri, count = store_table(ctx, found if isinstance(found, list) else [found])
        ctx.metric("records", count)
        return FileOutput(uri=uri, size=count)
