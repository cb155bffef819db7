"""The runner with real processes; each test waits for a line or an end, never for a while."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from attempts import context
from kapell.model.flow import Task
from kapell.plugins.core.runner import _tree, process
from kapell.plugins.core.runner.process import Process
from kapell.sdk import Command, TaskFailed

# A daemon as unwilling as can be: forked twice, in a session of its own, deaf to signals.
DAEMON = """
import os, signal, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(sign, signal.SIG_IGN)
os.write(1, b"daemon %d\\n" % os.getpid())
if sys.argv[1:] == ["silent"]:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2): os.dup2(null, stream)
while True: time.sleep(60)
"""

FORKER = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
for _ in range(30):
    if not os.fork(): time.sleep(300)
    time.sleep(0.02)
time.sleep(300)
"""


class Heard:
    """The lines of a command; `said` is set once one begins with `wanted`."""

    def __init__(self, then: Callable[[str], None] = lambda _line: None) -> None:
        self.lines: list[tuple[str, bool]] = []
        self._then = then

    def __call__(self, line: str, is_error: bool) -> None:
        self.lines.append((line, is_error))
        self._then(line)


def run(
    *arguments: str, folder: Path, env: Mapping[str, str] | None = None, cancel_at: str | None = None
) -> tuple[int, list[tuple[str, bool]]]:
    ctx = context(Task(id="hello", type=""))

    def look(line: str) -> None:
        if cancel_at is not None and line.startswith(cancel_at):
            threading.Thread(target=ctx.cancel).start()

    heard = Heard(look)
    env = {"PATH": os.environ["PATH"]} if env is None else env
    code = Process().run(Command(arguments=arguments, folder=folder, env=env), ctx, heard)
    return code, heard.lines


def shell(script: str, **given: object) -> tuple[int, list[tuple[str, bool]]]:
    return run("/bin/sh", "-c", script, **given)


def is_alive(pid: int) -> bool:
    """Whether there is such a process that is no zombie."""
    return pid in {process.pid for process in _tree.living()}


def test_both_streams_are_heard_as_lines(tmp_path: Path) -> None:
    code, lines = shell("echo out; echo err >&2; printf end", folder=tmp_path)
    assert code == 0
    assert sorted(lines) == [("end", False), ("err", True), ("out", False)]


def test_the_exit_code_is_the_command_s(tmp_path: Path) -> None:
    assert shell("exit 7", folder=tmp_path)[0] == 7


def test_a_command_ended_by_a_signal_has_the_shell_s_code(tmp_path: Path) -> None:
    assert run(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)", folder=tmp_path)[0] == 137


def test_it_runs_in_its_folder_with_exactly_its_environment(tmp_path: Path) -> None:
    code, lines = run("/usr/bin/env", folder=tmp_path, env={"ONLY": "this"})
    assert code == 0
    assert [line for line, _ in lines if not line.startswith(_tree.MARK)] == ["ONLY=this"]
    assert shell("pwd -P", folder=tmp_path)[1] == [(str(tmp_path.resolve()), False)]


def test_there_is_nothing_to_read_on_standard_input(tmp_path: Path) -> None:
    assert shell("cat; echo over", folder=tmp_path) == (0, [("over", False)])


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskFailed, match="`no-such-program` is not installed where the worker runs"):
        run("no-such-program", folder=tmp_path)


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("data")
    with pytest.raises(TaskFailed, match="may not be executed"):
        run(str(tmp_path / "data"), folder=tmp_path)


def test_a_child_that_holds_the_output_open_does_not_hold_up_the_task(tmp_path: Path) -> None:
    code, lines = shell("sleep 300 & echo $!", folder=tmp_path)
    pid = int(lines[0][0])
    try:
        assert code == 0
        assert is_alive(pid)
    finally:
        os.kill(pid, 9)


def test_what_was_said_last_is_heard_when_a_child_holds_the_output_open(tmp_path: Path) -> None:
    _, lines = shell("sleep 300 & echo $!; seq 2000; printf end", folder=tmp_path)
    os.kill(int(lines[0][0]), 9)
    assert [line for line, _ in lines[1:]] == [*map(str, range(1, 2001)), "end"]


