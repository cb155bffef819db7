"""Shell scripts that share a folder, in a kapell of its own; and one that is stopped in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from kapell import Local, check

SHELL = "io.kestra.plugin.scripts.shell.Commands"
HEAD = "id: shared\nnamespace: company.team\ntasks:\n"
FOLDER = "  - id: folder\n    type: io.kestra.plugin.core.flow.WorkingDirectory\n"
LONGEST_SECONDS = 30


def task(id: str, command: str) -> str:
    return f"      - {{id: {id}, type: {SHELL}, commands: [{command!r}]}}\n"


def folders(local: Local) -> list[Path]:
    root = local.runtime.folders.root
    return [path for path in root.iterdir() if not path.name.startswith(".")] if root.exists() else []


def said(local: Local, id: str, task_id: str) -> list[str]:
    return [log.message for log in local.logs(id) if log.to_dict()["taskId"] == task_id]


def test_each_script_finds_the_files_of_those_before_and_the_next_task_finds_what_was_kept() -> None:
    source = (
        f"{HEAD}{FOLDER}    inputFiles: {{name.txt: Ada}}\n    outputFiles: ['*.out']\n    tasks:\n"
        + task("first", "echo Hello $(cat name.txt) > hello.out")
        + task("second", "cat hello.out; ls")
        + "  - {id: after, type: io.kestra.plugin.core.debug.Return, "
        "format: \"{{ read(outputs.folder.outputFiles['hello.out']) }}\"}\n"
    )
    with Local() as local:
        local.apply(source)
        id = local.create("company.team", "shared")
        ended = local.settled(id)
        assert ended.state == "SUCCESS"
        assert said(local, id, "second") == ["Hello Ada", "hello.out", "name.txt"]
        assert ended.task_outputs("after") == {"value": "Hello Ada\n"}
        assert folders(local) == []


def test_what_was_cached_is_there_in_the_next_execution() -> None:
    install = task("install", "[ -f lib/it ] && echo cached || mkdir lib; echo it > lib/it; chmod +x lib/it")
    source = f"{HEAD}{FOLDER}    cache: {{patterns: [lib/**], ttl: PT1H}}\n    tasks:\n{install}" + task(
        "check", "[ -x lib/it ]"
    )
    with Local() as local:
        local.apply(source)
        first, second = (local.settled(local.create("company.team", "shared")) for _ in range(2))
        assert (first.state, second.state) == ("SUCCESS", "SUCCESS")
        assert said(local, first.id, "install") == []
        assert said(local, second.id, "install") == ["cached"]


def test_a_kill_removes_the_folder(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    script = f"touch here; mkfifo {pipe}; cat {pipe}"
    with Local() as local:
        local.apply(f"{HEAD}{FOLDER}    tasks:\n{task('waits', script)}")
        id = local.create("company.team", "shared")
        local.wait(id, LONGEST_SECONDS, states=["RUNNING"])
        local.kill(id)
        assert local.settled(id).state == "KILLED"
        assert folders(local) == []


def test_after_a_stop_in_the_middle_what_has_succeeded_is_not_done_again_and_its_files_are_there(
    tmp_path: Path,
) -> None:
    ran, pipe = tmp_path / "ran", tmp_path / "pipe"
    source = f"{HEAD}{FOLDER}    tasks:\n" + "".join(
        (
            task("first", f"echo first >> {ran}; echo done > made.txt"),
            task("second", f"echo second >> {ran}; [ -p {pipe} ] && cat made.txt || (mkfifo {pipe}; cat {pipe})"),
        )
    )
    with Local(state_dir=tmp_path / "state") as local:
        local.apply(source)
        id = local.create("company.team", "shared")
        # It opens once the second script waits at the other end.
        while not pipe.exists():
            local.execution(id)
        assert len(folders(local)) == 1
    with Local(state_dir=tmp_path / "state") as local:
        assert local.settled(id).state == "SUCCESS"
        assert said(local, id, "second")[-1] == "done"
        assert folders(local) == []
    assert ran.read_text().split() == ["first", "second", "second"]


@pytest.mark.parametrize("child", ["Sequential", "Subflow"])
def test_only_what_a_worker_runs_may_stand_in_it(child: str) -> None:
    inner = f"{{id: inner, type: io.kestra.plugin.core.flow.{child}, namespace: a, flowId: b, tasks: []}}"
    sentences = [problem.message for problem in check(f"{HEAD}{FOLDER}    tasks:\n      - {inner}\n")]
    assert "Only runnable tasks are allowed as children of a WorkingDirectory task" in sentences
