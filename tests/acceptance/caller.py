"""Run as a process: it makes a process for each order that it reads, of callers who start executions and see to them.

There are eight callers, and each waits for the end of its own execution before it starts the next, until there are
enough. Started again with the same folder they go on, and it ends when all that was acknowledged has ended. An order
may say after how many commits, and how long after them, the process is to be killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock, Thread

from kapell.adapters.sqlite.query import Session
from kapell.assembly.local import Local
from kapell.model.state import State

FLOWS = Path(__file__).parent / "flows"
STARTED = ("sequence", "nested", "script", "retry", "failure", "loops", "calls", "pausing", "folder", "items")
STARTED_BY_OTHERS = ("limited", "item", "listening")
CALLERS = 8
LONGEST_SECONDS = 60
SEEN = [state.value for state in State if state.ended or state is State.PAUSED]


class Caller:
    """What the callers share: `state` holds kapell's own, `acknowledged` an id per line, scripts write to `effects`."""

    def __init__(self, local: Local, folder: Path, count: int) -> None:
        self.local = local
        self.effects = str(folder / "effects")
        self.acknowledged = (folder / "acknowledged").open("a+", buffering=1)
        self.acknowledged.seek(0)
        known = self.acknowledged.read().splitlines()
        self.left = [id for id in known if not local.execution(id).state.ended]
        self.numbers = iter(range(len(known), count))
        self.lock = Lock()

    def call(self) -> None:
        """See to one after another until there are enough."""
        while id := self.next():
            self.see_to(id)

    def see_to(self, id: str) -> None:
        """Wait for its end, and answer what it asks; what waits for its time is let alone."""
        while not (seen := self.local.wait(id, timeout=LONGEST_SECONDS, states=SEEN)).state.ended:
            if any(run.task_id == "ask" and run.state is State.PAUSED for run in seen.task_runs):
                self.local.resume(id, {"answer": "so"})
            self.local.wait(id, timeout=LONGEST_SECONDS)

    def next(self) -> str | None:
        """An execution that is under way already, or a new one: its number is used up once it is acknowledged."""
        with self.lock:
            if self.left:
                return self.left.pop()
            if (number := next(self.numbers, None)) is None:
                return None
            inputs = {"n": number, "effects": self.effects}
            id = self.local.create("crash", STARTED[number % len(STARTED)], inputs)
            self.acknowledged.write(f"{id}\n")
            return id


def work(folder: Path, count: int, commits: int | None, seconds: float | None) -> None:
    """What one process does."""
    with Local(state_dir=folder / "state") as local:
        if commits is not None:
            local._do(local.runtime.store._database.write(lambda session: die_at(session, commits, seconds)))
        for name in (*STARTED, *STARTED_BY_OTHERS):
            source = (FLOWS / f"{name}.yaml").read_text()
            if not is_known(local, name, source):
                local.apply(source)
        caller = Caller(local, folder, count)
        with ThreadPoolExecutor(CALLERS) as pool:
            for end in [pool.submit(caller.call) for _ in range(CALLERS)]:
                end.result()
        for one in local.executions():
            # Among them are those that nobody was told of.
            caller.see_to(one.id)
            local.settled(one.id)


def is_known(local: Local, name: str, source: str) -> bool:
    """Whether a flow is there as it is."""
    stored = local._do(local.runtime.store.flows.get("main", "crash", name))
    return stored is not None and stored.source == source


def die_at(session: Session, commits: int, seconds: float | None) -> None:
    """Kill this process at a commit: before it is written, or so long after it."""
    left = commits

    def hook() -> bool:
        nonlocal left
        left -= 1
        if left == 0 and seconds is None:
            die()
        elif left == 0:
            Thread(target=lambda: (time.sleep(seconds or 0), die()), daemon=True).start()
        return False

    session.connection.set_commit_hook(hook)


def die() -> None:
    """As by `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """A line of JSON for each order, a line with how its process ended for each answer."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            sys.stdin = open(os.devnull)  # noqa: SIM115
            work(Path(order["folder"]), order["count"], order["commits"], order["seconds"])
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
