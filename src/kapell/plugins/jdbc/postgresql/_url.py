"""JDBC URLs of PostgreSQL, as its own library takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from kapell.sdk import TaskFailed

PREFIX = "jdbc:postgresql:"
HOSTS = re.compile(r"//(?P<hosts>[^/?]*)(?:/(?P<db>[^?]*))?(?:\?(?P<query>.*))?")
HOST = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]*)(?::(?P<port>\d+))?")
NAMES = {
    "user": "user",
    "password": "password",
    "sslmode": "sslmode",
    "sslrootcert": "sslrootcert",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "sslpassword": "sslpassword",
    "applicationname": "application_name",
    "connecttimeout": "connect_timeout",
    "logintimeout": "connect_timeout",
    "options": "options",
    "gssencmode": "gssencmode",
    "channelbinding": "channel_binding",
}
SERVERS = {
    "any": "any",
    "primary": "primary",
    "master": "primary",
    "secondary": "standby",
    "slave": "standby",
    "preferSecondary": "prefer-standby",
    "preferSlave": "prefer-standby",
}


def connection_parameters(url: str) -> dict[str, str]:
    """What the URL says, by libpq's names; what only Java's driver knows is passed over.

    The error never shows the URL: there may be a password in it.
    """
    if not url.startswith(PREFIX):
        raise TaskFailed(f"The URL must begin with `{PREFIX}`")
    rest = url.removeprefix(PREFIX)
    if not rest.startswith("//"):
        database, _, query = rest.partition("?")
        rest = f"//localhost/{database.lstrip('/')}?{query}"
    match = HOSTS.fullmatch(rest)
    hosts = [HOST.fullmatch(host) for host in match["hosts"].split(",")] if match else [None]
    if match is None or None in hosts:
        raise TaskFailed("The URL is not of the form jdbc:postgresql://host:port/database")
    found = [host for host in hosts if host is not None]
    parameters = {
        "host": ",".join(host["host"].strip("[]") or "localhost" for host in found),
        "port": ",".join(host["port"] or "5432" for host in found),
    }
    if match["db"]:
        parameters["dbname"] = unquote(match["db"])
    return {**parameters, **_from_query(dict(parse_qsl(match["query"] or "")))}


def _from_query(query: Mapping[str, str]) -> dict[str, str]:
    lower = {key.lower(): value for key, value in query.items()}
    found = {name: lower[key] for key, name in NAMES.items() if key in lower}
    if lower.get("ssl") in ("true", "") and "sslmode" not in found:
        found["sslmode"] = "verify-full"
    if "currentschema" in lower:
        found["options"] = f"{found.get('options', '')} -c search_path={lower['currentschema']}".strip()
    if (server := SERVERS.get(query.get("targetServerType", ""))) is not None:
        found["target_session_attrs"] = server
    return found
