"""Functions of chance: identifiers, random numbers, free ports."""

from __future__ import annotations

from kapell.errors import RenderError
from kapell.expr.javatype import is_text
from kapell.expr.number import java_class
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KSUID_EPOCH = 1_400_000_000


def _base62(number: int, length: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(length, "0")


@as_function("uuid", frame=True)
def uuid(frame: Frame) -> object:
    """A UUID that begins with the time (version 7), random otherwise.

    {{ uuid() | length }} → 36
    """
    from uuid import UUID

    millis = int(frame.env.now().timestamp() * 1000) & 0xFFFFFFFFFFFF
    chance = frame.env.random.getrandbits(74)
    return str(UUID(int=millis << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1))


@as_function("id", frame=True)
def id_(frame: Frame) -> object:
    """A short random identifier of letters and digits, 22 at most.

    {{ id() | length > 15 }} → true
    """
    return _base62(frame.env.random.getrandbits(128), 22)


@as_function("ksuid", frame=True)
def ksuid(frame: Frame) -> object:
    """An identifier that sorts by the time it was made.

    {{ ksuid() | length }} → 27
    """
    seconds = max(0, int(frame.env.now().timestamp()) - _KSUID_EPOCH) & 0xFFFFFFFF
    return _base62((seconds << 128) + frame.env.random.getrandbits(128), 27)


@as_function("nanoId", "length", "alphabet", frame=True)
def nano_id(frame: Frame, length: object = MISSING, alphabet: object = MISSING) -> object:
    """A random identifier of a length, 21 when not said, over an alphabet.

    {{ nanoId(length=8) | length }} → 8
    """
    size = 21
    # Kestra: a length that is no Long is passed over
    if isinstance(length, int) and java_class(length) == "Long":
        if length <= 0:
            raise RenderError("The 'nanoId()' function field 'length' must be greater than: 0")
        if length > 1000:
            raise RenderError("The 'nanoId()' function field 'length' must be lower than: 1000")
        size = int(length)
    letters = alphabet if is_text(alphabet) and alphabet else _BASE62 + "-_"
    return "".join(frame.env.random.choice(letters) for _ in range(size))


@as_function("randomInt", "lower", "upper", frame=True)
def random_int(frame: Frame, lower: object = MISSING, upper: object = MISSING) -> object:
    """A random whole number from `lower` up to `upper`, that one excluded.

    {{ randomInt(3, 4) }} → 3
    """
    least, most = _long(lower, "lower"), _long(upper, "upper")
    if most < least:
        raise RenderError("In 'randomIn()' upper is less than lower")
    return frame.env.random.randrange(least, most) if most > least else least


def _long(value: object, name: str) -> int:
    if value is MISSING:
        raise RenderError(f"The 'randomIn()' function expects an argument {name}")
    if not isinstance(value, int) or java_class(value) != "Long":
        # Kestra: a variable's Integer is refused, only a Long is taken
        raise RenderError(f"The 'randomIn()' function expects an argument {name} of type Long.")
    return int(value)


@as_function("randomPort")
def random_port() -> object:
    """A port of this machine that nobody listens on just now.

    {{ randomPort() > 0 }} → true
    """
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
