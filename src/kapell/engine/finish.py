"""What a worker tells of an attempt: that it has begun, and what it has come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from kapell.engine import working_directory
from kapell.engine.advance import advance, end
from kapell.engine.draft import Draft
from kapell.engine.leave import leave
from kapell.engine.retry import retry_later
from kapell.model.execution import StateChange
from kapell.model.log import Level, LogLine
from kapell.model.messages import ExecutionChange, TaskFinished, TaskStarted
from kapell.model.state import State
from kapell.model.task_run import Attempt, TaskRun

_WAITING = (State.CREATED, State.RESTARTED)


def task_started(draft: Draft, event: TaskStarted) -> bool:
    """An attempt has begun; False when it is known, or over."""
    run = draft.run(event.task_run_id)
    if run is None or run.attempt != event.attempt or run.state is not State.SUBMITTED:
        return False
    running(draft, run, event.at, event.worker_id)
    return True


def task_finished(draft: Draft, event: TaskFinished) -> bool:
    """An attempt has ended; False when the record says so already, or another attempt is on."""
    run = draft.run(event.task_run_id)
    if run is None or run.attempt != event.attempt or not _awaited(run):
        return False
    if draft.node(run).flowable is not None:
        return _folder_done(draft, run, event)
    unapplied = draft.node(run).kind == "updating" and event.state is State.FAILED
    draft.keep(tuple(map(_unprocessed, event.logs)) if unapplied else event.logs, event.metrics)
    draft.job_done(run)
    if unapplied:
        # Kestra: what the executor could not even apply has never run.
        end(draft, replace(run, attempts=()), State.FAILED, error=event.error)
        return True
    if run.state in (*_WAITING, State.SUBMITTED):
        run = running(draft, run, event.started or event.at, None)
    run = _with_log(draft.give_outputs(run, event.outputs), event.log_file)
    if event.changes is not None:
        change_execution(draft, event.changes)
        if event.changes.exit_state is not None and run.state is not State.KILLING:
            leave(draft, run, event.changes.exit_state)
            return True
    if run.state is State.KILLING:
        end(draft, run, event.state if event.state is not State.FAILED else State.KILLED)
    elif event.state is not State.FAILED or not retry_later(draft, run):
        seen = _seen(draft, run, event.state)
        end(draft, attempt_over(draft, run, event.state), seen, error=event.error)
    return True


def _unprocessed(line: LogLine) -> LogLine:
    """Kestra's words before the reason why an updating task could not be applied."""
    return replace(line, message=f"Failed to process task: {line.message}") if line.level is Level.ERROR else line


def running(draft: Draft, run: TaskRun, at: datetime, worker_id: str | None) -> TaskRun:
    """Show that an attempt runs since `at`."""
    last = run.attempts[-1]
    attempt = Attempt((*last.history, StateChange(State.RUNNING, at)), worker_id)
    if run.state is State.SUBMITTED and draft.folder_of(run):
        # Kestra: a task of a WorkingDirectory goes to a worker with the others, and was never SUBMITTED by itself.
        run = replace(run, state=run.history[-2].state, history=run.history[:-1])
    return draft.move(replace(run, attempts=(*run.attempts[:-1], attempt)), State.RUNNING, at)


def _folder_done(draft: Draft, run: TaskRun, event: TaskFinished) -> bool:
    """A worker has filled a flowable's folder, or has kept what shall last of it."""
    over = working_directory.done(draft, run, event)
    if over is None:
        return False
    if event.state is State.SUCCESS or over.state is State.KILLING:
        advance(draft, over, None)
    else:
        end(draft, over, State.FAILED, error=event.error)
    return True


def attempt_over(draft: Draft, run: TaskRun, state: State) -> TaskRun:
    """Close the last attempt in a state of its own."""
    last = run.attempts[-1]
    closed = Attempt((*last.history, StateChange(state, draft.now)), last.worker_id, last.log_file)
    return draft.put(replace(run, attempts=(*run.attempts[:-1], closed)))


def _with_log(run: TaskRun, file: str | None) -> TaskRun:
    """The run whose last attempt has its lines in a file."""
    if file is None:
        return run
    last = run.attempts[-1]
    return replace(run, attempts=(*run.attempts[:-1], Attempt(last.history, last.worker_id, file)))


def change_execution(draft: Draft, changes: ExecutionChange) -> None:
    """Set what an updating task asked for."""
    dropped = changes.dropped_variables
    variables: Mapping[str, object] = {k: v for k, v in draft.execution.variables.items() if k not in dropped}
    draft.execution = replace(
        draft.execution,
        labels={**draft.execution.labels, **changes.labels},
        variables={**variables, **changes.variables},
    )


def _awaited(run: TaskRun) -> bool:
    """Whether an attempt is under way; an updating task's one is while the run has not been SUBMITTED."""
    return run.state in (State.SUBMITTED, State.RUNNING, State.KILLING) or (
        run.state in _WAITING and bool(run.attempts) and not run.attempts[-1].state.ended
    )


def _seen(draft: Draft, run: TaskRun, state: State) -> State:
    """Success after a retry counts as a warning where the retry says so."""
    retry = draft.node(run).task.retry
    if state is State.SUCCESS and run.attempt > 0 and retry is not None and retry.warning_on_retry:
        return State.WARNING
    return state
