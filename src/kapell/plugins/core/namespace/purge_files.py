"""`io.kestra.plugin.core.namespace.PurgeFiles`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from kapell.sdk import Example, Output, Part, RunContext, RunnableTask, TaskFailed, Templated, prop, read_moment
from kapell.sdk.glob import wildcard
from kapell.sdk.namespace_files import NamespaceFiles, Revision
from kapell.sdk.purging import ByNamespaces


class PurgeFilesOutput(Output, frozen=True, kw_only=True):
    """How many revisions were removed."""

    size: int


class Behavior(Part):
    """Which revisions go. With neither of the two all of them do, and with them the files."""

    type: Literal["version"] = prop("The only one there is.", default="version")
    keep_amount: Templated[int] | None = prop("How many of each file stay, the newest first.", default=None, least=0)
    before: Templated[str] | None = prop(
        "Those that were stored up to this instant, an ISO date, and never a file's newest; "
        "not together with `keepAmount`.",
        default=None,
    )


class PurgeFiles(ByNamespaces, RunnableTask[PurgeFilesOutput]):
    """Remove old revisions of the files of namespaces for good, those of deleted files, too.

    Namespaces are those that have flows, and those that are named.
    """

    file_pattern: Templated[str] | None = prop(
        "Which files, by their path from the namespace's root; `*` and `?` stand for anything, slashes too.",
        default=None,
    )
    behavior: Behavior | None = prop("Which revisions go: by default all but the newest of each file.", default=None)

    examples = (
        Example("All but the newest revision", "namespaces:\n  - company"),
        Example(
            "Old revisions of SQL",
            'filePattern: "*.sql"\nbehavior:\n  before: "{{ now() | dateAdd(-1, \'YEARS\') }}"',
        ),
    )

    def run(self, ctx: RunContext) -> PurgeFilesOutput:
        """Remove them."""
        if self.behavior is not None and self.behavior.before and self.behavior.keep_amount is not None:
            raise TaskFailed("Cannot set both 'before' and 'keepAmount' properties")
        chosen = self.chosen(flow.namespace for flow in ctx.flows.all())
        ctx.log("INFO", f"purging {len(chosen)} namespaces: {chosen}")
        stored, fits = NamespaceFiles(ctx.files), wildcard(self.file_pattern or "*")
        size = 0
        for namespace in chosen:
            found = list(stored.revisions(namespace))
            for path, revisions in groupby(found, lambda revision: revision.path):
                old = {revision.number for revision in self._old(list(revisions))}
                if old and (fits(path) or fits(path[1:])):
                    size += stored.purge(namespace, path, old)
        ctx.log("INFO", f"purged {size} files")
        return PurgeFilesOutput(size=size)

    def _old(self, revisions: Sequence[Revision]) -> Iterator[Revision]:
        """Those of a file's revisions, from the newest on, that need not stay."""
        if self.behavior is not None and self.behavior.before:
            before = read_moment(self.behavior.before)
            yield from (revision for revision in revisions[1:] if revision.stored <= before)
        else:
            keep = 1 if self.behavior is None else self.behavior.keep_amount or 0
            yield from revisions[keep:]
