"""`io.kestra.plugin.git.SyncNamespaceFiles`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from filecmp import BUFSIZE
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from kapell.plugins.git._git import Cloning, Git
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import store_table
from kapell.sdk.folder import relative
from kapell.sdk.namespace_files import NamespaceFiles

IGNORE = ".kestraignore"


class SyncedFilesOutput(Output, frozen=True, kw_only=True):
    """A table of the files: `gitPath`, `syncState`, `kestraPath`."""

    files: str


class SyncNamespaceFiles(Cloning, RunnableTask[SyncedFilesOutput]):
    """Make the files of a namespace those of a folder in a Git repository.

    What `.kestraignore` names there, in the way of `.gitignore`, is left out; so are links. A file that is the
    same already gets no further revision.
    """

    branch: Templated[str] = prop("The branch to take them from.", default="main")
    namespace: Templated[str] = prop("The namespace.", default="{{ flow.namespace }}")
    git_directory: Templated[str] = prop("The folder of the repository; `.` for all of it.", default="_files")
    delete: Templated[bool] = prop("Whether to delete files of the namespace that the folder has not.", default=False)
    dry_run: Templated[bool] = prop("Whether only to tell what would be done.", default=False)

    examples = (
        Example(
            "From a repository of dbt",
            "url: https://github.com/DataTalksClub/data-engineering-zoomcamp\n"
            "gitDirectory: 04-analytics-engineering/taxi_rides_ny",
        ),
        Example(
            "With a token, as the one source of truth",
            "url: https://github.com/company/flows\nnamespace: company.team\ndelete: true\nusername: git\n"
            "password: \"{{ secret('GITHUB_TOKEN') }}\"",
        ),
    )

    def run(self, ctx: RunContext) -> SyncedFilesOutput:
        """Clone, then write what differs."""
        with TemporaryDirectory(dir=ctx.working_dir, prefix=".kapell-") as name:
            git = self.cloned(ctx, Path(name), ["--branch", self.branch, "--depth", "1", "--single-branch"])
            root = self._root(Path(name).resolve() / "tree")
            rows = [*self._synced(NamespaceFiles(ctx.files), ctx, dict(found_in(root, git)))]
        for row in rows:
            ctx.log("DEBUG", f"{row['syncState']} {row['kestraPath']}")
        return SyncedFilesOutput(files=store_table(ctx, rows)[0])

    def _root(self, tree: Path) -> Path:
        inside = self.git_directory.strip("/")
        root = tree / relative(inside, "gitDirectory") if inside not in ("", ".") else tree
        if not root.is_dir() or root.resolve() != root:
            raise TaskFailed(f"The repository has no folder `{self.git_directory}` on branch `{self.branch}`")
        return root

    def _synced(
        self, stored: NamespaceFiles, ctx: RunContext, found: Mapping[str, Path]
    ) -> Iterator[dict[str, object]]:
        there = {*stored.list(self.namespace)}
        for path in sorted(there - {*found}) if self.delete else ():
            if not self.dry_run:
                stored.delete(self.namespace, path)
            yield {"gitPath": None, "syncState": "DELETED", "kestraPath": path}
        for path, file in sorted(found.items()):
            state = "ADDED"
            if path in there:
                with ctx.files.open(stored.address(self.namespace, path)) as own, file.open("rb") as theirs:
                    state = "UNCHANGED" if are_same(own, theirs) else "OVERWRITTEN"
            if state != "UNCHANGED" and not self.dry_run:
                with file.open("rb") as content:
                    stored.put(self.namespace, path, content)
            yield {"gitPath": f"{self.git_directory.strip('/')}{path}", "syncState": state, "kestraPath": path}


def found_in(root: Path, git: Git) -> Iterator[tuple[str, Path]]:
    """The files below a folder of a repository by their paths, from a slash on; links lead elsewhere and are none."""
    listed = git(root, "ls-files", "-z", "--cached", "--ignored", f"--exclude-per-directory={IGNORE}")
    ignored = {*"\n".join(listed).split("\0")}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for file in (Path(folder, name) for name in names if name not in (IGNORE, ".git")):
            path = str(file.relative_to(root))
            if path not in ignored and file.is_file() and not file.is_symlink():
                yield f"/{path}", file


def are_same(one: BinaryIO, other: BinaryIO) -> bool:
    """Whether two files have the same content."""
    while piece := one.read(BUFSIZE):
        if piece != other.read(len(piece)):
            return False
    return not other.read(1)
