"""The checks of a flow: what must hold, now that the inputs are resolved, before an execution is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from kapell.engine.create import seen_before
from kapell.engine.variables import Render
from kapell.errors import Refused, RenderError
from kapell.ids import derived_id
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow
from kapell.model.messages import NewExecution, Poisoned


class Behavior(StrEnum):
    """What becomes of the execution where a check does not hold, the most restrictive first."""

    BLOCK_EXECUTION = "BLOCK_EXECUTION"
    FAIL_EXECUTION = "FAIL_EXECUTION"
    CREATE_EXECUTION = "CREATE_EXECUTION"


class FailedCheck(Struct, frozen=True, kw_only=True):
    """A check that does not hold: what a person is to read, and how it is shown (`ERROR`, `WARNING` …)."""

    message: str
    style: str = "INFO"
    behavior: Behavior = Behavior.BLOCK_EXECUTION


def failed_checks(
    flow: Flow,
    inputs: Mapping[str, object],
    *,
    id: str,
    now: datetime,
    render: Render,
    labels: Mapping[str, str] | None = None,
    trigger: ExecutionTrigger | None = None,
) -> tuple[FailedCheck, ...]:
    """The checks that do not hold for these inputs, in the order they are written; raises `NeedsRead`."""
    seen = {**seen_before(flow, id=id, now=now, labels=labels, trigger=trigger), "inputs": inputs}
    found = (_failed(check, seen, render) for check in flow.checks)
    return tuple(failed for failed in found if failed is not None)


def _failed(check: Mapping[str, object], seen: Mapping[str, object], render: Render) -> FailedCheck | None:
    try:
        # Kestra: only what is true holds; a text or a number does not.
        if render(check.get("when", check.get("condition")), seen, True) is True:
            return None
    except RenderError as error:
        return FailedCheck(message=f"Failed to evaluate check condition. Cause: {error.message}", style="ERROR")
    return FailedCheck(
        message=str(check.get("message", "")),
        style=str(check.get("style") or "INFO"),
        behavior=Behavior(str(check.get("behavior") or Behavior.BLOCK_EXECUTION)),
    )


def checked(new: NewExecution, failed: Sequence[FailedCheck]) -> NewExecution:
    """What checks leave of an execution: itself, or one that fails at once; raises `Refused` where they block it."""
    behaviors = {check.behavior for check in failed}
    if Behavior.BLOCK_EXECUTION in behaviors:
        told = ", ".join(check.message for check in failed)
        raise Refused(
            f"Flow execution blocked: one or more condition checks evaluated to false.\nFailed checks: {told}"
        )
    if Behavior.FAIL_EXECUTION not in behaviors:
        return new
    id, at = new.execution.id, new.event.at
    told = "\n".join(check.message for check in failed if check.behavior is Behavior.FAIL_EXECUTION)
    return replace(new, event=Poisoned(id=derived_id(id, "created"), execution_id=id, at=at, error=told))
