"""Digest authentication (RFC 7616): the answer to a server's challenge."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from secrets import token_hex

_PARTS = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256, "SHA-512-256": lambda data: hashlib.new("sha512_256", data)}


def challenge(header: str) -> Mapping[str, str] | None:
    """The parts of a `WWW-Authenticate: Digest …`; None where it asks for something else or for what is not known."""
    scheme, _, rest = header.partition(" ")
    parts = {name.lower(): quoted or bare for name, quoted, bare in _PARTS.findall(rest)}
    known = _algorithm(parts) in _HASHES and ("qop" not in parts or "auth" in re.split(r"[,\s]+", parts["qop"]))
    return parts if scheme.lower() == "digest" and "nonce" in parts and known else None


def _algorithm(parts: Mapping[str, str]) -> str:
    return parts.get("algorithm", "MD5").upper().removesuffix("-SESS")


def authorization(
    parts: Mapping[str, str], method: str, target: str, user: str, password: str, cnonce: str | None = None
) -> str:
    """The `Authorization` header for a request; `target` is the path with its query."""
    cnonce, realm, nonce = cnonce or token_hex(8), parts.get("realm", ""), parts["nonce"]
    digest = _digest(_algorithm(parts))
    secret = digest(f"{user}:{realm}:{password}")
    if parts.get("algorithm", "").upper().endswith("-SESS"):
        secret = digest(f"{secret}:{nonce}:{cnonce}")
    asked = digest(f"{method}:{target}")
    qop = "qop" in parts
    middle = f"{nonce}:00000001:{cnonce}:auth" if qop else nonce
    said = {"username": user, "realm": realm, "nonce": nonce, "uri": target}
    said["response"] = digest(f"{secret}:{middle}:{asked}")
    said |= {name: parts[name] for name in ("opaque",) if name in parts}
    words = [f'{name}="{value}"' for name, value in said.items()]
    words += [f"algorithm={parts['algorithm']}"] if "algorithm" in parts else []
    words += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"'] if qop else []
    return f"Digest {', '.join(words)}"


def _digest(algorithm: str) -> Callable[[str], str]:
    return lambda text: _HASHES[algorithm](text.encode()).hexdigest()
