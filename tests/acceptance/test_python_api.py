"""The Python API: its page is run from top to bottom, and names all that is public."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import kapell
from acceptance.page import ROOT, ask, blocks
from kapell.assembly.once import run

PAGE = (ROOT / "docs/guide/python-api.md").read_text()
FLOWS = {block.text.split()[1]: block.text for block in blocks(PAGE) if block.kind == "yaml"}
SLEEP = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT30S}"
CALL = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: called, wait: %s}"


def flow(*tasks: str, id: str = "f", more: str = "") -> str:
    return f"id: {id}\nnamespace: n\n{more}tasks:\n" + "".join(f"  - {task}\n" for task in tasks)


@pytest.mark.parametrize(
    "code", [pytest.param(block.text, id=f"line{block.line}") for block in blocks(PAGE) if block.kind == "python"]
)
def test_an_example_prints_what_its_comments_say(code: str, tmp_path: Path) -> None:
    for id, text in FLOWS.items():
        (tmp_path / f"{id}.yaml").write_text(text)
    (tmp_path / "example.py").write_text(code)
    said = re.findall(r"\)  # (.*)$", code, re.MULTILINE)
    assert said
    printed = ask("python -W error example.py", tmp_path).splitlines()
    assert printed == said


def test_the_page_has_an_example_of_every_public_name() -> None:
    code = "\n".join(block.text for block in blocks(PAGE) if block.kind == "python")
    missing = [name for name in kapell.__all__ if not re.search(rf"\bkapell\.{name}\b", code)]
    assert missing == ["Execution"]
    assert "`kapell.Execution`" in PAGE


@pytest.mark.parametrize(
    ("cls", "internal"), [(kapell.Local, {"watch", "family", "save", "at_work"}), (kapell.Execution, {"row"})]
)
def test_the_page_names_every_method_and_property(cls: type, internal: set[str]) -> None:
    public = {name for name in dir(cls) if not name.startswith("_")} - internal
    hidden = {"seen", "outputs_by_run"}
    assert [name for name in public - hidden if not re.search(rf"`[^`]*\b{name}\b", PAGE)] == []


def test_the_page_names_every_argument_of_run_and_local() -> None:
    for called, section in ((run, "kapell.run"), (kapell.Local, "kapell.Local")):
        table = PAGE.partition(f"| `{section}(…)` | |")[2].partition("\n\n")[0]
        named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
        assert named == [name for name in inspect.signature(called).parameters if name != "settings"]


def test_public_names_are_there_and_loaded_when_they_are_used() -> None:
    told = "import sys, kapell; print(*(m for m in sys.modules if m.startswith('kapell.'))); print(*dir(kapell))"
    loaded, names = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert loaded == ""
    assert names.split() == sorted(kapell.__all__)
    assert all(getattr(kapell, name) is not None for name in kapell.__all__)
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        kapell.runn  # noqa: B018


def test_what_waits_for_a_person_is_returned_as_it_waits_and_what_waits_for_a_time_is_waited_for() -> None:
    pause = "{id: wait, type: io.kestra.plugin.core.flow.Pause}"
    assert kapell.run(flow(pause), timeout=20).state == "PAUSED"
    called = flow(pause, id="called")
    assert kapell.run(flow(CALL % "true"), flows=[called], timeout=20).state == "RUNNING"
    timed = pause.replace("}", ", pauseDuration: PT0.05S}")
    assert kapell.run(flow(timed), timeout=20).state == "SUCCESS"


def test_a_run_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match=r"is RUNNING after 0.2 s"):
        kapell.run(flow(SLEEP), timeout=0.2)
    assert time.monotonic() - begun < 10


def test_a_flow_that_is_tried_again_anew_is_followed_to_its_last_try(tmp_path: Path) -> None:
    more = "retry: {type: constant, interval: PT0.05S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}\n"
    script = f"[ -e {tmp_path}/tried ] || {{ touch {tmp_path}/tried; exit 1; }}"
    shell = f'{{id: t, type: io.kestra.plugin.scripts.shell.Script, script: "{script}"}}'
    found = kapell.run(flow(shell, more=more), timeout=30)
    assert (found.state, found.to_dict()["metadata"]["attemptNumber"]) == ("SUCCESS", 2)


def test_what_nobody_waits_for_is_waited_for_before_all_ends(tmp_path: Path) -> None:
    script = f"{{id: t, type: io.kestra.plugin.scripts.shell.Script, script: 'sleep 0.3; touch {tmp_path}/done'}}"
    assert kapell.run(flow(CALL % "false"), flows=[flow(script, id="called")], timeout=30).state == "SUCCESS"
    assert (tmp_path / "done").exists()


def test_a_text_of_one_line_is_a_flow_and_a_path_is_a_file(tmp_path: Path) -> None:
    text = "{id: f, namespace: n, tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]}"
    file = tmp_path / "flow.yaml"
    file.write_text(text)
    assert [kapell.run(source).state for source in (text, file, str(file))] == ["SUCCESS"] * 3
    assert [kapell.check(source) for source in (text, file, str(file))] == [[], [], []]
    assert len(kapell.check("")) == 1
    with pytest.raises(FileNotFoundError):
        kapell.run(tmp_path / "missing.yaml")


def test_a_folder_of_files_goes_to_the_namespace_of_the_flow(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    read = "{id: t, type: io.kestra.plugin.core.debug.Return, format: \"{{ read('a.txt') }}\"}"
    assert kapell.run(flow(read), files=tmp_path).task_outputs("t") == {"value": "one"}
    with kapell.Local(namespace_files={"n": tmp_path}) as local:
        local.apply(flow(read))
        assert local.settled(local.create("n", "f")).task_outputs("t") == {"value": "one"}
