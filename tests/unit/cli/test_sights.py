"""What the feed tells waits to be drawn, and whoever tells too much waits with it."""

from __future__ import annotations

import threading
from queue import Empty
from time import monotonic

import pytest

from factories import execution, line, task_run
from kapell.cli.picture import Heard, Sight
from kapell.cli.sights import MOST_LINES, WAIT_SECONDS, Sights


def lines(count: int) -> Sight:
    return Sight((), (line(task_run(execution())),) * count)


def test_sights_come_out_in_their_order_as_many_as_make_a_picture() -> None:
    sights = Sights()
    told = [lines(1), lines(2), lines(MOST_LINES)]
    for sight in told[:2]:
        sights.put(sight)
    threading.Timer(0.01, sights.put, [told[2]]).start()
    assert sights.get() == told[:2]
    assert sights.get() == told[2:]


def test_who_tells_too_much_waits_for_whoever_draws_and_not_for_ever() -> None:
    sights = Sights()
    sights.put(lines(MOST_LINES))
    began = monotonic()
    sights.put(lines(1))
    assert monotonic() - began >= WAIT_SECONDS
    threading.Timer(0.01, sights.get).start()
    sights.put(lines(1))
    assert [len(sight.lines) for sight in sights.get()] == [1, 1]


def test_nothing_to_draw_is_said_after_a_while() -> None:
    with pytest.raises(Empty):
        Sights().get()


def test_a_number_is_new_once_whatever_the_order() -> None:
    heard = Heard()
    assert [heard.is_new(number) for number in (1, 2, 2, 5, 4, 3, 5, 1, 6, 0, 0)] == [
        True, True, False, True, True, True, False, False, True, True, False,
    ]  # fmt: skip
