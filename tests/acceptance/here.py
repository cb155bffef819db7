"""The `kapell` command without a process of its own: as quick as what it does."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

import pytest

from kapell.cli import main


def here(*arguments: str | Path) -> CompletedProcess[str]:
    """What a process would have printed, and its exit status."""
    printed, errors = io.StringIO(), io.StringIO()
    with open(os.devnull) as nobody, patch.object(sys, "stdin", nobody), pytest.raises(SystemExit) as end:  # noqa: SIM117
        with redirect_stdout(printed), redirect_stderr(errors):
            main([str(argument) for argument in arguments])
    status = end.value.code
    assert isinstance(status, int)
    return CompletedProcess(list(arguments), status, printed.getvalue(), errors.getvalue())