def test_a_cancelled_command_may_clean_up(tmp_path: Path) -> None:
    code, lines = shell(
        'trap "echo cleaning; exit 3" TERM; echo ready; sleep 300 & wait', folder=tmp_path, cancel_at="ready"
    )
    assert code == 3
    assert lines == [("ready", False), ("cleaning", False)]


def test_one_that_ignores_being_asked_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    start = time.monotonic()
    code, _ = shell('trap "" TERM; echo ready; while :; do sleep 300; done', folder=tmp_path, cancel_at="ready")
    assert code == 137
    assert time.monotonic() - start < 5


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("how", "ending"),
    [("loud", "sleep 300"), ("silent", "sleep 300"), ("loud", "exit 0")],
    ids=["loud", "silent", "with the command gone"],
)
def test_a_deaf_daemon_in_its_own_session_dies_with_the_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, ending: str
) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(process, "LINGER_SECONDS", 60.0)
    (tmp_path / "daemon.py").write_text(DAEMON)
    script = f"{sys.executable} daemon.py {how}; {ending}"
    _, lines = shell(script, folder=tmp_path, cancel_at="daemon")
    pid = int(lines[0][0].split()[1])
    assert not is_alive(pid)


def test_a_tree_that_forks_on_and_on_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    (tmp_path / "forker.py").write_text(FORKER)
    marks: list[str] = []
    kill = _tree.kill
    monkeypatch.setattr(_tree, "kill", lambda leader, mark: (marks.append(f"{leader} {mark}"), kill(leader, mark)))
    run(sys.executable, "forker.py", folder=tmp_path, cancel_at="ready")
    leader, mark = marks[0].split()
    assert _tree.members(int(leader), mark) == set()


def test_cancelling_after_the_end_does_no_harm(tmp_path: Path) -> None:
    ctx = context(Task(id="hello", type=""))
    env = {"PATH": os.environ["PATH"]}
    assert Process().run(Command(arguments=("true",), folder=tmp_path, env=env), ctx, Heard()) == 0
    ctx.cancel()


def test_the_end_is_seen_where_a_program_ignores_the_ends_of_its_children(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert shell("echo here", folder=tmp_path)[1] == [("here", False)]
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_a_failing_listener_leaves_no_process_behind(tmp_path: Path) -> None:
    pids: list[int] = []

    def fail(line: str) -> None:
        pids.append(int(line))
        raise RuntimeError("no ear")

    ctx = context(Task(id="hello", type=""))
    command = Command(arguments=("/bin/sh", "-c", "echo $$; sleep 300"), folder=tmp_path, env=dict(os.environ))
    with pytest.raises(RuntimeError, match="no ear"):
        Process().run(command, ctx, Heard(fail))
    assert not is_alive(pids[0])


def test_one_whose_lines_are_held_up_is_killed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    ctx = context(Task(id="hello", type=""))
    gone: list[bool] = []

    def hold_up(line: str) -> None:
        threading.Thread(target=ctx.cancel).start()
        give_up = time.monotonic() + 10
        while is_alive(int(line)) and time.monotonic() < give_up:
            time.sleep(0.01)
        gone.append(not is_alive(int(line)))

    command = Command(
        arguments=("/bin/sh", "-c", "trap '' TERM; echo $$; sleep 300"), folder=tmp_path, env=dict(os.environ)
    )
    assert Process().run(command, ctx, Heard(hold_up)) == 137
    assert gone == [True]


def test_a_line_of_100_mb_stays_bounded(tmp_path: Path) -> None:
    sizes: list[int] = []
    ctx = context(Task(id="hello", type=""))
    script = "import sys\nfor _ in range(100): sys.stdout.write('a' * 1_000_000)"
    command = Command(arguments=(sys.executable, "-c", script), folder=tmp_path, env=dict(os.environ))
    Process().run(command, ctx, lambda line, _error: sizes.append(len(line)))
    assert max(sizes) < 600_000
    assert sum(sizes) >= 100_000_000
