"""What an expression sees, in Kestra's names: built lazily, so that a task among ten thousand costs what one costs."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from kapell.engine.inputs.secret import sealed_answers, sealed_inputs
from kapell.engine.opened import Opened, opened
from kapell.engine.program import Program
from kapell.engine.tree import Runs
from kapell.model.execution import LoopRun
from kapell.model.flow import Task
from kapell.model.read import Read, Reader, from_answers
from kapell.model.task_run import TaskRun
from kapell.sdk.flowable import FolderTask

Render = Callable[[object, Mapping[str, object], bool], object]
"""Renders a value with these variables; typed when the last argument is true."""


read_first: Reader = from_answers({})
"""The engine's own reader: it has nothing at hand, so that whoever steps has to fetch it first."""


class Lazy(Mapping[str, object]):
    """A map whose values are made when they are looked up."""

    def __init__(self, keys: Callable[[], list[str]], value: Callable[[str], object]) -> None:
        self._keys = keys
        self._value = value

    def __getitem__(self, key: str) -> object:
        return self._value(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    def __len__(self) -> int:
        return len(self._keys())


def variables(runs: Runs, program: Program, run: TaskRun | None, read: Reader = read_first) -> dict[str, object]:
    """The variables in the place of a task run, or of the flow itself when there is none.

    `read` gets back outputs that memory no longer holds. What is the same for all executions (`globals`, `envs`,
    `kestra`) is added by whoever renders.
    """
    execution, flow = runs.execution, program.flow
    found: dict[str, object] = {
        "flow": {
            "id": flow.id,
            "namespace": flow.namespace,
            "revision": flow.revision,
            "tenantId": flow.tenant,
        },
        "execution": {
            "id": execution.id,
            "state": execution.state.value,
            "startDate": execution.created,
            "originalId": execution.original_id or execution.id,
        },
        "outputs": Lazy(
            lambda: _task_ids(runs),
            lambda task_id: sealed_answers(_task(program, task_id), _outputs(runs, task_id, run, read)),
        ),
        "tasks": Lazy(lambda: _task_ids(runs), lambda task_id: _states(runs, task_id)),
        "labels": nested(execution.labels),
        "parents": [],
    }
    # Kestra: what a flow does not have is no variable at all.
    if execution.inputs or flow.inputs:
        found["inputs"] = sealed_inputs(flow.inputs, execution.inputs)
    if execution.variables:
        found["vars"] = execution.variables
    if execution.loop_run:
        loop = execution.loop_run
        found["item"] = item_of(loop.index, loop.value, loop.key, loop.parents)
    if execution.trigger:
        found["trigger"] = execution.trigger.variables
    if run is not None:
        found |= _of_run(runs, program, run, read)
    return found


def item_of(index: int, value: str | None, key: str | None, parents: Sequence[LoopRun]) -> dict[str, object]:
    """`{{ item }}`: the value of an iteration, with those of the loops around it, nearest first."""
    item: dict[str, object] = {"value": value, "index": index}
    if key is not None:
        item["key"] = key
    if parents:
        above = [item_of(one.index, one.value, one.key, ()) for one in parents]
        item |= {"parent": above[0], "parents": above}
    return item


def _task(program: Program, task_id: str) -> Task | None:
    node = program.nodes.get(task_id)
    return node.task if node else None


def _task_ids(runs: Runs) -> list[str]:
    """The tasks whose outputs can be seen: an iteration sees those around its loop, too."""
    own = runs.task_ids()
    return own if runs.outer is None else list(dict.fromkeys([*own, *_task_ids(runs.outer)]))


def _of_run(runs: Runs, program: Program, run: TaskRun, read: Reader) -> dict[str, object]:
    task_run: dict[str, object] = {
        "id": run.id,
        "startDate": run.history[0].at,
        "attemptsCount": max(0, run.attempt),
    }
    loop = runs.execution.loop_run
    parent_id = run.parent_id or (loop.task_run_id if loop else None)
    optional = {"value": _value(runs, program, run), "parentId": parent_id, "iteration": run.iteration}
    task_run |= {key: value for key, value in optional.items() if value is not None}
    found: dict[str, object] = {
        "task": {"id": run.task_id, "type": program.nodes[run.task_id].task.type},
        "taskrun": task_run,
    }
    if parents := _parents(runs, run, read):
        found["parent"] = parents[0]
        found["parents"] = parents
    if isinstance(of := program.nodes[run.task_id].task.properties.get("results_of"), str):
        found["results"] = Results(runs, run, of, read)
    return found


def _value(runs: Runs, program: Program, run: TaskRun) -> str | None:
    """Its value in a loop. Kestra: what shares a WorkingDirectory's folder sees the value of that."""
    above = runs.run(run.parent_id) if run.parent_id and run.value is None else None
    shares = above is not None and isinstance(program.nodes[above.task_id].flowable, FolderTask)
    return above.value if above is not None and shares else run.value


def _parents(runs: Runs, run: TaskRun, read: Reader) -> list[dict[str, object]]:
    """What a run stands in, nearest first. Kestra: only what has a value or outputs counts."""
    found: list[dict[str, object]] = []
    while run.parent_id and (above := runs.run(run.parent_id)):
        if above.value is not None or above.has_outputs:
            parent: dict[str, object] = {"task": {"id": above.task_id}}
            if above.value is not None:
                parent["taskrun"] = {"value": above.value}
            parent["outputs"] = Late(partial(_known_outputs, runs, above.id, read))
            found.append(parent)
        run = above
    return found


class Late(Mapping[str, object]):
    """A map that is fetched when somebody looks into it."""

    def __init__(self, fetch: Callable[[], Mapping[str, object]]) -> None:
        self._fetch = fetch

    def __getitem__(self, key: str) -> object:
        return self._fetch()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fetch())

    def __len__(self) -> int:
        return len(self._fetch())


