"""The working folder of one script: what is brought there, what expressions know of it, what is kept."""

from __future__ import annotations

import shlex
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kapell.plugins.scripts._environment import worker_environment
from kapell.sdk import Expression, RunContext
from kapell.sdk.folder import WILD, bring, local, relative, store
from kapell.sdk.removal import remove

if TYPE_CHECKING:
    from kapell.plugins.scripts._script import ExecTask

T = TypeVar("T")
CONTEXT = ".kestra-execution-context.json"
WITHHELD = frozenset({"envs", "globals", "kestra"})
LONGEST_ARGUMENT = 100_000
"""A longer text is handed over in a file: the kernel takes 128 kB for one argument."""


class Work:
    """The working folder of one run, and what expressions know of it.

    `venv` is the Python environment that it runs in and `modules` the folder of npm's packages, if there are any;
    `held` is what is given back in the end.
    """

    def __init__(self, task: ExecTask, ctx: RunContext, held: ExitStack) -> None:
        self.folder: Path = ctx.working_dir
        self.ctx = ctx
        self.held = held
        self.venv: Path | None = None
        self.modules: Path | None = None
        self._task = task
        self._own: set[Path] = set()
        held.callback(self._tidy)
        self._known: dict[str, object] = {"workingDir": str(self.folder)}
        self._outputs: Path | None = None
        if task.output_directory or any(name in str(task.sources()) for name in ("outputDir", "OUTPUT_DIR")):
            self._outputs = self.folder / ".outputs"
            self._outputs.mkdir(exist_ok=True)
            self.take(self._outputs)
            self._known["outputDir"] = str(self._outputs)
        self.wanted = self.value(task.output_files) or []
        names = [str(relative(name, "outputFile")) for name in self.wanted]
        if named := {name: str(self.folder / name) for name in names if not WILD & set(name)}:
            self._known["outputFiles"] = named
        self._bring()

    def _bring(self) -> None:
        if self._task.namespace_files is not None:
            self._task.namespace_files.bring(self.ctx, self.folder)
        for name, content in (self.value(self._task.input_files) or {}).items():
            bring(self.ctx, self.folder, name, content)

    def value(self, expression: Expression[T] | None) -> T | None:
        """A property's value, rendered with the folders known."""
        return None if expression is None else expression.value(self._render)

    def text(self, expression: Expression[str]) -> str:
        """A text for the script, in which addresses of stored files have become paths of copies."""
        return self._local(expression.value(self._render))

    def commands(self, expression: Expression[list[str]] | None) -> list[str]:
        """Commands, with addresses of stored files as paths of copies."""
        return [self._local(command) for command in self.value(expression) or []]

    def write(self, text: str, name: str) -> Path:
        """A file beside the script's own, which is none of its outputs."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        self.take(file)
        return file

    def argument(self, lines: list[str]) -> str:
        """The lines as one argument, through a file where they are too long for one."""
        text = ("\r\n" if self._task.target_os == "WINDOWS" else "\n").join(lines)
        if len(text.encode()) <= LONGEST_ARGUMENT:
            return text
        return f". {shlex.quote(str(self.write(text, '.script.sh')))}"

    @cached_property
    def env(self) -> dict[str, str]:
        """The worker's environment with what the language and the task add."""
        added = self.value(self._task.env) or {}
        return {**worker_environment(), **self._task.additions, **added}

    def environment(self) -> dict[str, str]:
        """All that the process gets."""
        env = {**self._task.prepared(self.env, self), "WORKING_DIR": str(self.folder)}
        if self._outputs is not None:
            env["OUTPUT_DIR"] = str(self._outputs)
        if self._task.execution_context:
            env["KESTRA_EXECUTION_CONTEXT_FILE"] = str(self.write(self._context(), CONTEXT))
        return env

    def _context(self) -> str:
        """What expressions see as JSON, without what the script has in its environment anyway."""
        names = [name for name in self.ctx.variables if name not in WITHHELD]
        members = [f'"{name}": {self.ctx.render_text(f"{{{{ {name} | toJson }}}}")}' for name in names]
        return f"{{{', '.join(members)}}}"

    def take(self, path: Path) -> None:
        """Have a file or folder as none of the script's: no output, and removed in the end."""
        self._own.add(path)

    def alias(self, name: str, program: Path) -> Path:
        """A folder for PATH in which `program` is called `name`."""
        folder = self.folder / ".bin"
        self.take(folder)
        folder.mkdir(exist_ok=True)
        (folder / name).symlink_to(program)
        return folder

    def stored(self) -> dict[str, str]:
        """The addresses of what is to be kept, by path."""
        kept = store(self.ctx, self._outputs, ["**"], set()) if self._outputs is not None else {}
        return {**kept, **store(self.ctx, self.folder, self.wanted, self._own)}

    def _tidy(self) -> None:
        """Leave nothing but the script's own files: other tasks may have the same folder."""
        for path in self._own:
            if path.is_dir() and not path.is_symlink():
                remove(path)
            else:
                with suppress(OSError):
                    path.unlink()

    def _render(self, value: object, _typed: bool) -> object:
        return self.ctx.render_text(value, self._known) if isinstance(value, str) else value

    def _local(self, text: str) -> str:
        text, copies = local(self.ctx, self.folder, text)
        self._own |= copies
        return text
