"""`io.kestra.plugin.core.flow.Approval`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, TypeAlias

from kapell.sdk import (
    Answer,
    Answered,
    Begun,
    Children,
    Closed,
    Decision,
    Example,
    Expression,
    Input,
    Order,
    Part,
    Pausing,
    PausingTask,
    Place,
    State,
    Tasks,
    Templated,
    in_order,
    prop,
)

Behavior: TypeAlias = Literal["CONTINUE", "WARN", "FAIL", "SUCCEED", "CANCEL", "KILL"]
OUTCOMES = {
    "WARN": State.WARNING,
    "FAIL": State.FAILED,
    "SUCCEED": State.SUCCESS,
    "CANCEL": State.CANCELLED,
    "KILL": State.KILLED,
}
LEAVES = frozenset({"SUCCEED", "KILL"})
"""The behaviors that end the whole execution at once."""
COMMENTED = {"ALWAYS": tuple(Decision), "ON_APPROVE": (Decision.APPROVED,), "ON_DENY": (Decision.DENIED,)}
"""Which decisions need a comment."""


class Decisions(Part):
    """The names of the two decisions, as people see them."""

    approve: Templated[str] = prop("What approving is called.", default="Approve")
    deny: Templated[str] = prop("What denying is called.", default="Deny")


class Approval(PausingTask):
    """Wait for a person to approve or deny, and go on by what was decided.

    Outputs: `decision` (APPROVED, DENIED or EXPIRED), `auto`, `by`, `on`, `comment`, `inputs`, `due`.
    """

    asks: ClassVar[str] = "inputs"
    answers: ClassVar[str] = "inputs"
    meanwhile: ClassVar[str] = "onWait"
    decides: ClassVar[bool] = True

    inputs: tuple[Input, ...] = prop("What the person is asked for; `outputs.<id>.inputs` holds it.", default=())
    decisions: Decisions | None = prop("The names of the two decisions.", default=None)
    comment_required: Expression[Literal["NEVER", "ALWAYS", "ON_DENY", "ON_APPROVE"]] = prop(
        "When the person has to comment.", default="NEVER"
    )
    auto_approve: Expression[bool] = prop(
        "Approve without asking anybody; nothing waits then, and `onWait` does not run.", default=False
    )
    approve_behavior: Expression[Behavior] = prop(
        "What happens when it was approved and `onApprove` has ended well.", default="CONTINUE"
    )
    deny_behavior: Expression[Behavior] = prop(
        "What happens when it was denied and `onDeny` has ended well.", default="CANCEL"
    )
    expire_behavior: Expression[Behavior] = prop(
        "What happens when nobody has decided within the task's `timeout`.", default="CANCEL"
    )
    on_wait: Tasks = prop("Tasks to run before the wait.", default=())
    on_approve: Tasks = prop("Tasks to run when it was approved.", default=())
    on_deny: Tasks = prop("Tasks to run when it was denied.", default=())

    examples = (
        Example(
            "Ask before a release",
            "inputs:\n  - {id: version, type: STRING}\n"
            "onApprove:\n"
            "  - id: release\n    type: io.kestra.plugin.core.log.Log\n"
            '    message: "Releasing {{ outputs.approval.inputs.version }}"\n'
            "onDeny:\n  - {id: stop, type: io.kestra.plugin.core.log.Log, message: Not now}",
        ),
        Example("Stop nothing when it is denied", "commentRequired: ON_DENY\ndenyBehavior: CONTINUE"),
    )

    def begin(self, order: Order) -> Begun:
        """Wait, unless it is approved already."""
        if order.render(self.auto_approve):
            approved = Decision.APPROVED.value
            return Begun(outputs={"decision": approved, "auto": True}, memo={"decision": approved})
        return Begun(pausing=Pausing(span=order.timeout))

    def refuses(self, order: Order, answer: Answer) -> str | None:
        """It takes a decision, with a comment where one is required."""
        if answer.decision is None:
            return "An Approval is not resumed, it must be approved or denied"
        commented = COMMENTED.get(order.render(self.comment_required), ())
        if answer.decision in commented and not (answer.comment or "").strip():
            return f"A comment is required to {'approve' if answer.decision is Decision.APPROVED else 'deny'}"
        return None

    def answered(self, answer: Answer) -> Answered:
        """Tell what was decided, and go on with the tasks of that decision."""
        told = {
            "decision": answer.decision and answer.decision.value,
            "auto": False,
            "by": answer.by,
            "on": answer.on,
            "comment": answer.comment,
            "inputs": answer.values,
            "due": answer.due,
        }
        outputs = {name: value for name, value in told.items() if value is not None}
        return Answered(outputs=outputs, memo={"decision": outputs.get("decision")})

    def ready(self, children: Children) -> Sequence[Place]:
        """The tasks of the decision, one after the other."""
        tasks = {Decision.APPROVED: self.on_approve, Decision.DENIED: self.on_deny}
        return in_order(tasks.get(Decision(str(children.memo()["decision"])), ()), children)

    def close(self, order: Order, guess: State) -> Closed:
        """End as the behavior for the decision says, unless a task of it has failed."""
        if guess not in (State.SUCCESS, State.WARNING):
            return Closed(state=guess)
        behaviors = {Decision.APPROVED: self.approve_behavior, Decision.DENIED: self.deny_behavior}
        decision = Decision(str(order.memo["decision"]))
        behavior = order.render(behaviors.get(decision, self.expire_behavior))
        return Closed(state=OUTCOMES.get(behavior, guess), leaves=behavior in LEAVES)
