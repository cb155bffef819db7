"""`kapell run --watch` as a process: once more after each change, whatever the flow looks like by then."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from subprocess import Popen
from threading import Timer

from acceptance.processes import KAPELL, LOG, SHELL, flow, lives, started

SECONDS = 40


def saying(folder: Path, word: str) -> Path:
    return flow(folder, f"{{id: say, type: {LOG}, message: {word}}}")


def lines_until(process: Popen[str], text: str) -> list[str]:
    """What is printed up to the line that holds a text."""
    assert process.stdout is not None
    found: list[str] = []
    watchdog = Timer(SECONDS, process.kill)
    watchdog.start()
    while not found or text not in found[-1]:
        line = process.stdout.readline()
        assert line, f"{text!r} was not printed: {found}"
        found.append(line)
    watchdog.cancel()
    return found


def test_a_change_runs_the_flow_again_and_a_broken_one_is_waited_for(tmp_path: Path) -> None:
    file = saying(tmp_path, "one")
    given = tmp_path / "inputs.yaml"
    given.write_text("x: 1\n")
    process = started("run", file, "--watch", "--inputs-file", given)
    lines_until(process, "say: one")
    lines_until(process, "Ctrl-C ends")
    file.write_text("id: [")
    assert any(f"{file} changed" in line for line in lines_until(process, "Exit status 2. Watching"))
    saying(tmp_path, "two")
    lines_until(process, "say: two")
    lines_until(process, "Ctrl-C ends")
    given.write_text("x: 22\n")
    assert any("inputs.yaml changed" in line for line in lines_until(process, "say: two"))
    lines_until(process, "Ctrl-C ends")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert f"{file}:" in errors


def test_ctrl_c_while_it_runs_kills_the_execution_and_ends_the_watch(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    file = flow(tmp_path, f"{{id: long, type: {SHELL}, script: 'echo $$ > {pids}; echo begun; sleep 300'}}")
    process = started("run", file, "--watch")
    lines_until(process, "long: begun")
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (130, "")
    assert printed.splitlines()[-1].startswith("KILLED")
    assert not lives(int(pids.read_text()))


def test_the_state_folder_is_not_watched_even_inside_a_folder_that_is(tmp_path: Path) -> None:
    file = saying(tmp_path, "one")
    process = started("run", file, "--watch", "--files", tmp_path, "--state-dir", tmp_path / "state")
    lines_until(process, "Ctrl-C ends")
    (tmp_path / "news.txt").write_text("x")
    again = lines_until(process, "Ctrl-C ends")
    assert [line for line in again if "changed" in line] == [line for line in again if "news.txt changed" in line]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def test_what_comes_through_a_pipe_can_not_be_watched() -> None:
    process = Popen([KAPELL, "run", "-", "--watch"], stdin=os.open(os.devnull, os.O_RDONLY), stderr=-1, text=True)
    _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (2, "--watch needs a file, not standard input\n")
