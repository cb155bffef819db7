"""What waits for a slow answer keeps its order, and nothing of it is lost."""

from __future__ import annotations

import asyncio
from collections import deque

from factories import NOW
from kapell.model.messages import ForceRunAsked, KillAsked, PauseAsked
from kapell.model.read import Read
from kapell.services.parking import Answers, Item, Parking

ID = "e" * 22
FIRST = PauseAsked(id="first", execution_id=ID, at=NOW)
SECOND = ForceRunAsked(id="second", execution_id=ID, at=NOW)
KILL = KillAsked(id="kill", execution_id=ID, at=NOW)
READ = Read(kind="http", name="http://localhost")


async def answered(answers: Answers) -> None:
    answers[READ] = "yes"


def parked(parking: Parking, *items: Item) -> Answers:
    answers: Answers = {}
    parking.park(ID, deque(items), answers, answered(answers))
    return answers


def test_what_comes_for_an_execution_that_waits_is_kept_once_and_in_its_order() -> None:
    async def play() -> None:
        woken = asyncio.Event()
        parking = Parking(woken.set)
        answers = parked(parking, FIRST)
        assert [parking.holds(item, ID) for item in (SECOND, SECOND, FIRST)] == [True, True, True]
        assert not parking.holds(SECOND, "another")
        assert parking.events(ID) == [FIRST, SECOND]
        assert parking.take_out() == []
        await woken.wait()
        (out,) = parking.take_out()
        assert (list(out.items), out.answers) == ([FIRST, SECOND], {READ: "yes"})
        assert answers is out.answers
        assert not parking.holds(SECOND, ID)

    asyncio.run(play())


def test_a_kill_goes_before_and_what_it_comes_to_loses_nobody_who_waits() -> None:
    async def play() -> None:
        woken = asyncio.Event()
        parking = Parking(woken.set)
        parked(parking, FIRST)
        assert not parking.holds(KILL, ID)
        parked(parking, KILL)
        await woken.wait()
        (out,) = parking.take_out()
        assert list(out.items) == [FIRST, KILL]

    asyncio.run(play())


def test_what_is_forgotten_is_not_answered() -> None:
    async def play() -> None:
        parking = Parking()
        parked(parking, FIRST)
        parking.clear()
        await asyncio.sleep(0)
        assert (parking.take_out(), parking.events(ID)) == ([], [])

    asyncio.run(play())
