"""`kapell run` in a terminal: the live tree, the forms of those that wait for a person, Ctrl-C."""

from __future__ import annotations

import json
from pathlib import Path

from acceptance.processes import LOG, SHELL, flow, lives
from acceptance.terminal import END, INTERRUPT, Terminal, lines

PAUSE = "io.kestra.plugin.core.flow.Pause"
ASKS = """
    onResume:
      - {id: reason, type: STRING, description: Why it is so.}
      - {id: count, type: INT, defaults: 3, max: 5}
      - {id: color, type: SELECT, values: [red, green], required: false}
      - {id: token, type: SECRET, required: false}"""
SAY = f'{{id: say, type: {LOG}, message: "{{{{ outputs.ask.onResume }}}}"}}'


def asking(folder: Path) -> Path:
    return flow(folder, f"id: ask\n    type: {PAUSE}{ASKS}", SAY)


def test_the_tree_shows_every_task_run_with_its_state_and_the_lines_above_it(tmp_path: Path) -> None:
    inner = f'{{id: hello, type: {LOG}, message: "hi {{{{ taskrun.value }}}}"}}'
    each = f"{{id: each, type: io.kestra.plugin.core.flow.ForEach, values: [a, b], tasks: [{inner}]}}"
    terminal = Terminal("run", flow(tmp_path, each))
    assert terminal.end() == 0, terminal.shown
    shown = lines(terminal)
    assert any(line.endswith("INFO  hello: hi a") for line in shown)
    assert shown[-5] == "✓ flow SUCCESS"
    assert shown[-4].startswith("└── ✓ each ")
    assert [line.split(" ✓ ")[1].split()[0] for line in shown[-3:-1]] == ["hello[a]", "hello[b]"]
    assert shown[-1].startswith("SUCCESS acceptance.flow in ")


def test_iterations_of_a_loop_stand_below_it_though_they_are_executions_of_their_own(tmp_path: Path) -> None:
    inner = f"{{id: hello, type: {LOG}, message: hi}}"
    loop = f"{{id: loop, type: io.kestra.plugin.core.flow.Loop, values: [a, b], tasks: [{inner}]}}"
    terminal = Terminal("run", flow(tmp_path, loop))
    assert terminal.end() == 0, terminal.shown
    shown = lines(terminal)
    names = [line.partition(" ✓ ")[2].partition(" ")[0] for line in shown[-4:-1]]
    assert names == ["loop", "hello[a]", "hello[b]"], shown
    assert sum(line.endswith("hello: hi") for line in shown) == 2


def test_more_task_runs_than_the_terminal_has_rows_for_are_counted(tmp_path: Path) -> None:
    inner = f"{{id: hello, type: {LOG}, message: hi}}"
    values = "{{ range(1, 300) }}"
    each = f"{{id: each, type: io.kestra.plugin.core.flow.ForEach, values: '{values}', tasks: [{inner}]}}"
    terminal = Terminal("run", flow(tmp_path, each), rows=12)
    assert terminal.end() == 0, terminal.shown
    shown = lines(terminal)
    tree = shown[max(n for n, line in enumerate(shown) if line == "✓ flow SUCCESS") :]
    assert len(tree) <= 12
    assert any("and 29" in line and "SUCCESS" in line for line in tree)
    assert "301 task runs" in shown[-1]


def test_a_narrow_terminal_gets_rows_that_fit_and_no_line_is_endless(tmp_path: Path) -> None:
    name = "a_task_with_quite_a_long_name"
    script = json.dumps("head -c 100000 /dev/zero | tr '\\0' x; echo; printf '\\033[2J\\033[31mred\\n'")
    terminal = Terminal("run", flow(tmp_path, f"{{id: {name}, type: {SHELL}, script: {script}}}"), columns=30)
    assert terminal.end() == 0, terminal.shown
    shown = lines(terminal)
    assert any("98,000 characters more" in line for line in shown)
    assert any(line.endswith("red") for line in shown)
    assert b"\x1b[2J" not in terminal.raw
    assert [line for line in shown if line.startswith("└── ✓ ") and line.endswith("…")]


def test_a_pause_is_a_form_that_asks_again_for_what_is_wrong(tmp_path: Path) -> None:
    terminal = Terminal("run", asking(tmp_path))
    status = terminal.dialogue(
        ("reason (STRING): ", "\n"),
        ("has to be given", ""),
        ("reason (STRING): ", "because\n"),
        ("count (INT) [3]: ", "9\n"),
        ("less than `5`", ""),
        ("count (INT) [3]: ", "\n"),
        ("one of: red, green", ""),
        ("color (SELECT) (optional): ", "red\n"),
        ("token (SECRET) (optional): ", "pa55\n"),
    )
    assert status == 0
    assert "Why it is so." in terminal.shown
    assert "pa55" not in terminal.shown
    assert '{"reason":"because","count":3,"color":"red","token":"******"}' in terminal.shown.replace("\n", "")


def test_the_form_leaves_standard_output_to_the_document(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    terminal = Terminal("run", flow(tmp_path, f"{{id: ask, type: {PAUSE}}}"), "--json", out=out)
    assert terminal.dialogue(("Press Enter to go on.", "\n")) == 0
    assert json.loads(out.read_text())["state"]["current"] == "SUCCESS"
    assert "✓ ask" in terminal.shown


def test_the_form_of_a_called_flow_is_that_of_the_called_one(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    flow(tmp_path / "flows", f"{{id: ask, type: {PAUSE}, onResume: [{{id: why, type: STRING}}]}}", id="called")
    call = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: acceptance, flowId: called, wait: true}"
    terminal = Terminal("run", flow(tmp_path, call), "--flows", tmp_path / "flows")
    assert terminal.dialogue(("why (STRING): ", "so\n")) == 0
    assert lines(terminal)[-1].startswith("SUCCESS acceptance.flow")


def test_an_approval_asks_for_yes_or_no(tmp_path: Path) -> None:
    file = flow(
        tmp_path, "{id: may, type: io.kestra.plugin.core.flow.Approval}", f"{{id: t, type: {LOG}, message: ok}}"
    )
    terminal = Terminal("run", file)
    assert terminal.dialogue(("Approve it? (yes/no) ", "perhaps\n"), ("Approve it? (yes/no) ", "y\n")) == 0
    assert "t: ok" in terminal.shown


def test_ctrl_c_in_a_form_kills_the_execution(tmp_path: Path) -> None:
    terminal = Terminal("run", asking(tmp_path))
    assert terminal.dialogue(("reason (STRING): ", INTERRUPT)) == 130
    assert lines(terminal)[-1].startswith("KILLED acceptance.flow")
    assert "Traceback" not in terminal.shown


def test_who_has_nothing_to_say_leaves_it_paused(tmp_path: Path) -> None:
    terminal = Terminal("run", asking(tmp_path))
    assert terminal.dialogue(("reason (STRING): ", END)) == 4
    assert "Traceback" not in terminal.shown


def test_ctrl_c_in_a_terminal_ends_a_script_with_all_that_it_has_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    text = json.dumps(f"sleep 300 & echo $! > {pids}; echo begun; wait")
    terminal = Terminal("run", flow(tmp_path, f"{{id: long, type: {SHELL}, script: {text}}}"))
    assert terminal.dialogue(("long: begun", INTERRUPT)) == 130
    assert lines(terminal)[-1].startswith("KILLED acceptance.flow")
    assert not any(lives(int(pid)) for pid in pids.read_text().split())
