"""`io.kestra.plugin.core.flow.WorkingDirectory`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kapell.errors import KapellError
from kapell.plugins.core.flow._cache import Cache
from kapell.sdk import (
    Children,
    Example,
    Expression,
    FolderTask,
    Output,
    Place,
    RunContext,
    RunnableTask,
    SleepingTask,
    Task,
    Tasks,
    in_order,
    prop,
)
from kapell.sdk.folder import ChosenNamespaceFiles, bring, relative, store
from kapell.sdk.registry import find_task


class FolderOutput(Output, frozen=True, kw_only=True):
    """The files that were kept, as addresses by path."""

    output_files: Mapping[str, str] | None = None


class WorkingDirectory(FolderTask):
    """Run tasks one after the other in one working folder, so that each finds the files of those before it.

    Each is a task run of its own, done by a worker as any other; the folder is made when one asks for it, is still
    there after a crash, and goes when the last one has ended. Where several machines work, all of them have to go to
    the one that has the folder.
    """

    tasks: Tasks = prop("The tasks, in order: such as workers run.", filled=True)
    input_files: Expression[Mapping[str, str]] | None = prop(
        "Files to write before the first task, by path: a text, or the address of a stored file.", default=None
    )
    namespace_files: ChosenNamespaceFiles | None = prop(
        "Files of a namespace to write before all others.", default=None
    )
    output_files: Expression[list[str]] | None = prop(
        "Paths and globs of files to store after the last task; their addresses are in `outputFiles` of the outputs.",
        default=None,
    )
    cache: Cache | None = prop("Files to keep for the next execution, such as packages that take time to install.")

    aliases = ("io.kestra.core.tasks.flows.WorkingDirectory", "io.kestra.core.tasks.flows.Worker")
    examples = (
        Example(
            "One task writes what the next one reads",
            "inputFiles:\n  name.txt: Ada\noutputFiles: [greeting.txt]\ntasks:\n"
            "  - {id: greet, type: io.kestra.plugin.scripts.shell.Commands, "
            "commands: ['echo Hello $(cat name.txt) > greeting.txt']}\n"
            "  - {id: show, type: io.kestra.plugin.scripts.shell.Commands, commands: [cat greeting.txt]}",
        ),
        Example(
            "Packages that are installed once a day",
            "cache:\n  patterns: [packages/**]\n  ttl: P1D\ntasks:\n"
            "  - {id: install, type: io.kestra.plugin.scripts.shell.Commands, "
            "commands: ['[ -d packages ] || pip install --target packages requests']}",
        ),
    )

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """Only what a worker runs can work in the folder."""
        if not all(_runs_on_worker(child) for child in task.branches.get("tasks", ())):
            yield "", "Only runnable tasks are allowed as children of a WorkingDirectory task"

    def ready(self, children: Children) -> Sequence[Place]:
        """The next one, once the one before has ended."""
        return in_order(self.tasks, children)

    @property
    def fills(self) -> bool:
        """Whether files are to be there before."""
        return bool(self.input_files or self.namespace_files or self.cache)

    @property
    def keeps(self) -> bool:
        """Whether files are wanted afterwards."""
        return bool(self.output_files or self.cache)

    def fill(self, ctx: RunContext) -> None:
        """Write the cached files, those of namespaces, and the input files, the later over the earlier."""
        if self.cache is not None:
            self.cache.restore(ctx)
        if self.namespace_files is not None:
            self.namespace_files.bring(ctx, ctx.working_dir)
        for name, content in (ctx.render(self.input_files) if self.input_files else {}).items():
            bring(ctx, ctx.working_dir, name, content)

    def keep(self, ctx: RunContext) -> FolderOutput:
        """Store the output files, and what the cache is to have."""
        if self.cache is not None:
            self.cache.save(ctx)
        if self.output_files is None:
            return FolderOutput()
        wanted = [str(relative(pattern, "outputFile")) for pattern in ctx.render(self.output_files)]
        return FolderOutput(output_files=store(ctx, ctx.working_dir, wanted, set()))


def _runs_on_worker(task: Task) -> bool:
    try:
        return issubclass(find_task(task.type), RunnableTask | SleepingTask)
    except KapellError:
        # That there is no such type has been said; whether it would run on a worker is not known.
        return True
