"""What a start costs: what is imported, and how much memory and time that takes beside the bare necessities."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from acceptance.processes import KAPELL
from bench.process import quickest, usage
from bench.start import compile_kapell

HELLO = Path(__file__).parent.parent.parent / "examples" / "hello-world.yaml"
NECESSARY = "import asyncio, msgspec, yaml"
"""The loop, the codec and the reader of YAML: no start goes without them."""

TELL = """
import json, sys
{body}
tops = sorted({{name.partition(".")[0] for name in sys.modules if not name.startswith("_")}})
print(json.dumps(tops), file=sys.stderr)
"""
RUN = """
from kapell.cli import main
sys.argv = ["kapell", "run", {file!r}]
try:
    main()
except SystemExit as end:
    assert end.code == 0
"""

STANDARD = """
argparse bisect bz2 calendar copy dataclasses difflib fnmatch gc gettext hashlib hmac ipaddress json lzma ntpath pathlib
queue random secrets shlex shutil tempfile textwrap unicodedata urllib zipfile zlib
"""
"""What a run may load of the standard library beside what the necessary has loaded.

`zipfile`, `bz2` and `lzma` come with `shutil`, `tempfile` and `importlib.resources`; `urllib` and `ipaddress` with
`pathlib`, `hmac` with `secrets`.
"""

DURABLE = frozenset({"apsw"})
"""What `--state-dir` adds."""

MOST_BYTES = 80_000_000
MOST_TIMES = 8


def imported(body: str) -> set[str]:
    """The packages that a process has loaded in the end; those with an underscore are the others' own business."""
    ended = subprocess.run(
        [sys.executable, "-c", TELL.format(body=body)], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stderr.splitlines()[-1]))


def test_a_run_loads_nothing_but_what_it_needs() -> None:
    loaded = imported(RUN.format(file=str(HELLO)))
    assert loaded - imported(NECESSARY) - set(STANDARD.split()) == {"kapell"}


def test_a_state_folder_adds_the_database_and_nothing_else(tmp_path: Path) -> None:
    body = RUN.format(file=str(HELLO)).replace("]", f", '--state-dir', {str(tmp_path)!r}]", 1)
    assert imported(body) - imported(NECESSARY) - set(STANDARD.split()) == {"kapell"} | DURABLE


def test_the_command_itself_loads_nothing_of_kapell_but_its_own_words() -> None:
    told = "from kapell.cli import parser; parser(); print(*(name for name in sys.modules if 'kapell' in name))"
    ended = subprocess.run([sys.executable, "-c", f"import sys; {told}"], capture_output=True, text=True, check=True)
    own = {"kapell", "kapell.cli", "kapell.cli.words", "kapell.assembly", "kapell.assembly.collector"}
    assert set(ended.stdout.split()) == own


def test_a_run_takes_little_memory() -> None:
    assert usage([str(KAPELL), "run", str(HELLO)]).peak_bytes < MOST_BYTES


def test_a_run_takes_a_few_times_what_its_necessary_imports_take() -> None:
    compile_kapell()
    necessary = quickest([sys.executable, "-c", NECESSARY])
    run = quickest([str(KAPELL), "run", str(HELLO)])
    assert run.cpu_seconds < MOST_TIMES * necessary.cpu_seconds


def test_the_package_is_the_command() -> None:
    ended = subprocess.run([sys.executable, "-m", "kapell", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == subprocess.run([KAPELL, "--version"], capture_output=True, text=True, check=True).stdout
