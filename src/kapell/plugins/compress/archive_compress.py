"""`io.kestra.plugin.compress.ArchiveCompress`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from kapell.plugins.compress._archive import Archiving, Member, inside, write_archive
from kapell.plugins.compress._codec import compressing
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.draft import draft, stored
from kapell.sdk.namespace_files import NamespaceFiles


class ArchiveOutput(Output, frozen=True, kw_only=True):
    """The archive."""

    uri: str


class ArchiveCompress(Archiving, RunnableTask[ArchiveOutput]):
    """Put stored files into an archive."""

    source: Templated[Mapping[str, str]] = prop(
        "Addresses of the files by the names that they get in the archive: a map, or its JSON.", key="from", filled=True
    )

    examples = (
        Example(
            "Two files, compressed",
            'algorithm: TAR\ncompression: GZIP\nfrom:\n  one.csv: "{{ outputs.one.uri }}"\n'
            '  data/two.csv: "{{ outputs.two.uri }}"',
        ),
    )

    def run(self, ctx: RunContext) -> ArchiveOutput:
        """Write file after file."""
        with draft(ctx) as made:
            with compressing(made, self.compression) as target:
                write_archive(target, self.algorithm, self._members(ctx))
            made.seek(0, 2)
            ctx.metric("size", made.tell())
            ctx.metric("count", len(self.source))
            return ArchiveOutput(uri=stored(ctx, made, f".{self.algorithm.lower()}"))

    def _members(self, ctx: RunContext) -> Iterator[Member]:
        for name, address in self.source.items():
            place = NamespaceFiles(ctx.files).resolve(address, ctx.namespace)
            yield inside(name), ctx.files.size(place), partial(ctx.files.open, place)
