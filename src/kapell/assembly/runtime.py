"""Executor and worker in one process over one store: what `kapell run`, `Local` and the local server stand on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from kapell.adapters.files.local import LocalFiles
from kapell.adapters.memory.feed import MemoryFeed
from kapell.assembly.collector import tune
from kapell.assembly.key import encryption_key
from kapell.assembly.settings import Settings
from kapell.clock import Clock, SystemClock
from kapell.engine import refuse_system_labels
from kapell.errors import KapellError, NotFound
from kapell.expr import Env
from kapell.model.execution import CORRELATION, MAIN, Execution
from kapell.model.flow import Flow
from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.ports.files import Files
from kapell.ports.flows import StoredFlow
from kapell.ports.store import Store
from kapell.services.acts import Acts
from kapell.services.creator import Creator
from kapell.services.doors import Doors, doors
from kapell.services.executor import Executor
from kapell.services.explainer import Explainer
from kapell.services.firing import origin
from kapell.services.flow_cache import FlowCache
from kapell.services.folders import Folders
from kapell.services.janitor import Janitor
from kapell.services.purge import Purger
from kapell.services.reads import Outside
from kapell.services.scheduler.listeners import Listeners
from kapell.services.scratch import SCRATCH, sweep_in_background
from kapell.services.stepper import Surroundings
from kapell.services.telling import TellingLogs
from kapell.services.watchdog import Watchdog
from kapell.services.worker.claim import Worker
from kapell.source import load

LOGGER = logging.getLogger(__name__)


class Runtime:
    """All of it, on the event loop that calls `start`."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.store, self._root = _storage(settings)
        self.feed = MemoryFeed()
        self.flows = FlowCache(self.store.flows)
        self.listeners = Listeners()
        self.files = _files(settings, self._root)
        self.folders = Folders(self._root.with_name(f"{self._root.name}-shared"))
        self._latest: dict[tuple[str, str], int] = {}
        self._waiting: defaultdict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self._tasks: list[asyncio.Task[None]] = []
        self._broken: BaseException | None = None

    async def start(self) -> None:
        """Open the store, take up what was left, and begin to work."""
        tune()
        await self.store.open()
        await self.folders.sweep(self.store.executions)
        sweep_in_background()
        self.purger = Purger(self.store, self.files)
        opened = doors(self.store, self.clock, asyncio.get_running_loop(), self.purger, lambda: self.acts)
        around = self._surroundings(asyncio.get_running_loop(), opened)
        await self.listeners.load(self.store.flows)
        self.executor = Executor(self.store, self.feed, self.clock, around)
        self.explainer = Explainer(self.store, self.flows, self.clock, self.executor.at_hand)
        self.watchdog = Watchdog(self.store.executions, self.explainer, self.executor)
        self.creator = Creator(self.store.executions, around, self.clock, self.executor.created, self._ended_within)
        env = replace(around.env, reader=around.outside, in_worker=True, random=random.SystemRandom())
        self.acts = Acts(self.store, self.executor, self.creator, around, self.clock)
        self.worker = Worker(
            self.store.queue,
            TellingLogs(self.store.logs, self.feed),
            self.files,
            flows=self.flows.of,
            report=self.executor.receive,
            env=lambda job: replace(env, namespace=job.namespace),
            clock=self.clock,
            worker_id=f"worker-{os.getpid()}",
            threads=self.settings.worker_threads,
            doors=opened,
            folders=self.folders,
        )
        self.feed.watch(self._look)
        self.feed.watch(self.folders.hear)
        self.janitor = Janitor(self.files, self.clock)
        roles = (self.executor, self.worker, self.watchdog, self.janitor)
        self._tasks = [asyncio.ensure_future(role.run()) for role in roles]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def stop(self, grace: timedelta = timedelta()) -> None:
        """Let running attempts end within `grace`; what is left goes on after the next start."""
        await self.worker.stop(grace)
        self.watchdog.stop()
        self.janitor.stop()
        self.executor.stop()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.store.close()
        if self.settings.state_dir is None:
            for folder in (self._root, self.folders.root):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    @property
    def stuck(self) -> int:
        """How many live executions have no next event, as the watchdog saw it last. A metric that must be 0."""
        return self.watchdog.stuck

    async def apply(self, source: str, *, tenant: str = MAIN) -> Flow:
        """Save a flow as its next revision; raises `InvalidFlow`."""
        read = load(source, tenant=tenant)
        stored = await self.store.flows.save(
            StoredFlow(
                namespace=read.namespace,
                id=read.id,
                revision=0,
                source=source,
                tenant=tenant,
                disabled=read.disabled,
                draft=read.draft,
                updated=self.clock.now(),
            )
        )
        if not stored.draft:
            self._latest[stored.namespace, stored.id] = stored.revision
        flow = self.flows.read(stored)
        self.listeners.put(flow)
        return flow

    async def create(
        self,
        namespace: str,
        flow_id: str,
        inputs: Mapping[str, object],
        labels: Mapping[str, str],
        trigger: Mapping[str, object] | None = None,
        revision: int | None = None,
    ) -> str:
        """Start an execution, of the latest revision that is no draft; raises `NotFound`, `InputError`, `Refused`."""
        refuse_system_labels(labels, free=frozenset({CORRELATION}))
        latest = self._latest.get((namespace, flow_id))
        flow = await self.flows.get(MAIN, namespace, flow_id, latest if revision is None else revision)
        if revision is None:
            self._latest[namespace, flow_id] = flow.revision
        return await self.creator.create(flow, inputs, labels, None if trigger is None else origin(flow, trigger))

    async def get(self, execution_id: str) -> Execution:
        """The execution's row; raises `NotFound`."""
        found = await self.store.executions.get(execution_id)
        if found is None:
            raise NotFound(f"There is no execution {execution_id}")
        return found

    async def wait(self, execution_id: str, timeout: float | None, done: Callable[[Execution], bool]) -> bool:
        """Wait until the execution's row fulfils `done`; False when `timeout` seconds are over first."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while True:
                    changed = self._change(execution_id)
                    if done(await self.get(execution_id)):
                        return True
                    await changed
        return done(await self.get(execution_id))

    async def _ended_within(self, execution_id: str, span: timedelta) -> Execution | None:
        reached = await self.wait(execution_id, span.total_seconds(), lambda row: row.state.ended)
        return await self.get(execution_id) if reached else None

    async def idle(self, execution_id: str) -> None:
        """Wait until no task run of it is under way, `afterExecution` included."""
        while any(not run.state.ended for run in await self.store.executions.task_runs(execution_id)):
            await self._change(execution_id)

    def ensure_going(self) -> None:
        """Raise `KapellError` where one of the roles has failed, so that nobody waits for what can't come any more."""
        if self._broken is not None:
            raise KapellError(f"kapell can't go on: {self._broken!r}")

    def _change(self, execution_id: str) -> asyncio.Future[None]:
        """Done at the next change of an execution."""
        self.ensure_going()
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[execution_id].append(changed)
        return changed

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A role has ended; when that was not asked for, nobody is to wait for what can't come any more."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        LOGGER.critical("action=role-failed error=%r", error, exc_info=error)
        self._broken = error
        for waiters in self._waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(KapellError(f"kapell can't go on: {error!r}"))

    def _look(self, steps: Sequence[Step], lines: Sequence[LogLine]) -> None:
        for step in steps:
            for waiter in self._waiting.pop(step.execution.id, ()):
                if not waiter.done():
                    waiter.set_result(None)

    def _surroundings(self, loop: asyncio.AbstractEventLoop, opened: Doors) -> Surroundings:
        outside = Outside(
            secret=self.settings.secret,
            files=self.files,
            executions=self.store.executions,
            kv=opened.kv,
            logs=opened.logs,
            loop=loop,
        )
        return Surroundings(
            flows=self.flows,
            files=self.files,
            shared={
                "globals": self.settings.variables,
                "envs": self.settings.envs(),
                "kestra": {"url": self.settings.url},
            },
            outside=outside,
            env=Env(now=self.clock.now, random=random.Random(), encryption_key=encryption_key(self.settings)),
            look_up=opened.execution,
            listeners=self.listeners,
        )


def _files(settings: Settings, root: Path) -> Files:
    """Internal storage; the folders that stand for files of namespaces lie below it."""
    stored = LocalFiles(root)
    if not settings.namespace_files:
        return stored
    from kapell.adapters.files.overlay import OverlayFiles
    from kapell.sdk.namespace_files import folder

    folders = {folder(namespace): path for namespace, path in settings.namespace_files.items()}
    return OverlayFiles(stored, folders, [settings.state_dir] if settings.state_dir else [])


def _storage(settings: Settings) -> tuple[Store, Path]:
    if settings.state_dir is None:
        from kapell.adapters.memory.store import MemoryStore

        return MemoryStore(), SCRATCH.make("storage-")
    from kapell.adapters.sqlite.store import SqliteStore

    return SqliteStore(settings.state_dir / "kapell.db"), settings.state_dir / "storage"
