"""Values too large for a row: they lie in internal storage, and the row holds where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b

from kapell.ids import derived_id
from kapell.model.address import address_of, execution_folder
from kapell.model.codec import encode

SPILLED = "io.kapell.datatype:spilled"
LARGEST_BYTES = 65_536
"""What a value may take as JSON and still lie in a row."""
VALUES = "_values"
"""The folder of an execution's spilled values. Tasks do not see it: who purges the execution's files keeps these."""
_SMALL = frozenset({int, float, bool, type(None)})
_MOST_BYTES_OF_A_CHARACTER = 6
"""In JSON."""


def lightened(
    outputs: Mapping[str, object], folder: str, key: str, store: Callable[[str, bytes], object]
) -> Mapping[str, object]:
    """The outputs, the large ones handed to `store` with their paths below `folder` and replaced by markers.

    `key` tells those of one attempt from those of another. A value that only looks like a marker is stored, too, so
    that what is read back is the value itself.
    """
    found = dict(outputs)
    for name, value in outputs.items():
        if _is_small(value):
            continue
        content = encode(value)
        if len(content) > LARGEST_BYTES or is_marker(value):
            path = f"{folder}/{derived_id(key, name)}.json"
            store(path, content)
            found[name] = _marker(path, content)
    return found


def is_marker(value: object) -> bool:
    """Whether a value has the form of a marker; only at the top of a task run's outputs it is one."""
    return isinstance(value, Mapping) and value.get("type") == SPILLED


def values_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    """Where the spilled values of an execution lie; they go when it goes."""
    return f"{execution_folder(namespace, flow_id, execution_id)}/{VALUES}"


def _is_small(value: object) -> bool:
    if type(value) is str:
        return len(value) * _MOST_BYTES_OF_A_CHARACTER < LARGEST_BYTES
    return type(value) in _SMALL


def _marker(path: str, content: bytes) -> dict[str, object]:
    """Where a value lies as JSON, its length in bytes, and the digest of that."""
    digest = blake2b(content, digest_size=16).hexdigest()
    return {"type": SPILLED, "uri": address_of(path), "size": len(content), "digest": digest}
