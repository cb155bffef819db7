"""Values too large for a row: they lie in internal storage, and the row holds where."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.model.address import execution_folder

SPILLED = "io.kapell.datatype:spilled"
LARGEST_BYTES = 65_536
"""What a value may take as JSON and still lie in a row."""
VALUES = "_values"
"""The folder of an execution's spilled values. Tasks do not see it: who purges the execution's files keeps these."""


def marker(address: str, size_bytes: int, digest: str) -> dict[str, object]:
    """What stands in the row: where the value lies as JSON, its length, and the BLAKE2b digest of that."""
    return {"type": SPILLED, "uri": address, "size": size_bytes, "digest": digest}


def is_marker(value: object) -> bool:
    """Whether a value has the form of a marker; only at the top of a task run's outputs it is one."""
    return isinstance(value, Mapping) and value.get("type") == SPILLED


def values_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    """Where the spilled values of an execution lie; they go when it goes."""
    return f"{execution_folder(namespace, flow_id, execution_id)}/{VALUES}"
