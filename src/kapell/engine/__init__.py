"""What happens next, decided without doing it: `create` makes an execution, `step` answers an event with a Step."""

from kapell.engine.check import failed_checks
from kapell.engine.create import create, new_execution, refuse_system_labels, resolve_inputs
from kapell.engine.fold import fold
from kapell.engine.replay import replay
from kapell.engine.step import step
from kapell.engine.tree import Tree
from kapell.engine.variables import Render, read_first, variables

__all__ = [
    "Render",
    "Tree",
    "create",
    "failed_checks",
    "fold",
    "new_execution",
    "read_first",
    "refuse_system_labels",
    "replay",
    "resolve_inputs",
    "step",
    "variables",
]
