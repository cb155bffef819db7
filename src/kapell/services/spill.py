"""Large outputs go to internal storage before anybody is told of them; only their markers travel."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from kapell.model.codec import plain
from kapell.model.messages import Job
from kapell.model.read import ReadFailed
from kapell.model.spilled import is_marker, lightened, values_folder
from kapell.model.task_run import Outputs
from kapell.ports.files import Files


def spilled(outputs: Outputs, job: Job, files: Files) -> Outputs:
    """The outputs of an attempt, the large ones stored and replaced by their markers; raises `StoreError`."""
    folder = f"{values_folder(job.namespace, job.flow_id, job.execution_id)}/{job.task_run_id}"
    return lightened(outputs, folder, job.id, lambda path, content: files.put(path, BytesIO(content)))


def read_back(address: str, files: Files) -> object:
    """A value that was spilled; raises `ReadFailed` when its file is gone."""
    if not files.exists(address):
        raise ReadFailed(f"The value was stored in {address}, and that file is gone")
    with files.open(address) as file:
        return plain(file.read())


def whole(outputs: Mapping[str, Outputs], files: Files) -> Mapping[str, Outputs]:
    """Outputs by task run id with all that was spilled in its place; a marker stays where its file is gone."""
    return {id: {key: _whole(value, files) for key, value in one.items()} for id, one in outputs.items()}


def _whole(value: object, files: Files) -> object:
    if not (isinstance(value, Mapping) and is_marker(value)):
        return value
    try:
        return read_back(str(value["uri"]), files)
    except ReadFailed:
        return value
