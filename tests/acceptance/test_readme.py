"""The pages that a user follows are typed as they stand: what they show is what happens."""

import re
import subprocess
from pathlib import Path

import pytest

import kapell
from acceptance.page import ROOT, Command, ask, blocks, commands, place_flow, steady

README = (ROOT / "README.md").read_text()
PAGES = {name: (ROOT / name).read_text() for name in ("README.md", "docs/start/first-flow.md")}
COMMANDS = [
    pytest.param(command, id=f"{name}:{command.line}") for name, page in PAGES.items() for command in commands(page)
]
FLOWS = [
    pytest.param(block.text, id=f"{name}:{block.line}")
    for name, page in PAGES.items()
    for block in blocks(page)
    if block.kind == "yaml" and block.text.startswith("id: ")
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_what_its_page_says(command: Command, tmp_path: Path) -> None:
    place_flow(command, tmp_path)
    assert steady(ask(command.typed, tmp_path)) == steady(command.printed)


def test_readme_shows_commands_and_their_answers() -> None:
    typed = [command.typed for command in commands(README)]
    assert [line.split()[:2] for line in typed][:2] == [["kapell", "run"], ["kapell", "check"]]
    assert all(command.printed for command in commands(README))


@pytest.mark.parametrize(
    ("arguments", "code"), [("one.yaml", 0), ("four.yaml", 1), ("two.yaml -i times=0", 2), ("mistaken.yaml", 2)]
)
def test_the_exit_code_of_run_is_what_the_pages_say(arguments: str, code: int, tmp_path: Path) -> None:
    for command in commands(PAGES["docs/start/first-flow.md"]):
        place_flow(command, tmp_path)
    assert ask(f"kapell run {arguments} > printed 2>&1; echo $?", tmp_path) == str(code)


@pytest.mark.parametrize("source", FLOWS)
def test_a_flow_of_a_page_is_valid_unless_the_page_shows_a_mistake(source: str) -> None:
    errors = [problem for problem in kapell.check(source) if problem.severity == "error"]
    assert bool(errors) == source.startswith("id: mistaken")


@pytest.mark.parametrize("code", [block.text for block in blocks(README) if block.kind == "python"])
def test_the_python_of_readme_prints_what_its_comments_say(code: str, tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(code)
    said = re.findall(r"print\(.*\)  # (.*)", code)
    assert said
    assert ask("python sample.py", tmp_path).splitlines() == said


def test_the_make_targets_of_readme_are_there() -> None:
    targets = re.findall(r"^make (\w+)", "\n".join(b.text for b in blocks(README) if b.kind == "sh"), re.MULTILINE)
    assert {"serve", "test"} <= set(targets)
    for target in targets:
        subprocess.run(["make", "--no-print-directory", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_make_serve_runs_the_flow_that_readme_shows() -> None:
    planned = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "serve"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert planned.stdout.strip().endswith(next(commands(README)).typed)
