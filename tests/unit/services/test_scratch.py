"""Temporary folders, and what a killed process leaves of them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kapell.services import scratch
from kapell.services.scratch import Scratch, sweep

HOLD = """
import sys
from kapell.services.scratch import SCRATCH
print(SCRATCH.make("attempt-"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(scratch, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def start(code: str) -> tuple[subprocess.Popen[bytes], Path]:
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().decode().strip())


def end(process: subprocess.Popen[bytes]) -> None:
    process.communicate()


def test_what_a_killed_process_has_left_is_swept(temporary: Path) -> None:
    process, folder = start(HOLD)
    process.send_signal(signal.SIGKILL)
    end(process)
    (folder / "big.csv").write_text("1,2")
    assert sweep(temporary) == 1
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_has_not_swept_to_the_end_is_swept(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, folder = start(HOLD)
    process.send_signal(signal.SIGKILL)
    end(process)

    def die(path: Path) -> None:
        (path / scratch.LOCK).unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(scratch, "remove", die)
    with pytest.raises(KeyboardInterrupt):
        sweep(temporary)
    assert [path.name for left in temporary.iterdir() for path in left.iterdir()] == [folder.name]
    monkeypatch.undo()
    assert sweep(temporary) == 1
    assert list(temporary.iterdir()) == []


def test_what_a_living_process_has_is_left_alone(temporary: Path) -> None:
    process, folder = start(HOLD)
    assert sweep(temporary) == 0
    assert folder.is_dir()
    end(process)


def test_a_process_that_ends_leaves_nothing(temporary: Path) -> None:
    process, folder = start(HOLD)
    end(process)
    assert not folder.parent.exists()


def test_folders_without_a_lock_and_links_are_left_alone(temporary: Path) -> None:
    (temporary / "kapell-notes").mkdir()
    (temporary / "kapell-link").symlink_to(temporary / "kapell-notes")
    (temporary / "other").mkdir()
    (temporary / "other" / ".lock").touch()
    assert sweep(temporary) == 0
    assert len(list(temporary.iterdir())) == 3


def test_a_folder_that_was_removed_is_made_anew(temporary: Path) -> None:
    own = Scratch()
    first = own.make("a-")
    own.remove()
    assert not first.exists()
    assert own.make("a-").is_dir()
    own.remove()


def test_what_a_killed_process_has_not_made_to_the_end_is_swept(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scratch.os, "open", die)
        with pytest.raises(KeyboardInterrupt):
            Scratch().make("attempt-")
    assert len(list(temporary.iterdir())) == 1
    assert sweep(temporary) == 1
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_swept_while_it_is_being_made_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways: list[str] = []
    taken = scratch._taken

    def sweep_first(lock: int) -> bool:
        if not ways:
            ways.append("swept")
            sweep(temporary)
        return taken(lock)

    monkeypatch.setattr(scratch, "_taken", sweep_first)
    made = Scratch()
    folder = made.make("attempt-")
    assert folder.is_dir()
    assert [path.name for path in temporary.iterdir()] == [folder.parent.name]
    made.remove()
    assert list(temporary.iterdir()) == []
