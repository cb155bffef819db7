"""What all script tasks share: their properties, and a run from the first file to the last output.

A language is a subclass of `InlineScript` and one of `CommandList` that say what runs its files.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from typing import ClassVar, Literal

from kapell.plugins.scripts._environment import in_venv, real_python
from kapell.plugins.scripts._programs import missing
from kapell.plugins.scripts._protocol import Voice
from kapell.plugins.scripts._venv import own_venv, uses_pip
from kapell.plugins.scripts._work import Work
from kapell.sdk import (
    Command,
    Expression,
    Output,
    ProgramMissing,
    RunContext,
    RunnableTask,
    TaskFailed,
    TaskRunner,
    Templated,
    default_runner,
    prop,
)
from kapell.sdk.folder import ChosenNamespaceFiles

PROCESS = "io.kestra.plugin.core.runner.Process"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"
SHELL = ("/bin/sh", "-c")


class ScriptOutput(Output, frozen=True, kw_only=True):
    """What a script has come to."""

    exit_code: int
    vars: Mapping[str, object] = {}
    output_files: Mapping[str, str] = {}


class ExecTask(RunnableTask[ScriptOutput]):
    """Runs commands in a working folder of their own."""

    task_runner: TaskRunner | None = prop(
        "Where the commands run: a map with the runner's `type`. By default, as a process of the worker's machine.",
        default=None,
    )
    before_commands: Expression[list[str]] | None = prop(
        "Commands to run before, in the same shell, to set up what the others need.", default=None
    )
    interpreter: Templated[list[str]] = prop(
        "The program that is given all commands, one a line, as its last argument.", default=SHELL, filled=True
    )
    fail_fast: Templated[bool] = prop(
        "Stop at the first command that fails (`set -e`); if false, the last one decides.", default=True
    )
    env: Expression[Mapping[str, str]] | None = prop(
        "Variables to add to the environment, or to replace there.", default=None
    )
    input_files: Expression[Mapping[str, str]] | None = prop(
        "Files to write before, by path: a text, or the address of a stored file (`kestra:///…`, `nsfile:///…`).",
        default=None,
    )
    output_files: Expression[list[str]] | None = prop(
        "Paths and globs of files to store afterwards; their addresses are in `outputFiles` of the outputs.",
        default=None,
    )
    namespace_files: ChosenNamespaceFiles | None = prop(
        "Files of a namespace to write before all others.", default=None
    )
    container_image: Templated[str] | None = prop(
        "The image for task runners that start a container; the others have no use for it.", default=None
    )
    target_os: Templated[Literal["AUTO", "LINUX", "WINDOWS"]] = prop(
        "The system that the commands are written for; WINDOWS ends their lines with a carriage return.",
        default="AUTO",
        key="targetOS",
    )
    execution_context: Templated[bool] = prop(
        "Whether to write what expressions may see, secrets in inputs included, as JSON into the file that "
        "`KESTRA_EXECUTION_CONTEXT_FILE` names, for `from kestra import context`.",
        default=False,
    )
    output_directory: Templated[bool] = prop(
        "Deprecated: `outputDir` is there whenever an expression or a command names it.", default=False
    )
    warning_on_std_err: Templated[bool] = prop(
        "Deprecated and without effect: the exit code alone decides about the state.", default=True
    )
    runner: Templated[Literal["PROCESS", "DOCKER"]] | None = prop(
        "Deprecated: the task runner's old name, used where `taskRunner` is not set.", default=None
    )
    docker: Mapping[str, object] | None = prop(
        "Deprecated: options of the old runner DOCKER, of use to it alone.", default=None
    )

    additions: ClassVar[Mapping[str, str]] = {}
    """What the language adds to the environment."""
    stop_at_failure: ClassVar[str] = "set -e"
    """The line by which the interpreter stops at the first command that fails."""

    def arguments(self, work: Work) -> tuple[str, ...]:
        """The command that runs it all."""
        return (*self.interpreter, work.argument(self.lines(work)))

    def lines(self, work: Work) -> list[str]:
        """The lines for the interpreter."""
        return [*([self.stop_at_failure] if self.fail_fast else []), *work.commands(self.before_commands)]

    def set_up(self, work: Work) -> None:
        """Make what the commands need before they can run."""
        if uses_pip(self.sources()) and (python := real_python(work.env)) is not None:
            work.venv = own_venv(work, python, ())

    def prepared(self, env: dict[str, str], work: Work) -> dict[str, str]:
        """The environment as the language needs it."""
        return env if work.venv is None else in_venv(env, work.venv)

    def sources(self) -> list[object]:
        """What is written in the flow and may name the folder for outputs."""
        lazy = (self.before_commands, self.env, self.input_files)
        return [expression.source for expression in lazy if expression is not None]

    def run(self, ctx: RunContext) -> ScriptOutput:
        """Run it; outputs and files are kept when it fails, too."""
        voice = Voice(ctx)
        with ExitStack() as held:
            work = Work(self, ctx, held)
            self.set_up(work)
            command = Command(arguments=self.arguments(work), folder=work.folder, env=work.environment())
            try:
                code = self._runner().run(command, ctx, voice.hear)
            except ProgramMissing as error:
                raise missing(error.program) from None
            files = {} if ctx.cancelled else work.stored()
        outputs = ScriptOutput(exit_code=code, vars=voice.vars, output_files=files)
        if code:
            raise TaskFailed(f"Command failed with exit code {code}", outputs)
        return outputs

    def _runner(self) -> TaskRunner:
        # Kestra: who names no runner means a container.
        by_image = self.runner is None and (self.container_image or self.docker)
        return self.task_runner or default_runner(DOCKER if self.runner == "DOCKER" or by_image else PROCESS)


class InlineScript(ExecTask):
    """A script whose text stands in the flow."""

    script: Expression[str] = prop("The text of the script.", filled=True)

    extension: ClassVar[str] = ""
    stem: ClassVar[str] = ".script"
    """What the script's file is called; hidden, unless the language takes no such file."""
    program: ClassVar[tuple[str, ...]] = ()
    """What runs a file of this language; its path comes last."""

    def file_name(self) -> str:
        """What the script's file is called."""
        return f"{self.stem}{self.extension}"

    def command(self, work: Work, file: str) -> tuple[str, ...]:
        """What runs the script."""
        return (*self.program, file)

    def arguments(self, work: Work) -> tuple[str, ...]:
        """No shell where none is needed."""
        command = self.command(work, str(work.write(work.text(self.script), self.file_name())))
        if self.before_commands is None and tuple(self.interpreter) == SHELL:
            return command
        return (*self.interpreter, work.argument([*self.lines(work), shlex.join(command)]))

    def sources(self) -> list[object]:
        """The script, too."""
        return [*super().sources(), self.script.source]


class CommandList(ExecTask):
    """Commands for a shell, one a line."""

    commands: Expression[list[str]] = prop("The commands, run one after the other in one shell.", filled=True)

    def lines(self, work: Work) -> list[str]:
        """The commands after those that go before."""
        return [*super().lines(work), *work.commands(self.commands)]

    def sources(self) -> list[object]:
        """The commands, too."""
        return [*super().sources(), self.commands.source]
