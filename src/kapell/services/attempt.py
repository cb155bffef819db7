"""One attempt of a task: its type found, its properties rendered, its work done, its end put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from kapell.errors import KapellError, RenderError
from kapell.model.log import Level
from kapell.model.read import NeedsRead
from kapell.model.state import State
from kapell.sdk.flowable import FolderTask
from kapell.sdk.registry import find_task
from kapell.sdk.shape import Mismatch
from kapell.sdk.task import RunnableTask, TaskFailed, UpdatingTask, output_values
from kapell.services.context import TaskContext, encodable
from kapell.services.spill import spilled
from kapell.services.task_cache import TaskCache

if TYPE_CHECKING:
    from kapell.model.flow import Task
    from kapell.model.messages import ExecutionChange
    from kapell.ports.files import Files
    from kapell.sdk.task import Output

_PLAIN = frozenset({int, bool, float})


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt has come to; `error` is the sentence of a failure, `changes` what an updating task asks for."""

    state: State
    outputs: Mapping[str, object] | None = None
    error: str | None = None
    changes: ExecutionChange | None = None


def run_attempt(task: Task, ctx: TaskContext, storage: Files | None = None) -> Result:
    """Run it to its end and close `ctx`; raises nothing but `NeedsRead`. With `storage` there may be a cache."""
    try:
        result = _run(task, ctx, TaskCache(task, ctx, storage) if storage is not None and task.caches else None)
        result = _light(result, ctx)
    except NeedsRead:
        raise
    except TaskFailed as failure:
        result = _light(_failed(ctx, failure.reason, outputs_of(failure.outputs), shown=str(failure)), ctx)
    except RenderError as error:
        result = _failed(ctx, error.message, shown=str(error))
    except Mismatch as mismatch:
        result = _failed(ctx, f"{'.'.join(map(str, mismatch.path))}: {mismatch}" if mismatch.path else str(mismatch))
    except KapellError as error:
        result = _failed(ctx, str(error))
    except (Exception, SystemExit) as error:
        result = _failed(ctx, f"{type(error).__name__}: {error}")
        ctx.log(Level.DEBUG, _traceback(error))
    finally:
        ctx.close()
    return result


def _run(task: Task, ctx: TaskContext, cache: TaskCache | None) -> Result:
    kind = find_task(task.type)
    bound = kind.bind(task.properties, ctx.render_value)
    if ctx.cancelled:
        return Result(State.KILLED)
    if isinstance(bound, RunnableTask):
        return _cached(bound, ctx, cache) if cache is not None else _done(ctx, outputs_of(bound.run(ctx)))
    if isinstance(bound, UpdatingTask):
        return Result(State.SUCCESS, changes=bound.change(ctx))
    if isinstance(bound, FolderTask) and ctx.job.work == "fill":
        bound.fill(ctx)
        return _done(ctx, None)
    if isinstance(bound, FolderTask) and ctx.job.work == "keep":
        return _done(ctx, outputs_of(bound.keep(ctx)))
    raise TaskFailed(f"{task.type} orders other tasks, it does no work of its own")


def _cached(task: RunnableTask[Output], ctx: TaskContext, cache: TaskCache) -> Result:
    """What the task came to the last time; or what it comes to now, kept for the next time if that is success."""
    entry = cache.look()
    if entry is not None:
        return _done(ctx, entry.outputs)
    result = _done(ctx, outputs_of(task.run(ctx)))
    if result.state is State.SUCCESS:
        cache.keep(result.outputs)
    return result


def _light(result: Result, ctx: TaskContext) -> Result:
    return replace(result, outputs=spilled(result.outputs, ctx.job, ctx.files)) if result.outputs else result


def _done(ctx: TaskContext, outputs: Mapping[str, object] | None) -> Result:
    return Result(State.KILLED if ctx.cancelled else State.SUCCESS, outputs)


def _failed(
    ctx: TaskContext, error: str, outputs: Mapping[str, object] | None = None, shown: str | None = None
) -> Result:
    if ctx.cancelled:
        return Result(State.KILLED, outputs)
    ctx.log(Level.ERROR, shown or error)
    return Result(State.FAILED, outputs, ctx.masked(error))


def _traceback(error: BaseException) -> str:
    from traceback import format_exception

    return "".join(format_exception(error)).rstrip()


def outputs_of(output: Output | None) -> Mapping[str, object] | None:
    """A task's outputs as plain JSON values by Kestra's keys, None where there are none."""
    return {key: plain(value) for key, value in output_values(output).items()} or None if output else None


def plain(value: object) -> object:
    """`value` as text, number, boolean, list, dict or None: instants as ISO 8601, what JSON has no form for as text."""
    if type(value) is str:
        return encodable(value)
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, msgspec.Struct):
        return plain(msgspec.to_builtins(value, str_keys=True, enc_hook=plain))
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    simple: object = msgspec.to_builtins(value, enc_hook=str)
    return simple
