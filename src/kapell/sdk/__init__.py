"""All that a plugin imports: the kinds of task, `prop`, the context of a run, the registry."""

from kapell.model.flow import Task
from kapell.model.log import Level
from kapell.model.messages import ExecutionChange
from kapell.model.state import State
from kapell.model.task_run import Place
from kapell.sdk.context import RunContext
from kapell.sdk.flowable import Again, Begun, Children, Closed, FlowableTask, Order, in_order, side_by_side
from kapell.sdk.prop import prop
from kapell.sdk.runner import Command, TaskRunner, default_runner
from kapell.sdk.shape import Cases, Expression, Part, Tasks, Templated
from kapell.sdk.task import Example, Output, RunnableTask, SleepingTask, TaskFailed, UpdatingTask, Void
from kapell.sdk.truth import truthy

__all__ = [
    "Again",
    "Begun",
    "Cases",
    "Children",
    "Closed",
    "Command",
    "Example",
    "ExecutionChange",
    "Expression",
    "FlowableTask",
    "Level",
    "Order",
    "Output",
    "Part",
    "Place",
    "RunContext",
    "RunnableTask",
    "SleepingTask",
    "State",
    "Task",
    "TaskFailed",
    "TaskRunner",
    "Tasks",
    "Templated",
    "UpdatingTask",
    "Void",
    "default_runner",
    "in_order",
    "prop",
    "side_by_side",
    "truthy",
]
