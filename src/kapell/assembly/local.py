"""The Python API: a whole kapell in this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from kapell.assembly.runtime import Runtime
from kapell.assembly.settings import Settings
from kapell.assembly.view import Execution, Log
from kapell.errors import KapellError
from kapell.model.execution import Execution as Row
from kapell.model.explanation import Explanation
from kapell.model.flow import Flow
from kapell.model.messages import Decision
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.ports.feed import Watcher
from kapell.services.acts import Asked
from kapell.services.spill import whole

T = TypeVar("T")


class Local:
    """A kapell of its own in this process: everything in memory, or in `state_dir`, where it goes on after a crash.

    Use it in a `with` block. Its methods may be called from any thread; nothing goes over HTTP.
    `globals` are `{{ globals }}`; `namespace_files` are folders by the namespace whose files theirs are. `settings`
    stand for all of these.
    """

    def __init__(
        self,
        globals: Mapping[str, object] | None = None,
        state_dir: str | Path | None = None,
        settings: Settings | None = None,
        *,
        namespace_files: Mapping[str, str | Path] | None = None,
    ) -> None:
        folders = {namespace: Path(folder) for namespace, folder in (namespace_files or {}).items()}
        self.runtime = Runtime(
            settings
            or Settings(
                variables=globals or {}, state_dir=Path(state_dir) if state_dir else None, namespace_files=folders
            )
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kapell-engine", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._do(self.runtime.start())
        except BaseException:
            self._end_loop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self.runtime.stop())
        self._end_loop()

    def apply(self, *sources: str) -> None:
        """Save flows, each as its next revision; raises `InvalidFlow` for the first that can't be."""
        for source in sources:
            self._do(self.runtime.apply(source))

    def save(self, source: str) -> Flow:
        """Save a flow as its next revision and return it as it was read; raises `InvalidFlow`."""
        return self._do(self.runtime.apply(source))

    @property
    def at_work(self) -> bool:
        """Whether a worker has a task in hand; raises `KapellError` where nothing can go on any more."""
        self.runtime.ensure_going()
        return self.runtime.worker.running > 0

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Hear of every change after its commit, in the engine's thread; the answer is what stops it."""
        return self.runtime.feed.watch(watcher)

    def unfinished(self, namespace: str, flow_id: str) -> str | None:
        """The newest execution of a flow that has not ended, or None."""
        states = tuple(state for state in State if not state.ended)
        search = Search(namespace=namespace, flow_id=flow_id, states=states, limit=1)
        found = self._do(self.runtime.store.executions.search(search))
        return found[0].id if found else None

    def family(self, id: str) -> list[Execution]:
        """An execution, and those below it that have not ended; raises `NotFound`."""
        return self._do(self._family(id))

    def create(
        self,
        namespace: str,
        flow_id: str,
        inputs: Mapping[str, object] | None = None,
        labels: Mapping[str, str] | None = None,
        trigger: Mapping[str, object] | None = None,
        revision: int | None = None,
    ) -> str:
        """Start an execution and return its id, once it is committed; raises `NotFound`, `InputError`, `Refused`.

        `trigger` is what a trigger has seen: its variables, or `{id, type, variables}`. It gives its inputs and labels,
        over which those given here win. Without `revision` it is the latest one that is no draft.
        """
        return self._do(self.runtime.create(namespace, flow_id, inputs or {}, labels or {}, trigger, revision))

    def wait(self, id: str, timeout: float | None = None, states: Sequence[str] | None = None) -> Execution:
        """Wait until it has ended, or is in one of `states`; raises `TimeoutError` after `timeout` seconds."""
        wanted = frozenset(states) if states else None
        reached = self._do(
            self.runtime.wait(id, timeout, lambda row: row.state in wanted if wanted else row.state.ended)
        )
        if not reached:
            raise TimeoutError(f"execution {id} is {self.execution(id).state} after {timeout} s")
        return self.execution(id)

    def settled(self, id: str) -> Execution:
        """Wait until it has ended and nothing of it runs any more, `afterExecution` included."""
        self.wait(id)
        self._do(self.runtime.idle(id))
        return self.execution(id)

    def kill(self, id: str, cascade: bool = True) -> None:
        """End it now; its running tasks are stopped, with `cascade` also the executions it has started."""
        self._do(self.runtime.acts.kill(id, cascade))

    def pause(self, id: str) -> None:
        """Let nothing new start; what runs goes on to its end."""
        self._do(self.runtime.acts.pause(id))

    def resume(self, id: str, inputs: Mapping[str, object] | None = None, task_run: str | None = None) -> None:
        """Let it go on; `inputs` are what its Pause asks for. Raises `InputError`."""
        self._do(self.runtime.acts.resume(id, inputs or {}, task_run))

    def review(
        self,
        id: str,
        decision: str,
        inputs: Mapping[str, object] | None = None,
        *,
        comment: str | None = None,
        task_run: str | None = None,
    ) -> None:
        """Decide what an Approval asks: APPROVED or DENIED, with the `inputs` it asks for. Raises `InputError`."""
        given = Decision(decision)
        self._do(self.runtime.acts.review(id, given, inputs or {}, comment=comment, task_run_id=task_run))

    def form(self, id: str, inputs: Mapping[str, object] | None = None, task_run: str | None = None) -> Asked:
        """What its Pause or Approval asks for, and what that comes to with these answers; nothing goes on."""
        return self._do(self.runtime.acts.form(id, inputs or {}, task_run))

    def force_run(self, id: str) -> None:
        """Let it go on whatever it waits for."""
        self._do(self.runtime.acts.force_run(id))

    def unqueue(self, id: str, state: str | None = None) -> None:
        """Take it out of its queue: to RUNNING, or to FAILED or CANCELLED."""
        self._do(self.runtime.acts.unqueue(id, State(state or "RUNNING")))

    def set_labels(self, id: str, labels: Mapping[str, str]) -> None:
        """Add labels to an execution that has ended."""
        self._do(self.runtime.acts.set_labels(id, labels))

    def change_state(self, id: str, state: str, task_run: str | None = None) -> None:
        """Correct the state of a task run, behind which the flow goes on, or of the execution alone."""
        self._do(self.runtime.acts.change_state(id, State(state), task_run))

    def restart(self, id: str, revision: int | None = None) -> str:
        """Do again what has failed; the id of the execution that runs now."""
        return self._do(self.runtime.acts.restart(id, revision))

    def replay(
        self,
        id: str,
        task_run: str | None = None,
        inputs: Mapping[str, object] | None = None,
        revision: int | None = None,
    ) -> str:
        """Do it again as a new execution, from a task run on or from the start; its id. Raises `InputError`."""
        return self._do(self.runtime.acts.replay(id, task_run, inputs, revision))

    def delete(self, id: str) -> None:
        """Remove an execution that has ended, with all that it has started, their logs and files; raises `Refused`."""
        self._do(self.runtime.purger.delete(id, children=True))

    def execution(self, id: str) -> Execution:
        """An execution with its task runs and logs, as it is now; raises `NotFound`."""
        return self._do(self._view(id))

    def explain(self, id: str) -> Explanation:
        """What it waits for, who holds it up and what would free it, or how it has ended; raises `NotFound`."""
        return self._do(self.runtime.explainer.explain(id))

    def executions(self) -> list[Execution]:
        """All executions, children too, the oldest first."""
        return self._do(self._views())

    def logs(self, id: str) -> list[Log]:
        """The log lines of an execution."""
        return [Log(line) for line in self._do(self.runtime.store.logs.read(id))]

    async def _view(self, id: str) -> Execution:
        store = self.runtime.store
        row = await self.runtime.get(id)
        runs = await store.executions.task_runs(id)
        kept = await store.executions.outputs([run.id for run in runs if run.has_outputs])
        outputs = await asyncio.to_thread(whole, kept, self.runtime.files)
        return Execution(row, runs, outputs, await store.logs.read(id), self.runtime.clock.now())

    async def _family(self, id: str) -> list[Execution]:
        own = await self._view(id)
        states = tuple(state for state in State if not state.ended)
        live = [row for row in await self._search(states) if row.root_id == own.row.root_id and row.id != id]
        return [own, *[await self._view(row.id) for row in live]]

    async def _search(self, states: tuple[State, ...] = ()) -> list[Row]:
        """All executions in these states, or in any, the oldest first."""
        found: list[Row] = []
        before: str | None = None
        while page := await self.runtime.store.executions.search(
            Search(states=states, limit=1000, loops=True, before=before)
        ):
            found += page
            before = page[-1].id
        return found[::-1]

    async def _views(self) -> list[Execution]:
        return [await self._view(row.id) for row in await self._search()]

    def _do(self, work: Coroutine[None, None, T]) -> T:
        if not self._thread.is_alive():
            work.close()
            raise KapellError("A Local is used in a `with` block, and not after it")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
