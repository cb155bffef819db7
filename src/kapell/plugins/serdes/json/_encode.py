"""Rows as JSON: numbers of any precision, instants in a zone, bytes in base64."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

import msgspec

from kapell.sdk.zone import value_in_zone


def json_encoder(zone: tzinfo | None = None) -> Callable[[object], bytes]:
    """What writes a row; with `zone`, instants are written with the offset that it then has."""
    encode = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode
    if zone is None:
        return encode
    return lambda row: encode(value_in_zone(row, zone))
