"""Run as a process: eight callers start executions, each waiting for the end of its own, until there are enough.

It says `ready` before it opens its state, and the id of each execution once that is acknowledged. Started again with
the same folder it goes on, and it ends when all that was acknowledged has ended.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from kapell.assembly.local import Local

FLOWS = Path(__file__).parent / "flows"
NAMES = ("sequence", "nested", "script", "retry", "failure")
CALLERS = 8


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
        """Wait for one after another until there are enough."""
        while id := self.next():
            self.local.wait(id, timeout=60)

    def next(self) -> str | None:
        """An execution that is under way already, or a new one: its number is used up once it is acknowledged."""
        with self.lock:
            if self.left:
                return self.left.pop()
            if (number := next(self.numbers, None)) is None:
                return None
            inputs = {"n": number, "effects": self.effects}
            id = self.local.create("crash", NAMES[number % len(NAMES)], inputs)
            self.acknowledged.write(f"{id}\n")
            print(id, flush=True)  # noqa: T201
            return id


def main(folder: Path, count: int) -> None:
    print("ready", flush=True)  # noqa: T201
    with Local(state_dir=folder / "state") as local:
        for name in NAMES:
            local.apply((FLOWS / f"{name}.yaml").read_text())
        caller = Caller(local, folder, count)
        with ThreadPoolExecutor(CALLERS) as pool:
            for end in [pool.submit(caller.call) for _ in range(CALLERS)]:
                end.result()
        for one in local.executions():
            local.settled(one.id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
