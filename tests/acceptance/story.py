"""What became of an execution, in the words of its histories."""

from __future__ import annotations

import kapell

LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow"
EXECUTION = "io.kestra.plugin.core.execution"
FAIL = f"{EXECUTION}.Fail"


def flow(id: str, tasks: str, more: str = "") -> str:
    """A flow of company.team; the short names of types are spelled out."""
    text = f"id: {id}\nnamespace: company.team\n{more}tasks:\n{tasks}"
    for short, full in (("LOG", LOG), ("FLOW", FLOW), ("EXECUTION", EXECUTION), ("FAIL", FAIL)):
        text = text.replace(f"type: {short}", f"type: {full}")
    return text


def run(local: kapell.Local, *sources: str, **inputs: object) -> str:
    """Save flows and run the last one to its end; its id."""
    local.apply(*sources)
    id = sources[-1].split("\n", 1)[0].removeprefix("id: ")
    return local.settled(local.create("company.team", id, inputs)).id


def state(local: kapell.Local, id: str) -> str:
    """The execution's history."""
    return " ".join(change.state for change in local.execution(id).row.history)


def runs(local: kapell.Local, id: str) -> dict[str, str]:
    """The history of each task run, in the order of creation, by task and value."""
    return {one.label: " ".join(change.state for change in one.history) for one in local.execution(id).task_runs}


def run_id(local: kapell.Local, id: str, label: str) -> str:
    """The id of a task run."""
    return next(one.id for one in local.execution(id).task_runs if one.label == label)


def logs(local: kapell.Local, id: str) -> list[str]:
    """What was said, with its level."""
    return [f"{line.level} {line.message}" for line in local.logs(id)]


def children(local: kapell.Local, id: str) -> list[kapell.Execution]:
    """The executions that it has started."""
    return [one for one in local.executions() if one.row.parent_id == id]
