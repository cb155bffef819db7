"""What a stranger's text can do: nothing that takes long, nothing that raises."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kapell.source import check
from kapell.source.read import DEEPEST, LONGEST, MOST_VALUES

BOMB = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20))])
CHAIN = "a0: &a0 {x: 1}\n" + "\n".join(f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: *a{n - 1}}}" for n in range(1, 60))
HOSTILE = {
    "brackets": "[" * 10_000,
    "braces": "{a: " * 10_000,
    "dashes": "- " * 10_000,
    "indents": "\n".join(f"{' ' * n}a:" for n in range(3000)),
    "bomb": BOMB,
    "merges": CHAIN,
    "question marks": "? " * 10_000,
    "large": "a" * 100_000_000,
    "values": "a: [" + "1," * (MOST_VALUES + 1) + "]",
    "quote": '"' + "x" * 1_000_000,
    "template": 'id: a\nnamespace: b\nvariables: {x: "' + "{{ (" * 50_000 + '"}\n',
    "nested expression": 'id: a\nnamespace: b\nvariables: {x: "{{ ' + "(" * 5_000 + '"}\n',
    "unknown types": "tasks:\n"
    + "\n".join(f"  - {{id: t{n}, type: io.kestra.plugin.core.log.L{n}}}" for n in range(2000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_gets_an_answer_within_a_second(name: str) -> None:
    start = process_time()
    problems = check(HOSTILE[name])
    assert process_time() - start < 1
    assert problems


def test_the_limits_are_named_in_the_message() -> None:
    assert f"{DEEPEST} levels" in check(HOSTILE["brackets"])[0].message
    assert f"{LONGEST:,}" in check(HOSTILE["large"])[0].message
    assert f"{MOST_VALUES:,}" in check(HOSTILE["bomb"])[0].message


def test_tasks_may_lie_deep_inside_each_other() -> None:
    depth = DEEPEST // 2 - 2
    text = "id: a\nnamespace: b\ntasks:\n"
    for n in range(depth):
        pad = "  " * n
        text += f"{pad}  - id: s{n}\n{pad}    type: io.kestra.plugin.core.flow.Sequential\n{pad}    tasks:\n"
    pad = "  " * depth
    text += f"{pad}  - {{id: end, type: io.kestra.plugin.core.log.Log, message: m}}\n"
    assert check(text) == []


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_problems_and_raise_nothing(content: bytes) -> None:
    assert check(content.decode("latin-1"))
    assert check(content.decode("utf-8", "surrogateescape"))


KEYS = st.sampled_from(
    (
        *("id", "namespace", "tasks", "errors", "inputs", "outputs", "labels", "variables", "triggers", "retry"),
        *("type", "message", "values", "cases", "then", "timeout", "defaults", "pluginDefaults", "concurrency"),
        *("limit", "interval", "conditions", "taskRunner", "sla", "checks", "dependsOn", "disabled"),
    )
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=10),
        st.sampled_from(
            [
                "{{ outputs.a.value }}",
                "{{ x |",
                "PT1S",
                "INT",
                "io.kestra.plugin.core.log.Log",
                "io.kestra.plugin.core.flow.Parallel",
                "io.kestra.plugin.core.flow.Switch",
                "io.kestra.plugin.core.trigger.Schedule",
                "constant",
            ]
        ),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_whatever_stands_under_a_known_key_is_a_problem_or_right(flow: dict[str, object]) -> None:
    import json

    for problem in check(json.dumps(flow)):
        assert problem.message
        assert problem.severity in ("error", "warning", "info")
