"""`logToFile`: lines on their way into a file of the internal storage."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import attempts
from kapell.adapters.files.local import LocalFiles
from kapell.model.log import Level, LogLine
from kapell.services.log_file import LogFile, log_path

AT = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)


def line(message: str) -> LogLine:
    return LogLine(execution_id="e", namespace="n", flow_id="f", level=Level.WARN, message=message, at=AT)


def test_lines_are_stored_with_their_time_and_level(tmp_path: Path) -> None:
    files, file = LocalFiles(tmp_path), LogFile()
    file.line(line("one"))
    file.line(line("two\nlines, \ud800"))
    address = file.store(files, attempts.job())
    file.close()
    assert address == f"kestra://{log_path(attempts.job())}"
    with files.open(address) as stored:
        assert stored.read().decode() == (
            "2026-01-01T09:00:00.000000Z WARN one\n2026-01-01T09:00:00.000000Z WARN two\nlines, ?\n"
        )


def test_who_has_said_nothing_has_no_file(tmp_path: Path) -> None:
    file = LogFile()
    assert file.store(LocalFiles(tmp_path), attempts.job()) is None
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_memory_holds_none_of_the_lines(tmp_path: Path) -> None:
    file, said = LogFile(), line("x" * 1000)
    tracemalloc.start()
    for _ in range(10_000):
        file.line(said)
    address = file.store(LocalFiles(tmp_path), attempts.job())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    file.close()
    assert LocalFiles(tmp_path).size(str(address)) > 10_000_000
    assert peak < 3_000_000
