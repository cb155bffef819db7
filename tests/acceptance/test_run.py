"""`kapell run` as a process: what it prints, how it ends, what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from acceptance.processes import FAIL, LOG, SHELL, flow, kapell, lives, started
from kapell.assembly.local import Local

HELLO = f"{{id: hello, type: {LOG}, message: Hello}}"
NUMBER = "inputs:\n  - {id: n, type: INT}\n"


def test_success_is_0_failure_1_and_what_can_not_begin_2(tmp_path: Path) -> None:
    good = flow(tmp_path, HELLO, id="good")
    bad = flow(tmp_path, f"{{id: fail, type: {FAIL}}}", id="bad")
    wrong = flow(tmp_path, "{id: wrong, type: io.kestra.plugin.core.log.Lgo}", id="wrong")
    asks = flow(tmp_path, HELLO, id="asks", more=NUMBER)
    assert kapell("run", good).returncode == 0
    assert kapell("run", bad).returncode == 1
    assert kapell("run", asks, "-i", "n=1").returncode == 0
    for cannot in (wrong, asks, tmp_path / "missing.yaml"):
        ended = kapell("run", cannot)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr
        assert "Traceback" not in ended.stderr
    assert kapell("run", asks, "-i", "n=one").returncode == 2


def test_json_prints_one_document_whatever_the_tasks_say(tmp_path: Path) -> None:
    script = f"{{id: script, type: {SHELL}, script: \"echo '{{}}'; echo oh >&2\"}}"
    for tasks, state in (((HELLO, script), "SUCCESS"), ((HELLO, f"{{id: fail, type: {FAIL}}}"), "FAILED")):
        ended = kapell("run", flow(tmp_path, *tasks), "--json")
        execution = json.loads(ended.stdout)
        assert execution["state"]["current"] == state
        assert len(execution["taskRunList"]) == len(tasks)


def test_json_prints_nothing_where_no_execution_has_begun(tmp_path: Path) -> None:
    ended = kapell("run", flow(tmp_path, HELLO, more=NUMBER), "--json")
    assert (ended.returncode, ended.stdout) == (2, "")


def test_a_state_folder_belongs_to_one_process_and_the_other_is_told_to_which(tmp_path: Path) -> None:
    file = flow(tmp_path, HELLO)
    with Local(state_dir=tmp_path / "state"):
        ended = kapell("run", file, "--state-dir", tmp_path / "state")
    assert ended.returncode == 70
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [f"{tmp_path}/state/kapell.db is in use by process {os.getpid()}"]
    assert kapell("run", file, "--state-dir", tmp_path / "state").returncode == 0


def test_a_state_folder_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    file = flow(tmp_path, HELLO)
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "kapell.db").write_bytes(b"no database" * 1000)
    for folder in ("file", "broken"):
        ended = kapell("run", file, "--state-dir", tmp_path / folder)
        assert (ended.returncode, ended.stdout) == (70, "")
        [line] = ended.stderr.splitlines()
        assert line.startswith(f"{tmp_path}/{folder}/kapell.db can not be used: ")


def test_a_state_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0)
    ended = kapell("run", flow(tmp_path, HELLO), "--state-dir", state, before=without_privilege())
    assert (ended.returncode, ended.stdout) == (70, "")
    assert ended.stderr.splitlines() == [
        f"{state}/kapell.db can not be used: [Errno 13] Permission denied: '{state}/kapell.db.lock'"
    ]


def without_privilege() -> list[str]:
    """What makes root one who is kept out of what is forbidden, as anybody is."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("nothing is forbidden to root, and setpriv, which would change that, is missing")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def test_ctrl_c_kills_the_execution_and_all_that_its_script_has_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    note = f"echo $! >> {pids}"
    text = f"sh -c 'sleep 300 & {note}; echo begun; wait' & setsid sleep 300 & {note}; echo begun; wait"
    process = started("run", flow(tmp_path, f"{{id: long, type: {SHELL}, script: {json.dumps(text)}}}"))
    assert process.stdout is not None
    for _ in range(2):
        while "long: begun" not in process.stdout.readline():
            assert process.poll() is None
    tree = [int(line) for line in pids.read_text().split()]
    assert len(tree) == 2
    assert all(map(lives, tree))
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert printed.splitlines()[-1].startswith("KILLED acceptance.flow")
    assert errors == ""
    assert not any(map(lives, tree))


def test_a_second_run_with_the_same_folder_goes_on_after_a_kill(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    text = f"echo begun; until [ -e {gate} ]; do sleep 0.01; done"
    file = flow(
        tmp_path, HELLO, f"{{id: wait, type: {SHELL}, script: {json.dumps(text)}}}", HELLO.replace("hello", "last")
    )
    process = started("run", file, "--state-dir", tmp_path / "state")
    assert process.stdout is not None
    while "begun" not in process.stdout.readline():
        assert process.poll() is None
    process.kill()
    process.communicate()
    gate.touch()
    ended = kapell("run", file, "--state-dir", tmp_path / "state", "--json")
    assert ended.returncode == 0
    assert "Going on with execution" in ended.stderr
    runs = json.loads(ended.stdout)["taskRunList"]
    assert [(run["taskId"], run["state"]["current"]) for run in runs] == [
        ("hello", "SUCCESS"),
        ("wait", "SUCCESS"),
        ("last", "SUCCESS"),
    ]


def test_ctrl_c_also_ends_what_was_started_and_is_waited_for_by_nobody(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    (tmp_path / "flows").mkdir()
    text = json.dumps(f"echo $$ > {pid}; echo begun; sleep 300")
    flow(tmp_path / "flows", f"{{id: long, type: {SHELL}, script: {text}}}", id="called")
    call = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: acceptance, flowId: called, wait: false}"
    process = started("run", flow(tmp_path, call), "--flows", tmp_path / "flows")
    assert process.stdout is not None
    while "long: begun" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert not lives(int(pid.read_text()))
