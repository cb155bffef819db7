"""Functions that encrypt: AES-GCM with a base64 key, the nonce in front, all of it base64."""

from __future__ import annotations

import binascii
from base64 import b64decode

from kapell.errors import RenderError
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.sealed import NONCE_BYTES, seal, unseal
from kapell.expr.value import text


@as_function("encrypt", "key", "plaintext", frame=True)
def encrypt(frame: Frame, key: object = MISSING, plaintext: object = MISSING) -> object:
    """A text encrypted with a base64 key of 16, 24 or 32 bytes.

    {{ decrypt('MDEyMzQ1Njc4OWFiY2RlZg==', encrypt('MDEyMzQ1Njc4OWFiY2RlZg==', 'a')) }} → a
    """
    if key is MISSING or plaintext is MISSING:
        raise RenderError("The 'encrypt' function expects two arguments 'key' and 'plaintext'.")
    nonce = frame.env.random.randbytes(NONCE_BYTES)
    return seal(_key(text(key, "encrypt")), text(plaintext, "encrypt"), nonce)


@as_function("decrypt", "key", "encrypted")
def decrypt(key: object = MISSING, encrypted: object = MISSING) -> object:
    """The text that `encrypt` was given.

    {{ decrypt('MDEyMzQ1Njc4OWFiY2RlZg==', encrypt('MDEyMzQ1Njc4OWFiY2RlZg==', 'a')) }} → a
    """
    if key is MISSING or encrypted is MISSING:
        raise RenderError("The 'decrypt' function expects two arguments 'key' and 'encrypted'.")
    found = unseal(_key(text(key, "decrypt")), text(encrypted, "decrypt"))
    if found is None:
        raise RenderError("The text can't be decrypted with this key")
    return found


def _key(encoded: str) -> bytes:
    try:
        key = b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise RenderError("The key is no base64") from None
    if len(key) not in (16, 24, 32):
        raise RenderError(f"Invalid AES key length: {len(key)} bytes")
    return key
