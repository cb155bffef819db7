from __future__ import annotations

import sys
from pathlib import Path

import pytest

from attempts import attempt
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State

SCRIPT = "io.kestra.plugin.scripts.python.Script"
COMMANDS = "io.kestra.plugin.scripts.python.Commands"


@pytest.fixture
def only_python3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a `python3` and no `python`, as on Debian."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_a_script_runs_with_no_shell_around_it() -> None:
    ran = attempt(SCRIPT, {"script": "import os\nprint('{{ 6 * 7 }}', os.environ['PYTHONUNBUFFERED'])"})
    assert ran.said == [("INFO", "42 true")]


def test_a_script_finds_its_input_files_beside_it() -> None:
    ran = attempt(SCRIPT, {"script": "import helper\nprint(helper.A)", "input_files": {"helper.py": "A = 1"}})
    assert ran.said == [("INFO", "1")]


def test_commands_before_a_script_run_in_a_shell() -> None:
    ran = attempt(SCRIPT, {"before_commands": ["echo first"], "script": "print('second')"})
    assert ran.said == [("INFO", "first"), ("INFO", "second")]


def test_a_script_that_raises_fails_with_its_traceback_as_errors() -> None:
    ran = attempt(SCRIPT, {"script": "raise ValueError('odd')"})
    assert ran.result.state is State.FAILED
    assert ("ERROR", "ValueError: odd") in ran.said


def test_the_script_is_none_of_its_output_files(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    ran = attempt(SCRIPT, {"script": "open('a.txt', 'w')", "output_files": ["**"]}, files=files)
    assert ran.result.outputs is not None
    assert list(ran.result.outputs["outputFiles"]) == ["a.txt"]


def test_commands_have_a_python_even_where_it_is_called_python3(only_python3: Path) -> None:
    ran = attempt(COMMANDS, {"commands": ["python main.py"], "input_files": {"main.py": "print('here')"}})
    assert ran.said == [("INFO", "here")]


def test_without_python_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = "`python3` is not installed where the worker runs: it comes with Python, https://www.python.org"
    assert attempt(SCRIPT, {"script": "print(1)"}).result.error == error
