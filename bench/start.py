"""The whole process of `kapell run`, beside an empty one and one that only imports what no start goes without."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import kapell
from bench.figure import Figure
from bench.place import ROOT
from bench.process import quickest

KAPELL = str(Path(sys.executable).parent / "kapell")
HELLO = str(ROOT / "examples" / "hello-world.yaml")


def compile_kapell() -> None:
    """Leave it as an installation does: with its bytecode written."""
    compileall.compile_dir(Path(kapell.__file__).parent, quiet=1)


def start() -> list[Figure]:
    compile_kapell()
    empty = quickest([sys.executable, "-c", "pass"])
    necessary = quickest([sys.executable, "-c", "import asyncio, msgspec, yaml"])
    hello = quickest([KAPELL, "run", HELLO])
    return [
        Figure("kapell run, hello world, whole process", hello.wall_seconds * 1000, "ms", 300),
        Figure("its peak of memory", hello.peak_bytes / 1e6, "MB", 80),
        Figure("python -c pass", empty.wall_seconds * 1000, "ms"),
        Figure("python -c 'import asyncio, msgspec, yaml'", necessary.wall_seconds * 1000, "ms"),
        Figure("its peak of memory", necessary.peak_bytes / 1e6, "MB"),
    ]
