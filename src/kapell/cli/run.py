"""`kapell run`: one flow, from its file to its end, with a picture of what happens."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import NamedTuple, TextIO

from kapell.assembly.following import LOOKS, at_birth
from kapell.assembly.local import Local
from kapell.cli.document import print_json
from kapell.cli.picture import Picture, Sight
from kapell.cli.reading import BadArgument, pairs, read_text
from kapell.cli.request import Request
from kapell.cli.screen import screen
from kapell.cli.sights import Sights
from kapell.errors import InputError, KapellError, Refused
from kapell.model.flow import Flow
from kapell.model.problem import InvalidFlow
from kapell.model.state import State
from kapell.services.firing import UNNAMED
from kapell.source import load
from kapell.source.document import Document, in_whole

STATUS = {
    State.SUCCESS: 0,
    State.WARNING: 0,
    State.SKIPPED: 0,
    State.FAILED: 1,
    State.CANCELLED: 3,
    State.KILLED: 130,
}
INVALID = 2
PAUSED = 4
INTERNAL = 70
INTERRUPTED = 130
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Outcome(NamedTuple):
    """The exit status of a run, and whether somebody wanted it to end."""

    status: int
    interrupted: bool = False


def run_file(request: Request) -> Outcome:
    """Run it, whatever comes of it."""
    try:
        return _run(request, read_text(request.file))
    except InvalidFlow as invalid:
        _say_problems(request.file, invalid)
        return Outcome(INVALID)
    except (InputError, BadArgument, Refused) as error:
        _say(str(error))
        return Outcome(INVALID)
    except KapellError as error:
        _say(str(error))
        return Outcome(INTERNAL)


def _run(request: Request, source: str) -> Outcome:
    out = sys.stderr if request.json else sys.stdout
    told, others = request.origin(), list(request.others())
    settings = request.settings(load(source).namespace if request.files else "")
    with _interrupts() as pressed, Local(settings=settings) as local:
        sights = Sights()
        local.watch(lambda steps, lines: sights.put(Sight(tuple(steps), tuple(lines))))
        _apply(local, others)
        flow = local.save(source)
        id = _going_on(local, flow, request)
        if id is not None:
            picture = Picture(id, local.family(id))
        else:
            labels = dict(pairs(request.labels, "-l"))
            id = local.create(flow.namespace, flow.id, request.given(flow), labels, told, flow.revision)
            picture = Picture(id, [at_birth(local.execution(id))])
            _note_unnamed(picture, flow, request)
        status = _follow(local, picture, sights, out, pressed)
        execution = local.execution(picture.id)
    if request.json:
        print_json(execution.to_dict())
    return Outcome(STATUS.get(execution.state, INTERNAL) if status is None else status, pressed())


def _note_unnamed(picture: Picture, flow: Flow, request: Request) -> None:
    """A trigger that gives inputs is missed where the file does not say which of several it was."""
    origin = picture.execution.trigger
    if request.trigger and origin and flow.triggers and origin.id == UNNAMED:
        names = ", ".join(trigger.id for trigger in flow.triggers)
        _say(
            f"Note: {request.trigger} does not say which trigger it was ({names}), so none gives its inputs and labels"
        )


def _apply(local: Local, others: list[tuple[Path, Document]]) -> None:
    """Save the flows that may be called; what is wrong with one that isn't shall not keep this one from running."""
    for path, document in others:
        try:
            local.save(document.text)
        except InvalidFlow as invalid:
            errors = in_whole((problem for problem in invalid.problems if problem.severity == "error"), document)
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            _say(f"{path}:{errors[0].line}:{errors[0].column} left out: {errors[0]}{more}")


def _going_on(local: Local, flow: Flow, request: Request) -> str | None:
    """The execution that has not ended, where there is one and nobody wants a new one."""
    id = None if request.new or request.state_dir is None else local.unfinished(flow.namespace, flow.id)
    if id is not None:
        _say(f"Going on with execution {id} (--new starts another one)")
    return id


def _follow(local: Local, picture: Picture, sights: Sights, out: TextIO, pressed: Callable[[], bool]) -> int | None:
    """Show it to its end, asking whoever sits there when it waits for a person; a status if it did not end."""
    asks = _is_terminal(sys.stdin) and out.isatty()
    while True:
        with screen(picture, out) as draw:
            _show(local, picture, sights, draw, pressed, 1 if asks else LOOKS)
        if picture.over:
            return INTERRUPTED if pressed() else None
        if pressed():
            continue
        if not asks:
            _say(f"Execution {picture.waiting[0].execution_id} waits for a person, and there is nobody to ask here")
            return PAUSED
        try:
            _ask(local, picture, out)
        except EOFError:
            return PAUSED
        except KeyboardInterrupt:
            print(file=out)


def _show(
    local: Local,
    picture: Picture,
    sights: Sights,
    draw: Callable[[], None],
    pressed: Callable[[], bool],
    patience: int,
) -> None:
    """Draw until nothing of it runs any more, or it waits for a person; a wish to end it is passed on once.

    Whoever sits there is asked as soon as there is a question. Where nobody does, what else there is to do is done.
    """
    killed, looks = False, 0
    while not picture.over and (killed or pressed() or looks < patience):
        if pressed() and not killed:
            killed = True
            for id in picture.outermost():
                with suppress(Refused):
                    local.kill(id)
        try:
            for sight in sights.get():
                picture.take(sight)
            looks = int(bool(picture.waiting) and patience == 1)
        except Empty:
            busy = local.at_work and patience > 1
            looks = looks + 1 if picture.only_waits and not busy else 0
        draw()


def _ask(local: Local, picture: Picture, out: TextIO) -> None:
    """Fill in the form of the pause; here Ctrl-C breaks in, since a line that nobody ends would keep it waiting."""
    from kapell.cli.form import ask

    handler = signal.getsignal(signal.SIGINT)

    def press(number: int, frame: object) -> None:
        if callable(handler):
            handler(number, None)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, press)
    try:
        ask(local, picture, out)
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Whether it is to end (Ctrl-C, or what a machine sends that shuts down).

    The first time is asked for, so that no line is left half done; the second ends all, whatever is under way. What
    whoever has started us wants to be ignored (`nohup`, a job in the background) stays ignored.
    """
    count = 0

    def press(_number: int, _frame: object) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise KeyboardInterrupt

    heard = [number for number in ENDS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, press) for number in heard}
    try:
        yield lambda: count > 0
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _say_problems(file: Path, invalid: InvalidFlow) -> None:
    for problem in invalid.problems:
        _say(f"{file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
