from __future__ import annotations

import pytest

from attempts import attempt
from kapell.model.state import State

TYPE = "io.kestra.plugin.core.templating.TemplatedTask"
VARIABLES = {"inputs": {"property": "format", "value": "a"}, "flow": {"id": "hello"}}


def test_the_task_that_a_template_gives_is_run_with_its_own_expressions() -> None:
    spec = 'type: io.kestra.plugin.core.debug.Return\n{{ inputs.property }}: "x {% raw %}{{ flow.id }}{% endraw %}"'
    ran = attempt(TYPE, {"spec": spec}, variables=VARIABLES)
    assert ran.result.outputs == {"value": "x hello"}
    assert ran.said == [("DEBUG", "x hello")]


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (f"type: {TYPE}\nspec: x", f"The templated task cannot be of type '{TYPE}'"),
        ("type: io.kestra.plugin.core.flow.Sequential", "The templated task must be a runnable task"),
        ("type: io.kestra.plugin.core.debug.Nope", "Invalid type: io.kestra.plugin.core.debug.Nope"),
        ("just text", "The templated task must be a map of a task's properties"),
        ("a: &x 1\nb: *x", "The templated task must not use YAML aliases"),
        ("a: [", "The templated task is not YAML: "),
    ],
)
def test_what_is_no_runnable_task_fails(spec: str, sentence: str) -> None:
    ran = attempt(TYPE, {"spec": spec})
    assert ran.result.state is State.FAILED
    assert ran.said[0][1].startswith(sentence)
