"""Values that a flow gives to all tasks of a type."""

from __future__ import annotations

from kapell.source import load
from unit.source.sources import flow, problems


def properties(defaults: str, tasks: str) -> dict[str, object]:
    return dict(load(flow(f"pluginDefaults: [{defaults}]", tasks)).tasks[0].properties)


def test_a_default_fills_what_a_task_does_not_say() -> None:
    assert properties("{type: test.Sheet, values: {word: d, number: 5}}", "{id: s, type: test.Sheet, number: 7}") == {
        "word": "d",
        "number": 7,
    }


def test_a_forced_default_wins_over_the_task() -> None:
    default = "{type: test.Sheet, forced: true, values: {word: d}}"
    assert properties(default, "{id: s, type: test.Sheet, word: w}") == {"word": "d"}


def test_a_folder_of_types_may_have_defaults_and_the_later_one_wins() -> None:
    defaults = "{type: test, values: {word: one, number: 1}}, {type: test.Sheet, values: {word: two}}"
    assert properties(defaults, "{id: s, type: test.Sheet}") == {"word": "two", "number": 1}


def test_part_of_a_name_is_no_folder() -> None:
    assert problems("pluginDefaults: [{type: test.She, values: {word: d}}]", "{id: s, type: test.Sheet}") == [
        "tasks[s].word: must not be null",
        "tasks[s].word: must not be blank",
    ]


def test_maps_are_merged_key_by_key() -> None:
    default = "{type: test.Sheet, values: {byName: {a: 1, b: 2}}}"
    found = properties(default, "{id: s, type: test.Sheet, word: w, byName: {b: 3}}")
    assert found["by_name"] == {"b": 3, "a": 1}


def test_a_default_reaches_nested_tasks_and_what_is_chosen_by_type() -> None:
    defaults = (
        "{type: test.Sheet, values: {word: d, weather: {type: test.Rain}}}, {type: test.Rain, values: {drops: 3}}"
    )
    task = load(
        flow(f"taskDefaults: [{defaults}]", "{id: b, type: test.Box, tasks: [{id: s, type: test.Sheet}]}")
    ).tasks[0]
    assert task.branches["tasks"][0].properties == {"word": "d", "weather": {"type": "test.Rain", "drops": 3}}


def test_a_default_has_a_type_and_values() -> None:
    start = "pluginDefaults[0]: Invalid Plugin Default: No"
    assert problems("pluginDefaults: [{values: {a: 1}}]") == [f"{start} 'type' provided"]
    assert problems("pluginDefaults: [{type: test.Rain}]") == [f"{start} 'values' provided"]
