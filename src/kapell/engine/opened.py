"""Outputs as expressions see them: what was spilled is read back when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kapell.model.read import Read, Reader
from kapell.model.spilled import is_marker


class Opened(Mapping[str, object]):
    """A task run's outputs; a value that lies in internal storage is fetched by `read`."""

    def __init__(self, outputs: Mapping[str, object], read: Reader) -> None:
        self._outputs = outputs
        self._read = read

    def __getitem__(self, key: str) -> object:
        value = self._outputs[key]
        if isinstance(value, Mapping) and is_marker(value):
            return self._read(Read(kind="spilled", name=str(value["uri"])))
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._outputs)

    def __len__(self) -> int:
        return len(self._outputs)


def opened(outputs: Mapping[str, object], read: Reader) -> Mapping[str, object]:
    """`outputs` as they are, unless one of them was spilled."""
    return Opened(outputs, read) if any(map(is_marker, outputs.values())) else outputs
