"""Batches of items that executions of another flow work on: how they are begun, counted, restarted and killed."""

from __future__ import annotations

import pytest

from engine.play import Play, flow_of
from kapell.engine import batches, replay
from kapell.model.messages import ChildEnded, KillAsked, NewExecution, RestartAsked
from kapell.model.read import Read
from kapell.model.state import State

FLOW = """
id: items
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: kestra:///items.txt
    namespace: company.team
    flowId: load
    inputs: {file: "{{ taskrun.items }}", number: "{{ taskrun.iteration }}"}
    MORE
"""
LOAD = """
id: load
namespace: company.team
inputs: [{id: file, type: STRING}, {id: number, type: INT}]
tasks:
  - {id: show, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.file }}"}
"""


class Batches(Play):
    """An execution of FLOW whose items have been divided into some batches, by the letters of their names."""

    def __init__(self, names: str, more: str = "allowFailure: false") -> None:
        super().__init__(FLOW.replace("MORE", more))
        self.load = flow_of(LOAD)
        self.names = names
        self.read = self.answer
        self.start()
        self.finish("each_split", splits="kestra:///splits.txt")

    def answer(self, read: Read) -> object:
        known = self.tree.outputs.get(read.name)
        answers = {"file": "\n".join(self.names), "flow": self.load, "output": known or {}}
        return answers[read.kind]

    @property
    def children(self) -> list[NewExecution]:
        return [child for made in self.steps for child in made.children]

    def ends(self, number: int, state: State = State.SUCCESS, again: int = 1) -> bool:
        """The execution of that batch, counted from 0, ends; whether that has changed anything."""
        child = self.children[number].execution
        made = self.tell(
            ChildEnded(
                id=f"{child.id}-{again}",
                execution_id=self.tree.execution.id,
                at=self.clock.now(),
                task_run_id=self.tree.by_task["each_items"][0],
                child_id=child.id,
                state=state,
                outputs={"n": number},
                index=child.batch,
            )
        )
        return made.changed

    def restart(self) -> list[str]:
        """Restart it; the executions that are restarted with it."""
        made = self.tell(RestartAsked(id="restart", execution_id=self.tree.execution.id, at=self.clock.now()))
        return [event.execution_id for event in made.sent if isinstance(event, RestartAsked)]

    @property
    def outputs(self) -> object:
        return self.tree.outputs[self.tree.by_task["each_items"][0]]


def test_each_batch_is_worked_on_by_an_execution_that_knows_its_file_and_number() -> None:
    play = Batches("ab")
    inputs = [child.execution.inputs for child in play.children]
    assert inputs == [{"file": "a", "number": 1}, {"file": "b", "number": 2}]
    trigger = play.children[1].execution.trigger
    assert trigger is not None
    assert (trigger.id, trigger.variables["taskRunIteration"]) == ("each_items", 2)


