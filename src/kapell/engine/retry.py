"""Failed attempts that are tried again, and attempts that took too long."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b

from msgspec.structs import replace

from kapell.engine.advance import end
from kapell.engine.begin import attempt
from kapell.engine.draft import Draft, job_id
from kapell.engine.program import STARTING
from kapell.engine.replay import REPLAY_LABEL
from kapell.engine.stop import stop_all
from kapell.ids import derived_id, new_id
from kapell.model.execution import StateChange
from kapell.model.flow import Retry
from kapell.model.log import Level
from kapell.model.messages import ExecutionCreated, NewExecution, TimerKind
from kapell.model.state import State
from kapell.model.task_run import Attempt, TaskRun
from kapell.sdk.duration import format_duration, parse_duration


def retry_later(draft: Draft, run: TaskRun) -> bool:
    """Put off a failed run's next attempt; False when there is none left."""
    if draft.execution.state not in (State.RUNNING, State.RETRYING):
        return False
    return any(_retry_by(draft, run, retry) for retry in retries_of(draft, run))


def _retry_by(draft: Draft, run: TaskRun, retry: Retry) -> bool:
    if retry.behavior == "CREATE_NEW_EXECUTION":
        return retry_anew(draft, run, retry)
    due = next_attempt(retry, run, draft.now)
    if due is None:
        return False
    if draft.execution.state is State.RUNNING:
        if run.parent_id is None:
            draft.move_execution(State.FAILED)
        draft.move_execution(State.RETRYING)
    run = attempt_failed(draft, run)
    run = draft.move(draft.move(run, State.FAILED), State.RETRYING)
    draft.set_timer(TimerKind.RETRY, due - draft.now, run)
    return True


def retries_of(draft: Draft, run: TaskRun) -> list[Retry]:
    """The retries that count for a task, in turn: its own or the nearest parent's, then the flow's."""
    found: list[Retry] = []
    at: TaskRun | None = run
    while at is not None and not found:
        found += [retry] if (retry := draft.node(at).task.retry) is not None else []
        at = draft.parent(at)
    return [*found, *([draft.program.flow.retry] if draft.program.flow.retry else [])]


def retry_anew(draft: Draft, run: TaskRun, retry: Retry) -> bool:
    """Give the execution up for a new one that begins after the retry's interval; False when there shall be none."""
    execution, made = draft.execution, draft.execution.attempt_number
    if retry.max_attempts is not None and made >= retry.max_attempts:
        return False
    due = draft.now + _DELAYS[retry.type](retry, made, random.Random(execution.id))
    if retry.max_duration is not None and due >= execution.created + parse_duration(retry.max_duration):
        return False
    run = attempt_failed(draft, run)
    retried = draft.move(draft.move(run, State.FAILED), State.RETRIED)
    while (parent := draft.parent(retried)) is not None:
        retried = draft.move(parent, State.RETRIED)
    stop_all(draft)
    draft.move_execution(State.FAILED)
    draft.move_execution(State.RETRIED)
    draft.start(_anew(draft, due))
    return True


def _anew(draft: Draft, due: datetime) -> NewExecution:
    old = draft.execution
    moment = max(draft.now, old.created + timedelta(milliseconds=1))  # so that the new one sorts after the old one
    id = new_id(moment, lambda size: blake2b(f"{old.id}-retry".encode(), digest_size=size).digest())
    new = replace(
        old,
        id=id,
        root_id=id if old.parent_run_id is None else old.root_id,
        state=State.CREATED,
        history=(StateChange(State.CREATED, draft.now),),
        version=0,
        next_run=0,
        outputs=None,
        variables=draft.program.flow.variables,
        labels={**old.labels, REPLAY_LABEL: "true"},
        parent_id=old.id if old.parent_run_id is None else old.parent_id,
        original_id=old.original_id or old.id,
        attempt_number=old.attempt_number + 1,
    )
    event = ExecutionCreated(id=derived_id(id, "created"), execution_id=id, at=draft.now, begin_at=due)
    return NewExecution(execution=new, event=event)


def next_attempt(retry: Retry, run: TaskRun, now: datetime) -> datetime | None:
    """When the next attempt is due, None when there shall be no more; random delays are seeded by the attempt."""
    made = len(run.attempts)
    if retry.max_attempts is not None and made >= retry.max_attempts:
        return None
    due = now + _DELAYS[retry.type](retry, made, random.Random(job_id(run)))
    if retry.max_duration is not None and due >= run.history[0].at + parse_duration(retry.max_duration):
        return None
    return due


def retry_due(draft: Draft, run: TaskRun) -> None:
    """The time has come for the next attempt."""
    if run.state is not State.RETRYING:
        return
    if draft.execution.state is State.RETRYING:
        draft.move_execution(State.RUNNING)
    run = draft.move(run, State.CREATED)
    if draft.node(run).kind in STARTING:
        draft.calls.append(run)
        return
    attempt(draft, run)


def timed_out(draft: Draft, run: TaskRun) -> None:
    """An attempt has used up its time: whoever works on it is told to stop, and it has failed."""
    if run.state not in (State.SUBMITTED, State.RUNNING):
        return
    draft.cancel(run)
    draft.job_done(run)
    limit = parse_duration(str(draft.render(draft.node(run).task.timeout, run)))
    message = f"Timeout after {format_duration(limit)}"
    draft.log(Level.ERROR, message, run)
    if not retry_later(draft, run):
        end(draft, run, State.FAILED, error=message)


def attempt_failed(draft: Draft, run: TaskRun) -> TaskRun:
    """Close the last attempt as failed."""
    last = run.attempts[-1]
    attempt = Attempt((*last.history, StateChange(State.FAILED, draft.now)), last.worker_id, last.log_file)
    return draft.put(replace(run, attempts=(*run.attempts[:-1], attempt)))


def _constant(retry: Retry, made: int, chance: random.Random) -> timedelta:
    return parse_duration(retry.interval or "PT0S")


def _exponential(retry: Retry, made: int, chance: random.Random) -> timedelta:
    delay = parse_duration(retry.interval or "PT0S") * (retry.delay_factor or 2.0) ** (made - 1)
    return min(delay, parse_duration(retry.max_interval)) if retry.max_interval else delay


def _random(retry: Retry, made: int, chance: random.Random) -> timedelta:
    low, high = parse_duration(retry.min_interval or "PT0S"), parse_duration(retry.max_interval or "PT0S")
    return low + (high - low) * chance.random()


_DELAYS: dict[str, Callable[[Retry, int, random.Random], timedelta]] = {
    "constant": _constant,
    "exponential": _exponential,
    "random": _random,
}
