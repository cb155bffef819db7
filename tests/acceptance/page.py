"""A page of the docs, read as what a user would type: its flows, its commands with what they print, its Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, its text, the line of the page on which the text begins."""

    kind: str
    text: str
    line: int


class Command(NamedTuple):
    """What a user types, what the page says that it prints, and the flow that the page showed last before it."""

    typed: str
    printed: str
    flow: str
    line: int


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page, in order."""
    return [Block(m["kind"], m["text"], page[: m.start("text")].count("\n") + 1) for m in FENCE.finditer(page)]


def commands(page: str) -> Iterator[Command]:
    """The commands of a page's `console` blocks: the lines that begin with a dollar sign."""
    flow = ""
    for block in blocks(page):
        if block.kind == "yaml":
            flow = block.text
        if block.kind == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                typed, _, printed = part.partition("\n")
                yield Command(typed, printed.rstrip(), flow, block.line)


def place_flow(command: Command, folder: Path) -> None:
    """Put the flow that the page showed where the command looks for it; one of the repository's must be the same."""
    names = re.findall(r"\S+\.yaml", command.typed)
    for name in names[:1]:
        if (ROOT / name).exists():
            assert (ROOT / name).read_text() == command.flow, f"the page shows another {name}"
        else:
            (folder / name).write_text(command.flow)


def ask(command: str, folder: Path, **env: str) -> str:
    """Type a command into a shell in `folder`, where `kapell` is on the path, and return all that it prints.

    `env` is added to its environment, which is otherwise the barest.
    """
    if not (folder / "examples").exists():
        shutil.copytree(ROOT / "examples", folder / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1", **env}
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.stdout.rstrip()


def steady(printed: str) -> str:
    """What was printed without what differs from run to run.

    Ids, times, durations, the spaces that align them; and whether a state was seen that lasts for a moment only.
    """
    printed = re.sub(r"\b[0-9A-Za-z]{22}\b", "ID", printed)
    printed = re.sub(r"\d\d:\d\d:\d\d\.\d+", "TIME", printed)
    printed = re.sub(r"\b\d+(\.\d+)? ?(ms|s)\b", "SPAN", printed)
    lines = [re.sub(r" +", " ", line).rstrip() for line in printed.splitlines()]
    return "\n".join(line for line in lines if not re.match(r"TIME (SUBMITTED|RUNNING) ", line))
