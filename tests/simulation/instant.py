"""Coroutines without an event loop: what they wait for is there at once, so that there is no order but the seed's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

import kapell.services.stepper as stepper

T = TypeVar("T")


class Blocked(Exception):
    """A coroutine waits for something that is not there."""


def at_once(work: Coroutine[object, None, T]) -> T:
    """The result of a coroutine that has nothing to wait for; one that lets others go first just goes on."""
    try:
        while work.send(None) is None:
            pass
    except StopIteration as done:
        value: T = done.value
        return value
    work.close()
    raise Blocked


async def _here(call: Callable[..., T], *given: object) -> T:
    return call(*given)


@contextmanager
def no_threads_and_no_time(monotonic: Callable[[], float]) -> Iterator[None]:
    """What would be done in a thread is done here, and how long something takes is what `monotonic` says."""
    threads, clock = asyncio.to_thread, stepper.monotonic
    asyncio.to_thread, stepper.monotonic = _here, monotonic
    try:
        yield
    finally:
        asyncio.to_thread, stepper.monotonic = threads, clock
