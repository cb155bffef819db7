"""A `kapell run` that is killed outright while a script runs: nothing of it is left, and the next run does it again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance.processes import flow, kapell, lives, started
from kapell.assembly.local import Local
from kapell.plugins.core.runner import process

SHELL = "io.kestra.plugin.scripts.shell.Commands"
GONE_WITHIN_SECONDS = 2.0

# Forks a daemon as unwilling as can be: forked twice, in a session of its own, deaf to signals, with no pipe of ours.
DAEMON = """
import os, signal, sys, time
for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(sign, signal.SIG_IGN)
if not os.fork():
    os.setsid()
    if os.fork(): os._exit(0)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2): os.dup2(null, stream)
    with open(sys.argv[1] + ".new", "w") as file: file.write(str(os.getpid()))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while True: time.sleep(60)
"""


def until(met: Callable[[], bool], seconds: float) -> None:
    """Return as soon as it is."""
    give_up = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < give_up, "it has not come to that"
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(line) for line in found.split()]


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)


def unwilling(folder: Path) -> list[str]:
    """Commands that start the daemon and then wait, deaf themselves; their pids are in `daemon` and `shell`."""
    (folder / "daemon.py").write_text(DAEMON)
    daemon = f"{sys.executable} {folder}/daemon.py {folder}/daemon"
    return [
        daemon,
        'trap "" TERM HUP',
        f"echo $$ > {folder}/shell.new; mv {folder}/shell.new {folder}/shell",
        "sleep 300",
    ]


def pids(folder: Path) -> list[int]:
    """Those of what `unwilling` starts, once all of it runs."""
    until(lambda: (folder / "daemon").exists() and (folder / "shell").exists(), 20)
    return [int((folder / name).read_text()) for name in ("daemon", "shell")]


sees_environments = pytest.mark.skipif(sys.platform != "linux", reason="a system may hide other processes' environment")


@sees_environments
def test_nothing_of_a_script_outlives_a_kapell_that_was_killed(tmp_path: Path) -> None:
    run = started("run", flow(tmp_path, f"{{id: waits, type: {SHELL}, commands: {json.dumps(unwilling(tmp_path))}}}"))
    running = pids(tmp_path)
    assert all(map(lives, running))
    reaper = [pid for pid in children(run.pid) if pid not in running]
    assert len(reaper) == 1
    command = subprocess.run(["ps", "-o", "args=", "-p", str(reaper[0])], capture_output=True, text=True).stdout
    # Who kills by name must not kill it, too.
    assert "kapell" not in command.replace(sys.executable, "")
    killed(run)
    until(lambda: not any(map(lives, [*running, *reaper])), GONE_WITHIN_SECONDS)


@sees_environments
@pytest.mark.parametrize(("how", "state"), [("kill", "KILLED"), ("timeout", "FAILED")])
def test_nothing_of_a_script_outlives_its_kill_and_its_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, state: str
) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    commands, limit = json.dumps(unwilling(tmp_path)), ", timeout: PT2S" if how == "timeout" else ""
    with Local() as local:
        local.apply(flow(tmp_path, f"{{id: waits, type: {SHELL}, commands: {commands}{limit}}}").read_text())
        id = local.create("acceptance", "flow")
        running = pids(tmp_path)
        if how == "kill":
            local.kill(id)
        assert local.wait(id, timeout=20).state == state
        until(lambda: not any(map(lives, running)), GONE_WITHIN_SECONDS)


def test_a_script_that_is_done_again_does_not_meet_the_one_before(tmp_path: Path) -> None:
    pid, met = tmp_path / "pid", tmp_path / "met"
    # The second one ends at once, when it has written down what has become of the first.
    lines = [
        f"[ -s {pid} ] && {{ ps -o stat= -p $(cat {pid}) > {met}; exit 0; }}",
        f"echo $$ > {pid}",
        'trap "" TERM',
        "while :; do sleep 300; done",
    ]
    file = flow(tmp_path, f"{{id: waits, type: {SHELL}, failFast: false, commands: {json.dumps(lines)}}}")
    run = started("run", "--state-dir", tmp_path / "state", file)
    until(lambda: pid.exists() and bool(pid.read_text()), 20)
    killed(run)
    again = kapell("run", "--state-dir", tmp_path / "state", file)
    assert again.returncode == 0, again.stdout + again.stderr
    # It may wait for its parent to notice.
    assert met.read_text()[:1] in ("", "Z")


def test_what_a_script_leaves_running_when_it_ends_is_left_alone(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    server = f"sleep 300 > /dev/null 2>&1 & echo $! > {pid}"
    done = kapell("run", flow(tmp_path, f"{{id: starts, type: {SHELL}, commands: {json.dumps([server])}}}"))
    try:
        assert done.returncode == 0
        assert lives(int(pid.read_text()))
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)
