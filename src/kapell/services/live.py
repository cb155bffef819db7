"""The executions that an executor holds in memory: loaded on their first event, let go when memory is short."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from kapell.engine import Tree
from kapell.model.messages import Job
from kapell.model.window import Window, WindowKey
from kapell.ports.executions import Executions

EXECUTION_BYTES = 2_500
RUN_BYTES = 2_500
"""What a tree and each of its task runs weigh besides outputs, as `make bench` measures it."""


@dataclass(slots=True)
class Weight:
    """Of a tree: how many of its outputs were weighed, what these weigh, and all of it."""

    outputs: int = 0
    outputs_bytes: int = 0
    bytes: int = 0


class Live:
    """Trees by execution id, the one used last at the end.

    `most_bytes` bounds what they weigh in all; what is over is let go by `trim`. `windows` are those of triggers,
    None until somebody has read them.
    """

    def __init__(self, executions: Executions, most_bytes: int = 500_000_000) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self.windows: dict[WindowKey, Window] | None = None
        self._executions = executions
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._weights: dict[str, Weight] = {}

    def get(self, execution_id: str) -> Tree | None:
        """The tree, if it is in memory."""
        tree = self._trees.get(execution_id)
        if tree is not None:
            self._trees.move_to_end(execution_id)
        return tree

    async def load(self, execution_id: str) -> tuple[Tree, tuple[Job, ...]] | None:
        """Read an execution's skeleton, with the jobs that were handed out; None where there is none."""
        loaded = await self._executions.load(execution_id)
        if loaded is None:
            return None
        tree = Tree(loaded.execution, loaded.runs, whole=False)
        self.put(tree)
        return tree, loaded.jobs

    def put(self, tree: Tree) -> None:
        """Hold a tree; it weighs what it weighs now."""
        id = tree.execution.id
        if self._trees.get(id) is not tree:
            self.drop([id])
        self._trees[id] = tree
        weight = self._weights.setdefault(id, Weight())
        self.bytes -= weight.bytes
        _weigh(weight, tree)
        self.bytes += weight.bytes

    def drop(self, execution_ids: Iterable[str]) -> None:
        """Let go of these: their rows are the truth."""
        for id in execution_ids:
            if self._trees.pop(id, None) is not None:
                self.bytes -= self._weights.pop(id).bytes

    def clear(self) -> None:
        """Let go of everything."""
        self.drop(list(self._trees))
        self.windows = None

    def trim(self) -> None:
        """Let go of those used longest ago until the rest fits. Only between ticks: nothing may be uncommitted."""
        while self.bytes > self.most_bytes and len(self._trees) > 1:
            self.drop([next(iter(self._trees))])

    def __len__(self) -> int:
        return len(self._trees)


def _weigh(weight: Weight, tree: Tree) -> None:
    """Look at what is new in a tree: outputs are added at the end, and weighed once."""
    new = len(tree.outputs) - weight.outputs
    if new > 0:
        weight.outputs_bytes += sum(roughly(tree.outputs[id]) for id in islice(reversed(tree.outputs), new))
    weight.outputs = len(tree.outputs)
    weight.bytes = EXECUTION_BYTES + RUN_BYTES * len(tree.runs) + weight.outputs_bytes


def roughly(value: object) -> int:
    """How many bytes a value takes in memory, more or less."""
    if isinstance(value, str | bytes):
        return 56 + len(value)
    if isinstance(value, Mapping):
        return 200 + sum(100 + roughly(key) + roughly(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return 64 + sum(8 + roughly(item) for item in value)
    return 32