class Results(Sequence[Mapping[str, object]]):
    """The outputs of the executions that a sibling has started, in the order of its batches: each read when needed."""

    def __init__(self, runs: Runs, run: TaskRun, task_id: str, read: Reader) -> None:
        found = [one for id in runs.runs_of(task_id) if (one := runs.run(id)) and one.parent_id == run.parent_id]
        self._run = found[-1] if found else None
        self._read = read

    def __len__(self) -> int:
        return int(str(self._run.memo.get("begun", 0))) if self._run else 0

    def __getitem__(self, index: int) -> Mapping[str, object]:  # type: ignore[override]  # no slices
        if self._run is None or not 0 <= index < len(self):
            raise IndexError(index)
        answer = self._read(Read(kind="output", name=result_key(self._run, index)))
        outputs = answer.get("outputs") if isinstance(answer, Mapping) else None
        return outputs if isinstance(outputs, Mapping) else {}


def result_key(run: TaskRun, index: int) -> str:
    """Under which name the outputs of an iteration or batch are kept: by the run that began it, also after a replay."""
    return f"{run.memo.get('of', run.id)}-{index:07}"


def _outputs(runs: Runs, task_id: str, viewer: TaskRun | None, read: Reader) -> Mapping[str, object]:
    ids = runs.runs_of(task_id)
    if not ids and runs.outer is not None:
        return _outputs(runs.outer, task_id, None, read)
    if not ids:
        raise KeyError(task_id)
    first = runs.run(ids[0])
    if first is None or not values_of(runs, first):
        return _known_outputs(runs, ids[-1], read)
    found: dict[str, object] = {}
    for run_id in ids:
        run = runs.run(run_id)
        path = values_of(runs, run) if run else ()
        if run and path:
            _set(found, path, _known_outputs(runs, run_id, read))
    return _inside_turn(runs, found, viewer)


def _inside_turn(runs: Runs, found: dict[str, object], viewer: TaskRun | None) -> Mapping[str, object]:
    """Kestra: inside the same turn of a loop, outputs are also there without its value."""
    inner: object = found
    for value in values_of(runs, viewer) if viewer else ():
        inner = inner.get(value) if isinstance(inner, dict) else None
    if isinstance(inner, Opened):
        return ChainMap(found, inner)  # type: ignore[arg-type]  # nobody writes into it
    return {**inner, **found} if isinstance(inner, dict) and inner is not found else found


def _states(runs: Runs, task_id: str) -> Mapping[str, object]:
    ids = runs.runs_of(task_id)
    if not ids and runs.outer is not None:
        return _states(runs.outer, task_id)
    if not ids:
        raise KeyError(task_id)
    found: dict[str, object] = {}
    for run_id in ids:
        run = runs.run(run_id)
        if run:
            _set(found, values_of(runs, run), {"state": run.state.value})
    return found


def _set(found: dict[str, object], path: tuple[str, ...], value: Mapping[str, object]) -> None:
    here = found
    for position, key in enumerate(path, start=1):
        if position == len(path) and isinstance(value, Opened) and key not in here:
            # What was spilled stays closed, unless something stands beside or below it.
            here[key] = value
            return
        inner = here.get(key, {})
        assert isinstance(inner, Mapping)
        here[key] = here = inner if isinstance(inner, dict) else dict(inner)
    here.update(value)


def values_of(runs: Runs, run: TaskRun) -> tuple[str, ...]:
    """The loop values that a run stands in, outermost first."""
    found: list[str] = []
    at: TaskRun | None = run
    while at is not None:
        if at.value is not None:
            found.append(at.value)
        at = runs.run(at.parent_id) if at.parent_id else None
    return tuple(reversed(found))


def _known_outputs(runs: Runs, run_id: str, read: Reader) -> Mapping[str, object]:
    known = runs.outputs_of(run_id)
    if known is None:
        answer = read(Read(kind="output", name=run_id))
        return opened(answer, read) if isinstance(answer, Mapping) else {}
    return opened(known, read)


def nested(labels: Mapping[str, str]) -> dict[str, object]:
    """Labels as a map of maps, taken apart at their dots; where a label and a group collide the first one stays."""
    found: dict[str, object] = {}
    for key, value in labels.items():
        *groups, last = key.split(".")
        here = found
        for group in groups:
            inner = here.setdefault(group, {})
            if not isinstance(inner, dict):
                break
            here = inner
        else:
            here.setdefault(last, value)
    return found
