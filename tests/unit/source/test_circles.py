"""Circles of flows that call each other."""

from __future__ import annotations

from time import process_time

from kapell.source.circles import circles

Calls = dict[tuple[str, str], tuple[tuple[str, str], ...]]


def groups(**calls: str) -> list[set[str]]:
    """The circles of more than one flow, by the letters of their ids."""
    numbers = circles({("n", id): tuple(("n", other) for other in others) for id, others in calls.items()})
    found: dict[int, set[str]] = {}
    for (_, id), number in numbers.items():
        found.setdefault(number, set()).add(id)
    return [group for group in found.values() if len(group) > 1]


def test_flows_that_call_back_over_others_are_one_circle() -> None:
    assert groups(a="b", b="c", c="a", d="a", e="") == [{"a", "b", "c"}]


def test_two_circles_are_two_even_where_one_leads_to_the_other() -> None:
    assert groups(a="b", b="ac", c="d", d="c") == [{"c", "d"}, {"a", "b"}]


def test_a_flow_that_is_not_there_is_in_no_circle() -> None:
    assert groups(a="z", b="b") == []


def test_a_circle_of_many_flows_is_found_in_linear_time() -> None:
    many: Calls = {("n", str(n)): (("n", str((n + 1) % 50_000)),) for n in range(50_000)}
    start = process_time()
    assert len(set(circles(many).values())) == 1
    assert process_time() - start < 2
