"""`io.kestra.plugin.core.flow.Switch`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kapell.sdk import (
    Begun,
    Cases,
    Children,
    Example,
    Expression,
    FlowableTask,
    Order,
    Place,
    State,
    Task,
    Tasks,
    in_order,
    prop,
)


class Switch(FlowableTask):
    """Run the tasks of the case whose name a value has."""

    value: Expression[str] = prop("The value; it is compared as text.")
    cases: Cases = prop("Tasks by value.", default=None)
    defaults: Tasks = prop("Tasks to run when no case fits.", default=())

    aliases = ("io.kestra.core.tasks.flows.Switch",)
    examples = (
        Example(
            "By country",
            'value: "{{ inputs.country }}"\ncases:\n'
            "  FR:\n    - {id: paris, type: io.kestra.plugin.core.log.Log, message: Bonjour}\n"
            "defaults:\n  - {id: other, type: io.kestra.plugin.core.log.Log, message: Hello}",
        ),
    )

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """There must be something to choose from, and something to do in each case."""
        if not any(tasks for name, tasks in task.branches.items() if name not in ("errors", "finally")):
            yield "", "No task defined, neither cases or default have any tasks"
            return
        cases = task.properties.get("cases")
        for name, tasks in cases.items() if isinstance(cases, Mapping) else ():
            if not tasks:
                yield f"cases[{name}]", "must not be empty"
        if task.properties.get("defaults") == ():
            yield "defaults", "The 'defaults' property cannot be empty."

    def begin(self, order: Order) -> Begun:
        """Evaluate the value, once."""
        value = order.render(self.value)
        by_default = value not in (self.cases or {})
        outputs = {"value": value, "defaults": by_default}
        if by_default and not self.defaults:
            return Begun(outputs=outputs, state=State.FAILED, reason=f"No task found on {order.place}")
        return Begun(outputs=outputs, memo={"case": None if by_default else value})

    def ready(self, children: Children) -> Sequence[Place]:
        """The tasks of the case that fits, one after the other."""
        case = children.memo()["case"]
        return in_order(self.defaults if case is None else self.cases[str(case)], children)
