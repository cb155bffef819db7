"""JSON schemas: they take what the checker takes, and refuse what it refuses where a schema can."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from kapell.errors import UnknownType
from kapell.source import check, flow_schema, kind_schema, page_schema, type_schema
from kapell.source.nodes import plain
from kapell.source.page import full_example
from kapell.source.problem import Findings
from kapell.source.read import read
from kapell.source.schema import keys_of
from kapell.source.types import all_types, examples_of, is_deprecated, kind_of, named
from unit.source.sources import LOG, flow

SHARED = Path(os.environ.get("KAPELL_SHARED") or Path(__file__).parents[3].parent / "shared")
CASES = SHARED / "conformance"

VALUES: list[object] = [
    *(None, "", 1, 0, -1, 1.5, "1", "true", "maybe", True, "{{ x }}", "{{ x", "[1]", "{}", "PT1S"),
    *([], {}, ["a"], [None], [["a"]], {"a": 1}, {"a": None}),
    [{"id": "q", "type": "io.kestra.plugin.core.log.Log", "message": "m"}],
]


@cache
def validator() -> Draft7Validator:
    schema = flow_schema()
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def value_of(source: str) -> object:
    root = read(source, Findings())
    assert root is not None
    return plain(root)


def takes(source: str) -> bool:
    return validator().is_valid(value_of(source))


def clean_sources() -> list[Path]:
    """The recorded flows in which the checker finds nothing that is wrong, now or when it runs."""
    files = [*CASES.glob("flows/*/*.yaml"), *CASES.glob("validation/*.yaml")]
    return [file for file in sorted(files) if not any(bad(file.read_text(encoding="utf-8")))]


def bad(source: str) -> list[str]:
    wrong = ("wrong-value", "doubtful-value", "fixed-property")
    return [found.code for found in check(source) if found.severity == "error" or found.code in wrong]


def test_every_recorded_flow_without_a_fault_validates() -> None:
    if not CASES.exists():
        pytest.skip(f"no recordings in {CASES}: set KAPELL_SHARED")
    files = clean_sources()
    assert len(files) > 300
    assert [file.name for file in files if not takes(file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("seed", range(8))
def test_what_the_checker_takes_the_schema_takes_whatever_it_is(seed: int) -> None:
    chance = random.Random(seed)
    types = sorted(all_types().items())
    for _ in range(40):
        name, cls = chance.choice(types)
        for example in examples_of(cls):
            changed = yaml.safe_load(full_example(name, cls, example))
            kind = {"task": "tasks", "trigger": "triggers"}.get(kind_of(cls) or "")
            if kind is not None:
                changed[kind][0][chance.choice(keys_of(cls)).key] = chance.choice(VALUES)
            source = yaml.safe_dump(changed)
            assert bad(source) or takes(source), source


@pytest.mark.parametrize("name", all_types())
def test_the_schema_of_a_type_is_one_and_stands_alone(name: str) -> None:
    schema = type_schema(name)
    definitions = schema.pop("definitions")
    assert isinstance(definitions, dict)
    # those are checked with the schema of flows
    Draft7Validator.check_schema(schema)
    assert set(refs_of([schema, definitions])) == definitions.keys()
    assert len(schema["$examples"]) == len(examples_of(named(name)))  # type: ignore[arg-type]


def refs_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"].removeprefix("#/definitions/")] if "$ref" in value else []
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from refs_of(item)


@pytest.mark.parametrize(
    "tasks",
    [
        "{id: t, type: io.kestra.plugin.core.log.Log}",
        "{id: t, type: io.kestra.plugin.core.log.Log, mesage: m}",
        "{id: t, type: io.kestra.plugin.core.log.Lgo, message: m}",
        "{id: 'a b', type: io.kestra.plugin.core.log.Log, message: m}",
        "{id: t, type: io.kestra.plugin.core.log.Log, message: m, level: LOUD}",
        "{id: p, type: io.kestra.plugin.core.flow.Parallel, tasks: [{id: t, type: io.kestra.plugin.core.log.Log}]}",
        "{id: p, type: io.kestra.plugin.core.flow.Parallel, tasks: []}",
        "{id: t, type: io.kestra.plugin.core.log.Log, message: m, retry: {type: constant}}",
        "{id: t, type: io.kestra.plugin.core.log.Log, message: m, retry: {type: steady, interval: PT1S}}",
        "{type: io.kestra.plugin.core.log.Log, message: m}",
    ],
)
def test_what_is_wrong_with_a_task_is_refused(tasks: str) -> None:
    assert bad(flow(tasks=tasks)) != []
    assert not takes(flow(tasks=tasks))


@pytest.mark.parametrize(
    "tasks",
    [
        "{id: t, type: io.kestra.plugin.core.log.Log, message: m, level: '{{ vars.level }}'}",
        "{id: t, type: io.kestra.plugin.core.log.Log, message: [a, 1]}",
        "{id: t, type: io.kestra.core.tasks.log.Log, message: 1, disabled: 'true', runIf: ~}",
        "{id: p, type: io.kestra.plugin.core.flow.Parallel, concurrent: '2', tasks: [" + LOG + "]}",
        "{id: r, type: io.kestra.plugin.core.http.Request, uri: x, options: {followRedirects: '{{ vars.f }}'}}",
    ],
)
def test_literals_their_texts_and_expressions_are_taken(tasks: str) -> None:
    assert bad(flow(tasks=tasks)) == []
    assert takes(flow(tasks=tasks))


@pytest.mark.parametrize(
    ("rest", "right"),
    [
        ("inputs: [{id: a, type: INT, min: 1}]", True),
        ("inputs: [{id: a, type: STRING, min: 1}]", False),
        ("inputs: [{id: a, type: TEXT}]", False),
        ("inputs: [{id: g, type: FORM, inputs: [{id: a, type: SELECT, values: [x]}]}]", True),
        ("inputs: [{id: g, type: FORM, inputs: [{id: a, type: NONE}]}]", False),
        ("triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}]", True),
        ("triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule}]", False),
        ("triggers: [{id: s, type: io.kestra.plugin.core.log.Log, message: m}]", False),
        ("labels: {a: b}", True),
        ("labels: [{key: a, value: b}]", True),
        ("sla: [{id: s, type: MAX_DURATION, behavior: FAIL}]", False),
        ("sla: [{id: s, type: MAX_DURATION, duration: PT1S, behavior: FAIL}]", True),
        ("concurrency: {limit: 0}", False),
        ("nonsense: 1", False),
        ("triggers: [{id: 'a b', type: io.kestra.plugin.core.trigger.Schedule, cron: '* * * * *'}]", False),
    ],
)
def test_the_keys_of_a_flow_are_checked(rest: str, right: bool) -> None:
    assert (bad(flow(rest)) == []) == right
    assert takes(flow(rest)) == right


@pytest.mark.parametrize(
    ("id", "namespace"), [("a b", "a"), ("search", "a"), ("x" * 101, "a"), ("x", "A"), ("x", "a b"), ("''", "a")]
)
def test_names_that_a_flow_can_not_have_are_refused(id: str, namespace: str) -> None:
    source = f"id: {id}\nnamespace: {namespace}\ntasks: [{LOG}]\n"
    assert bad(source) != []
    assert not takes(source)


def test_a_property_tells_its_title_default_and_whether_it_takes_expressions() -> None:
    level = type_schema("io.kestra.plugin.core.log.Log")["properties"]["level"]  # type: ignore[index]
    assert level["title"] == "Severity of every message."
    assert (level["default"], level["$dynamic"], level["$required"]) == ("INFO", True, False)


def test_outputs_have_a_schema_of_their_own() -> None:
    outputs = type_schema("core.http.Request")["$outputs"]
    assert isinstance(outputs, dict)
    assert outputs["properties"]["code"] == {"type": "integer"}


def test_a_deprecated_type_says_so() -> None:
    old = next(name for name, cls in all_types().items() if is_deprecated(cls))
    assert type_schema(old)["$deprecated"] is True


def test_one_task_can_be_validated_without_a_flow() -> None:
    one = Draft7Validator(kind_schema("task"))
    assert one.is_valid(value_of("{id: t, type: io.kestra.plugin.core.log.Log, message: m}"))
    assert not one.is_valid(value_of("{id: t, type: io.kestra.plugin.core.trigger.Schedule, cron: x}"))


def test_an_unknown_type_has_no_schema() -> None:
    with pytest.raises(UnknownType):
        type_schema("io.kestra.plugin.core.log.Lgo")


def test_the_page_of_a_type_is_told_as_the_recorded_server_tells_it() -> None:
    if not CASES.exists():
        pytest.skip(f"no recordings in {CASES}: set KAPELL_SHARED")
    steps = json.loads((CASES / "api/plugins.json").read_text(encoding="utf-8"))["steps"]
    recorded = next(step for step in steps if step["name"] == "one: log.Log")["response"]["json"]["schema"]
    told = page_schema("io.kestra.plugin.core.log.Log")
    level, message = (told["properties"]["properties"][key] for key in ("level", "message"))  # type: ignore[index]
    before = recorded["properties"]["properties"]
    assert message["oneOf"] == before["message"]["oneOf"]
    assert (message["$dynamic"], message["$required"]) == (True, True)
    assert (level["type"], level["default"]) == (before["level"]["type"], before["level"]["default"])
    assert sorted(level["enum"]) == sorted(before["level"]["enum"])
    assert told["properties"]["required"] == recorded["properties"]["required"]  # type: ignore[index]
    assert told["outputs"] == recorded["outputs"]
