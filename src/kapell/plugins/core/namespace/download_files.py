"""`io.kestra.plugin.core.namespace.DownloadFiles`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.glob import matcher
from kapell.sdk.namespace_files import NamespaceFiles


class DownloadFilesOutput(Output, frozen=True, kw_only=True):
    """Addresses of the copies by the path in the namespace."""

    files: Mapping[str, str]


class DownloadFiles(RunnableTask[DownloadFilesOutput]):
    """Copy files of a namespace to the execution's own."""

    namespace: Templated[str] = prop("The namespace.")
    files: Templated[list[str] | str] = prop(
        "Globs; one that begins with a letter fits in every folder, `**` goes into folders."
    )
    destination: Templated[str] = prop("What to put in front of the paths of the copies.", default="")

    examples = (Example("All SQL files", 'namespace: company\nfiles:\n  - "**.sql"'),)

    def run(self, ctx: RunContext) -> DownloadFilesOutput:
        """Copy them."""
        stored = NamespaceFiles(ctx.files)
        wanted = matcher([self.files] if isinstance(self.files, str) else self.files)
        copies = {path: self._copied(ctx, stored, path) for path in stored.list(self.namespace) if wanted(path)}
        ctx.metric("downloaded", len(copies))
        return DownloadFilesOutput(files=copies)

    def _copied(self, ctx: RunContext, stored: NamespaceFiles, path: str) -> str:
        target = f"{self.destination.strip('/')}{path}".lstrip("/")
        with ctx.files.open(stored.address(self.namespace, path)) as content:
            address = ctx.files.put(f"{ctx.storage_prefix}/{target}", content)
        ctx.log("DEBUG", f"Downloaded {address}")
        return address
