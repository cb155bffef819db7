"""`io.kestra.plugin.fs.local.Uploads`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from kapell.plugins.fs.local._local import target, write
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.pattern import MATCH_SECONDS, java_pattern


class UploadsOutput(Output, frozen=True, kw_only=True):
    """The files on the machine."""

    files: Sequence[str]


class Uploads(RunnableTask[UploadsOutput]):
    """Copy several stored files into a folder of the worker's machine."""

    source: Templated[str | list[str] | Mapping[str, str]] = prop(
        "Addresses of the stored files: one, a list, or a map by the names that they get; or the JSON of these.",
        key="from",
    )
    to: Templated[str] = prop("The folder.")
    reg_exp: Templated[str] | None = prop("Take those whose addresses fit this regular expression.", default=None)
    max_files: Templated[int] = prop("The most files to take, the first ones.", default=25, least=1)
    overwrite: Templated[bool] = prop("Whether files that are there are replaced.", default=True)

    examples = (
        Example("Two files", 'from:\n  - "{{ outputs.one.uri }}"\n  - "{{ outputs.two.uri }}"\nto: /data/reports/'),
    )

    def run(self, ctx: RunContext) -> UploadsOutput:
        """Copy one after the other."""
        wanted = java_pattern(self.reg_exp) if self.reg_exp else None
        chosen = [pair for pair in self._named() if wanted is None or wanted.fullmatch(pair[1], timeout=MATCH_SECONDS)]
        if len(chosen) > self.max_files:
            ctx.log("WARN", f"Too many files to process ({len(chosen)}), limiting to {self.max_files}")
        made = []
        for name, address in chosen[: self.max_files]:
            path = target(f"{self.to.rstrip('/')}/{name}", self.overwrite, name)
            write(ctx, address, path)
            made.append(path.as_uri())
        return UploadsOutput(files=made)

    def _named(self) -> list[tuple[str, str]]:
        """The addresses with the names that their files get."""
        given: object = self.source
        if isinstance(given, str) and given.strip()[:1] in ("[", "{"):
            given = json.loads(given)
        if isinstance(given, Mapping):
            return [(str(name), str(address)) for name, address in given.items()]
        addresses = given if isinstance(given, list) else [given]
        return [(PurePosixPath(unquote(str(address))).name, str(address)) for address in addresses]
