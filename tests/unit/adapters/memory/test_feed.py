"""The feed within one process."""

from __future__ import annotations

import logging

import pytest

from factories import child, created, execution, line, step, task_run
from kapell.adapters.memory.feed import MemoryFeed
from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.model.state import State

Seen = list[tuple[list[Step], list[LogLine]]]


def watching(feed: MemoryFeed, root_id: str | None = None) -> Seen:
    seen: Seen = []
    feed.watch(lambda steps, lines: seen.append((list(steps), list(lines))), root_id=root_id)
    return seen


def test_a_watcher_sees_all_changes_in_order() -> None:
    feed, first, second = MemoryFeed(), step(execution()), step(execution())
    seen = watching(feed)
    feed.publish([first], [line(task_run(first.execution))])
    feed.publish([second])
    assert seen == [([first], [line(task_run(first.execution))]), ([second], [])]


def test_a_watcher_of_a_tree_sees_that_tree_only() -> None:
    feed, root, other = MemoryFeed(), execution(), execution()
    seen = watching(feed, root.id)
    mine = step(root)
    feed.publish([step(other), mine], [line(task_run(other)), line(task_run(root))])
    feed.publish([step(other)])
    assert seen == [([mine], [line(task_run(root))])]


def test_lines_of_children_are_of_their_tree_from_birth_to_end() -> None:
    feed, root = MemoryFeed(), execution()
    born = created(child(root))
    said = line(task_run(born.execution))
    feed.publish([step(root, children=(born,))])
    seen = watching(feed, root.id)
    feed.publish([], [said])
    ended = step(born.execution, to=State.SUCCESS)
    feed.publish([ended], [said])
    assert seen == [([], [said]), ([ended], [said])]


def test_a_watcher_that_leaves_hears_no_more() -> None:
    feed, seen = MemoryFeed(), []
    leave = feed.watch(lambda steps, lines: seen.append(steps))
    leave()
    leave()
    feed.publish([step(execution())])
    assert seen == []


def test_a_watcher_that_raises_is_dropped_and_others_are_told(caplog: pytest.LogCaptureFixture) -> None:
    def broken(steps: object, lines: object) -> None:
        calls.append(1)
        raise ValueError("broken")

    feed, calls = MemoryFeed(), []
    feed.watch(broken)
    seen = watching(feed)
    with caplog.at_level(logging.ERROR):
        feed.publish([step(execution())])
        feed.publish([step(execution())])
    assert (len(calls), len(seen)) == (1, 2)
    assert "a watcher raised" in caplog.text
