"""Runs tasks on databases; a PostgreSQL server of its own where there is a binary to start."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles

JDBC = "io.kestra.plugin.jdbc."
PASSWORD = "s3cr:et/p@ss"
USER = "kapell"


def run(files: LocalFiles, type: str, **properties: object) -> Ran:
    """Run `duckdb.Query` and the like."""
    return attempt(JDBC + type, properties, files=files)


def outputs(ran: Ran) -> dict[str, object]:
    """The outputs of a task that must have gone well."""
    assert ran.result.error is None, ran.result.error
    return dict(ran.result.outputs or {})


def _programs() -> Path:
    """The folder of the newest server's programs; the tests that need one are skipped without it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    named = shutil.which("initdb")
    folder = found[-1] if found else Path(named).parent if named else None
    if folder is None:
        pytest.skip("no PostgreSQL server is installed: neither /usr/lib/postgresql nor initdb on the PATH")
    return folder


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server on a free port of the loopback, with a password; its JDBC URL. It may not run as root."""
    programs = _programs()
    owner = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    data, password = folder / "data", folder / "password"
    data.mkdir()
    password.write_text(PASSWORD)
    if owner:
        for path in (data, password):
            shutil.chown(path, **owner)
        for parent in (folder, *folder.parents[:3]):
            parent.chmod(parent.stat().st_mode | 0o011)
    options = {"check": True, "cwd": data, "stdout": subprocess.DEVNULL, **owner}
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={password}",
            "-E",
            "UTF8",
            "-N",
        ],
        **options,
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    control = [programs / "pg_ctl", "-D", data, "-w", "-s"]
    subprocess.run([*control, "-o", settings, "-l", data / "log", "start"], **options)
    try:
        yield f"jdbc:postgresql://127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **options)
