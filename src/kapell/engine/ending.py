"""How an execution ends: its outputs, its state, and what whoever started it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from kapell.engine.draft import Draft, plain_error
from kapell.engine.inputs import Invalid, convert_value
from kapell.errors import RenderError
from kapell.ids import derived_id
from kapell.model.address import address_of, execution_folder, slug
from kapell.model.execution import LoopRun
from kapell.model.flow import Output
from kapell.model.log import Level
from kapell.model.messages import ChildEnded
from kapell.model.state import State
from kapell.sdk.ion import ion_line

NOT_RENDERED = "Failed to render output values: "


def end_flow(draft: Draft, state: State) -> None:
    """Bring the execution to its end: outputs, state, and whoever waits for it."""
    if draft.execution.loop_run is not None:
        end_iteration(draft, state)
        return
    outputs, problem = flow_outputs(draft) if state is not State.KILLED else ({}, None)
    draft.execution = replace(draft.execution, outputs=outputs or None)
    draft.move_execution(state)
    if problem:
        draft.log(Level.ERROR, f"{NOT_RENDERED}{problem}")
        if state is not State.FAILED:
            draft.move_execution(State.FAILED)
    tell_parent(draft, {**outputs, **_asked_outputs(draft)} or None, problem)


def _asked_outputs(draft: Draft) -> dict[str, object]:
    """What the caller wants to be taken out of this execution."""
    found: dict[str, object] = {}
    for name, value in draft.execution.asked_outputs.items():
        try:
            found[name] = draft.render(value, None, typed=isinstance(value, str))
        except RenderError as error:
            draft.log(Level.WARN, f"The caller's output '{name}' could not be made: {plain_error(error)}")
    return found


def end_iteration(draft: Draft, state: State) -> None:
    """The end of a loop's iteration: its outputs go to the loop, nothing runs after it."""
    loop = draft.execution.loop_run
    outputs: dict[str, object] | None = None
    declared = draft.program.nodes[loop.task_id].task.properties.get("outputs") if loop else None
    if declared and state in (State.SUCCESS, State.WARNING):
        wanted = [
            Output(str(one["id"]), str(one["type"]), one.get("value"), required=one.get("required") is not False)
            for one in declared  # type: ignore[attr-defined]  # the checker has seen to it
        ]
        outputs, problem = typed_outputs(draft, wanted)
        if problem:
            draft.log(Level.ERROR, f"{NOT_RENDERED}{problem}")
            state = State.FAILED
        elif loop is not None and loop.store:
            outputs = {"uri": _stored(draft, loop, outputs)}
    draft.move_execution(state)
    tell_parent(draft, outputs)


def _stored(draft: Draft, loop: LoopRun, outputs: Mapping[str, object]) -> str:
    """Where the outputs of an iteration lie: with the files of its loop, a row of Ion."""
    own = draft.execution
    folder = execution_folder(own.namespace, own.flow_id, loop.parent_id)
    path = f"{folder}/tasks/{slug(loop.task_id)}/{loop.task_run_id}/{loop.index}/outputs.ion"
    draft.write(path, ion_line(outputs))
    return address_of(path)


def tell_parent(
    draft: Draft, outputs: Mapping[str, object] | None, problem: str | None = None, asked: str = ""
) -> None:
    """Tell the task run that waits for this execution what it has come to; `asked` names who wants to know."""
    execution = draft.execution
    if execution.parent_run_id is None or execution.parent_id is None:
        return
    draft.send(
        ChildEnded(
            id=derived_id(execution.id, "ended", len(execution.history), asked),
            execution_id=execution.parent_id,
            at=draft.now,
            task_run_id=execution.parent_run_id,
            child_id=execution.id,
            original_id=execution.original_id,
            state=execution.state,
            outputs=outputs,
            index=execution.loop_run.index if execution.loop_run else execution.batch,
            problem=problem,
        )
    )


def flow_outputs(draft: Draft) -> tuple[dict[str, object], str | None]:
    """The flow's own outputs; none, and the sentence, where one could not be made."""
    return typed_outputs(draft, draft.program.flow.outputs)


def typed_outputs(draft: Draft, declared: Sequence[Output]) -> tuple[dict[str, object], str | None]:
    """Outputs rendered and converted to their types; none, and the sentence, where one could not be made."""
    found: dict[str, object] = {}
    for output in declared:
        try:
            # Kestra: a lone expression keeps its type, inside a list or map it becomes text
            value = draft.render(output.value, None, typed=isinstance(output.value, str))
            found[output.id] = None if value is None else convert_value(output.type, value, {})
        except Invalid as invalid:
            if output.required:
                return {}, f"Invalid value for output `{output.id}`. Cause: {invalid}"
        except RenderError as error:
            if output.required:
                return {}, plain_error(error)
    return found, None
