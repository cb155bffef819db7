"""All that a plugin imports: the kinds of task, `prop`, the context of a run, the registry."""

from kapell.errors import KapellError
from kapell.expr.value import class_name as java_class
from kapell.model.flow import Output as FlowOutput
from kapell.model.flow import Task, Trigger
from kapell.model.input import Input
from kapell.model.log import Level
from kapell.model.messages import Decision, ExecutionChange
from kapell.model.state import State
from kapell.model.task_run import Place
from kapell.sdk.condition import (
    ConditionContext,
    ConditionType,
    DateCondition,
    ExecutionFacts,
    IllegalCondition,
    read_labels,
    read_moment,
)
from kapell.sdk.context import RunContext
from kapell.sdk.cron import parse_cron
from kapell.sdk.duration import parse_duration
from kapell.sdk.flowable import (
    Again,
    Begun,
    Children,
    Closed,
    FlowableTask,
    FolderTask,
    Order,
    Pausing,
    in_order,
    side_by_side,
)
from kapell.sdk.listening import Gate, ListeningTrigger
from kapell.sdk.pausing import Answer, Answered, PausingTask
from kapell.sdk.prop import prop
from kapell.sdk.runner import Command, ProgramMissing, TaskRunner, default_runner
from kapell.sdk.shape import Cases, Expression, Part, Render, Tasks, Templated
from kapell.sdk.task import (
    BatchingTask,
    Call,
    CallingTask,
    Example,
    LoopingTask,
    OpenFile,
    Output,
    RunnableTask,
    SleepingTask,
    TaskFailed,
    Turns,
    UpdatingTask,
    Void,
)
from kapell.sdk.trigger import ScheduleTrigger, TriggerType
from kapell.sdk.truth import truthy
from kapell.sdk.window import Days, TimeWindow, Window
from kapell.sdk.zone import in_zone, parse_zone

__all__ = [
    "Again",
    "Answer",
    "Answered",
    "BatchingTask",
    "Begun",
    "Call",
    "CallingTask",
    "Cases",
    "Children",
    "Closed",
    "Command",
    "ConditionContext",
    "ConditionType",
    "DateCondition",
    "Days",
    "Decision",
    "Example",
    "ExecutionChange",
    "ExecutionFacts",
    "Expression",
    "FlowOutput",
    "FlowableTask",
    "FolderTask",
    "Gate",
    "IllegalCondition",
    "Input",
    "KapellError",
    "Level",
    "ListeningTrigger",
    "LoopingTask",
    "OpenFile",
    "Order",
    "Output",
    "Part",
    "Pausing",
    "PausingTask",
    "Place",
    "ProgramMissing",
    "Render",
    "RunContext",
    "RunnableTask",
    "ScheduleTrigger",
    "SleepingTask",
    "State",
    "Task",
    "TaskFailed",
    "TaskRunner",
    "Tasks",
    "Templated",
    "TimeWindow",
    "Trigger",
    "TriggerType",
    "Turns",
    "UpdatingTask",
    "Void",
    "Window",
    "default_runner",
    "in_order",
    "in_zone",
    "java_class",
    "parse_cron",
    "parse_duration",
    "parse_zone",
    "prop",
    "read_labels",
    "read_moment",
    "side_by_side",
    "truthy",
]
