"""The keys of a flow that no type has: declared as types declare theirs, for schema, completion and docs.

The reader (`parse.py` and what it calls) decides what is accepted; tests hold this against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kapell.model.input import Input as AnyInput
from kapell.model.log import Level
from kapell.sdk.prop import prop
from kapell.sdk.shape import Expression, Part, Plugin, Tasks, Templated

InputType = Literal[
    "STRING",
    "SECRET",
    "INT",
    "FLOAT",
    "BOOL",
    "BOOLEAN",
    "SELECT",
    "MULTISELECT",
    "ENUM",
    "DATETIME",
    "DATE",
    "TIME",
    "DURATION",
    "FILE",
    "JSON",
    "YAML",
    "ION",
    "URI",
    "EMAIL",
    "ARRAY",
    "FORM",
]


class TriggerSlot(Plugin):
    """A trigger, where a flow lists them."""


class LabelKeys(Part):
    """A label in a list of them."""

    key: str = prop("Its name.")
    value: str = prop("Its value, a text.")


class DependsOnKeys(Part):
    """When an input is asked for."""

    inputs: list[str] | str = prop("Ids of the inputs that it needs.", default=())
    condition: Expression[str] | None = prop(
        "An expression over these inputs; the input is there only where it is true.", default=None
    )


class InputKeys(Part):
    """What every input has."""

    id: str = prop("Its name: `inputs.<id>` in expressions. A dot puts it into a group.", aliases=("name",))
    type: InputType = prop("What its value is.")
    required: bool = prop("Whether it must be given where it has no default.", default=True)
    defaults: Templated[object] = prop("Its value where none is given.", default=None)
    prefill: Templated[object] = prop("What a form shows at first; unlike a default it can be taken out.", default=None)
    display_name: str | None = prop("Its name for people.", default=None)
    description: str | None = prop("What it is for; Markdown.", default=None)
    depends_on: DependsOnKeys | None = prop("Other inputs that decide whether it is asked for.", default=None)


class InputOwnKeys(Part):
    """What only inputs of some types have (`kapell.source.inputs.OWN` says which)."""

    validator: str | None = prop("A regular expression that the whole text must match.", default=None)
    min: object = prop("The least value that will do.", default=None)
    max: object = prop("The greatest value that will do.", default=None)
    after: str | None = prop("The earliest value that will do.", default=None)
    before: str | None = prop("The latest value that will do.", default=None)
    values: list[object] | None = prop("What can be chosen: texts, or maps with `label` and `value`.", default=None)
    options: list[object] | None = prop("The former name of `values`.", default=None)
    expression: Templated[str] | None = prop("An expression that gives the list to choose from.", default=None)
    allow_custom_value: bool = prop("Whether a value that is not in the list will do.", default=False)
    auto_select_first: bool = prop("Whether the first one is chosen where nothing is given.", default=False)
    is_radio: bool = prop("Whether a form shows all of them at once.", default=False)
    item_type: InputType | None = prop("What each item is.", default=None)
    extension: str | None = prop("The ending that the file is given.", default=None)
    allowed_file_extensions: list[str] | None = prop("The endings that a file may have, such as `.csv`.", default=None)
    accept: object = prop("The endings or media types that a form offers.", default=None)
    json_schema: object = prop("A JSON schema that the value must satisfy.", default=None)
    inputs: tuple[AnyInput, ...] = prop("The inputs of the group.", default=())


class OutputKeys(Part):
    """An output of a flow."""

    id: str = prop("Its name.")
    type: InputType = prop("What its value is, as for inputs.")
    value: Expression[object] = prop("Its value; it sees the outputs of all tasks.")
    display_name: str | None = prop("Its name for people.", default=None)
    description: str | None = prop("What it is.", default=None)
    required: bool = prop("Whether the execution fails where it can't be made.", default=True)
    item_type: InputType | None = prop("What each item of an ARRAY is.", default=None)


class RetryKeys(Part):
    """How what has failed is tried again."""

    type: Literal["constant", "exponential", "random"] = prop("How the pauses go: all alike, growing, or by chance.")
    interval: str | None = prop("The pause, such as `PT10S`; the first one where they grow.", default=None)
    min_interval: str | None = prop("The shortest pause, with `random`.", default=None)
    max_interval: str | None = prop("The longest pause, with `exponential` and `random`.", default=None)
    delay_factor: float | None = prop("By how much each pause is longer than the one before.", default=None)
    max_attempts: int | None = prop(
        "How many attempts there may be in all.", default=None, aliases=("maxAttempt",), least=1
    )
    max_duration: str | None = prop("For how long new attempts may begin.", default=None)
    warning_on_retry: bool = prop("Whether what was tried again ends as WARNING.", default=False)
    behavior: Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"] = prop(
        "Whether the task is tried again, or the whole flow in a new execution.", default="RETRY_FAILED_TASK"
    )


class TaskKeys(Part):
    """What every task has."""

    id: str = prop("Its name within the flow: letters, digits, `-` and `_`. Its outputs are `outputs.<id>`.")
    type: str = prop("What it does: the name of a type.")
    description: str | None = prop("What it is for; Markdown.", default=None)
    disabled: bool = prop("Leave it out, as if it were not written.", default=False)
    run_if: Expression[str] | None = prop(
        "The task is SKIPPED where this comes to nothing, `false` or `0`.", default=None, aliases=("when",)
    )
    timeout: Templated[str] | None = prop("How long an attempt may take, such as `PT30S`.", default=None)
    retry: RetryKeys | None = prop("How a failed attempt is tried again.", default=None)
    allow_failure: bool = prop("A failure becomes a WARNING, and the flow goes on.", default=False)
    allow_warning: bool = prop("A WARNING becomes a SUCCESS.", default=False)
    log_level: Templated[Level] | None = prop("The least severe lines that are kept.", default=None)
    log_to_file: bool = prop("Whether its lines go into a file.", default=False)
    task_cache: Mapping[str, object] | None = prop("Keep outputs for the next execution.", default=None)
    version: object = prop("Taken and without effect here.", default=None)
    worker_group: object = prop("Taken and without effect here.", default=None)
    worker_selector: object = prop("Taken and without effect here.", default=None)
    assets: object = prop("Taken and without effect here.", default=None)
    policy_refs: object = prop("Taken and without effect here.", default=None)
    plugin_defaults_ref: object = prop("Taken and without effect here.", default=None)


class TriggerKeys(Part):
    """What every trigger has."""

    id: str = prop("Its name within the flow: letters, digits, `-` and `_`.")
    type: str = prop("What it waits for: the name of a type.")
    description: str | None = prop("What it is for; Markdown.", default=None)
    disabled: bool = prop("It does not fire.", default=False)
    log_level: Templated[Level] | None = prop(
        "The least severe lines that are kept.", default=None, aliases=("minLogLevel",)
    )
    inputs: Expression[Mapping[str, object]] | None = prop("Inputs of the executions that it starts.", default=None)
    version: object = prop("Taken and without effect here.", default=None)
    worker_group: object = prop("Taken and without effect here.", default=None)
    worker_selector: object = prop("Taken and without effect here.", default=None)
    assets: object = prop("Taken and without effect here.", default=None)
    policy_refs: object = prop("Taken and without effect here.", default=None)


class TypeKeys(Part):
    """What everything else has that is chosen by its type."""

    type: str = prop("The name of a type.")


class ConcurrencyKeys(Part):
    """How many executions may run at the same time."""

    limit: int = prop("How many.", least=1)
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = prop("What becomes of one too many.", default="QUEUE")


class SlaKeys(Part):
    """What is promised about each execution."""

    id: str = prop("Its name.")
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"] = prop("What kind of promise.")
    duration: str | None = prop("How long an execution may take, with MAX_DURATION.", default=None)
    assert_: Expression[str] | None = prop("What must stay true, with EXECUTION_ASSERTION.", default=None)
    behavior: Literal["FAIL", "CANCEL", "NONE"] = prop("What happens when it is broken.")
    labels: Mapping[str, object] | list[LabelKeys] | None = prop(
        "Labels that the execution gets when it is broken.", default=None
    )


class CheckKeys(Part):
    """What must hold before an execution is made."""

    when: Expression[object] = prop("The condition.", aliases=("condition",))
    message: str = prop("What is said where it does not hold.")
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"] = prop("How that is shown.", default="INFO")
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = prop(
        "What becomes of the execution.", default="BLOCK_EXECUTION"
    )


class DefaultKeys(Part):
    """Values for all tasks, triggers and runners of a type."""

    type: str = prop("The name of a type, or of a folder of types.")
    values: Mapping[str, object] = prop("Their properties.")
    forced: bool = prop("Whether they win over what a task says.", default=False)


class ListenerKeys(Part):
    """Tasks that run when the execution has ended, as flows said it before `afterExecution`."""

    description: str | None = prop("What it is for.", default=None)
    tasks: Tasks = prop("The tasks.", default=())


class FlowKeys(Part):
    """A flow."""

    id: str = prop("Its name within the namespace; it can't be changed.")
    namespace: str = prop("Where it lives: words with dots between them, such as `company.team`.")
    description: str | None = prop("What it is for; Markdown.", default=None)
    labels: Mapping[str, object] | list[LabelKeys] | None = prop(
        "Labels of the flow and of its executions, texts by key.", default=None
    )
    inputs: tuple[AnyInput, ...] = prop("What it asks for when it is started.", default=())
    variables: Mapping[str, object] = prop("Values for expressions: `vars.<name>`.", default=None)
    tasks: Tasks = prop("What it does, one task after the other.", filled=True)
    errors: Tasks = prop("Tasks to run, in order, when a task has failed.", default=())
    finally_: Tasks = prop("Tasks to run, in order, after all others, whatever they came to.", default=())
    after_execution: Tasks = prop("Tasks to run when the execution has ended; they can't change its state.", default=())
    triggers: list[TriggerSlot] = prop("What starts it.", default=())
    outputs: list[OutputKeys] = prop("What it gives back.", default=())
    concurrency: ConcurrencyKeys | None = prop("How many executions may run at the same time.", default=None)
    retry: RetryKeys | None = prop("How what fails is tried again.", default=None)
    sla: list[SlaKeys] = prop("What is promised about each execution.", default=())
    checks: list[CheckKeys] = prop("What must hold before an execution is made.", default=())
    plugin_defaults: list[DefaultKeys] = prop(
        "Values for all tasks, triggers and runners of a type.", default=(), aliases=("taskDefaults",)
    )
    disabled: bool = prop("No execution can be made, and no trigger fires.", default=False)
    draft: bool = prop("Triggers and other flows still use the revision before.", default=False)
    listeners: list[ListenerKeys] = prop("Deprecated: write `afterExecution`.", default=())
    revision: object = prop("Given by kapell.", default=None)
    tenant_id: object = prop("Given by kapell.", default=None)
    deleted: object = prop("Given by kapell.", default=None)
    updated: object = prop("Given by kapell.", default=None)
    worker_group: object = prop("Taken and without effect here.", default=None)
    worker_selector: object = prop("Taken and without effect here.", default=None)
    policy_refs: object = prop("Taken and without effect here.", default=None)


MUTE = ("Taken and without effect here.", "Given by kapell.")
"""What is accepted and not worth writing begins with one of these."""

REQUIRED_BY_TYPE: Mapping[type, Mapping[str, tuple[str, ...]]] = {
    RetryKeys: {
        "constant": ("interval",),
        "exponential": ("interval", "maxInterval"),
        "random": ("minInterval", "maxInterval"),
    },
    SlaKeys: {"MAX_DURATION": ("duration",), "EXECUTION_ASSERTION": ("assert",)},
}
"""Keys that are required where `type` has a certain value."""
