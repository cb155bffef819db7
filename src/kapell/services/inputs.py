"""Inputs with what they need of the outside: expressions that read, secrets to encrypt, files to store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import TypeVar

from kapell.clock import Clock
from kapell.engine import resolve_inputs
from kapell.engine.inputs import Resolved, resolve
from kapell.engine.variables import Render
from kapell.errors import KapellError
from kapell.expr import render
from kapell.expr.sealed import NONCE_BYTES, seal
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow
from kapell.model.input import Input
from kapell.model.read import NeedsRead, Read, ReadFailed, from_answers
from kapell.services.stepper import Surroundings

T = TypeVar("T")


class Inputs:
    """Resolves inputs; nothing is stored before `store`, so that a form may ask as often as it likes."""

    def __init__(self, around: Surroundings, clock: Clock) -> None:
        self._around = around
        self._clock = clock

    async def of_flow(
        self,
        flow: Flow,
        given: Mapping[str, object],
        *,
        id: str,
        now: datetime,
        labels: Mapping[str, str] | None = None,
        trigger: ExecutionTrigger | None = None,
    ) -> Resolved:
        """What a flow's inputs come to for the execution that is to have this id."""
        return await self._read(
            flow.namespace,
            lambda rendered: resolve_inputs(
                flow,
                id=id,
                now=now,
                render=rendered,
                inputs=given,
                labels=labels,
                trigger=trigger,
                encrypt=self._encrypt(),
            ),
        )

    async def of_task(
        self,
        asked: Sequence[Input],
        given: Mapping[str, object],
        *,
        namespace: str,
        variables: Mapping[str, object],
        folder: str,
    ) -> Resolved:
        """What a task asks a person for: `variables` are what defaults see, `folder` is where new files will lie."""
        return await self._read(
            namespace,
            lambda rendered: resolve(
                asked, given, render=rendered, variables=variables, folder=folder, encrypt=self._encrypt()
            ),
        )

    async def store(self, resolved: Resolved) -> None:
        """Put the new files where the values say that they are."""
        if resolved.files:
            await asyncio.to_thread(self._put, resolved.files)

    async def _read(self, namespace: str, work: Callable[[Render], T]) -> T:
        """Do it over with what it asked to read, until it asks for nothing more."""
        answers: dict[Read, object] = {}
        env = replace(self._around.env, reader=from_answers(answers), now=self._clock.now, namespace=namespace)

        def rendered(value: object, seen: Mapping[str, object], typed: bool) -> object:
            return render(value, {**self._around.shared, **seen}, env, "typed" if typed else "text")

        while True:
            try:
                return work(rendered)
            except NeedsRead as needed:
                answers[needed.read] = await self._answer(needed.read)

    async def _answer(self, read: Read) -> object:
        try:
            return await asyncio.to_thread(self._around.outside, read)
        except KapellError as error:
            return ReadFailed(str(error))

    def _encrypt(self) -> Callable[[str], str] | None:
        key = self._around.env.encryption_key
        return None if key is None else lambda text: seal(key, text, os.urandom(NONCE_BYTES))

    def _put(self, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            self._around.files.put(path, BytesIO(content))
