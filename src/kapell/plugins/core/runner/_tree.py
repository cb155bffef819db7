"""All processes that one command has started, found again however far they went to hide.

They are known by the command's session and process group, by descent, and by a mark in the environment, which every
child inherits: a double-forked daemon in a session of its own has lost the first three, not the mark.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

MARK = "PROCESS_TREE_ID"
TRIES = 200


class Living(NamedTuple):
    """A process that runs; `environment` is as the system shows it, or empty where it may not be seen."""

    pid: int
    parent: int
    group: int
    session: int
    environment: bytes


def members(leader: int, mark: str) -> set[int]:
    """The pids of the tree whose first process was `leader`."""
    return tree(living(), leader, mark)


def living() -> Iterator[Living]:
    """All processes that may be seen."""
    return _from_proc() if sys.platform == "linux" else _from_ps()


def tree(among: Iterable[Living], leader: int, mark: str) -> set[int]:
    """The pids of those that belong to the tree; by its mark alone where the leader is not known (0)."""
    among = list(among)
    found = {p.pid for p in among if _leads(leader, p) or bears(p, MARK, mark)}
    while grown := {p.pid for p in among if p.parent in found} - found:
        found |= grown
    return found - {1, os.getpid()}


def _leads(leader: int, process: Living) -> bool:
    # 0 is the group and session of whatever a container's outside has started, 1 the first process of all.
    return leader > 1 and leader in (process.pid, process.group, process.session)


def bears(process: Living, name: str, value: str) -> bool:
    """Whether a variable in its environment has this value, or has it as one of several with colons between them."""
    _, _, after = process.environment.partition(f"{name}=".encode())
    return bool(value) and value.encode() in re.split(rb"[\0 ]", after, maxsplit=1)[0].split(b":")


def marked(env: Mapping[str, str], mark: str) -> dict[str, str]:
    """`env` with the mark, beside that of another command which runs this worker itself, if one does."""
    return {**env, MARK: ":".join(filter(None, (env.get(MARK), mark)))}


def tell(leader: int, mark: str, sign: signal.Signals) -> set[int]:
    """Send a signal to the whole tree; return whom it was sent to."""
    pids = members(leader, mark)
    # The leader first: it must not take the end of a child for the end of the child's work.
    for pid in sorted(pids, key=lambda pid: (pid != leader, pid)):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sign)
    return pids


def kill(leader: int, mark: str) -> None:
    """End the tree for good, looking again until nobody is left: one may fork while another is being killed."""
    for _ in range(TRIES):
        pids = tell(leader, mark, signal.SIGKILL)
        if not pids:
            return
        _reap(pids - {leader})
        time.sleep(0.005)


def _reap(pids: Iterable[int]) -> None:
    """Orphans become children of process 1: where that is this one, they would stay as zombies."""
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _from_proc() -> Iterator[Living]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                if process := _read(int(name)):
                    yield process


def _read(pid: int) -> Living | None:
    with open(f"/proc/{pid}/stat", "rb") as file:
        # The name in the middle may hold blanks and parentheses.
        state, parent, group, session = file.read().rpartition(b")")[2].split()[:4]
    if state in b"ZX":
        return None
    environment = b""
    with suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
        environment = file.read()
    return Living(pid, int(parent), int(group), int(session), environment)


def _from_ps() -> Iterator[Living]:
    import subprocess

    command = ["ps", "-axEww", "-o", "pid=,ppid=,pgid=,stat=,command="]
    yield from read_ps(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)


def read_ps(output: bytes) -> Iterator[Living]:
    """The processes in what BSD's `ps` prints: pid, parent, group, state, then command and environment."""
    for line in output.splitlines():
        fields = line.split(maxsplit=4)
        if len(fields) == 5 and not fields[3].startswith(b"Z"):
            pid, parent, group = map(int, fields[:3])
            yield Living(pid, parent, group, 0, fields[4])
