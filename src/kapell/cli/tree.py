"""The live tree of `kapell run` in a terminal: task runs below one another, with their last lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from kapell.cli.picture import Picture, duration_of, duration_text
from kapell.cli.screen import clock_time
from kapell.model.log import Level, LogLine
from kapell.model.state import State
from kapell.model.task_run import TaskRun

MOST_CHILDREN = 20
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
    console = Console(file=out, highlight=False)
    with Live(console=console, refresh_per_second=10, transient=False) as live:

        def draw() -> None:
            for item in picture.news():
                if isinstance(item, LogLine):
                    live.console.print(_line(item))
            live.update(_tree(picture))

        yield draw
        draw()


def _line(line: LogLine) -> Text:
    return Text.assemble(
        (clock_time(line.at), "dim"),
        " ",
        (f"{line.level:<5}", LEVELS[line.level] or "dim"),
        " ",
        (f"{line.task_id or '-'}: ", "bold"),
        (line.message, LEVELS[line.level]),
    )


def _tree(picture: Picture) -> Group:
    now = datetime.now(UTC)
    execution = picture.execution
    mark, style = LOOK[execution.state]
    root = Tree(Text.assemble((mark, style), f" {execution.flow_id} ", (execution.state.value, style)))
    _grow(root, picture, None, now)
    return Group(root)


def _grow(branch: Tree, picture: Picture, parent_id: str | None, now: datetime) -> None:
    children = picture.children(parent_id)
    for run in children[-MOST_CHILDREN:] if len(children) > MOST_CHILDREN else children:
        _grow(branch.add(_label(run, now)), picture, run.id, now)
    if len(children) > MOST_CHILDREN:
        branch.add(Text(f"and {len(children) - MOST_CHILDREN} before these", style="dim"))


def _label(run: TaskRun, now: datetime) -> Text:
    mark, style = LOOK[run.state]
    return Text.assemble((mark, style), f" {run.label} ", (duration_text(duration_of(run, now)), "dim"))
