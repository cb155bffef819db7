"""Runs uv, which makes virtual environments and installs packages into them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from kapell.plugins.scripts._environment import worker_environment
from kapell.plugins.scripts._install import install
from kapell.sdk import RunContext, TaskFailed

INDEXES = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX"}
"""uv does not read what pip is told of indexes."""


def run_uv(ctx: RunContext, folder: Path, env: Mapping[str, str], *arguments: str) -> None:
    """Run it; where it fails, so does the task, with uv's words."""
    install(ctx, folder, with_indexes(env), "The Python environment could not be made:", uv(), *arguments)


def with_indexes(env: Mapping[str, str]) -> dict[str, str]:
    """`env` with pip's indexes as uv's, where uv has none of its own."""
    known = {name: env[old] for old, name in INDEXES.items() if old in env and name not in env}
    return {**env, **known}


def uv() -> str:
    """Where uv is: beside kapell, or in PATH."""
    try:
        from uv import find_uv_bin

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv", path=worker_environment().get("PATH"))
    if found is None:
        raise TaskFailed("Python environments need uv, which is not installed where the worker runs: pip install uv")
    return found
