"""Scripts that say too much, say nonsense, or leave behind what nobody can store: the worker bears it all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.assembly.local import Local
from kapell.model.state import State
from kapell.plugins.core.runner import _tree, process
from kapell.plugins.scripts import _protocol

SHELL = "io.kestra.plugin.scripts.shell.Script"
PYTHON = "io.kestra.plugin.scripts.python.Script"
MOST_MEGABYTES = 150
TESTS = Path(__file__).parents[2]

# Runs scripts as a worker would, without keeping what they say; tells how much that was, and its own peak of memory.
COUNTER = """
import json, re, resource, sys
from pathlib import Path
from attempts import context
from kapell.model.flow import Task
from kapell.services.attempt import run_attempt

def peak():
    # What the system counts for a process begins with the peak of the one that started it; VmHWM does not.
    if sys.platform == "linux":
        return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 << 20)

def run(script):
    lines, metrics = [], []
    task = Task(id="hello", type="io.kestra.plugin.scripts.python.Script", properties={"script": script})
    ctx = context(task, on_log=lambda line: lines.append(len(line.message)), on_metric=lambda metric: metrics.append(1))
    state = run_attempt(task, ctx).state.name
    return state, len(lines), sum(lines), len(metrics), peak()

print(json.dumps({name: run(script) for name, script in json.loads(sys.argv[1]).items()}))
"""
METRIC = '::{"metrics": [{"name": "m", "type": "counter", "value": 1}]}::'


class Count(NamedTuple):
    state: str
    lines: int
    characters: int
    metrics: int
    peak_megabytes: int


def count(scripts: Mapping[str, str]) -> dict[str, Count]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, "-c", COUNTER, json.dumps(scripts)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {name: Count(*values) for name, values in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def counts() -> dict[str, Count]:
    return count(
        {
            "lines": "for n in range(100_000): print(n)",
            "metrics": f"print('{METRIC}\\n' * 10_000)",
            "binary": "import os, sys\nfor _ in range(10): sys.stdout.buffer.write(os.urandom(100_000))",
            "line": "import sys\nfor _ in range(100): sys.stderr.write('a' * 1_000_000)",
            "message": "print('::{', end='')\nfor _ in range(40): print('a' * 1_000_000, end='')",
        }
    )


def shell(script: str, *, files: LocalFiles | None = None, **properties: object) -> Ran:
    return attempt(SHELL, {"script": script, **properties}, files=files)


def stored(ran: Ran) -> list[str]:
    assert ran.result.outputs is not None
    found = ran.result.outputs["outputFiles"]
    assert isinstance(found, dict)
    return list(found)


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def test_whatever_they_say_takes_little_memory(counts: dict[str, Count]) -> None:
    assert {name: each.state for name, each in counts.items()} == dict.fromkeys(counts, "SUCCESS")
    assert max(each.peak_megabytes for each in counts.values()) < MOST_MEGABYTES


def test_many_lines_are_heard(counts: dict[str, Count]) -> None:
    assert counts["lines"].lines == 100_000


def test_many_metrics_are_published(counts: dict[str, Count]) -> None:
    assert counts["metrics"].metrics == 10_000


def test_output_that_is_no_text_is_cut_at_what_would_end_lines(counts: dict[str, Count]) -> None:
    assert counts["binary"].lines > 1000


def test_a_line_of_100_mb_is_heard_in_pieces(counts: dict[str, Count]) -> None:
    assert counts["line"].lines < 300
    assert 100_000_000 <= counts["line"].characters < 100_010_000


def test_a_message_that_never_ends_is_heard_as_a_line(counts: dict[str, Count]) -> None:
    assert counts["message"].characters >= 40_000_000


@pytest.mark.soak
def test_a_million_lines_and_100_000_metrics_take_little_memory_too() -> None:
    lines = "for n in range(1_000_000): print(n)"
    found = count({"lines": lines, "metrics": f"print('{METRIC}\\n' * 100_000)"})
    assert (found["lines"].lines, found["metrics"].metrics) == (1_000_000, 100_000)
    assert max(each.peak_megabytes for each in found.values()) < MOST_MEGABYTES


def test_another_encoding_does_no_harm() -> None:
    assert shell(r"printf 'caf\351\n\377\376a\000'").said == [("INFO", "caf\ufffd"), ("INFO", "\ufffd\ufffda\0")]


def test_a_script_that_closes_its_streams_goes_on() -> None:
    ran = shell("echo first; exec >&- 2>&-; until [ -e there ]; do touch there; done; exit 3")
    assert ran.said == [("INFO", "first"), ("ERROR", "Command failed with exit code 3")]


@pytest.mark.parametrize(("ending", "code"), [("exit 200", 200), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_every_exit_code_is_told(ending: str, code: int) -> None:
    ran = shell(ending)
    assert ran.result.error == f"Command failed with exit code {code}"
    assert ran.result.outputs is not None
    assert ran.result.outputs["exitCode"] == code


@pytest.mark.parametrize(
    ("message", "warning"),
    [
        ('{"metrics": 5}', "'int' object is not iterable"),
        ('{"metrics": [5]}', "metrics must hold a map"),
        (
            '{"metrics": [{"name": "m", "type": [], "value": 1}]}',
            "neither a type of counter, gauge, timer nor a number",
        ),
        ('{"metrics": [{"name": "m", "type": "counter", "value": 1e999}]}', "metric m is inf"),
        ('{"metrics": [{"name": "m", "type": "counter", "value": 1, "tags": [1]}]}', "tags must hold a map"),
        ('{"logs": [{"level": "LOUD", "message": "x"}]}', "`LOUD` is no level of a log"),
        ('{"outputs": {"a": NaN}}', "`NaN` is no JSON"),
        ('{"outputs": {"a": }}', "Expecting value"),
    ],
)
def test_a_message_that_makes_no_sense_is_a_warning_that_tells_why(message: str, warning: str) -> None:
    ran = shell(f"echo '::{message}::'")
    assert [(level, warning in said) for level, said in ran.said] == [("WARN", True)]
    assert (ran.result.state, ran.metrics) == (State.SUCCESS, [])


@pytest.mark.parametrize("depth", [101, 900, 100_000])
def test_a_message_is_not_nested_without_end(depth: int) -> None:
    text = f"print('::{{\"outputs\": {{\"a\": ' + '[' * {depth} + ']' * {depth} + '}}}}::')"
    ran = attempt(PYTHON, {"script": text})
    assert ran.said == [("WARN", "Invalid outputs 'nested more than 100 deep'")]
    assert ran.result.state is State.SUCCESS


def test_numbers_may_be_longer_than_a_machine_word() -> None:
    ran = shell('echo \'::{"outputs": {"a": 123456789012345678901234567890}}::\'')
    assert ran.result.outputs is not None
    assert ran.result.outputs["vars"] == {"a": 123456789012345678901234567890}


def test_outputs_that_belong_in_a_file_fail_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_protocol, "MOST_BYTES", 1 << 20)
    text = "for n in range(300): print('::{\"outputs\": {\"' + NAME + '\": \"' + 'a' * 9000 + '\"}}::')"
    assert attempt(PYTHON, {"script": text.replace("NAME", "'same'")}).result.state is State.SUCCESS
    error = attempt(PYTHON, {"script": text.replace("NAME", "f'{n}'")}).result.error
    assert error == "The script's outputs have more than 1 MB: write such data to a file"


def test_a_message_too_long_to_be_read_is_not_lost_without_a_word() -> None:
    ran = attempt(PYTHON, {"script": "print('::{\"outputs\": {\"a\": \"' + 'a' * 17_000_000 + '\"}}::')"})
    assert ran.said[0] == ("WARN", "Invalid outputs 'a message to the task is too long to be read'")


def test_a_script_may_remove_its_folder(files: LocalFiles) -> None:
    text = 'echo "{{ outputDir }}" > /dev/null; cd /; rm -rf "$WORKING_DIR"; echo gone'
    ran = shell(text, files=files, outputFiles=["*.csv", "a.txt"])
    assert ran.said == [("INFO", "gone")]
    assert (ran.result.state, stored(ran)) == (State.SUCCESS, [])


def test_only_files_of_the_folder_are_stored(files: LocalFiles, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    text = f"""
    echo 1 > real; ln -s real inside; ln -s {tmp_path}/secret outside; ln -s nowhere broken; mkfifo pipe
    ln -s /dev/zero device; ln -s {tmp_path} folder; ln -s . loop
    """
    ran = shell(text, files=files, output_files=["**"])
    assert stored(ran) == ["inside", "real"]
    assert [(level, message.removeprefix("The output file ")) for level, message in ran.said] == [
        ("WARN", "'broken' is not stored: it is a link that leads nowhere"),
        ("WARN", "'device' is not stored: it is a link that leads out of the working folder"),
        ("WARN", "'outside' is not stored: it is a link that leads out of the working folder"),
        ("WARN", "'pipe' is not stored: it is no file"),
    ]


def test_a_file_behind_a_linked_folder_is_not_stored(files: LocalFiles) -> None:
    assert stored(shell("ln -s /etc etc", files=files, output_files=["etc/passwd", "etc/**"])) == []


def test_folders_nested_without_end_are_given_up(files: LocalFiles) -> None:
    text = "import os\nfor _ in range(300): os.mkdir('d'); os.chdir('d')\nopen('file', 'w').close()"
    ran = attempt(PYTHON, {"script": text, "output_files": ["**"]}, files=files)
    assert [(level, message[-45:]) for level, message in ran.said] == [
        ("WARN", " is not stored: it lies more than 100 folders deep"[-45:])
    ]
    assert (ran.result.state, stored(ran)) == (State.SUCCESS, [])


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (["a", "a/b"], "'a/b' could not be written: File exists"),
        (["a/b", "a"], "'a' could not be written: Is a directory"),
        (["a" * 300], "could not be written: File name too long"),
        (["a\0b"], "could not be written: embedded null byte"),
        (["."], "(only relative path is supported) for path '.'"),
    ],
)
def test_an_input_file_that_can_not_be_written_is_named(names: list[str], error: str) -> None:
    assert (shell("true", input_files=dict.fromkeys(names, "x")).result.error or "").endswith(error)


def test_no_input_file_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_text("kept")
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "folder").symlink_to(tmp_path / "outside")
    (shared / "file").symlink_to(tmp_path / "outside/kept")

    def given(name: str) -> Ran:
        properties = {"script": f"cat {name}", "input_files": {name: "new"}}
        return attempt(SHELL, properties, prepare=lambda ctx: setattr(ctx, "_shared", shared))

    assert given("file").said == [("INFO", "new")]
    error = (
        "The input file 'folder/kept' could not be written: its folder is a link that leads out of the working folder"
    )
    assert given("folder/kept").result.error == error
    assert (tmp_path / "outside/kept").read_text() == "kept"


def test_a_disk_that_is_full_is_named(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        files = LocalFiles(place)
        wide = attempt(SHELL, {"script": "head -c 3000000 /dev/zero > a", "output_files": ["a"]}, files=files)
        assert (wide.result.error or "").endswith("a could not be stored: [Errno 28] No space left on device")
        full = attempt(
            SHELL,
            {"script": "head -c 3000000 /dev/zero > a", "input_files": {"b": "x" * 2000}},
            prepare=lambda ctx: setattr(ctx, "_shared", place),
        )
        assert full.result.error == "Command failed with exit code 1"
        again = attempt(
            SHELL,
            {"script": "true", "input_files": {"b": "x" * 20_000}},
            prepare=lambda ctx: setattr(ctx, "_shared", place),
        )
        assert again.result.error == "The input file 'b' could not be written: No space left on device"
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_one_that_forks_and_ignores_signals_is_gone_when_its_task_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    start = time.monotonic()
    ran = attempt(
        SHELL,
        {"script": "trap '' TERM INT HUP; (trap '' TERM; sleep 300) & setsid sleep 301 & echo $!; sleep 300"},
        heard=lambda ctx, _line: ctx.cancel(),
    )
    assert ran.result.state is State.KILLED
    assert int(ran.said[0][1]) not in {living.pid for living in _tree.living()}
    assert time.monotonic() - start < 5


def test_a_timeout_may_be_shorter_than_the_start() -> None:
    with Local() as local:
        local.apply(
            f"id: flow\nnamespace: company.team\ntasks:\n"
            f"  - {{id: waits, type: {SHELL}, timeout: PT0.001S, script: sleep 300}}\n"
        )
        ended = local.settled(local.create("company.team", "flow"))
        assert ended.state == "FAILED"
        assert [line.message for line in local.logs(ended.id)] == ["Timeout after PT0.001S"]
