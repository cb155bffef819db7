"""Every type, whatever it is: found by its name, documented to the last property, its examples true."""

from __future__ import annotations

import inspect
import re

import pytest
import yaml

from kapell.sdk.catalogue import ALIASES
from kapell.sdk.flowable import FlowableTask
from kapell.sdk.prop import Properties, by_name, properties
from kapell.sdk.registry import find
from kapell.sdk.task import CallingTask, LoopingTask, RunnableTask, SleepingTask, TaskType, UpdatingTask
from kapell.source.outputs import output_of
from scripts.gen_aliases import FILE, aliases
from scripts.reference import built_in

TYPES = dict(built_in())
TASKS = {name: cls for name, cls in TYPES.items() if issubclass(cls, TaskType)}
KINDS = (RunnableTask, UpdatingTask, FlowableTask, SleepingTask, CallingTask, LoopingTask)
SENTENCE = re.compile(r"[A-Z`].*[.]", re.DOTALL)

every_type = pytest.mark.parametrize("name", TYPES)
every_task = pytest.mark.parametrize("name", TASKS)


def as_written(value: object, typed: bool) -> object:
    return value


@every_type
def test_a_type_is_found_by_its_name_and_by_its_old_names(name: str) -> None:
    assert find(name) is TYPES[name]
    assert all(find(alias) is TYPES[name] for alias in TYPES[name].aliases)


@every_type
def test_a_type_and_its_properties_are_documented_in_sentences(name: str) -> None:
    cls = TYPES[name]
    docs = [inspect.getdoc(cls) or "", *(prop.doc for prop in documented(cls))]
    assert [doc for doc in docs if not SENTENCE.fullmatch(doc)] == []
    assert cls.__doc__ != cls.__mro__[1].__doc__


def documented(cls: type) -> list:
    """The properties of a type and of the parts inside it."""
    own = list(properties(cls).values())
    return own + [inner for prop in own if prop.shape.part for inner in documented(prop.shape.part)]


@every_task
def test_a_task_does_one_kind_of_thing(name: str) -> None:
    assert sum(issubclass(TASKS[name], kind) for kind in KINDS) == 1


@every_task
def test_a_task_says_what_its_outputs_are(name: str) -> None:
    if issubclass(TASKS[name], RunnableTask):
        output = output_of(TASKS[name])
        assert output is not None
        assert SENTENCE.fullmatch(inspect.getdoc(output) or "")


@every_task
def test_the_examples_of_a_task_can_be_bound(name: str) -> None:
    cls = TASKS[name]
    assert cls.examples
    for example in cls.examples:
        given = by_name(cls, yaml.safe_load(example.yaml))
        assert set(given) <= set(properties(cls)), example.title
        assert {key for key, prop in properties(cls).items() if prop.required} <= set(given), example.title
        assert isinstance(cls.bind(given, as_written), Properties)


def test_the_list_of_old_names_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == aliases()
    assert all(alias in ALIASES for cls in TYPES.values() for alias in cls.aliases)


def test_no_old_name_stands_for_two_types() -> None:
    names = [alias for cls in TYPES.values() for alias in cls.aliases]
    assert len(names) == len(set(names))
    assert not set(names) & set(TYPES)
