"""The executions that an executor holds in memory: loaded on their first event, let go when memory is short."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from kapell.engine import Tree
from kapell.model.messages import Job
from kapell.model.window import Window, WindowKey
from kapell.ports.executions import Executions


class Live:
    """Trees by execution id, the one used last at the end.

    `most_runs` bounds the task runs held in all (one weighs about 1 kB); what is over is let go by `trim`. `windows`
    are those of triggers, None until somebody has read them.
    """

    def __init__(self, executions: Executions, most_runs: int = 500_000) -> None:
        self._executions = executions
        self._most_runs = most_runs
        self.windows: dict[WindowKey, Window] | None = None
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._weight = 0

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
        self._trees[id] = tree
        weight = 1 + len(tree.runs)
        self._weight += weight - self._weights.get(id, 0)
        self._weights[id] = weight

    def drop(self, execution_ids: Iterable[str]) -> None:
        """Let go of these: their rows are the truth."""
        for id in execution_ids:
            if self._trees.pop(id, None) is not None:
                self._weight -= self._weights.pop(id)

    def clear(self) -> None:
        """Let go of everything."""
        self.drop(list(self._trees))
        self.windows = None

    def trim(self) -> None:
        """Let go of those used longest ago until the rest fits. Only between ticks: nothing may be uncommitted."""
        while self._weight > self._most_runs and len(self._trees) > 1:
            self.drop([next(iter(self._trees))])

    def __len__(self) -> int:
        return len(self._trees)
