"""Executions that wait for one thing each, played by hand up to there."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from engine.play import Play
from kapell.engine.explain import explain
from kapell.model.execution import Execution
from kapell.model.explanation import Explanation, Pending
from kapell.model.flow import Flow
from kapell.model.messages import Event, PauseAsked, TaskFinished
from kapell.model.state import State

WORK = "io.kestra.plugin.scripts.shell.Script, script: x"
ID = "e" * 22
SECOND = timedelta(seconds=1)


def flow(*tasks: str, more: str = "") -> str:
    lines = "\n".join(f"  - {task}" for task in tasks)
    return f"id: flow\nnamespace: n\n{more}tasks:\n{lines}\n"


class Watched(Play):
    """A play that can be explained at any moment; `inbox` are events that nobody has taken up."""

    def __init__(self, text: str, called: Flow | None = None, taken: int = 0) -> None:
        super().__init__(text)
        answers = {"flow": called, "slots": taken, "file": "kestra:///one\nkestra:///two\n"}
        self.read = lambda read: answers[read.kind]
        self.inbox: list[Event] = []
        self.childless = False

    @property
    def children(self) -> list[Execution]:
        return [] if self.childless else [new.execution for made in self.steps for new in made.children]

    def pending(self) -> Pending:
        well = (State.SUCCESS, State.SKIPPED)
        runs = sorted(self.tree.runs.values(), key=lambda run: run.number)
        return Pending(
            execution=self.tree.execution,
            runs=tuple(run for run in runs if run.state not in well),
            jobs=tuple(self.jobs),
            timers=tuple(sorted(self.timers.values(), key=lambda timer: timer.due)),
            events=tuple(self.inbox),
            children=tuple(self.children),
        )

    def explain(self, **given: object) -> Explanation:
        return explain(self.pending(), self.flow, self.clock.now(), **given)


def event(play: Watched, kind: type[Event], **given: object) -> Event:
    return kind(id=f"{kind.__name__}-1", execution_id=ID, at=play.clock.now(), **given)


def started(*tasks: str, more: str = "", **given: object) -> Watched:
    play = Watched(flow(*tasks, more=more), **given)
    play.start()
    return play


def not_begun() -> Watched:
    play = Watched(flow(f"{{id: a, type: {WORK}}}"))
    play.inbox.append(play.created)
    return play


def scheduled() -> Watched:
    play = Watched(flow(f"{{id: a, type: {WORK}}}"))
    play.tell(replace(play.created, begin_at=play.clock.now() + 60 * SECOND))
    return play


def offered() -> Watched:
    return started(f"{{id: a, type: {WORK}, timeout: PT1M}}")


def begun() -> Watched:
    play = offered()
    play.begin("a")
    return play


def inline() -> Watched:
    return started("{id: a, type: io.kestra.plugin.core.log.Log, message: hi}")


def retried() -> Watched:
    play = started(f"{{id: a, type: {WORK}, retry: {{type: constant, interval: PT1M, maxAttempts: 3}}}}")
    play.begin("a")
    play.fail("a")
    return play


def asleep() -> Watched:
    return started("{id: a, type: io.kestra.plugin.core.flow.Sleep, duration: PT1M}")


def between_turns() -> Watched:
    play = started(
        "{id: a, type: io.kestra.plugin.core.flow.LoopUntil, condition: 'false', checkFrequency: {interval: PT1M}, "
        f"tasks: [{{id: b, type: {WORK}}}]}}"
    )
    play.begin("b")
    play.finish("b")
    return play


def asked() -> Watched:
    return started("{id: a, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: reason, type: STRING}]}")


def asked_for_a_while() -> Watched:
    return started("{id: a, type: io.kestra.plugin.core.flow.Pause, pauseDuration: PT1M, behavior: FAIL}")


def held() -> Watched:
    play = started(f"{{id: a, type: {WORK}}}", f"{{id: b, type: {WORK}}}")
    play.tell(event(play, PauseAsked))
    play.finish("a")
    return play


def calling() -> Watched:
    called = Watched(flow(f"{{id: c, type: {WORK}}}").replace("id: flow", "id: called", 1)).flow
    return started("{id: a, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: called}", called=called)


def looping() -> Watched:
    return started(
        "{id: a, type: io.kestra.plugin.core.flow.Loop, values: [1, 2, 3], concurrencyLimit: 2, "
        f"tasks: [{{id: b, type: {WORK}}}]}}"
    )


def batching() -> Watched:
    called = Watched(flow(f"{{id: c, type: {WORK}}}").replace("id: flow", "id: called", 1)).flow
    play = started(
        "{id: a, type: io.kestra.plugin.core.flow.ForEachItem, items: 'kestra:///items', batch: {rows: 1}, "
        "namespace: n, flowId: called}",
        called=called,
    )
    play.begin("a_split")
    play.finish("a_split", splits="kestra:///splits")
    return play


def queued() -> Watched:
    return started(f"{{id: a, type: {WORK}}}", more="concurrency: {limit: 1}\n", taken=1)


def killed() -> Watched:
    play = begun()
    play.kill()
    return play


def filling() -> Watched:
    return started(
        "{id: a, type: io.kestra.plugin.core.flow.WorkingDirectory, inputFiles: {f: x}, "
        f"tasks: [{{id: b, type: {WORK}}}]}}"
    )


def after_the_end() -> Watched:
    play = started(f"{{id: a, type: {WORK}}}", more=f"afterExecution: [{{id: z, type: {WORK}}}]\n")
    play.finish("a")
    return play


def told() -> Watched:
    play = begun()
    play.jobs.clear()
    play.inbox.append(event(play, TaskFinished, task_run_id=next(iter(play.tree.runs)), attempt=0, state=State.SUCCESS))
    return play
