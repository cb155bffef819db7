"""`io.kestra.plugin.git.Clone`."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from kapell.plugins.git._git import Cloning
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.folder import relative

COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")


class CloneOutput(Output, frozen=True, kw_only=True):
    """The folder of the working tree."""

    directory: str


class Clone(Cloning, RunnableTask[CloneOutput]):
    """Clone a Git repository into the working folder, with the `git` of the worker's machine.

    Within a WorkingDirectory, the tasks that follow see it. What lies in the folder already stays there.
    """

    directory: Templated[str] | None = prop("A folder in the working folder; else that itself.", default=None)
    branch: Templated[str] | None = prop("The branch to check out; else the repository's own.", default=None)
    tag: Templated[str] | None = prop("The tag to check out instead of a branch.", default=None)
    commit: Templated[str] | None = prop("The commit to check out instead of a branch or tag.", default=None)
    depth: Templated[int] = prop("How many commits of history to fetch, where no tag or commit is named.", default=1)
    clone_all_branches: Templated[bool] = prop("Whether to fetch all branches, not that one alone.", default=True)
    no_tags: Templated[bool] = prop("Whether to fetch no tags.", default=False)

    examples = (
        Example("A public repository", "url: https://github.com/kestra-io/blueprints\nbranch: main"),
        Example(
            "A private one, over SSH",
            "url: git@github.com:company/flows.git\ndirectory: flows\nprivateKey: \"{{ secret('SSH_PRIVATE_KEY') }}\"",
        ),
        Example(
            "With a token",
            "url: https://github.com/company/flows\nusername: git\npassword: \"{{ secret('GITHUB_TOKEN') }}\"",
        ),
    )

    def run(self, ctx: RunContext) -> CloneOutput:
        """Clone beside the folder, which need not be empty, and move what came into it."""
        folder = ctx.working_dir / relative(self.directory, "directory") if self.directory else ctx.working_dir
        with TemporaryDirectory(dir=ctx.working_dir, prefix=".kapell-") as name:
            aside = Path(name)
            self._clone(ctx, aside)
            moved_into(folder, aside / "tree")
        return CloneOutput(directory=str(folder))

    def _clone(self, ctx: RunContext, aside: Path) -> None:
        if self.commit is not None and not COMMIT.fullmatch(self.commit):
            raise TaskFailed(f"commit: `{self.commit}` is no hash of a commit")
        whole = self.commit is not None or self.tag is not None
        options = [
            *(["--branch", self.tag or self.branch or ""] if self.commit is None and (self.tag or self.branch) else []),
            *([] if whole or self.depth < 1 else ["--depth", str(self.depth)]),
            "--no-single-branch" if self.clone_all_branches else "--single-branch",
            *(["--no-tags"] if self.no_tags else []),
        ]
        git = self.cloned(ctx, aside, options)
        if self.commit is not None:
            git(aside / "tree", "checkout", "--quiet", "--detach", self.commit)


def moved_into(folder: Path, tree: Path) -> None:
    """Move all that is in a tree into a folder; a file that has the name of one there replaces it."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in tree.iterdir():
        place = folder / entry.name
        if entry.is_dir() and not entry.is_symlink() and place.is_dir() and entry.name != ".git":
            moved_into(place, entry)
        elif entry.name == ".git" and place.exists():
            raise TaskFailed(f"There is a repository in `{folder.name}` already: name another `directory`")
        else:
            entry.replace(place)
