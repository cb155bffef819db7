"""The live tree of `kapell run` in a terminal: task runs below one another, with their last lines above."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from kapell.cli.picture import Picture, duration_of, duration_text
from kapell.cli.screen import clock_time
from kapell.model.log import Level, LogLine
from kapell.model.state import State
from kapell.model.task_run import TaskRun

FRAME_SECONDS = 0.1
MOST_ROWS = 100
"""What is shown at the end, even if it has no place in the terminal; of more than that only what has place."""
LONGEST_LINE = 2000
LOOK: dict[State, tuple[str, str]] = {
    State.CREATED: ("·", "dim"),
    State.SUBMITTED: ("·", "dim"),
    State.RESUBMITTED: ("·", "dim"),
    State.RUNNING: ("▶", "blue"),
    State.PAUSED: ("‖", "magenta"),
    State.QUEUED: ("…", "dim"),
    State.RESTARTED: ("↻", "blue"),
    State.RETRYING: ("↻", "yellow"),
    State.BREAKPOINT: ("‖", "magenta"),
    State.KILLING: ("✕", "yellow"),
    State.SUCCESS: ("✓", "green"),
    State.WARNING: ("!", "yellow"),
    State.FAILED: ("✗", "red"),
    State.KILLED: ("✕", "red"),
    State.CANCELLED: ("✕", "yellow"),
    State.RETRIED: ("↻", "yellow"),
    State.SKIPPED: ("»", "dim"),
}
LEVELS = {Level.TRACE: "dim", Level.DEBUG: "dim", Level.INFO: "", Level.WARN: "yellow", Level.ERROR: "red"}


@contextmanager
def live_tree(picture: Picture, out: TextIO) -> Iterator[Callable[[], None]]:
    """Log lines scroll by above; the tree stays below them and is drawn at most ten times a second."""
    console = Console(file=out, highlight=False, soft_wrap=False)
    due = 0.0
    with Live(console=console, auto_refresh=False, transient=False) as live:

        def draw() -> None:
            nonlocal due
            begun = time.monotonic()
            if begun >= due:
                show(console.height - 1)
                # a picture of many task runs takes its time: it gets a tenth of it
                due = begun + max(FRAME_SECONDS, 10 * (time.monotonic() - begun))

        def show(rows: int) -> None:
            lines = [_line(item) for item in picture.news() if isinstance(item, LogLine)]
            if lines:
                console.print(*lines, sep="\n")
            live.update(_tree(picture, max(rows, 2)), refresh=True)

        yield draw
        live.vertical_overflow = "visible"
        show(MOST_ROWS if len(picture.runs) < MOST_ROWS else console.height - 1)


def _line(line: LogLine) -> Text:
    message = line.message
    if len(message) > LONGEST_LINE:
        message = f"{message[:LONGEST_LINE]}… and {len(message) - LONGEST_LINE:,} characters more"
    said = Text.from_ansi(message)
    said.stylize_before(LEVELS[line.level])
    head = Text.assemble(
        (clock_time(line.at), "dim"),
        " ",
        (f"{line.level:<5}", LEVELS[line.level] or "dim"),
        " ",
        (f"{line.task_id or '-'}: ", "bold"),
    )
    return head.append_text(said)


def _tree(picture: Picture, rows: int) -> Tree:
    execution = picture.execution
    mark, style = LOOK[execution.state]
    root = Tree(_fitting((mark, style), f" {execution.flow_id} ", (execution.state.value, style)))
    chosen = _chosen(picture, rows - 1)
    _grow(root, picture, None, chosen, datetime.now(UTC))
    return root


def _chosen(picture: Picture, rows: int) -> set[str]:
    """The task runs that there is place for: what is under way first, then what has failed, then the latest."""
    if len(picture.runs) <= rows:
        return set(picture.runs)
    found: set[str] = set()
    left = rows
    for run in heapq.nlargest(rows, picture.runs.values(), key=_weight):
        way = [run.id]
        while (above := picture.parent_of(picture.runs[way[-1]])) in picture.runs and above is not None:
            way.append(above)
        fresh = [id for id in way if id not in found]
        # each of those above may need a row more, for the count of those that are not shown
        left -= len(fresh) + sum(id != run.id for id in fresh)
        if left < 1:
            break
        found.update(fresh)
    return found


def _weight(run: TaskRun) -> tuple[bool, bool, datetime, int]:
    return not run.state.ended, run.state is State.FAILED, run.history[-1].at, run.number


def _grow(branch: Tree, picture: Picture, parent_id: str | None, chosen: set[str], now: datetime) -> None:
    children = picture.children(parent_id)
    shown = [run for run in children if run.id in chosen]
    for run in shown:
        _grow(branch.add(_label(picture.label(run), run, now)), picture, run.id, chosen, now)
    if len(shown) < len(children):
        branch.add(_fitting((_others(children, chosen), "dim")))


def _others(children: Sequence[TaskRun], chosen: set[str]) -> str:
    """How many there are that are not shown, by state."""
    hidden = [run.state for run in children if run.id not in chosen]
    counts = ", ".join(f"{hidden.count(state):,} {state}" for state in State if state in hidden)
    return f"and {counts}"


def _label(name: str, run: TaskRun, now: datetime) -> Text:
    mark, style = LOOK[run.state]
    return _fitting((mark, style), f" {name} ", (duration_text(duration_of(run, now)), "dim"))


def _fitting(*parts: str | tuple[str, str]) -> Text:
    """One row, whatever the width."""
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
