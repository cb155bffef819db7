"""`kapell run`: one flow, from its file to its end, with a picture of what happens."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from typing import TextIO

from kapell.assembly.local import Local
from kapell.assembly.settings import Settings
from kapell.cli.picture import Picture, Sight
from kapell.cli.request import BadArgument, Request, pairs, read_text
from kapell.cli.screen import screen
from kapell.errors import InputError, KapellError, Refused
from kapell.model.flow import Flow
from kapell.model.problem import InvalidFlow
from kapell.model.state import State

STATUS = {
    State.SUCCESS: 0,
    State.WARNING: 0,
    State.FAILED: 1,
    State.CANCELLED: 3,
    State.KILLED: 130,
}
INVALID = 2
PAUSED = 4
INTERNAL = 70
INTERRUPTED = 130


def run_file(request: Request) -> int:
    """Run it; the exit status."""
    try:
        return _run(request, read_text(request.file))
    except InvalidFlow as invalid:
        for problem in invalid.problems:
            _say(f"{request.file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem}")
        return INVALID
    except (InputError, BadArgument, Refused) as error:
        _say(str(error))
        return INVALID
    except KapellError as error:
        _say(str(error))
        return INTERNAL


def _run(request: Request, source: str) -> int:
    out = sys.stderr if request.json else sys.stdout
    with Local(settings=Settings(state_dir=request.state_dir, environ=request.environ())) as local:
        sights: Queue[Sight] = Queue()
        local.watch(lambda steps, lines: sights.put(Sight(tuple(steps), tuple(lines))))
        local.apply(*request.others())
        flow = local.save(source)
        id = _begun(local, flow, request)
        picture = Picture(id, flow, local.execution(id))
        status = _follow(local, picture, sights, out)
        execution = local.execution(id)
    if request.json:
        print(json.dumps(execution.to_dict(), ensure_ascii=False, indent=2, default=str))
    return STATUS.get(execution.state, INTERNAL) if status is None else status


def _begun(local: Local, flow: Flow, request: Request) -> str:
    """The execution to show: a new one, or one that has not ended."""
    id = None if request.new else local.unfinished(flow.namespace, flow.id)
    if id is not None:
        _say(f"Going on with execution {id} (--new starts another one)")
        return id
    return local.create(flow.namespace, flow.id, request.given(flow), pairs(request.labels, "-l"))


def _follow(local: Local, picture: Picture, sights: Queue[Sight], out: TextIO) -> int | None:
    """Show it to its end, asking whoever sits there when it waits for a person; a status if it did not end."""
    while True:
        with screen(picture, out) as draw:
            interrupted = _show(local, picture, sights, draw)
        if interrupted:
            return INTERRUPTED
        if picture.over:
            return None
        if not (sys.stdin.isatty() and out.isatty()):
            _say(f"Execution {picture.waiting[0].execution_id} waits for a person, and there is nobody to ask here")
            return PAUSED
        from kapell.cli.form import ask

        ask(local, picture)


def _show(local: Local, picture: Picture, sights: Queue[Sight], draw: Callable[[], None]) -> bool:
    """Draw until nothing of the execution runs any more, or it waits for a person; True when interrupted."""
    killed = False
    with _interrupts() as pressed:
        while not picture.over and not (picture.waiting and sights.empty()):
            try:
                picture.take(sights.get(timeout=0.1))
                while not sights.empty():
                    picture.take(sights.get_nowait())
            except Empty:
                pass
            if pressed() and not killed:
                killed = True
                local.kill(picture.id)
            draw()
    return killed


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed. The first is asked for, so that no line is left half done; the second ends all."""
    count = 0

    def press(_number: int, _frame: object) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: count > 0
    finally:
        signal.signal(signal.SIGINT, previous or signal.SIG_DFL)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
