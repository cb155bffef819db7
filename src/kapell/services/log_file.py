"""`logToFile`: the lines of an attempt, gathered in a file of the worker's and then stored, never held in memory."""

from __future__ import annotations

from datetime import UTC
from tempfile import TemporaryFile

from kapell.model.address import execution_folder, slug
from kapell.model.log import LogLine
from kapell.model.messages import Job
from kapell.ports.files import Files
from kapell.services.scratch import SCRATCH


class LogFile:
    """The lines of one attempt; `line` is called by one thread at a time, and not after `store`."""

    def __init__(self) -> None:
        self._file = TemporaryFile(dir=SCRATCH.folder)  # noqa: SIM115  # open as long as the attempt lasts
        self._lines = 0

    def line(self, line: LogLine) -> None:
        """Write a line: when, how severe, what."""
        at = line.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        self._file.write(f"{at} {line.level.value} {line.message}\n".encode(errors="replace"))
        self._lines += 1

    def store(self, files: Files, job: Job) -> str | None:
        """Its address in the internal storage, None where nothing was said."""
        if not self._lines:
            return None
        self._file.seek(0)
        return files.put(log_path(job), self._file)

    def close(self) -> None:
        """Let go of what is left of it here."""
        self._file.close()


def log_path(job: Job) -> str:
    """Where the lines of an attempt are stored."""
    folder = execution_folder(job.namespace, job.flow_id, job.execution_id)
    return f"{folder}/tasks/{slug(job.task_id)}/{job.task_run_id}/logs/{job.attempt}.log"