def test_when_all_have_ended_they_are_counted_and_their_outputs_are_merged() -> None:
    play = Batches("ab")
    play.ends(1)
    assert play.history("each_items") == "CREATED RUNNING"
    play.ends(0)
    assert play.waiting == ["each_merge"]
    assert play.outputs["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2}
    assert play.outputs["numberOfBatches"] == 2
    play.finish("each_merge")
    assert play.state == "CREATED RUNNING SUCCESS"


def test_an_end_that_is_told_twice_is_counted_once() -> None:
    play = Batches("ab")
    assert play.ends(0)
    assert not play.ends(0)
    assert play.history("each_items") == "CREATED RUNNING"


def test_without_items_there_is_nothing_to_wait_for() -> None:
    play = Batches("")
    assert (play.children, play.waiting) == ([], ["each_merge"])
    assert play.outputs["numberOfBatches"] == 0


def test_no_more_than_so_many_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_AT_ONCE", 2)
    play = Batches("abcd")
    assert len(play.children) == 2
    play.ends(0, State.FAILED)
    assert len(play.children) == 3
    for number in (1, 2, 3):
        play.ends(number)
    assert play.outputs["iterations"] == {"CREATED": 0, "RUNNING": 0, "FAILED": 1, "SUCCESS": 3}
    assert play.runs == ["each FAILED", "each_split SUCCESS", "each_items FAILED"]


def test_a_failure_is_a_warning_where_it_is_allowed() -> None:
    play = Batches("a", "allowFailure: true")
    play.ends(0, State.FAILED)
    assert play.runs == ["each WARNING", "each_split SUCCESS", "each_items FAILED"]
    assert play.state == "CREATED RUNNING WARNING"


def test_a_failure_is_none_where_it_is_not_transmitted() -> None:
    play = Batches("a", "transmitFailed: false")
    play.ends(0, State.FAILED)
    assert play.history("each_items") == "CREATED RUNNING SUCCESS"


def test_a_warning_is_handed_on() -> None:
    play = Batches("ab")
    play.ends(0, State.WARNING)
    play.ends(1)
    play.finish("each_merge")
    assert play.state == "CREATED RUNNING WARNING"


def test_who_does_not_wait_has_succeeded_when_all_have_begun() -> None:
    play = Batches("abc", "wait: false")
    assert [child.execution.parent_run_id for child in play.children] == [None, None, None]
    assert play.outputs["iterations"] == {"CREATED": 3, "RUNNING": 0}
    assert play.waiting == ["each_merge"]


def test_what_can_not_be_started_fails_it_once_all_that_has_begun_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_AT_ONCE", 1)
    play = Batches("abc")
    play.load = flow_of(LOAD + "disabled: true")
    play.ends(0)
    assert play.runs == ["each FAILED", "each_split SUCCESS", "each_items FAILED"]
    assert play.logs[-1] == "ERROR Cannot execute a flow which is disabled"
    play.load = flow_of(LOAD)
    assert play.restart() == []
    for number in (1, 2):
        play.ends(number)
    assert play.history("each_items").endswith("FAILED RESTARTED RUNNING SUCCESS")


def test_a_restart_restarts_what_has_failed_and_counts_on() -> None:
    play = Batches("abc")
    play.ends(0)
    play.ends(1, State.FAILED)
    play.ends(2, State.FAILED)
    assert play.restart() == [play.children[1].execution.id, play.children[2].execution.id]
    play.ends(1, again=2)
    play.ends(2, again=2)
    assert play.outputs["iterations"] == {"CREATED": 0, "RUNNING": 0, "FAILED": 0, "SUCCESS": 3, "RESTARTED": 2}
    assert play.history("each_items") == "CREATED RUNNING FAILED RESTARTED RUNNING SUCCESS"
    assert len(play.children) == 3


def test_a_kill_reaches_every_execution_and_waits_for_their_ends() -> None:
    play = Batches("ab")
    made = play.tell(KillAsked(id="kill", execution_id=play.tree.execution.id, at=play.clock.now(), cascade=True))
    assert [event.execution_id for event in made.sent] == [child.execution.id for child in play.children]
    play.ends(0, State.KILLED)
    assert play.state == "CREATED RUNNING KILLING"
    play.ends(1)
    assert play.state == "CREATED RUNNING KILLING KILLED"


def test_a_replay_starts_executions_of_its_own() -> None:
    play = Batches("ab")
    for number in (0, 1):
        play.ends(number)
    play.finish("each_merge")
    chosen = play.tree.by_task["each_items"][0]
    new = replay(play.tree, play.tree.outputs, play.flow, id="r" * 22, now=play.clock.now(), inputs={}, from_run=chosen)
    again = Batches("ab")
    again.tree = type(again.tree)(new.execution)
    again.steps = []
    again.tell(new.event)
    assert len(again.children) == 2
    assert {child.execution.id for child in again.children}.isdisjoint({c.execution.id for c in play.children})


def test_a_restart_may_start_another_execution_for_each_batch() -> None:
    play = Batches("ab", "restartBehavior: NEW_EXECUTION")
    play.ends(0, State.FAILED)
    play.ends(1)
    assert play.restart() == []
    first, second = play.children[:2], play.children[2:]
    assert [child.execution.inputs for child in second] == [child.execution.inputs for child in first]
    assert not {child.execution.id for child in first} & {child.execution.id for child in second}
    play.ends(2)
    play.ends(3)
    assert play.outputs["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2}
