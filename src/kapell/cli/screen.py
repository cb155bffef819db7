"""Drawing a picture: a live tree in a terminal, plain lines anywhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from kapell.cli.picture import Picture, duration_of, duration_text
from kapell.model.log import LogLine
from kapell.model.state import State
from kapell.model.task_run import TaskRun


@contextmanager
def screen(picture: Picture, out: TextIO) -> Iterator[Callable[[], None]]:
    """Gives the function that draws what is new; the end is drawn when the block is left."""
    if out.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        from kapell.cli.tree import live_tree

        with live_tree(picture, out) as draw:
            yield draw
    else:

        def draw_lines() -> None:
            for item in picture.news():
                if isinstance(item, LogLine):
                    print(_line(item), file=out)
                elif item.state not in (State.CREATED, State.SUBMITTED):
                    print(_state(item, picture.label(item)), file=out)
            out.flush()

        yield draw_lines
        draw_lines()
    print(ending(picture), file=out, flush=True)


def ending(picture: Picture) -> str:
    """One line that says how it went."""
    execution = picture.execution
    span = duration_text(execution.history[-1].at - execution.created)
    count = f"{picture.count} task run{'' if picture.count == 1 else 's'}"
    return f"{execution.state} {execution.namespace}.{execution.flow_id} in {span}, {count}, execution {execution.id}"


def _line(line: LogLine) -> str:
    return f"{clock_time(line.at)} {line.level:<7} {line.task_id or '-'}: {line.message}"


def _state(run: TaskRun, label: str) -> str:
    last = run.history[-1]
    took = f" after {duration_text(duration_of(run, datetime.now(UTC)))}" if run.state.ended else ""
    return f"{clock_time(last.at)} {last.state:<7} {label}{took}"


def clock_time(at: datetime) -> str:
    """The local time of day, to the millisecond."""
    return at.astimezone().strftime("%H:%M:%S.%f")[:-3]
