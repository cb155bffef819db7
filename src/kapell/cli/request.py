"""What `kapell run` was asked for, read from arguments and files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kapell.engine.inputs import Upload
from kapell.errors import KapellError
from kapell.model.flow import Flow

YAML_ENDINGS = (".yaml", ".yml")


class BadArgument(KapellError):
    """Something on the command line is not what it should be."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; `inputs` and `labels` are texts `NAME=VALUE`."""

    file: Path
    inputs: Sequence[str] = ()
    inputs_file: Path | None = None
    labels: Sequence[str] = ()
    flows: Path | None = None
    env_file: Path | None = None
    state_dir: Path | None = None
    new: bool = False
    json: bool = False

    def given(self, flow: Flow) -> dict[str, object]:
        """The inputs by name; those of the command line win over the file's, and `@path` is the content of a file."""
        files = {declared.id for declared in flow.inputs if declared.type == "FILE"}
        values: dict[str, object] = {**values_of(self.inputs_file), **pairs(self.inputs, "-i")}
        return {name: _uploaded(value) if name in files else value for name, value in values.items()}

    def environ(self) -> dict[str, str]:
        """The environment that the flow's secrets and `envs` come from: the process's, and the file's over it."""
        return {**os.environ, **(env_of(self.env_file) if self.env_file else {})}

    def others(self) -> list[str]:
        """The texts of the flows that may be called."""
        if self.flows is None:
            return []
        if not self.flows.is_dir():
            raise BadArgument(f"{self.flows}: no such folder")
        files = sorted(path for path in self.flows.rglob("*") if path.suffix in YAML_ENDINGS and path.is_file())
        return [read_text(path) for path in files if path.resolve() != self.file.resolve()]


def read_text(file: Path) -> str:
    """The text of a file; raises `BadArgument`, which names it."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadArgument(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadArgument(f"{file}: byte {error.start} is not UTF-8") from None


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Texts `NAME=VALUE` as a map."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadArgument(f"{option} {text}: write it as NAME=VALUE")
        found[name] = value
    return found


def values_of(file: Path | None) -> Mapping[str, object]:
    """The map that a YAML or JSON file holds; none for no file."""
    if file is None:
        return {}
    import yaml

    try:
        values: object = yaml.safe_load(read_text(file))
    except yaml.YAMLError as error:
        raise BadArgument(f"{file}: {error}") from None
    if not isinstance(values, dict):
        raise BadArgument(f"{file}: inputs are a map of name and value")
    return {str(name): value for name, value in values.items()}


def env_of(file: Path) -> dict[str, str]:
    """Lines `NAME=VALUE`; empty ones and those that begin with # are passed over, quotes around a value go."""
    found = {}
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadArgument(f"{file}:{number}: write it as NAME=VALUE")
        value = value.strip()
        found[name.strip()] = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
    return found


def _uploaded(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    path = Path(value[1:])
    try:
        return Upload(path.name, path.read_bytes())
    except OSError as error:
        raise BadArgument(f"{path}: {error.strerror}") from None
