"""Tasks of every kind: what all have in common, and by its type what only one has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kapell.model.flow import Retry, Task
from kapell.model.log import Level
from kapell.sdk.duration import parse_duration
from kapell.sdk.flowable import FlowableTask
from kapell.sdk.registry import canonical
from kapell.sdk.task import TaskType
from kapell.source.defaults import Defaults
from kapell.source.fields import Fields
from kapell.source.nodes import ListNode, MapNode, Node, Place, is_expression, plain
from kapell.source.problem import Findings
from kapell.source.retry import read_retry
from kapell.source.values import Values, look_up

TASK_ID = "^[a-zA-Z0-9][a-zA-Z0-9_-]*"
_ID = re.compile(TASK_ID, re.ASCII)
LONGEST_ID = 256
_LAST = ("errors", "finally")
_BRANCH_KEYS = frozenset({"tasks", "then", "else", "cases", "defaults", "errors", "finally"})


class Site(NamedTuple):
    """A task with its place in the text, and the class of its type where there is one."""

    task: Task
    node: MapNode
    place: Place
    type: type[TaskType] | None


@dataclass(slots=True)
class Tasks:
    """Reads tasks, and keeps where each was found, outer before inner."""

    findings: Findings
    defaults: Defaults
    sites: list[Site] = field(default_factory=list)

    def all(self, items: Iterable[tuple[MapNode, Place]]) -> tuple[Task, ...]:
        """The tasks of a list."""
        return tuple(self.task(node, place) for node, place in items)

    def task(self, node: MapNode, place: Place) -> Task:
        """One task with all that is inside it."""
        type_name = node.text("type")
        fields = Fields(self.defaults.apply(node, type_name) if type_name else node, place, self.findings)
        known = fields.text("type")
        slot = len(self.sites)
        cls = look_up(fields, known, TaskType)
        values = Values(self.findings, self.defaults, self.task)
        if cls is None or not issubclass(cls, TaskType):
            properties, cls = self._not_built(fields, values), None
        else:
            properties = values.of(cls, fields)
        task = _with_parts(self._task(fields, canonical(known or ""), properties, values), cls)
        if cls is not None:
            fields.refuse_unknown(task.type)
            if cls.deprecated:
                fields.findings.info("deprecated", f"{task.type} is deprecated", place, fields.at("type"))
        self.sites.insert(slot, Site(task, fields.map, place, cls))
        return task

    def _task(self, fields: Fields, type_name: str, properties: dict[str, object], values: Values) -> Task:
        for key in ("version", "workerGroup", "workerSelector", "assets", "policyRefs", "pluginDefaultsRef"):
            fields.node(key)
        return Task(
            id=read_id(fields, "Task"),
            type=type_name,
            properties=properties,
            branches={name: tuple(values.branches[name]) for name in sorted(values.branches, key=_LAST.__contains__)},
            description=fields.text("description") or "",
            disabled=fields.boolean("disabled"),
            run_if=fields.text("runIf", "when"),
            timeout=_timeout(fields),
            retry=retry_in(fields),
            allow_failure=fields.boolean("allowFailure"),
            allow_warning=fields.boolean("allowWarning"),
            log_level=log_level(fields),
            log_to_file=fields.boolean("logToFile"),
            task_cache=fields.values("taskCache") or None,
            line=fields.map.line,
        )

    def _not_built(self, fields: Fields, values: Values) -> dict[str, object]:
        """The properties of a task whose type is not known: as they are, but the tasks inside are read."""
        for key in _BRANCH_KEYS & fields.map.entries.keys():
            node = fields.map.get(key)
            if node is not None:
                self._inside(node, fields.place.key(key), key, values)
        return {key: plain(entry.value) for key, entry in fields.map.entries.items() if key not in ("id", "type")}

    def _inside(self, node: Node, place: Place, branch: str, values: Values) -> None:
        if isinstance(node, ListNode):
            for index, item in enumerate(node.items):
                id = item.text("id") if isinstance(item, MapNode) else None
                self._inside(item, place.item(index, id), branch, values)
        elif isinstance(node, MapNode) and "." in (node.text("type") or "") and node.get("id") is not None:
            values.branches.setdefault(branch, []).append(self.task(node, place))
        elif isinstance(node, MapNode):
            for key, entry in node.entries.items():
                self._inside(entry.value, place.key(key), branch if key == "task" else f"{branch}.{key}", values)


def _with_parts(task: Task, cls: type[TaskType] | None) -> Task:
    """A task with those that its type makes of it."""
    parts = cls.parts(task) if cls is not None and issubclass(cls, FlowableTask) else ()
    if not parts:
        return task
    return replace(task, branches={"tasks": parts, **task.branches}, properties={**task.properties, "tasks": parts})


def read_id(fields: Fields, what: str) -> str:
    """The id of a task or a trigger."""
    id = fields.required_text("id")
    if not id.strip():
        fields.wrong("id", "must not be blank", "missing")
    elif not _ID.fullmatch(id):
        fields.wrong("id", f'must match "{TASK_ID}"', "bad-id")
    elif len(id) > LONGEST_ID:
        fields.wrong("id", f"{what} id must be at most {LONGEST_ID} characters", "bad-id")
    return id


def retry_in(fields: Fields) -> Retry | None:
    """What stands under `retry`."""
    node = fields.map_of("retry")
    return None if node is None else read_retry(Fields(node, fields.place.key("retry"), fields.findings))


def log_level(fields: Fields, key: str = "logLevel") -> Level | None:
    """The level under a key. Kestra: a level that there is not is accepted."""
    text = fields.text(key)
    if text is None or is_expression(text):
        return None
    if text not in Level.__members__:
        fields.doubtful(key, f"`{text}` is none of {', '.join(Level)}")
        return None
    return Level(text)


def _timeout(fields: Fields) -> str | None:
    text = fields.text("timeout")
    if text is not None and not is_expression(text):
        try:
            parse_duration(text)
        except ValueError as error:
            fields.doubtful("timeout", str(error))
    return text
