"""What expressions in the executor may use: one Env for each namespace, told before each event what is at hand."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from kapell.clock import Clock
from kapell.expr import Env
from kapell.model.read import Read, from_answers


class Lots(random.Random):
    """Chance that is the same for the same seed; seeding is put off until somebody draws, since hardly anybody does."""

    def __init__(self) -> None:
        super().__init__(0)
        self._seed: str | None = None

    def begin(self, seed: str) -> None:
        """What is drawn from here on follows from `seed`."""
        self._seed = seed

    def random(self) -> float:
        """The next number from 0 to 1."""
        self._settle()
        return super().random()

    def getrandbits(self, bits: int, /) -> int:
        """The next `bits` bits."""
        self._settle()
        return super().getrandbits(bits)

    def _settle(self) -> None:
        if self._seed is not None:
            seed, self._seed = self._seed, None
            self.seed(seed)


class Outlook:
    """Made once for an executor; it renders one thing at a time."""

    def __init__(self, base: Env, clock: Clock) -> None:
        self._lots = Lots()
        self._answers: Mapping[Read, object] = {}
        self._base = replace(base, reader=self._recall, now=clock.now, random=self._lots)
        self._known: dict[tuple[str, bool], Env] = {}

    def env(self, namespace: str, seed: str, answers: Mapping[Read, object], *, task: bool = False) -> Env:
        """The Env for what is rendered next: it knows `answers` only, and draws its lots by `seed`.

        A `task`'s expressions may use what only workers have: asked for, that sends it to one.
        """
        self._answers = answers
        self._lots.begin(seed)
        key = (namespace, task)
        if key not in self._known:
            self._known[key] = replace(self._base, namespace=namespace, in_worker=task)
        return self._known[key]

    def _recall(self, read: Read) -> object:
        return from_answers(self._answers)(read)
