"""The page about the command line names all that the parser takes, each below its command."""

from __future__ import annotations

import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator

import pytest

from acceptance.page import ROOT
from kapell.cli import parser
from kapell.cli.run import INTERNAL, INVALID, PAUSED, STATUS

PAGE = (ROOT / "docs/guide/command-line.md").read_text()


def commands(of: ArgumentParser) -> dict[str, ArgumentParser]:
    return {
        name: sub for each in of._actions if isinstance(each, _SubParsersAction) for name, sub in each.choices.items()
    }


def words(of: ArgumentParser) -> Iterator[str]:
    """Every option, argument, choice and command that a parser takes, those of the commands inside too."""
    for action in of._actions:
        if action.help == "==SUPPRESS==" or "--help" in action.option_strings:
            continue
        yield from action.option_strings
        if isinstance(action, _SubParsersAction):
            continue
        if not action.option_strings and isinstance(action.metavar, str):
            yield action.metavar
        yield from map(str, action.choices or ())
    for name, inner in commands(of).items():
        yield name
        yield from words(inner)


def section(command: str) -> str:
    return PAGE.partition(f"\n## kapell {command}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("command", list(commands(parser())))
def test_every_option_and_argument_of_a_command_stands_in_its_section(command: str) -> None:
    told = section(command)
    missing = [
        word for word in words(commands(parser())[command]) if not re.search(rf"`[^`]*{re.escape(word)}\b", told)
    ]
    assert missing == []


def test_the_page_names_no_option_that_there_is_not() -> None:
    for command, inner in commands(parser()).items():
        named = re.findall(r"`(--[a-z-]+|-[a-z]) ?[^`]*`", section(command))
        assert set(named) <= set(words(inner)), command


def test_every_exit_status_of_run_stands_in_its_table() -> None:
    table = dict(re.findall(r"^\| (\d+) \| (.*) \|$", section("run"), re.MULTILINE))
    assert set(map(int, table)) == {*STATUS.values(), INVALID, PAUSED, INTERNAL}
    for state, status in STATUS.items():
        assert state in table[str(status)] or state == "SKIPPED"


def test_help_names_every_exit_status_of_run() -> None:
    told = commands(parser())["run"].format_help()
    assert set(map(int, re.findall(r"(\d+) [A-Z]{5,}", told))) | {INVALID, INTERNAL} == {
        *STATUS.values(),
        INVALID,
        PAUSED,
        INTERNAL,
    }
    assert f"{INVALID} invalid" in told
    assert f"{INTERNAL} trouble" in told
