"""`options` of everything that speaks HTTP, as Kestra's tasks have them, with the flat forms of old."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Literal

from kapell.sdk.prop import Properties, prop
from kapell.sdk.shape import Part, Templated

LARGEST_BODY = 64 * 1024 * 1024
LogKind = Literal["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
_BY_LEVEL: Mapping[str, tuple[LogKind, ...]] = {
    "INFO": ("RESPONSE_HEADERS",),
    "DEBUG": ("REQUEST_HEADERS", "RESPONSE_HEADERS"),
    "TRACE": ("REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"),
}
"""Kestra: what its former `logLevel` stood for."""


class TimeoutOptions(Part):
    """How long to wait."""

    connect_timeout: Templated[timedelta] | None = prop("For the connection.", default="PT1M")
    read_idle_timeout: Templated[timedelta] | None = prop("For each next piece of the answer.", default="PT5M")


class ProxyOptions(Part):
    """A proxy to go through."""

    type: Templated[Literal["DIRECT", "HTTP", "SOCKS"]] = prop("Its kind; DIRECT is none.", default="DIRECT")
    address: Templated[str] | None = prop("Its host.", default=None)
    port: Templated[int] | None = prop("Its port.", default=None)
    username: Templated[str] | None = prop("Who logs in there.", default=None)
    password: Templated[str] | None = prop("The password there.", default=None)


class AuthOptions(Part):
    """Who asks."""

    type: Templated[Literal["BASIC", "BEARER", "DIGEST"]] = prop("How it is told: BASIC and DIGEST take a user name.")
    username: Templated[str] | None = prop("The user's name.", default=None)
    password: Templated[str] | None = prop("The user's password.", default=None)
    token: Templated[str] | None = prop("The token of BEARER.", default=None)


class SslOptions(Part):
    """How the server's certificate is checked."""

    insecure_trust_all_certificates: Templated[bool] = prop("Do not check it at all: for tests only.", default=False)


class HttpOptions(Part):
    """How a request is made, and what counts as its failure."""

    timeout: TimeoutOptions | None = prop("How long to wait.", default=None)
    proxy: ProxyOptions | None = prop("A proxy to go through.", default=None)
    auth: AuthOptions | None = prop("Who asks.", default=None)
    ssl: SslOptions | None = prop("How the server's certificate is checked.", default=None)
    follow_redirects: Templated[bool] = prop("Whether to go where the server sends one.", default=True)
    allow_failed: Templated[bool] = prop("Take an answer with a status from 400 for one like others.", default=False)
    allowed_response_codes: Templated[list[int]] | None = prop(
        "The only status codes that are no failure, whatever `allowFailed` says.", default=None
    )
    default_charset: Templated[str] = prop("How the body of the request is encoded.", default="UTF-8")
    max_content_length: Templated[int] = prop(
        "The most bytes of a body that is kept in the outputs.", default=LARGEST_BODY, least=1
    )
    logs: Templated[list[LogKind]] = prop("What of the exchange is logged, at DEBUG.", default=())

    connect_timeout: Templated[timedelta] | None = prop("Deprecated: `timeout.connectTimeout`.", default=None)
    read_timeout: Templated[timedelta] | None = prop("Deprecated: `timeout.readIdleTimeout`.", default=None)
    read_idle_timeout: Templated[timedelta] | None = prop("Deprecated: `timeout.readIdleTimeout`.", default=None)
    connection_pool_idle_timeout: Templated[timedelta] | None = prop(
        "Deprecated and without effect: no connection outlives its task.", default=None
    )
    proxy_type: Templated[Literal["DIRECT", "HTTP", "SOCKS"]] | None = prop("Deprecated: `proxy.type`.", default=None)
    proxy_address: Templated[str] | None = prop("Deprecated: `proxy.address`.", default=None)
    proxy_port: Templated[int] | None = prop("Deprecated: `proxy.port`.", default=None)
    proxy_username: Templated[str] | None = prop("Deprecated: `proxy.username`.", default=None)
    proxy_password: Templated[str] | None = prop("Deprecated: `proxy.password`.", default=None)
    basic_auth_user: Templated[str] | None = prop("Deprecated: `auth` of type BASIC.", default=None)
    basic_auth_password: Templated[str] | None = prop("Deprecated: `auth` of type BASIC.", default=None)
    log_level: Templated[str] | None = prop("Deprecated: `logs`.", default=None)

    @property
    def logged(self) -> Collection[str]:
        """What of the exchange is logged, said in the new way or in the old."""
        return self.logs or _BY_LEVEL.get(self.log_level or "", ())

    @property
    def connect_seconds(self) -> float:
        """How long to wait for the connection."""
        span = (self.timeout and self.timeout.connect_timeout) or self.connect_timeout
        return span.total_seconds() if span else 60

    @property
    def read_seconds(self) -> float:
        """How long to wait for each piece of the answer."""
        span = (self.timeout and self.timeout.read_idle_timeout) or self.read_timeout or self.read_idle_timeout
        return span.total_seconds() if span else 300

    @property
    def trusts_all(self) -> bool:
        """Whether certificates are not checked."""
        return self.ssl is not None and bool(self.ssl.insecure_trust_all_certificates)

    def login(self) -> AuthOptions | None:
        """Who asks, said in the new way or in the old."""
        if self.auth is not None or self.basic_auth_user is None:
            return self.auth
        return options_from(
            {"auth": {"type": "BASIC", "username": self.basic_auth_user, "password": self.basic_auth_password}}
        ).auth

    def way(self) -> ProxyOptions | None:
        """The proxy, said in the new way or in the old; None where there is none."""
        proxy = self.proxy
        if proxy is None and self.proxy_address is not None:
            flat = {"type": self.proxy_type or "HTTP", "address": self.proxy_address, "port": self.proxy_port}
            login = {"username": self.proxy_username, "password": self.proxy_password}
            proxy = options_from({"proxy": flat | login}).proxy
        return proxy if proxy is not None and proxy.address and proxy.type != "DIRECT" else None

    def fails(self, status: int) -> bool:
        """Whether an answer of this status is a failure."""
        if self.allowed_response_codes:
            return status not in self.allowed_response_codes
        return status >= 400 and not self.allow_failed


class _Holder(Properties):
    options: HttpOptions = prop("What is read.", default={})


def options_from(given: Mapping[str, object]) -> HttpOptions:
    """Options as a map of plain values; raises `Mismatch`."""
    options: HttpOptions = _Holder.bind({"options": given}, lambda value, _typed: value).options
    return options
