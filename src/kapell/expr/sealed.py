"""Secrets that lie encrypted in a row: opened, and masked, by the expression that reads them."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from kapell.errors import RenderError
from kapell.expr.secrets import mask_all

if TYPE_CHECKING:
    from kapell.expr.runtime import Frame

TYPE = "io.kestra.datatype:aes_encrypted"
NONCE_BYTES = 12
MASK = "******"


class Sealed:
    """An encrypted text among an expression's variables. Only the engine makes one: no value of a user can pose as it.

    Looked up it opens; printed as part of a larger value it stays asterisks.
    """

    __slots__ = ("_sealed",)

    def __init__(self, sealed: str) -> None:
        self._sealed = sealed

    def __repr__(self) -> str:
        return MASK

    def open(self, frame: Frame) -> str:
        """The text itself; the frame learns that it holds a secret now."""
        key = frame.env.encryption_key
        text = unseal(key, self._sealed) if key else None
        if text is None:
            raise RenderError("The secret can't be decrypted with the key of this installation")
        frame.secrets += 1
        mask_all(text, frame.env.mask)
        return text


def seal(key: bytes, text: str, nonce: bytes) -> str:
    """The text in AES-GCM: the nonce in front, all of it base64. A nonce serves once for each key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).decode()


def unseal(key: bytes, sealed: str) -> str | None:
    """The text; None where the key is another one."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        data = b64decode(sealed, validate=True)
        return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None).decode()
    except (InvalidTag, ValueError, binascii.Error):
        return None
