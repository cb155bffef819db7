"""The second process: what it makes of what it hears, and that there always is one that listens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kapell.plugins.core.runner import _guard, _reaper, _tree
from kapell.plugins.core.runner._guard import Guard


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.close()


def sleeper(mark: str) -> subprocess.Popen[bytes]:
    env = {"PATH": os.environ["PATH"], _tree.MARK: mark}
    return subprocess.Popen(["sleep", "300"], env=env, start_new_session=True)


def reaper_of(guard: Guard) -> subprocess.Popen[bytes]:
    assert guard._reaper is not None
    return guard._reaper


def test_what_was_begun_and_is_not_over_still_runs() -> None:
    chunks = [b"a 0\nb 0\na 1", b"1\n", b"b 12\nc 0\nb over\n", b"x over\n"]
    assert _reaper.listen(iter(chunks)) == {"a": 11, "c": 0}


def test_when_its_worker_lets_go_the_reaper_ends_what_runs_and_nothing_else(guard: Guard) -> None:
    running, over = sleeper("running"), sleeper("over")
    with guard.keeping("running") as tell:
        tell(running.pid)
        with guard.keeping("over") as tell_other:
            tell_other(over.pid)
        guard.close()
        assert running.wait(10) == -signal.SIGKILL
        assert over.poll() is None
        over.kill()
        over.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_one_that_was_just_being_started_is_found_by_its_mark(guard: Guard) -> None:
    with guard.keeping("starting"):
        process = sleeper("starting")
        guard.close()
        assert process.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["is gone", "hears nothing"])
def test_a_reaper_that_fails_has_a_successor_that_knows_all(guard: Guard, sign: signal.Signals) -> None:
    with guard.keeping("first") as tell:
        process = sleeper("first")
        tell(process.pid)
        before = reaper_of(guard)
        before.send_signal(sign)
        if sign is signal.SIGKILL:
            before.wait()
        count = 0
        while reaper_of(guard) is before:
            count += 1
            with guard.keeping(f"{'x' * 1000}{count}"):
                pass
        assert before.returncode == -signal.SIGKILL
        assert process.poll() is None
        guard.close()
        assert process.wait(10) == -signal.SIGKILL


def test_signals_of_a_terminal_or_a_shutdown_do_not_end_it(guard: Guard) -> None:
    with guard.keeping("a"):
        reaper = reaper_of(guard)
        os.kill(reaper.pid, signal.SIGCONT)
        assert os.getsid(reaper.pid) == reaper.pid


@pytest.mark.parametrize("executable", ["/no/such/python", "/bin/sh", None])
def test_where_no_reaper_can_be_started_commands_run_all_the_same(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, executable: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with guard.keeping("a") as tell:
        tell(1)
    assert "scripts will outlive a worker that is killed" in caplog.text


def test_a_forked_child_leaves_the_reaper_to_its_parent() -> None:
    code = f"""
import os
from {_guard.__name__} import GUARD
with GUARD.keeping("a"):
    reaper = GUARD._reaper.pid
    if not os.fork():
        with GUARD.keeping("b"):
            assert GUARD._reaper.pid != reaper
        os._exit(0)
    assert os.wait()[1] == 0
    assert GUARD._reaper.pid == reaper and GUARD._reaper.poll() is None
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=30)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_waits_for_the_reaper_of_one_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"PATH": os.environ["PATH"], _reaper.OWNER: "1234567890"}
    busy = subprocess.Popen(["sleep", "300"], env=env)
    try:
        assert busy.pid in _reaper.orphans()
        monkeypatch.setattr(_guard, "PATIENCE_SECONDS", 0.05)
        _guard._wait_for_orphans()
    finally:
        busy.kill()
        busy.wait()
    assert busy.pid not in _reaper.orphans()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may make a namespace")
def test_the_reaper_of_a_worker_in_a_container_is_none_of_ours() -> None:
    env = {"PATH": os.environ["PATH"], _reaper.OWNER: "1"}
    inside = ["unshare", "--fork", "--pid", "--kill-child", "sh", "-c", "echo; sleep 300 & wait"]
    container = subprocess.Popen(inside, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert container.stdout is not None
        if not container.stdout.readline():
            pytest.skip("namespaces are not to be had here")
        pids = {process.pid for process in _tree.living() if process.parent == container.pid}
        assert pids
        assert not pids & _reaper.orphans()
    finally:
        container.kill()
        container.communicate()
