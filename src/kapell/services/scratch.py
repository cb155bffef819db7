"""Temporary folders: one for each process, which holds all others, with a lock that dies with its process.

What a killed process leaves is known by its lock, which nobody holds, and swept by the next one that starts.
"""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from kapell.sdk.removal import remove

LOG = logging.getLogger(__name__)
PREFIX = "kapell-"
LOCK = ".lock"
GONE = f"{PREFIX}gone-"
"""How a folder is called while it is being made or removed: without its lock it is known by its name."""


class Scratch:
    """The folder of this process, made when it is first asked for, removed when the process ends."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._folder: Path | None = None
        self._lock = -1
        self._pid = 0

    @property
    def folder(self) -> Path:
        """The folder; a process that was forked has its own."""
        with self._guard:
            if self._folder is None or self._pid != os.getpid():
                self._folder, self._lock = _locked(gettempdir())
                self._pid = os.getpid()
                atexit.register(self.remove)
            return self._folder

    def make(self, prefix: str) -> Path:
        """A new folder in it."""
        return Path(mkdtemp(prefix=prefix, dir=self.folder)).resolve()

    def remove(self) -> None:
        """Remove it with all that it holds."""
        with self._guard:
            if self._folder is not None and self._pid == os.getpid():
                _discard(self._folder)
                os.close(self._lock)
                self._folder = None


SCRATCH = Scratch()


def sweep(where: str | Path) -> int:
    """Remove what dead processes of this user have left; returns how many folders."""
    swept = 0
    with suppress(OSError), os.scandir(where) as entries:
        left = [Path(entry.path) for entry in entries if entry.name.startswith(PREFIX) and _is_mine(entry)]
        for folder in left:
            swept += _swept(folder)
    return swept


def sweep_in_background() -> None:
    """The same for the system's folder, without holding up the start of anything."""
    threading.Thread(target=sweep, args=(gettempdir(),), name="kapell-sweep", daemon=True).start()


def _locked(where: str) -> tuple[Path, int]:
    """A new folder and its lock. A sweeper may take it away while it is being made: then another one is."""
    while True:
        made = Path(mkdtemp(prefix=f"{GONE}{os.getpid()}-", dir=where))
        try:
            lock = os.open(made / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        except FileNotFoundError:
            continue
        folder = made.with_name(PREFIX + made.name.removeprefix(GONE))
        with suppress(OSError):
            if _taken(lock):
                made.rename(folder)
                if (folder / LOCK).exists():
                    return folder, lock
                _discard(folder)
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_mine(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.geteuid()


def _swept(folder: Path) -> bool:
    """Whether a folder was of a dead process, and is gone now; one without a lock is none of ours."""
    if folder.name.startswith(GONE):
        remove(folder)
        return not folder.exists()
    try:
        lock = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        if not _taken(lock):
            return False
        _discard(folder)
    finally:
        os.close(lock)
    LOG.info("action=sweep folder=%s", folder)
    return not folder.exists()


def _discard(folder: Path) -> None:
    """Remove a folder; what is left of it when this process dies meanwhile, the next one removes."""
    gone = folder.with_name(GONE + folder.name.removeprefix(PREFIX))
    with suppress(OSError):
        folder.rename(gone)
        remove(gone)
