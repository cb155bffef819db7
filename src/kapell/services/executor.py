"""The executor: takes the events of its shards, steps them, commits what they changed, and only then acts.

It is the only one that changes executions. One turn takes all events that wait and ends in one commit; while
that is written, the next events gather.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from kapell.clock import Clock
from kapell.engine import Tree
from kapell.errors import KapellError, LeaseLost, StaleVersion, StoreDown, StoreError
from kapell.model.messages import Event, NewExecution, Poisoned, RunTask, Step, TimerFired
from kapell.ports.feed import Feed
from kapell.ports.shards import Lease
from kapell.ports.store import Store
from kapell.services.alarms import HORIZON, Alarms
from kapell.services.commit import Committed, commit
from kapell.services.live import Live
from kapell.services.offers import hand_out
from kapell.services.scheduler.listening import Listening
from kapell.services.stepper import Batch, Stepper, Surroundings

LOGGER = logging.getLogger(__name__)
INBOX_PAGE = 1000
REPEAT_INBOX = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class ExecutorSettings:
    """`alone`: nobody else writes to the store, so inboxes are read only at the start and after a failure."""

    owner: str = "executor"
    lease_span: timedelta = timedelta(seconds=30)
    most_shards: int = 1024
    most_events: int = 500
    most_steps: int = 5000
    alone: bool = True


class Executor:
    """One executor. `run` loops for ever; `turn` is one round of it, for whoever drives it by hand."""

    def __init__(
        self, store: Store, feed: Feed, clock: Clock, around: Surroundings, settings: ExecutorSettings | None = None
    ) -> None:
        self.settings = settings or ExecutorSettings()
        self.live = Live(store.executions)
        self._store = store
        self._files = around.files
        self._feed = feed
        self._clock = clock
        hearing = Listening(store.executions, self.live, clock, around)
        self._stepper = Stepper(store, self.live, clock, around, hearing, self.settings.most_steps)
        self._stepper.parking.ready = lambda: self._wake.set()
        self._alarms = Alarms()
        self._events: deque[Event] = deque()
        self._at_hand: set[str] = set()
        self._in_turn: Sequence[Event] = ()
        self._later: list[RunTask] = []
        self._recovered = False
        self._lease: Lease | None = None
        self._renew_at = self._inbox_at = clock.now()
        self._position = 0
        self._held_up = 0
        self._resume_at = clock.now()
        self._waiters: dict[str, asyncio.Future[Step]] = {}
        self._wake = asyncio.Event()
        self._stopping = False

    # From outside

    def created(self, new: NewExecution) -> None:
        """An execution was created by this process and is committed: no need to read it back."""
        if self._lease is not None and self.live.get(new.execution.id) is None:
            self.live.put(Tree(new.execution))
            self._take(new.event)

    async def receive(self, events: Sequence[Event]) -> None:
        """Events from workers of this process. What a crash loses here is told again: the job's row is still there."""
        for event in events:
            self._take(event)

    async def ask(self, event: Event) -> Step:
        """An act on an execution: the Step that answered it, once it is committed."""
        if self._stopping:
            raise KapellError("The executor has stopped; ask again when it is back")
        waiter: asyncio.Future[Step] = asyncio.get_running_loop().create_future()
        self._waiters[event.id] = waiter
        self._take(event)
        return await waiter

    @property
    def lease(self) -> Lease | None:
        """What it owns and has taken up."""
        return self._lease if self._recovered else None

    def at_hand(self, execution_id: str) -> list[Event]:
        """The events of an execution that it has in memory and may not have committed."""
        waiting = [event for event in (*self._in_turn, *self._events) if event.execution_id == execution_id]
        return [*waiting, *self._stepper.parking.events(execution_id)]

    def look(self) -> None:
        """Read the inboxes in the next turn: something may have come."""
        self._inbox_at = self._clock.now()
        self._wake.set()

    def stop(self) -> None:
        """Let `run` return after the turn it is in."""
        self._stopping = True
        self._wake.set()

    # The loop

    async def run(self) -> None:
        """Turn until stopped; sleeps while there is nothing to do."""
        pump = None if self.settings.alone else asyncio.ensure_future(self._pump())
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    worked = await self.turn()
                except StoreError as error:
                    worked = False
                    self._hold_up(error)
                if worked:
                    # A store in memory never lets the loop go: whoever else is on it has a turn here.
                    await asyncio.sleep(0)
                else:
                    await self._sleep()
            await self._finish()
        finally:
            if pump is not None:
                pump.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await pump
            for waiter in self._waiters.values():
                if not waiter.done():
                    waiter.set_exception(KapellError("The executor has stopped; ask again when it is back"))
            if self._lease is not None:
                await self._store.shards.release(self._lease)

    async def _finish(self) -> None:
        """A last turn: what workers have told before they stopped is not to be done again by the next process."""
        with contextlib.suppress(StoreError):
            await self.turn()

    async def turn(self) -> bool:
        """One round: gather events, step them, commit, act. False when there was nothing to do."""
        await self._hold_lease()
        if self._lease is None or self._clock.now() < self._resume_at:
            return False
        if not self._recovered:
            await self._recover(self._lease)
        await self._gather(self._lease)
        later, self._later = self._later, []
        events = [self._events.popleft() for _ in range(min(len(self._events), self.settings.most_events))]
        parked = self._stepper.parking.take_out()
        if not events and not later and not parked:
            return False
        waited = [item for one in parked for item in one.items]
        taken = [*(item for item in waited if not isinstance(item, RunTask)), *events]
        self._in_turn = taken
        self._at_hand.difference_update(event.id for event in events)
        try:
            self._stepper.lease = self._lease
            batch = await self._stepper.step(events, later, parked)
            done = await commit(self._store.executions, self._files, batch.steps, self._lease)
        except (LeaseLost, StoreError) as error:
            self._in_turn = ()
            self._undo(taken, [*later, *(item for item in waited if isinstance(item, RunTask))], error)
            return True
        self._in_turn = ()
        self._held_up = 0
        if done.failed:
            self._single_out(batch, done)
        await self._act(batch, done.steps)
        return True

    async def _sleep(self) -> None:
        """Wait for an event, the next timer, or the time to renew the lease."""
        now = self._clock.now()
        due = [self._renew_at, self._inbox_at, *filter(None, (self._alarms.first,))]
        until = self._resume_at if now < self._resume_at else min(due)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, (until - now).total_seconds()) + 0.001):
                await self._wake.wait()

    async def _pump(self) -> None:
        while True:
            if self._lease is None:
                await asyncio.sleep(0.05)
                continue
            await self._store.executions.wake(self._lease)
            self.look()

    # Gathering

    async def _hold_lease(self) -> None:
        now = self._clock.now()
        if self._lease is not None and now < self._renew_at:
            return
        shards, settings = self._store.shards, self.settings
        before = self._lease
        if before is not None:
            kept = await shards.renew(before, now, settings.lease_span)
            if kept.epochs != before.epochs:
                self._lose()
        self._renew_at = now + settings.lease_span / 3
        lease = await shards.acquire(settings.owner, now, settings.lease_span, settings.most_shards)
        if before is None or lease.epochs != before.epochs:
            self._lose()
            if lease.epochs:
                self._lease = lease
        elif self._lease is not None:
            self._lease = lease

    def _lose(self) -> None:
        """Forget what was held: others may have changed it."""
        self._lease = None
        self.live.clear()
        self._alarms.clear()
        self._later.clear()
        self._position = 0
        self._inbox_at = self._clock.now()
        self._recovered = False
        self._stepper.slots.forget()
        self._stepper.parking.clear()

    async def _recover(self, lease: Lease) -> None:
        """Take up what the owner before left: attempts that were handed out and not told finished are offered again."""
        after: str | None = None
        while ids := await self._store.executions.unfinished(lease, after, INBOX_PAGE):
            after = ids[-1]
            await self._resume(ids)
        await self._resume(await self._store.executions.trailing(lease))
        for event in self._stepper.slots.given(self._clock.now()):
            self._take(event)
        self._recovered = True

    async def _resume(self, ids: Sequence[str]) -> None:
        for id in ids:
            if (loaded := await self.live.load(id)) is not None:
                tree, jobs = loaded
                for end in await self._stepper.resume(tree, jobs, self._later):
                    self._take(end)
        self.live.trim()

    async def _gather(self, lease: Lease) -> None:
        now = self._clock.now()
        if now >= self._inbox_at:
            await self._read_inbox(lease)
        if self._alarms.horizon is None or now >= self._alarms.horizon - HORIZON / 2:
            horizon = now + HORIZON
            self._alarms.add(await self._store.executions.timers(lease, horizon, 100_000))
            self._alarms.horizon = horizon
        for timer in self._alarms.due(now):
            # A timer that is set again for the next turn has the same id; that it fires is another event.
            id = f"{timer.id}-{timer.due.timestamp()}-fired"
            self._take(TimerFired(id=id, execution_id=timer.execution_id, at=now, timer=timer))

    async def _read_inbox(self, lease: Lease) -> None:
        received = await self._store.executions.inbox(lease, self._position, INBOX_PAGE)
        for one in received:
            self._take(one.event)
        if len(received) == INBOX_PAGE:
            self._position = received[-1].position
            return
        self._position = 0
        self._inbox_at = self._clock.now() + REPEAT_INBOX

    def _take(self, event: Event) -> None:
        if event.id not in self._at_hand:
            self._at_hand.add(event.id)
            self._events.append(event)
            self._wake.set()

    # After the commit

    def _undo(self, events: Sequence[Event], later: Sequence[RunTask], error: LeaseLost | StoreError) -> None:
        """Nothing was written: what was stepped does not count, and its events are taken again, later."""
        self.live.clear()
        self._recovered = False
        self._stepper.slots.forget()
        if isinstance(error, LeaseLost):
            self._lose()
            self._renew_at = self._clock.now()
            for event in events:
                if (waiter := self._waiters.pop(event.id, None)) and not waiter.done():
                    waiter.set_exception(error)
            return
        self._later.extend(later)
        for event in events:
            self._take(event)
        self._hold_up(error)

    def _hold_up(self, error: StoreError) -> None:
        """The store is in trouble: try again later, and later still each time."""
        self._held_up = min(self._held_up + 1, 6)
        self._resume_at = self._clock.now() + timedelta(seconds=0.5 * 2**self._held_up)
        LOGGER.error("action=held-up events=%d retry_at=%s error=%s", len(self._events), self._resume_at, error)

    def _single_out(self, batch: Batch, done: Committed) -> None:
        """Only some trees could not be written: these end FAILED, saying why; the others never notice."""
        lost = [step for step in batch.steps if step.execution.root_id in done.failed]
        culprits = {step.execution.id: step.event for step in reversed(lost)}
        self.live.clear()
        batch.sent = deque(event for event in batch.sent if event.execution_id not in culprits)
        batch.work = [run for run in batch.work if run.job.execution_id not in culprits]
        batch.later = [run for run in batch.later if run.job.execution_id not in culprits]
        errors = {step.execution.id: done.failed[step.execution.root_id] for step in lost}
        for id, event in culprits.items():
            self._take(self._second_try(event, id, errors[id]))

    def _second_try(self, event: Event, execution_id: str, error: StoreError) -> Event:
        """What becomes of an event whose steps could not be written: poison in its place, which is absorbed as it."""
        if isinstance(error, StaleVersion | StoreDown) or isinstance(event, Poisoned):
            return event
        LOGGER.error("action=execution-poisoned execution=%s error=%s", execution_id, error)
        message = f"What this execution came to could not be stored: {error}"
        return Poisoned(id=event.id, execution_id=execution_id, at=self._clock.now(), error=message)

    async def _act(self, batch: Batch, steps: Sequence[Step]) -> None:
        self._later.extend(batch.later)
        for end in await hand_out(self._store.queue, batch.work, steps, self._clock.now()):
            self._take(end)
        for step in steps:
            if step.timers:
                self._alarms.add(step.timers)
            if self._waiters and (waiter := self._waiters.pop(step.event.id, None)) and not waiter.done():
                waiter.set_result(step)
        self._feed.publish(steps)
        for event in batch.sent:
            self._take(event)
        self.live.drop(batch.ended)
        self.live.trim()
