"""What an expression may use beside its variables: a reader of the outside, the time, chance, limits."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from kapell.model.read import Read, Reader, ReadFailed


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets of one rendering; each one overstepped is a `RenderError` that names it."""

    steps: int = 1_000_000
    depth: int = 200
    output_chars: int = 64_000_000
    seconds: float = 10.0
    passes: int = 100


def nothing_to_read(read: Read) -> object:
    """The reader where there is no outside at all: no key, no secret, no file."""
    match read.kind:
        case "kv" | "secret":
            return None
        case "file_exists":
            return False
        case "file" | "file_size" if not read.name.startswith("file:"):
            path = "/" + read.name.removeprefix("nsfile://").lstrip("/")
            raise ReadFailed(f"File '{path}' was not found in namespace '{read.scope}'.")
        case _:
            raise ReadFailed(f"nothing to read here: {read.kind} {read.name}")


@dataclass(frozen=True, slots=True)
class Env:
    """Handed to every rendering; the engine's is deterministic, the worker's reads for real.

    `reader` is the only door to the outside (kv, secret, files, http, error logs). `in_worker` tells whether
    functions that only a worker may call are allowed. `mask` hears every text that was made from a secret.
    `namespace` is the scope of `kv()` and `secret()` without a namespace of their own.
    """

    now: Callable[[], datetime]
    reader: Reader = nothing_to_read
    random: random.Random = field(default_factory=random.Random)
    zone: tzinfo = UTC
    locale: str = "en_US"
    namespace: str = ""
    in_worker: bool = False
    mask: Callable[[str], None] = lambda _text: None
    encryption_key: bytes | None = None
    limits: Limits = Limits()
