"""`io.kestra.plugin.core.flow.Loop`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Literal

from kapell.sdk import (
    Example,
    FlowOutput,
    KapellError,
    LoopingTask,
    OpenFile,
    Part,
    TaskFailed,
    Tasks,
    Templated,
    Turns,
    prop,
)
from kapell.sdk.ion import ion_rows


class LoopOutput(Part):
    """What each iteration gives back."""

    id: str = prop("Its name.")
    type: str = prop("Its type, as for outputs of a flow.")
    value: object = prop("Its value; expressions see the iteration.")
    description: str | None = prop("What it is.", default=None)
    display_name: str | None = prop("Its name for people.", default=None)
    required: bool = prop("Whether an iteration fails that can't give it.", default=True)


class Loop(LoopingTask):
    """Run tasks for each of many values, each time in an execution of its own; `{{ item.value }}` is the value."""

    values: Templated[object] = prop(
        "A list, a map, JSON text of either, or the address of a file with a value a line."
    )
    concurrency_limit: int = prop("How many iterations may run at the same time; 0 for all.", default=1, least=0)
    transmit_failed: bool = prop("Whether the loop fails when an iteration does.", default=True)
    outputs: list[LoopOutput] = prop("What each iteration gives back.", default=[])
    fetch_type: Literal["AUTO", "FETCH", "STORE"] = prop(
        "Where the outputs of the iterations go: here, or into a file each. AUTO stores them when `values` is a file.",
        default="AUTO",
    )
    break_when: str | None = prop("No further iteration starts once this is true; it sees the iteration.", default=None)
    tasks: Tasks = prop("The tasks of an iteration, in order.", filled=True)
    errors: Tasks = prop("Tasks to run, in order, when one of the iteration's tasks has failed.", default=())
    finally_: Tasks = prop("Tasks to run, in order, after the iteration's others.", default=())

    examples = (
        Example(
            "Three greetings",
            "values: [Ada, Bob, Cid]\n"
            'tasks:\n  - {id: greet, type: io.kestra.plugin.core.log.Log, message: "Hello {{ item.value }}"}',
        ),
    )

    def turns(self, open_file: OpenFile) -> Turns:
        """The values as texts."""
        given = self.values
        from_file = isinstance(given, str) and given.startswith(("kestra:///", "nsfile:///"))
        if isinstance(given, str):
            given = _lines(open_file(given)) if from_file else _from_json(given)
        if isinstance(given, Mapping):
            return self._turns(list(given.values()), keys=list(map(str, given)), from_file=False)
        if isinstance(given, list | tuple):
            return self._turns(list(given), keys=[], from_file=from_file)
        raise TaskFailed(_no_list(given))

    def _turns(self, values: list[object], keys: list[str], from_file: bool) -> Turns:
        if any(value is None for value in values):
            shown = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
            raise TaskFailed(f"Found a null value inside the iteration values={shown}")
        outputs = (
            FlowOutput(one.id, one.type, one.value, one.description or "", one.display_name or "", one.required)
            for one in self.outputs
        )
        return Turns(
            values=[_text(value) for value in values],
            keys=keys,
            limit=self.concurrency_limit,
            transmit_failed=self.transmit_failed,
            outputs=tuple(outputs),
            break_when=self.break_when,
            store=self.fetch_type == "STORE" or (self.fetch_type == "AUTO" and from_file),
            next_offset=len(values) if from_file else None,
        )


def _from_json(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        raise TaskFailed(_no_list(text)) from None
    return found


def _no_list(given: object) -> str:
    return f"The `values` must be a list, a map, or an expression that renders to one, but got: '{given}'."


def _lines(text: str) -> list[object]:
    """A row to a line: Ion or JSON; a line that is neither is a text."""
    return [_row(line) for line in text.splitlines() if line.strip()]


def _row(line: str) -> object:
    try:
        rows = list(ion_rows(BytesIO(line.encode())))
    except (ValueError, KapellError):
        return line
    return rows[0] if len(rows) == 1 else line


def _text(value: object) -> str:
    if isinstance(value, bool | list | tuple):
        raise TaskFailed(f"Unknown value element type: {value!r} is neither text, number nor map")
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
