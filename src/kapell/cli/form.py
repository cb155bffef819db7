"""The form of a pause, in a terminal: what it asks for, line by line, until the answers are taken."""

from __future__ import annotations

from kapell.assembly.local import Local
from kapell.cli.picture import Picture
from kapell.errors import InputError
from kapell.model.input import Input


def ask(local: Local, picture: Picture) -> None:
    """Resume the first execution that waits, with what the person at the terminal says."""
    waiting = picture.waiting[0]
    task = next((task for task in picture.flow.all_tasks() if task.id == waiting.task_id), None)
    asked = task.properties.get("on_resume") if task else ()
    inputs = [one for one in asked if isinstance(one, Input)] if isinstance(asked, list | tuple) else []
    while True:
        print(f"{waiting.label} waits to be resumed." + ("" if inputs else " Press Enter to go on."))
        values = {one.id: answer for one in inputs if (answer := _answer(one))}
        if not inputs:
            input()
        try:
            local.resume(waiting.execution_id, values)
        except InputError as error:
            print(error)
            continue
        picture.answered(waiting)
        return


def _answer(asked: Input) -> str:
    default = f" [{asked.defaults}]" if asked.defaults is not None else "" if asked.required else " (optional)"
    if asked.description:
        print(asked.description.strip())
    return input(f"  {asked.display_name or asked.id} ({asked.type}){default}: ")
