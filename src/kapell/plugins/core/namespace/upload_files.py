"""`io.kestra.plugin.core.namespace.UploadFiles`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Literal

from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, Void, prop
from kapell.sdk.glob import matcher
from kapell.sdk.namespace_files import NamespaceFiles, normal


class UploadFiles(RunnableTask[Void]):
    """Store files of the working folder, or of internal storage, as files of a namespace."""

    namespace: Templated[str] = prop("The namespace.", default="{{ flow.namespace }}")
    files: Templated[list[str]] | None = prop(
        "Globs of files in the working folder; `glob:` and `regex:` in front take the path as it is.", default=None
    )
    files_map: Templated[Mapping[str, str]] | None = prop(
        "Addresses of stored files by the path that they get, as a map or its JSON.", default=None
    )
    destination: Templated[str] = prop("The folder that all of them go to.", default="/")
    conflict: Templated[Literal["OVERWRITE", "ERROR", "SKIP"]] = prop(
        "What to do with a file that is there: make its next revision, fail, or leave it.", default="OVERWRITE"
    )

    examples = (
        Example("Keep a download", 'filesMap:\n  data/orders.csv: "{{ outputs.download.uri }}"'),
        Example("A folder of a WorkingDirectory", 'namespace: company.team\nfiles:\n  - "glob:**/dbt/**"'),
    )

    def run(self, ctx: RunContext) -> Void:
        """Store them."""
        if self.files is None and self.files_map is None:
            raise TaskFailed("files or filesMap is required")
        stored = NamespaceFiles(ctx.files)
        for path, file in self._found(ctx):
            with file.open("rb") as content:
                self._put(ctx, stored, path, content)
        for path, address in (self.files_map or {}).items():
            with ctx.files.open(stored.resolve(address, ctx.namespace)) as content:
                self._put(ctx, stored, path, content)
        return Void()

    def _found(self, ctx: RunContext) -> Iterator[tuple[str, Path]]:
        if not self.files:
            return
        wanted, root = matcher(self.files, anchored=True), ctx.working_dir
        for file in sorted(root.rglob("*")):
            path = f"/{file.relative_to(root)}"
            if file.is_file() and wanted(path):
                yield path, file

    def _put(self, ctx: RunContext, stored: NamespaceFiles, path: str, content: BinaryIO) -> None:
        target = normal(f"{self.destination}/{path}")
        if self.conflict != "OVERWRITE" and stored.exists(self.namespace, target):
            if self.conflict == "ERROR":
                raise TaskFailed(f"File '{target}' already exists in namespace '{self.namespace}'.")
            return
        revision = stored.put(self.namespace, target, content)
        ctx.log("DEBUG", f"File '{target}' is revision {revision} in namespace '{self.namespace}'")
