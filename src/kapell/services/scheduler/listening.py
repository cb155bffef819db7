"""Executions that come to a state start executions of the flows that listen: all of it joins the step that led there.

So it is written in the transaction of that step or not at all, and each trigger fires once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as with_changes
from hashlib import blake2b
from typing import TypeVar

from msgspec.structs import replace

from kapell.clock import Clock
from kapell.engine import Tree, new_execution
from kapell.engine.call import DEEPEST
from kapell.engine.draft import ENGINE_LINES
from kapell.engine.inputs import Resolved
from kapell.errors import KapellError, StoreError
from kapell.expr import render
from kapell.ids import derived_id, new_id
from kapell.model.execution import CORRELATION, Execution, ExecutionTrigger, Kind
from kapell.model.log import Level, LogLine
from kapell.model.messages import NewExecution, Poisoned, Step
from kapell.model.read import NeedsRead, Read, ReadFailed, from_answers
from kapell.model.window import Window, WindowKey
from kapell.ports.executions import Executions
from kapell.sdk.condition import read_labels
from kapell.sdk.shape import Expression, Render
from kapell.services.inputs import Inputs
from kapell.services.live import Live
from kapell.services.scheduler.listeners import Listener
from kapell.services.scheduler.upstream import Upstream, entered, upstream
from kapell.services.scheduler.verdict import Verdict, judge
from kapell.services.scope import Scope, guarded
from kapell.services.stepper import Surroundings

LOGGER = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Heard:
    """What a step's states lead to elsewhere, and what there is to say about it."""

    step: Step
    children: list[NewExecution] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    logs: list[LogLine] = field(default_factory=list)

    def say(self, level: Level, message: str) -> None:
        """A line in the log of the execution that the step is of."""
        one = self.step.execution
        number = ENGINE_LINES + 1000 * (one.version - 1) + len(self.step.logs) + len(self.logs)
        at = one.history[-1].at
        line = LogLine(
            execution_id=one.id,
            namespace=one.namespace,
            flow_id=one.flow_id,
            level=level,
            message=message,
            at=at,
            number=number,
        )
        self.logs.append(line)

    def whole(self) -> Step:
        """The step with all of it."""
        if not (self.children or self.windows or self.logs):
            return self.step
        return replace(
            self.step,
            children=(*self.step.children, *self.children),
            windows=(*self.step.windows, *self.windows),
            logs=(*self.step.logs, *self.logs),
        )


