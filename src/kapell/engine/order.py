"""What a flowable may ask for when it begins or closes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from kapell.engine.draft import Draft
from kapell.model.task_run import TaskRun
from kapell.sdk.duration import parse_duration
from kapell.sdk.shape import Expression

T = TypeVar("T")


class OrderFor:
    """What a flowable may ask for when it begins or closes (`sdk.Order`)."""

    def __init__(self, draft: Draft, run: TaskRun) -> None:
        self._draft = draft
        self._run = run

    @property
    def turn(self) -> int:
        """How often it has begun again."""
        return self._run.turn

    @property
    def place(self) -> str:
        """Where it stands, in Kestra's words."""
        one = self._draft.execution
        return f"flow '{one.namespace}.{one.flow_id}', task '{self._run.task_id}', execution '{one.id}'"

    @property
    def elapsed(self) -> timedelta:
        """How long ago it began for the first time."""
        return self._draft.now - self._run.history[0].at

    @property
    def timeout(self) -> timedelta | None:
        """The task's `timeout`."""
        limit = self._draft.node(self._run).task.timeout
        return None if limit is None else parse_duration(str(self._draft.render(limit, self._run)))

    @property
    def memo(self) -> Mapping[str, object]:
        """What is remembered since it began."""
        return self._run.memo

    def render(self, expression: Expression[T]) -> T:
        """The value of an expression in the flowable's place."""
        return expression.value(self.value)

    def value(self, value: object, typed: bool) -> object:
        """A text or structure rendered in the flowable's place."""
        return self._draft.render(value, self._run, typed)
