"""Virtual environments: shared ones, kept by what is in them, and those of one attempt, for its own `pip install`."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kapell.plugins.scripts._shared import key_of, shared, with_version
from kapell.plugins.scripts._uv import run_uv

if TYPE_CHECKING:
    from kapell.plugins.scripts._work import Work

PIP = re.compile(r"\bpip[0-9.]*\b[^\n|;&]*\b(?:un)?install\b")
REQUIREMENTS = "requirements.txt"
SETTINGS = ("UV_", "PIP_")


def uses_pip(sources: Iterable[object]) -> bool:
    """Whether what is written in a flow installs packages with pip."""
    return any(PIP.search(text) for text in texts(sources))


def texts(sources: Iterable[object]) -> Iterable[str]:
    """Each text in what is written in a flow, lists and maps included."""
    for source in sources:
        if isinstance(source, Mapping):
            yield from map(str, source.values())
        elif isinstance(source, list | tuple):
            yield from map(str, source)
        else:
            yield str(source)


def shared_venv(work: Work, python: str, requirements: Sequence[str]) -> Path:
    """An environment with these packages, made unless there is one; it stays at least until `work` ends."""
    key = key_of(with_version(python), requirements, work.env, SETTINGS)
    return shared(work, "python", key, lambda folder: make(work, folder, python, requirements), "bin/python")


def own_venv(work: Work, python: str, requirements: Sequence[str]) -> Path:
    """An environment of this attempt alone, with pip, in which what the machine's Python has is there, too."""
    folder = Path(tempfile.mkdtemp(prefix=".venv-", dir=work.folder))
    work.take(folder)
    make(work, folder, python, requirements, "--system-site-packages", "--allow-existing")
    if not has_pip(folder):
        run_uv(work.ctx, folder, work.env, "pip", "install", "--python", str(folder / "bin/python"), "pip")
    for name in ("pip", "pip3"):
        program = folder / "bin" / name
        if not program.exists():
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(str(folder / "bin/python"))} -m pip "$@"\n')
            program.chmod(0o755)
    return folder


def has_pip(folder: Path) -> bool:
    """Whether the machine's Python has lent pip to an environment."""
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pip') is None)"
    return subprocess.run([folder / "bin/python", "-I", "-c", look], check=False).returncode == 0


def make(work: Work, folder: Path, python: str, requirements: Sequence[str], *options: str) -> None:
    """Make the environment and install the packages."""
    # Not where the script's files are: uv would take a pyproject.toml there for its own.
    run_uv(work.ctx, folder.parent, work.env, "venv", "--quiet", "--python", python, *options, str(folder))
    if requirements:
        (folder / REQUIREMENTS).write_text("\n".join(requirements) + "\n", encoding="utf-8")
        into = ("--python", str(folder / "bin/python"), "--requirement", str(folder / REQUIREMENTS))
        run_uv(work.ctx, folder, work.env, "pip", "install", *into)