class Listening:
    """Asks the triggers. The windows that it knows lie beside the live trees, and are forgotten with them."""

    def __init__(self, executions: Executions, live: Live, clock: Clock, around: Surroundings) -> None:
        self._executions = executions
        self._live = live
        self._clock = clock
        self._around = around
        self._inputs = Inputs(around, clock)

    async def hear(self, tree: Tree, before: Execution, made: Step) -> Step:
        """The step, with what the states start that it has led its execution to; `tree` has absorbed it already."""
        execution = made.execution
        if execution.kind is not Kind.NORMAL or not (listeners := self._around.listeners.of(execution)):
            return made
        heard = Heard(made)
        for place, change in entered(before, execution):
            if asked := [listener for listener in listeners if change.state in listener.states]:
                seen, windows = upstream(tree, change), await self._windows()
                for listener in asked:
                    await self._ask(listener, seen, place, windows, heard)
        return heard.whole()

    async def _windows(self) -> dict[WindowKey, Window]:
        if self._live.windows is None:
            self._live.windows = {window.key: window for window in await self._executions.windows()}
        return self._live.windows

    async def _ask(
        self, listener: Listener, seen: Upstream, place: int, windows: dict[WindowKey, Window], heard: Heard
    ) -> None:
        """One trigger about one state; whatever is wrong with it is its own affair."""
        try:
            verdict = await self._answered(listener, seen, lambda render: self._judge(listener, seen, windows, render))
            if verdict is None:
                return
            new = await self._start(listener, seen, place, verdict, heard) if verdict.fires else None
        except StoreError:
            raise
        except KapellError as error:
            heard.say(Level.DEBUG, f"Trigger {_name(listener)} could not be evaluated: {error}")
            if not listener.trigger.fail_on_trigger_error:
                return
            new, verdict = self._failed(listener, seen, place, seen.trigger, error), Verdict(True, {})
        except Exception as error:
            LOGGER.exception("action=trigger-failed trigger=%s execution=%s", _name(listener), seen.execution.id)
            heard.say(Level.WARN, f"Trigger {_name(listener)} could not be evaluated: {type(error).__name__}: {error}")
            return
        heard.children += [new] if new is not None else []
        heard.windows += verdict.windows
        windows.update((window.key, window) for window in verdict.windows)

    def _judge(
        self, listener: Listener, seen: Upstream, windows: Mapping[WindowKey, Window], rendered: Render
    ) -> Verdict | None:
        zone = self._around.env.zone
        return judge(listener, seen, windows, now=seen.change.at, zone=zone, render=rendered)

    async def _start(
        self, listener: Listener, seen: Upstream, place: int, verdict: Verdict, heard: Heard
    ) -> NewExecution | None:
        """The execution that a trigger starts; where it can't begin, one that fails, with a word to whom it was due."""
        if seen.execution.depth >= DEEPEST:
            circle = f"executions trigger one another more than {DEEPEST} levels deep; do flows trigger in a circle?"
            heard.say(Level.WARN, f"Trigger {_name(listener)} did not fire: {circle}")
            return None
        variables = {**seen.trigger, **({"outputs": verdict.outputs} if verdict.outputs else {})}
        try:
            return await self._new(listener, seen, place, variables)
        except StoreError:
            raise
        except KapellError as error:
            flow = f"{listener.flow.namespace}.{listener.flow.id}"
            heard.say(Level.WARN, f"Failed to trigger flow {flow} for trigger {listener.id}, invalid inputs")
            heard.say(Level.DEBUG, str(error))
            return self._failed(listener, seen, place, variables, error)

    async def _new(
        self, listener: Listener, seen: Upstream, place: int, variables: Mapping[str, object]
    ) -> NewExecution:
        flow, trigger = listener.flow, listener.trigger
        told = with_changes(seen, variables={**seen.variables, "vars": flow.variables, "trigger": variables})
        given = await self._value(trigger.inputs, listener, told)
        labels = await self._value(trigger.labels, listener, told)
        id, now = _id(listener, seen, place), seen.change.at
        own = {**read_labels(labels), **_handed_on(seen.execution)}
        origin = ExecutionTrigger(id=listener.id, type=listener.type, variables=variables)
        resolved = await self._inputs.of_flow(flow, given or {}, id=id, now=now, labels=own, trigger=origin)
        new = new_execution(flow, resolved, id=id, now=now, labels=own, trigger=origin)
        await self._inputs.store(resolved)
        return _deeper(new, seen)

    def _failed(
        self, listener: Listener, seen: Upstream, place: int, variables: Mapping[str, object], error: KapellError
    ) -> NewExecution:
        """An execution that ends FAILED at once, so that whoever listens to failures hears of it."""
        id, now = _id(listener, seen, place), seen.change.at
        origin = ExecutionTrigger(id=listener.id, type=listener.type, variables=variables)
        nothing = Resolved(values={}, problems={}, fields=())
        new = new_execution(listener.flow, nothing, id=id, now=now, labels=_handed_on(seen.execution), trigger=origin)
        event = Poisoned(id=derived_id(id, "failed"), execution_id=id, at=now, error=str(error))
        return _deeper(replace(new, event=event), seen)

    async def _value(self, expression: Expression[T] | None, listener: Listener, seen: Upstream) -> T | None:
        return None if expression is None else await self._answered(listener, seen, expression.value)

    async def _answered(self, listener: Listener, seen: Upstream, work: Callable[[Render], T]) -> T:
        """Do it over with what it asked to read, until it asks for nothing more."""
        answers: dict[Read, object] = {}
        one = seen.execution
        env = with_changes(
            self._around.env, reader=from_answers(answers), now=self._clock.now, namespace=listener.flow.namespace
        )
        variables = {**self._around.shared, **seen.variables}
        reader = guarded(self._around.outside, Scope(one.namespace, one.flow_id, one.id, self._around.look_up))
        while True:
            try:
                return work(lambda value, typed: render(value, variables, env, "typed" if typed else "text"))
            except NeedsRead as needed:
                try:
                    answers[needed.read] = await asyncio.to_thread(reader, needed.read)
                except KapellError as error:
                    answers[needed.read] = ReadFailed(str(error))


def _id(listener: Listener, seen: Upstream, place: int) -> str:
    """The same state and the same trigger give the same execution."""
    flow = listener.flow
    text = "\x1f".join((seen.execution.id, str(place), flow.namespace, flow.id, listener.id))
    return new_id(seen.change.at, lambda size: blake2b(text.encode(), digest_size=size).digest())


def _handed_on(execution: Execution) -> dict[str, str]:
    return {CORRELATION: execution.labels.get(CORRELATION, execution.id)}


def _deeper(new: NewExecution, seen: Upstream) -> NewExecution:
    return replace(new, execution=replace(new.execution, depth=seen.execution.depth + 1))


def _name(listener: Listener) -> str:
    return f"{listener.id} of flow {listener.flow.namespace}.{listener.flow.id}"
