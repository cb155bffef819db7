"""Where the files of an execution lie in internal storage: Kestra's layout."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

SCHEME = "kestra://"


def inputs_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    """The folder of the files that an execution was given."""
    return f"{execution_folder(namespace, flow_id, execution_id)}/inputs"


def execution_folder(namespace: str, flow_id: str, execution_id: str) -> str:
    """The folder of all files of an execution."""
    return f"/{namespace.replace('.', '/')}/{slug(flow_id)}/executions/{execution_id}"


def address_of(path: str) -> str:
    """The address of a path of internal storage."""
    return f"{SCHEME}{quote(path, errors='surrogateescape')}"


def slug(name: str) -> str:
    """Kestra: an id as it stands in storage addresses, in small letters with single dashes."""
    plain = unicodedata.normalize("NFD", re.sub(r"\s", "-", name))
    plain = re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9_-]", "", plain).replace("_", "-"))
    return plain.removeprefix("-").removesuffix("-").lower()
