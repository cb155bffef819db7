"""Functions on the rendering's own variables, and those that render again."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.errors import RenderError
from kapell.expr.javamap import hashed
from kapell.expr.javatype import is_list, is_text
from kapell.expr.printing import java_text
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame, Undefined
from kapell.expr.value import given, optional_text, text

STEPS = 10
"""What a nested rendering costs beside its own loops."""


@as_function("render", "toRender", "recursive", frame=True)
def render(frame: Frame, template: object = MISSING, recursive: object = MISSING) -> object:
    """A text rendered once more, until nothing changes; texts in lists and maps too.

    {{ render('{{ 1 + 1 }}') }} → 2
    """
    if template is MISSING:
        raise RenderError("The 'render' function expects an argument 'toRender'.")
    again = True if given(recursive) is None else recursive
    if not isinstance(again, bool):
        raise RenderError("The 'render' function expects an optional argument 'recursive' with type boolean.")
    return _again(frame, template, again)


@as_function("renderOnce", "toRender", frame=True)
def render_once(frame: Frame, template: object = MISSING) -> object:
    """A text rendered once more, by one pass only.

    {{ renderOnce('{{ 1 + 1 }}') }} → 2
    """
    if template is MISSING:
        raise RenderError("The 'renderOnce' function expects an argument 'toRender'.")
    return _again(frame, template, False)


def _again(frame: Frame, value: object, recursive: bool) -> object:
    frame.budget.spend(1)
    if isinstance(value, Mapping):
        return hashed({_again(frame, key, recursive): _again(frame, item, recursive) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return [_again(frame, item, recursive) for item in value]
    if not is_text(value):
        return value
    from kapell.expr.template import render_nested

    frame.budget.enter()
    frame.budget.spend(STEPS)
    try:
        return render_nested(value, frame, recursive=recursive)
    except Undefined as error:
        # Kestra: what a nested template misses is an error that no `??` around render() catches
        raise RenderError(error.message, template=error.template, line=error.line, column=error.column) from error
    finally:
        frame.budget.leave()


@as_function("fetchContext", frame=True, also="printContext")
def fetch_context(frame: Frame) -> object:
    """All variables as one map.

    {{ fetchContext() | length >= 0 }} → true
    """
    visible = frame.visible()
    return hashed({name: visible[name] for name in visible})


@as_function("env", "name", "default", frame=True)
def env(frame: Frame, name: object = MISSING, default: object = MISSING) -> object:
    """An environment variable that the server hands to flows, or a default where it is missing or empty.

    {{ env('missing', 'd') }} → d
    """
    if name is MISSING:
        raise RenderError("The 'env' function expects an argument 'name'.")
    envs = frame.find("envs")
    key = optional_text(name, "env")
    value = envs.get(key) if isinstance(envs, Mapping) and key is not None else None
    return given(default) if value is None or value == "" else value


@as_function("tasksWithState", "state", frame=True)
def tasks_with_state(frame: Frame, state: object = MISSING) -> object:
    """The tasks of the execution that are in a state, in any case of its letters.

    {{ tasksWithState('FAILED') | length }} → 0
    """
    if state is MISSING:
        raise RenderError("The 'tasksWithState' function expects an argument 'state'.")
    wanted = text(state, "tasksWithState").upper()
    tasks = frame.find("tasks")
    found: list[object] = []
    for task, details in tasks.items() if isinstance(tasks, Mapping) else ():
        for key, item in details.items() if isinstance(details, Mapping) else ():
            if key == "state" and isinstance(item, str) and item.upper() == wanted:
                found.append({"state": wanted, "taskId": task})
            elif isinstance(item, Mapping) and java_text(item.get("state")).upper() == wanted:
                found.append({"state": wanted, "value": key, "taskId": task})
    return found


@as_function("loopOutputs", "outputs", "name")
def loop_outputs(outputs: object = MISSING, name: object = MISSING) -> object:
    """One output of every iteration of a Loop.

    {{ loopOutputs([{'outputs': {'a': 1}}], 'a') }} → [1]
    """
    if given(outputs) is None:
        raise RenderError("The 'loopOutputs' function expects a non-null argument 'outputs'.")
    if not is_list(outputs):
        raise RenderError("The 'loopOutputs' function expects 'outputs' to be a list.")
    if given(name) is None:
        raise RenderError("The 'loopOutputs' function expects a non-null argument 'name'.")
    if not is_text(name):
        raise RenderError("The 'loopOutputs' function expects 'name' to be a string.")
    each = [item.get("outputs") if isinstance(item, Mapping) else None for item in outputs]
    return [item.get(name) if isinstance(item, Mapping) else None for item in each]


@as_function("currentEachOutput", "outputs", frame=True)
def current_each_output(frame: Frame, outputs: object = MISSING) -> object:
    """The outputs of a sibling inside ForEach, for the values of this task run and its parents.

    {{ currentEachOutput(outputs.make).value }} → made of b
    """
    if outputs is MISSING:
        raise RenderError("The 'currentEachOutput' function expects an argument 'outputs'.")
    if not isinstance(outputs, Mapping):
        raise RenderError("The 'currentEachOutput' function expects an argument 'outputs' with type map.")
    found = _down_the_parents(frame, outputs)
    if found is None:
        raise RenderError("No execution outputs for the current task runs path")
    return _get(found, _get(_map(frame, "taskrun"), "value"))


@as_function("iterationOutput", "taskId", "iteration", frame=True)
def iteration_output(frame: Frame, task: object = MISSING, iteration: object = MISSING) -> object:
    """The value that a task (this one) gave in an iteration (the one before) of ForEach.

    {{ iterationOutput('make', 0) }} → made of a
    """
    taskrun = _map(frame, "taskrun")
    if "iteration" not in taskrun:
        raise RenderError(" 'iterationOutputs()' function should be used inside iterative tasks only")
    number = _iteration(iteration, taskrun)
    name = _get(_map(frame, "task"), "id") if given(task) is None else task
    outputs = _map(frame, "outputs").get(java_text(name))
    found = _down_the_parents(frame, outputs) if isinstance(outputs, Mapping) else None
    if found is None:
        return None
    if number >= len(found):
        raise RenderError(
            f"The provided index ({number}) is out of range. It refers to an iteration whose outputs do not exist yet. "
            f"Maximum valid index is {len(found) - 1}."
        )
    return _get(found[list(found)[number]], "value")


def _iteration(given_iteration: object, taskrun: Mapping[object, object]) -> int:
    if given(given_iteration) is None:
        current = taskrun["iteration"]
        number = current - 1 if isinstance(current, int) else 0
    else:
        try:
            number = int(java_text(given_iteration))
        except ValueError:
            shown = java_text(given_iteration)
            message = f"The 'iteration' argument for 'iterationOutputs' must be an integer, but got: {shown}"
            raise RenderError(message) from None
    if number < 0:
        raise RenderError(f"Cannot fetch iteration {number}: no previous iteration exists.")
    return number


@as_function("parentOutput", "index", frame=True)
def parent_output(frame: Frame, index: object = MISSING) -> object:
    """The outputs of the parent task run, or of the one that stands at an index, the outermost first.

    {{ parentOutput().value }} → made of b
    """
    if index is MISSING:
        return _outputs_of(frame, _map(frame, "parent"))
    if not isinstance(index, int) or isinstance(index, bool):
        raise RenderError("The 'parentOutput' function expects an argument 'index' of type integer.")
    parents = frame.find("parents")
    known = parents if isinstance(parents, (list, tuple)) else []
    if not 0 <= index < len(known):
        raise RenderError(f"Invalid index: {int(index)} for parents size: {len(known)}")
    parent = known[len(known) - 1 - index]
    return _outputs_of(frame, parent if isinstance(parent, Mapping) else {})


def _outputs_of(frame: Frame, parent: Mapping[object, object]) -> object:
    outputs = _map(frame, "outputs").get(_get(parent.get("task"), "id"))
    value = _get(parent.get("taskrun"), "value")
    return outputs if value is None else _get(outputs, value)


def _down_the_parents(frame: Frame, outputs: Mapping[object, object]) -> Mapping[object, object] | None:
    parents = frame.find("parents")
    for parent in reversed(parents) if isinstance(parents, (list, tuple)) else ():
        value = _get(_get(parent, "taskrun"), "value")
        if value is None:
            continue
        inner = outputs.get(value)
        if not isinstance(inner, Mapping):
            return None
        outputs = inner
    return outputs


def _map(frame: Frame, name: str) -> Mapping[object, object]:
    value = frame.find(name)
    return value if isinstance(value, Mapping) else {}


def _get(holder: object, key: object) -> object:
    return holder.get(key) if isinstance(holder, Mapping) else None
