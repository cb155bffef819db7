"""`kapell run`: one flow, from its file to its end, with a picture of what happens."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import TextIO

from kapell.assembly.local import Local
from kapell.assembly.settings import Settings
from kapell.cli.picture import Picture, Sight
from kapell.errors import InputError, KapellError
from kapell.model.problem import InvalidFlow
from kapell.model.state import State

STATUS = {
    State.SUCCESS: 0,
    State.WARNING: 0,
    State.FAILED: 1,
    State.CANCELLED: 3,
    State.PAUSED: 4,
    State.KILLED: 130,
}
INVALID = 2
INTERNAL = 70


class BadArgument(KapellError):
    """Something on the command line is not what it should be."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; `inputs` and `labels` are texts `NAME=VALUE`."""

    file: Path
    inputs: Sequence[str] = ()
    inputs_file: Path | None = None
    labels: Sequence[str] = ()
    state_dir: Path | None = None
    new: bool = False
    json: bool = False


def run_file(request: Request) -> int:
    """Run it; the exit status."""
    try:
        source = _read(request.file)
        inputs = {**_from_file(request.inputs_file), **_pairs(request.inputs, "-i")}
        return _run(request, source, inputs, _pairs(request.labels, "-l"))
    except InvalidFlow as invalid:
        for problem in invalid.problems:
            _say(f"{request.file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem}")
        return INVALID
    except (InputError, BadArgument) as error:
        _say(str(error))
        return INVALID
    except KapellError as error:
        _say(str(error))
        return INTERNAL


def _run(request: Request, source: str, inputs: Mapping[str, object], labels: Mapping[str, str]) -> int:
    out = sys.stderr if request.json else sys.stdout
    with Local(settings=Settings(state_dir=request.state_dir)) as local:
        sights: Queue[Sight] = Queue()
        local.watch(lambda steps, lines: sights.put(Sight(tuple(steps), tuple(lines))))
        flow = local.save(source)
        id = None if request.new else local.unfinished(flow.namespace, flow.id)
        if id is None:
            id = local.create(flow.namespace, flow.id, inputs, labels)
        else:
            _say(f"Going on with execution {id} (--new starts another one)")
        picture = Picture(id, flow, local.execution(id))
        interrupted = _show(local, id, picture, sights, out)
        execution = local.execution(id)
    if request.json:
        print(json.dumps(execution.to_dict(), ensure_ascii=False, indent=2, default=str))
    return 130 if interrupted else STATUS.get(execution.state, INTERNAL)


def _show(local: Local, id: str, picture: Picture, sights: Queue[Sight], out: TextIO) -> bool:
    """Draw until the execution has ended and nothing of it runs; True when it was interrupted."""
    from kapell.cli.screen import screen

    interrupted = False
    with screen(picture, out) as draw:
        while not picture.over:
            try:
                picture.take(sights.get(timeout=0.1))
                while not sights.empty():
                    picture.take(sights.get_nowait())
            except Empty:
                pass
            except KeyboardInterrupt:
                if interrupted:
                    raise
                interrupted = True
                local.kill(id)
            draw()
    return interrupted


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadArgument(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadArgument(f"{file}: byte {error.start} is not UTF-8") from None


def _pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadArgument(f"{option} {text}: write it as NAME=VALUE")
        found[name] = value
    return found


def _from_file(file: Path | None) -> Mapping[str, object]:
    if file is None:
        return {}
    import yaml

    try:
        values: object = yaml.safe_load(_read(file))
    except yaml.YAMLError as error:
        raise BadArgument(f"{file}: {error}") from None
    if not isinstance(values, dict):
        raise BadArgument(f"{file}: inputs are a map of name and value")
    return values


def _say(text: str) -> None:
    print(text, file=sys.stderr)
