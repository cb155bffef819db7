"""`kapell run --watch`: once more whenever something has changed on which the outcome depends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from kapell.cli.reading import BadArgument
from kapell.cli.request import Request
from kapell.cli.run import INVALID, run_file

# A look at the files every 200 ms costs less than a library that is told of changes costs to load, and works on every
# file system, those over a network too.
INTERVAL_SECONDS = 0.2
MOST_NAMES = 3
Seen: TypeAlias = Mapping[Path, tuple[int, int, int]]
"""What tells one content of a file from another: when it was written, its size, its inode."""


def watch(request: Request) -> int:
    """Run it again and again, until Ctrl-C; the exit status of the last run."""
    try:
        watched = request.watched()
    except BadArgument as error:
        print(error, file=sys.stderr)
        return INVALID
    without = request.state_dir.resolve() if request.state_dir else None
    while True:
        before = seen(watched, without)
        outcome = run_file(request)
        if outcome.interrupted:
            return outcome.status
        try:
            _say(f"Exit status {outcome.status}. Watching {_names(watched)}; Ctrl-C ends.")
            changed = next_change(watched, before, without)
        except KeyboardInterrupt:
            _say("")
            return outcome.status
        _say(f"\n──── {datetime.now().astimezone():%H:%M:%S} {_names(changed)} changed ────")


def next_change(watched: Sequence[Path], before: Seen, without: Path | None) -> list[Path]:
    """Wait until something is not as it was `before`, and whoever writes has come to rest; what has changed."""
    while True:
        begun = time.monotonic()
        now = seen(watched, without)
        if now != before and now == _later(watched, without):
            return sorted(path for path in {*now, *before} if now.get(path) != before.get(path))
        # a look at very many files takes its time: it gets a tenth of it
        time.sleep(max(INTERVAL_SECONDS, 10 * (time.monotonic() - begun)))


def seen(watched: Sequence[Path], without: Path | None) -> Seen:
    """All that is watched, as it is now; what is missing has no entry."""
    found = {}
    for path in (file for place in watched for file in _files(place, without)):
        try:
            about = path.stat()
        except OSError:
            continue
        found[path] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found


def _later(watched: Sequence[Path], without: Path | None) -> Seen:
    time.sleep(INTERVAL_SECONDS / 4)
    return seen(watched, without)


def _files(place: Path, without: Path | None) -> Iterator[Path]:
    """A file, or those of a folder; hidden folders and the one that executions are kept in do not count."""
    if not place.is_dir():
        yield place
        return
    for folder, inner, names in os.walk(place):
        inner[:] = [name for name in inner if not name.startswith(".") and Path(folder, name).resolve() != without]
        yield from (Path(folder, name) for name in names)


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths[:MOST_NAMES])) + (" …" if len(paths) > MOST_NAMES else "")


def _say(text: str) -> None:
    print(text, flush=True)
