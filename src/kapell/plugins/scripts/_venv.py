"""Virtual environments: shared ones, kept by what is in them, and those of one attempt, for its own `pip install`."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from kapell.plugins.scripts._uv import run_uv
from kapell.sdk import RunContext, TaskFailed

if TYPE_CHECKING:
    from kapell.plugins.scripts._work import Work

PIP = re.compile(r"\bpip[0-9.]*\b[^\n|;&]*\b(?:un)?install\b")
COMPLETE = ".complete"
REQUIREMENTS = "requirements.txt"
KEPT_SECONDS = 30 * 24 * 3600.0
WAIT_SECONDS = 0.05


def uses_pip(sources: Iterable[object]) -> bool:
    """Whether what is written in a flow installs packages with pip."""
    return any(PIP.search(text) for source in sources for text in _texts(source))


def _texts(source: object) -> Iterable[str]:
    if isinstance(source, Mapping):
        return map(str, source.values())
    return map(str, source) if isinstance(source, list | tuple) else (str(source),)


def shared_venv(work: Work, python: str, requirements: Sequence[str]) -> Path:
    """An environment with these packages, made unless there is one; it stays at least until `work` ends."""
    root = cache_folder()
    root.mkdir(parents=True, exist_ok=True)
    folder = root / key_of(python, requirements, work.env)
    lock = Lock(root / f"{folder.name}.lock", work.ctx)
    work.held.callback(lock.close)
    lock.take(fcntl.LOCK_SH)
    if not is_complete(folder):
        lock.take(fcntl.LOCK_EX)
        if not is_complete(folder):
            shutil.rmtree(folder, ignore_errors=True)
            make(work, folder, python, requirements)
            (folder / COMPLETE).touch()
            prune(root)
        lock.take(fcntl.LOCK_SH)
    return folder


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


def cache_folder() -> Path:
    """Where shared environments are."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "kapell" / "python"


def key_of(python: str, requirements: Sequence[str], env: Mapping[str, str]) -> str:
    """The name of the environment: the same for the same Python, packages and indexes."""
    indexes = sorted(f"{name}={value}" for name, value in env.items() if name.startswith(("UV_", "PIP_")))
    return sha256("\n".join([python, *requirements, *indexes]).encode()).hexdigest()[:32]


def is_complete(folder: Path) -> bool:
    """Whether it was made to its end, and the Python that it stands on is still there."""
    return (folder / COMPLETE).exists() and os.access(folder / "bin/python", os.X_OK)


def prune(root: Path) -> None:
    """Remove the environments that nobody has used for a month."""
    for path in root.glob("*.lock"):
        if time.time() - path.stat().st_mtime > KEPT_SECONDS:
            lock = Lock(path, None)
            if lock.try_to_take(fcntl.LOCK_EX):
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            lock.close()


class Lock:
    """A lock between threads and processes; its file tells when it was last taken to use the environment."""

    def __init__(self, path: Path, ctx: RunContext | None) -> None:
        self._path = path
        self._ctx = ctx
        self._file = path.open("ab")

    def take(self, kind: int) -> None:
        """Take it as soon as it is free; a task that is asked to stop meanwhile fails."""
        stop = Event()
        while not self.try_to_take(kind):
            if self._ctx is not None and self._ctx.cancelled:
                raise TaskFailed("The task was asked to stop")
            stop.wait(WAIT_SECONDS)
        os.utime(self._path)

    def try_to_take(self, kind: int) -> bool:
        """Whether it was free."""
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Give it back."""
        self._file.close()
