"""Inputs with what they need of the outside: expressions that read, secrets to encrypt, files to store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from kapell.clock import Clock
from kapell.engine import failed_checks, resolve_inputs
from kapell.engine.check import FailedCheck
from kapell.engine.create import seen_before
from kapell.engine.inputs import Resolved, resolve
from kapell.engine.variables import Render
from kapell.errors import KapellError, Refused, StoreError
from kapell.expr import render
from kapell.expr.sealed import NONCE_BYTES, seal
from kapell.model.address import address_of
from kapell.model.execution import MAIN, ExecutionTrigger
from kapell.model.flow import Flow, Trigger
from kapell.model.input import Input
from kapell.model.read import NeedsRead, Read, ReadFailed, from_answers
from kapell.services.call import Calls
from kapell.services.firing import Given, given_by
from kapell.services.stepper import Surroundings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Asker:
    """On whose behalf expressions read."""

    namespace: str
    tenant: str
    depth: int = 0


class Inputs:
    """Resolves inputs; nothing is stored before `store`, so that a form may ask as often as it likes.

    `calls` runs the flows that expressions call; without it they may not. `depth` counts the calls that led here.
    """

    def __init__(self, around: Surroundings, clock: Clock, calls: Calls | None = None) -> None:
        self._around = around
        self._clock = clock
        self._calls = calls

    async def of_flow(
        self,
        flow: Flow,
        given: Mapping[str, object],
        *,
        id: str,
        now: datetime,
        labels: Mapping[str, str] | None = None,
        trigger: ExecutionTrigger | None = None,
        depth: int = 0,
    ) -> Resolved:
        """What a flow's inputs come to for the execution that is to have this id."""
        return await self._read(
            _Asker(flow.namespace, flow.tenant, depth),
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

    async def of_trigger(
        self, flow: Flow, fired: Trigger, *, id: str, now: datetime, trigger: ExecutionTrigger
    ) -> Given:
        """What a trigger of the flow gives the execution that is to have this id; raises `Refused` where it can't."""
        seen = seen_before(flow, id=id, now=now, trigger=trigger)
        try:
            return await self._read(
                _Asker(flow.namespace, flow.tenant),
                lambda rendered: given_by(fired, lambda value, typed: rendered(value, seen, typed)),
            )
        except StoreError:
            raise
        except KapellError as error:
            raise Refused(f"What the trigger `{fired.id}` gives its executions can't be made: {error}") from error

    async def failed_checks(
        self,
        flow: Flow,
        resolved: Resolved,
        *,
        id: str,
        now: datetime,
        labels: Mapping[str, str] | None = None,
        trigger: ExecutionTrigger | None = None,
        depth: int = 0,
    ) -> tuple[FailedCheck, ...]:
        """The flow's checks that these inputs do not pass."""
        if not flow.checks:
            return ()
        return await self._read(
            _Asker(flow.namespace, flow.tenant, depth),
            lambda rendered: failed_checks(
                flow, resolved.values, id=id, now=now, render=rendered, labels=labels, trigger=trigger
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
        tenant: str = MAIN,
    ) -> Resolved:
        """What a task asks a person for: `variables` are what defaults see, `folder` is where new files will lie."""
        return await self._read(
            _Asker(namespace, tenant),
            lambda rendered: resolve(
                asked, given, render=rendered, variables=variables, folder=folder, encrypt=self._encrypt()
            ),
        )

    async def store(self, resolved: Resolved) -> None:
        """Put the new files where the values say that they are."""
        if resolved.files:
            await asyncio.to_thread(self._put, resolved.files)

    async def forget(self, resolved: Resolved) -> None:
        """Remove the new files again: there is no execution that they belong to."""
        if resolved.files:
            await asyncio.to_thread(self._around.files.delete, [address_of(path) for path in resolved.files])

    async def _read(self, asker: _Asker, work: Callable[[Render], T]) -> T:
        """Do it over with what it asked to read, until it asks for nothing more."""
        answers: dict[Read, object] = {}
        env = replace(self._around.env, reader=from_answers(answers), now=self._clock.now, namespace=asker.namespace)

        def rendered(value: object, seen: Mapping[str, object], typed: bool) -> object:
            return render(value, {**self._around.shared, **seen}, env, "typed" if typed else "text")

        while True:
            try:
                return work(rendered)
            except NeedsRead as needed:
                answers[needed.read] = await self._answer(needed.read, asker)

    async def _answer(self, read: Read, asker: _Asker) -> object:
        try:
            if read.kind == "subflow" and self._calls is not None:
                return await self._calls.answer(read, asker.tenant, asker.depth)
            return await asyncio.to_thread(self._around.outside, read)
        except KapellError as error:
            return ReadFailed(str(error))

    def _encrypt(self) -> Callable[[str], str] | None:
        key = self._around.env.encryption_key
        return None if key is None else lambda text: seal(key, text, os.urandom(NONCE_BYTES))

    def _put(self, files: Mapping[str, bytes | Path]) -> None:
        for path, content in files.items():
            try:
                with content.open("rb") if isinstance(content, Path) else BytesIO(content) as opened:
                    self._around.files.put(path, opened)
            except OSError as error:
                raise StoreError(f"{path} could not be stored: {error}") from error
