"""`io.kestra.plugin.core.namespace.DeleteFiles`."""

from __future__ import annotations

from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop
from kapell.sdk.glob import matcher
from kapell.sdk.namespace_files import NamespaceFiles


class DeleteFiles(RunnableTask[Void]):
    """Delete files of a namespace; their revisions stay."""

    namespace: Templated[str] = prop("The namespace.")
    files: Templated[list[str] | str] = prop(
        "Globs; one that begins with a letter fits in every folder, `**` goes into folders."
    )
    delete_parent_folder: Templated[bool] = prop(
        "Without effect: a folder that has no file left is gone in any case.", default=False
    )

    examples = (Example("Everything below a folder", 'namespace: company.team\nfiles:\n  - "/old/**"'),)

    def run(self, ctx: RunContext) -> Void:
        """Delete them."""
        stored = NamespaceFiles(ctx.files)
        wanted = matcher([self.files] if isinstance(self.files, str) else self.files)
        paths = [path for path in list(stored.list(self.namespace)) if wanted(path)]
        gone = [path for path in paths if stored.delete(self.namespace, path)]
        for path in gone:
            ctx.log("DEBUG", f"Deleted {path}")
        ctx.metric("deleted", len(gone))
        return Void()
