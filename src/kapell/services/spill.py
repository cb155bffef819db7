"""Large outputs go to internal storage before anybody is told of them; only their markers travel."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from io import BytesIO

from kapell.ids import derived_id
from kapell.model.codec import encode, plain
from kapell.model.messages import Job
from kapell.model.read import ReadFailed
from kapell.model.spilled import LARGEST_BYTES, is_marker, marker, values_folder
from kapell.model.task_run import Outputs
from kapell.ports.files import Files

_SMALL = frozenset({int, float, bool, type(None)})
_MOST_BYTES_OF_A_CHARACTER = 6
"""In JSON."""


def spilled(outputs: Mapping[str, object], job: Job, files: Files) -> Mapping[str, object]:
    """The outputs of an attempt, the large ones stored and replaced by their markers; raises `StoreError`.

    A value that only looks like a marker is stored, too, so that what is read back is the value itself.
    """
    found = dict(outputs)
    for key, value in outputs.items():
        if _is_small(value):
            continue
        content = encode(value)
        if len(content) > LARGEST_BYTES or is_marker(value):
            found[key] = _store(key, content, job, files)
    return found


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


def _is_small(value: object) -> bool:
    if type(value) is str:
        return len(value) * _MOST_BYTES_OF_A_CHARACTER < LARGEST_BYTES
    return type(value) in _SMALL


def _store(key: str, content: bytes, job: Job, files: Files) -> dict[str, object]:
    folder = values_folder(job.namespace, job.flow_id, job.execution_id)
    path = f"{folder}/{job.task_run_id}/{derived_id(job.attempt, job.work, key)}.json"
    digest = blake2b(content, digest_size=16).hexdigest()
    return marker(files.put(path, BytesIO(content)), len(content), digest)
