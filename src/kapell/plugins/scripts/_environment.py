"""What a script's process sees of the worker's environment, and which Python it is given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

HIDDEN = ("SECRET_", "KAPELL_")
VENV = frozenset({"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__"})


def environment(own: Mapping[str, str], prefix: str, base_prefix: str) -> dict[str, str]:
    """`own`, that of the worker, without its secrets, its settings and the virtual environment it is installed in."""
    env = {name: value for name, value in own.items() if not name.startswith(HIDDEN)}
    if prefix != base_prefix:
        venv = os.path.realpath(prefix)
        if os.path.realpath(env.get("VIRTUAL_ENV", "")) == venv:
            env = {name: value for name, value in env.items() if name not in VENV}
        folders = env.get("PATH", os.defpath).split(os.pathsep)
        env["PATH"] = os.pathsep.join(f for f in folders if os.path.realpath(f) != os.path.join(venv, "bin"))
    return env


def worker_environment() -> dict[str, str]:
    """What a script inherits here."""
    return environment(os.environ, sys.prefix, sys.base_prefix)


def in_venv(env: Mapping[str, str], venv: Path) -> dict[str, str]:
    """`env` with a virtual environment that is active, as its own `activate` would do it."""
    path = f"{venv / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    return {**env, "VIRTUAL_ENV": str(venv), "PATH": path}


def real_python(env: Mapping[str, str]) -> str | None:
    """The binary behind `python3` or `python` of an environment's PATH, None where there is neither.

    What lies in PATH may be the shim of a version manager, which takes longer to start than Python itself.
    """
    path = env.get("PATH", os.defpath)
    found = shutil.which("python3", path=path) or shutil.which("python", path=path)
    return _behind(found, path) if found else None


@cache
def _behind(found: str, path: str) -> str:
    ask = [found, "-I", "-S", "-c", "import sys; print(sys.executable)"]
    env = {**worker_environment(), "PATH": path}
    with suppress(OSError, subprocess.SubprocessError, UnicodeDecodeError):
        answer = subprocess.run(ask, env=env, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
        if os.access(answer, os.X_OK):
            return answer
    return found
