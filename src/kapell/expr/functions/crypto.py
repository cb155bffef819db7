"""Functions that encrypt: AES-GCM with a base64 key, the nonce in front, all of it base64."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from kapell.errors import RenderError
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import text

NONCE = 12


@as_function("encrypt", "key", "plaintext", frame=True)
def encrypt(frame: Frame, key: object = MISSING, plaintext: object = MISSING) -> object:
    """A text encrypted with a base64 key of 16, 24 or 32 bytes.

    {{ decrypt('MDEyMzQ1Njc4OWFiY2RlZg==', encrypt('MDEyMzQ1Njc4OWFiY2RlZg==', 'a')) }} → a
    """
    if key is MISSING or plaintext is MISSING:
        raise RenderError("The 'encrypt' function expects two arguments 'key' and 'plaintext'.")
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(_key(text(key, "encrypt")))
    nonce = frame.env.random.randbytes(NONCE)
    return b64encode(nonce + cipher.encrypt(nonce, text(plaintext, "encrypt").encode(), None)).decode()


@as_function("decrypt", "key", "encrypted")
def decrypt(key: object = MISSING, encrypted: object = MISSING) -> object:
    """The text that `encrypt` was given.

    {{ decrypt('MDEyMzQ1Njc4OWFiY2RlZg==', encrypt('MDEyMzQ1Njc4OWFiY2RlZg==', 'a')) }} → a
    """
    if key is MISSING or encrypted is MISSING:
        raise RenderError("The 'decrypt' function expects two arguments 'key' and 'encrypted'.")
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(_key(text(key, "decrypt")))
    try:
        data = b64decode(text(encrypted, "decrypt"), validate=True)
        return cipher.decrypt(data[:NONCE], data[NONCE:], None).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise RenderError("The text can't be decrypted with this key") from None


def _key(encoded: str) -> bytes:
    try:
        key = b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise RenderError("The key is no base64") from None
    if len(key) not in (16, 24, 32):
        raise RenderError(f"Invalid AES key length: {len(key)} bytes")
    return key
