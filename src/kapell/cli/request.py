"""What `kapell run` was asked for, read from arguments and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kapell.assembly.settings import Settings
from kapell.cli.reading import STANDARD_INPUT, BadArgument, env_of, folder, pairs, read_text, values_of, yaml_files
from kapell.engine.inputs import Upload
from kapell.engine.inputs.group import flattened, taken_apart
from kapell.model.flow import Flow
from kapell.model.input import Input
from kapell.source.document import Document, documents

SEVERAL = ("ARRAY", "MULTISELECT")
"""Types of input that may be given again: each time is one more value."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; `inputs` and `labels` are texts `NAME=VALUE`."""

    file: Path
    inputs: Sequence[str] = ()
    inputs_file: Path | None = None
    labels: Sequence[str] = ()
    trigger: Path | None = None
    flows: Path | None = None
    files: Path | None = None
    env_file: Path | None = None
    state_dir: Path | None = None
    new: bool = False
    json: bool = False

    def given(self, flow: Flow) -> dict[str, object]:
        """The inputs by name; those of the command line win over the file's, and `@path` is the content of a file."""
        declared = {one.id: one for one in flattened(flow.inputs)}
        values = {**values_of(self.inputs_file, "inputs"), **_gathered(pairs(self.inputs, "-i"), declared)}
        flat, unknown = taken_apart(values, set(declared))
        files = {name: _uploaded(name, flat[name]) for name in flat if declared[name].type == "FILE"}
        return {**flat, **files, **{name: values.get(name) for name in unknown}}

    def origin(self) -> Mapping[str, object] | None:
        """What the trigger has seen, or None where it is nobody's word."""
        return None if self.trigger is None else values_of(self.trigger, "a trigger's variables")

    def settings(self, namespace: str) -> Settings:
        """The installation that the flow runs in: the file's environment over the process's, its namespace's files."""
        return Settings(
            state_dir=self.state_dir,
            environ={**os.environ, **(env_of(self.env_file) if self.env_file else {})},
            namespace_files={namespace: folder(self.files)} if self.files else {},
        )

    def others(self) -> Iterator[tuple[Path, Document]]:
        """The flows that may be called, each with the file that it stands in."""
        own = self.file.resolve()
        for path in yaml_files(folder(self.flows)) if self.flows is not None else ():
            if path.resolve() != own:
                yield from ((path, document) for document in documents(read_text(path)))

    def watched(self) -> list[Path]:
        """The files and folders on which the outcome depends."""
        if self.file == STANDARD_INPUT:
            raise BadArgument("--watch needs a file, not standard input")
        named = (self.file, self.flows, self.files, self.inputs_file, self.trigger, self.env_file)
        contents = [Path(value[1:]) for _, value in pairs(self.inputs, "-i") if value.startswith("@")]
        return [path for path in named if path is not None] + contents


def _gathered(given: Sequence[tuple[str, str]], declared: Mapping[str, Input]) -> dict[str, object]:
    """The values by name; raises `BadArgument` where one is given twice that can hold only one."""
    found: dict[str, object] = {}
    for name, value in given:
        before = found.get(name)
        if name in declared and declared[name].type in SEVERAL and before is not None:
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        elif before is not None:
            raise BadArgument(f"-i {name}: given twice")
        else:
            found[name] = value
    return found


def _uploaded(name: str, value: object) -> object:
    """The file that `@path` names; a value that is not written so is the content itself, or an address."""
    if not isinstance(value, str) or not value.startswith("@"):
        if isinstance(value, str) and "\n" not in value and _exists(value):
            print(f"Note: the input `{name}` is the text `{value}`; @{value} would be the file", file=sys.stderr)
        return value
    return upload(Path(value[1:]))


def upload(path: Path) -> Upload:
    """A file for an input; raises `BadArgument`, which names it."""
    try:
        with path.open("rb") as content:
            # What is no regular file, such as a pipe, can be read but once.
            return Upload(path.name, path if path.is_file() else content.read())
    except OSError as error:
        raise BadArgument(f"{path}: {error.strerror}") from None


def _exists(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False
