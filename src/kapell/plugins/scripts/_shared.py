"""Folders with installed packages that all executions of a machine share, each made once and kept while it is used."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from kapell.plugins.scripts._environment import worker_environment
from kapell.sdk import RunContext, TaskFailed

if TYPE_CHECKING:
    from kapell.plugins.scripts._work import Work

COMPLETE = ".complete"
KEPT_SECONDS = 30 * 24 * 3600.0
WAIT_SECONDS = 0.05


def shared(work: Work, kind: str, key: str, make: Callable[[Path], None], needs: str) -> Path:
    """The folder of this key, made unless there is one; it stays at least until `work` ends.

    `needs` is a path in it without which it is of no use, such as a link to what has been removed since.
    """
    root = cache_folder(kind)
    root.mkdir(parents=True, exist_ok=True)
    folder = root / key
    lock = Lock(root / f"{key}.lock", work.ctx)
    work.held.callback(lock.close)
    lock.take(fcntl.LOCK_SH)
    if not _is_complete(folder, needs):
        # Two that both held it and wanted it alone would wait for each other.
        lock.give_back()
        lock.take(fcntl.LOCK_EX)
        if not _is_complete(folder, needs):
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            (folder / COMPLETE).touch()
            prune(root)
        lock.take(fcntl.LOCK_SH)
    return folder


def cache_folder(kind: str) -> Path:
    """Where shared folders of a kind are."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "kapell" / kind


def key_of(interpreter: str, packages: Iterable[str], env: Mapping[str, str], settings: tuple[str, ...]) -> str:
    """The name of a folder: the same for the same interpreter, packages in any order, and settings of the installer.

    Settings are variables whose names begin with one of `settings`, in whatever case.
    """
    set_to = sorted(f"{name}={value}" for name, value in env.items() if name.upper().startswith(settings))
    return sha256("\n".join([interpreter, *sorted(set(packages)), *set_to]).encode()).hexdigest()[:32]


def with_version(program: str) -> str:
    """A program with its version: what is installed for one may be of no use to the next, at the same place."""
    try:
        about = os.stat(program)
    except OSError:
        return program
    return f"{program} {_version(program, about.st_mtime_ns, about.st_size)}"


@cache
def _version(program: str, _changed_ns: int, _size_bytes: int) -> str:
    try:
        ask = [program, "--version"]
        return subprocess.run(ask, env=worker_environment(), capture_output=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""


def _is_complete(folder: Path, needs: str) -> bool:
    return (folder / COMPLETE).exists() and os.access(folder / needs, os.R_OK)


def prune(root: Path) -> None:
    """Remove the folders that nobody has used for a month."""
    for path in root.glob("*.lock"):
        if time.time() - path.stat().st_mtime > KEPT_SECONDS:
            lock = Lock(path, None)
            if lock.try_to_take(fcntl.LOCK_EX):
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            lock.close()


class Lock:
    """A lock between threads and processes; its file tells when it was last taken to use the folder."""

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

    def give_back(self) -> None:
        """Let others have it."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give it back for good."""
        self._file.close()
