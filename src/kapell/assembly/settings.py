"""What an installation is told from outside: its environment and what its owner configures."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kapell.errors import KapellError

SECRET = "SECRET_"
ENV = "ENV_"


@dataclass(frozen=True, slots=True)
class Settings:
    """`state_dir` None keeps all in memory; `variables` are `{{ globals }}`, `environ` the process's environment.

    `namespace_files` are folders whose files are those of the namespaces that are its keys.
    """

    state_dir: Path | None = None
    namespace_files: Mapping[str, Path] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    worker_threads: int = 8
    url: str = "http://localhost:8080"

    def envs(self) -> dict[str, str]:
        """`{{ envs.x }}`: what begins with `ENV_`, in small letters without it."""
        return {key[len(ENV) :].lower(): value for key, value in self.environ.items() if key.startswith(ENV)}

    def secret(self, name: str) -> str | None:
        """The secret that stands, in base64, in `SECRET_<NAME>`; None where there is none."""
        encoded = self.environ.get(f"{SECRET}{name.upper()}")
        if encoded is None:
            return None
        try:
            return base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise KapellError(f"The environment variable {SECRET}{name.upper()} is not base64 of a text") from None
