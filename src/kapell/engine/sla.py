"""What a flow promises about its executions, and what happens when a promise is broken."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from kapell.engine.advance import close
from kapell.engine.draft import Draft, plain_error
from kapell.engine.stop import stop_all
from kapell.errors import RenderError
from kapell.model.execution import Kind
from kapell.model.log import Level
from kapell.model.messages import TimerKind
from kapell.model.state import State
from kapell.sdk.duration import format_duration, parse_duration
from kapell.sdk.truth import truthy

Sla = Mapping[str, object]
ENDS = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}


def watch(draft: Draft) -> None:
    """Set the clocks of the promises about time."""
    if draft.execution.kind is Kind.LOOP:
        return
    for sla in draft.program.flow.sla:
        if sla.get("type") == "MAX_DURATION":
            draft.set_timer(TimerKind.SLA, parse_duration(str(sla["duration"])), name=str(sla["id"]))


def too_long(draft: Draft, id: str) -> None:
    """The execution takes longer than was promised."""
    sla = next((sla for sla in draft.program.flow.sla if sla["id"] == id), None)
    if sla is None or draft.execution.state.ended:
        return
    took = format_duration(draft.now - draft.execution.created)
    limit = format_duration(parse_duration(str(sla["duration"])))
    violate(draft, sla, f"execution duration of {took} exceed the maximum duration of {limit}.")


def check_assertions(draft: Draft) -> None:
    """Look at the promises about content, after each change; each one can be broken once."""
    flow = draft.program.flow
    if not flow.sla or draft.execution.kind is Kind.LOOP or draft.execution.state is not State.RUNNING:
        return
    for sla in flow.sla:
        id = str(sla["id"])
        if sla.get("type") != "EXECUTION_ASSERTION" or id in draft.execution.broken or draft.execution.state.ended:
            continue
        try:
            if not truthy(draft.render(sla["assert"], None)):
                violate(draft, sla, f"assertion is false: {sla['assert']}.")
        except RenderError as error:
            message = plain_error(error)
            draft.log(Level.ERROR, f"SLA '{id}' could not be evaluated and is treated as violated: {message}")
            violate(draft, sla, f"SLA could not be evaluated: {message}")


def violate(draft: Draft, sla: Sla, why: str) -> None:
    """Label the execution, say so, and end it where the promise says so."""
    id, labels = str(sla["id"]), sla.get("labels")
    found = {str(k): str(v) for k, v in labels.items()} if isinstance(labels, Mapping) else {}
    execution = draft.execution
    draft.execution = replace(execution, labels={**execution.labels, **found}, broken=(*execution.broken, id))
    draft.log(Level.WARN, f"SLA '{id}' violated: {why}")
    state = ENDS.get(str(sla.get("behavior")))
    if state is None:
        return
    if state is State.FAILED:
        draft.log(Level.ERROR, f"Execution failed due to SLA '{id}' violated: {why}")
    draft.todo.clear()
    draft.calls.clear()
    stop_all(draft)
    close(draft, None, state)
