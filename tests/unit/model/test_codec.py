from __future__ import annotations

import threading
import time

import msgspec
import pytest

from kapell.model import codec


def test_one_thread_at_a_time_learns_how_to_decode_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """msgspec crashes where a second one uses what the first has only half learned."""
    kinds = [msgspec.defstruct(f"Kind{number}", [("name", str)]) for number in range(4)]
    learning: list[object] = []
    most: list[int] = []

    def learn(type: object) -> object:
        learning.append(type)
        most.append(len(learning))
        time.sleep(0.01)
        learning.remove(type)
        return honest(type)

    honest = msgspec.json.Decoder
    monkeypatch.setattr(msgspec.json, "Decoder", learn)
    threads = [threading.Thread(target=codec.decode, args=(b'{"name": "x"}', kind)) for kind in kinds * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert codec.decode(b'{"name": "x"}', kinds[0]) == kinds[0](name="x")
