"""A mail: made of what a task says, handed to a server."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from typing import Literal

from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.draft import opened
from kapell.sdk.prop import Properties

Strategy = Literal["SMTP", "SMTPS", "SMTP_TLS", "SMTP_OAUTH2"]
PORTS = {"SMTP": 25, "SMTPS": 465, "SMTP_TLS": 587, "SMTP_OAUTH2": 587}
NO_HTML = "Please view this email in a modern email client"
ANY_TYPE = "application/octet-stream"
POLICY = SMTP.clone(cte_type="7bit")


class Mailing(Properties):
    """Sends a mail."""

    host: Templated[str] | None = prop("The mail server.", default=None)
    port: Templated[int] | None = prop("Its port; without it, the usual one of the strategy.", default=None)
    username: Templated[str] | None = prop("Who sends it, to the server; without it nobody logs in.", default=None)
    password: Templated[str] | None = prop("The password.", default=None)
    transport_strategy: Templated[Strategy] = prop(
        "SMTPS is encrypted from the beginning (mostly port 465), SMTP_TLS after a greeting (587), SMTP where the "
        "server can. SMTP_OAUTH2 is SMTP_TLS with a token instead of a password.",
        default="SMTPS",
    )
    access_token: Templated[str] | None = prop("The token for SMTP_OAUTH2; else `password` is it.", default=None)
    session_timeout: Templated[int] = prop("How long to wait for the server, in milliseconds.", default=10000, least=1)
    verify_server_identity: Templated[bool] = prop("Whether the certificate must name the host.", default=True)
    trusted_hosts: Templated[list[str]] | None = prop(
        "The only hosts that are trusted, and they without a look at their certificate.", default=None
    )
    sender: Templated[str] | None = prop("The sender's address.", default=None, key="from")
    to: Templated[str] | None = prop("The recipients' addresses, with `;` between them.", default=None)
    cc: Templated[str] | None = prop("Who gets a copy, the same way.", default=None)
    bcc: Templated[str] | None = prop("Who gets a copy that nobody else sees, the same way.", default=None)
    subject: Templated[str] | None = prop("The subject.", default=None)
    html_text_content: Templated[str] | None = prop("The text in HTML.", default=None)
    plain_text_content: Templated[str] | None = prop("The text without marks, for who shows no HTML.", default=None)
    attachments: Templated[list[Mapping[str, str]] | str] | None = prop(
        "Stored files to attach: each has `uri`, `name` and maybe `contentType`. A list, or its JSON.", default=None
    )
    embedded_images: Templated[list[Mapping[str, str]] | str] | None = prop(
        "Images that the HTML shows as `cid:NAME`: given like attachments.", default=None
    )

    def mail(self, ctx: RunContext, html: str | None, plain: str | None) -> None:
        """Make it and hand it over."""
        if self.host is None or self.sender is None or self.to is None:
            raise TaskFailed("`host`, `from` and `to` must be given")
        to = [address for line in (self.to, self.cc, self.bcc) for address in addresses(line)]
        message = self._message(ctx, html, plain)
        port = self.port or PORTS[self.transport_strategy]
        try:
            refused = self._hand_over(ctx, self.host, port, message, [address.addr_spec for address in to])
        except (smtplib.SMTPException, OSError) as error:
            raise TaskFailed(f"Mail by {self.host}:{port} failed: {self._hidden(_words(error))}") from None
        for address, (code, words) in refused.items():
            ctx.log("WARN", f"{address} was refused: {code} {words.decode(errors='replace')}")

    def _message(self, ctx: RunContext, html: str | None, plain: str | None) -> EmailMessage:  # type: ignore[explicit-any]  # in its typing
        message = EmailMessage(policy=POLICY)
        message["From"] = addresses(self.sender)
        message["To"] = addresses(self.to)
        if cc := addresses(self.cc):
            message["Cc"] = cc
        message["Subject"] = " ".join((self.subject or "").split())
        message["Date"] = ctx.now
        message.set_content(plain or (NO_HTML if html else ""))
        images = list(files(ctx, self.embedded_images))
        if html:
            message.add_alternative(html, subtype="html")
            shown = list(message.iter_parts())[-1]
            for name, kind, content in images:
                main, sub = kind.split("/", 1)
                shown.add_related(content, main, sub, cid=f"<{name}>", filename=name, disposition="inline")
        for name, kind, content in [*files(ctx, self.attachments), *(() if html else images)]:
            main, sub = kind.split("/", 1)
            message.add_attachment(content, main, sub, filename=name)
        return message

    def _hand_over(  # type: ignore[explicit-any]  # in the typing of EmailMessage
        self, ctx: RunContext, host: str, port: int, message: EmailMessage, to: list[str]
    ) -> dict[str, tuple[int, bytes]]:
        seconds = self.session_timeout / 1000
        with closing(self._server(host, port, seconds)) as server:
            ctx.on_cancel(lambda: _stop(server))
            server.ehlo()
            if self.transport_strategy in ("SMTP_TLS", "SMTP_OAUTH2"):
                server.starttls(context=self._tls(host))
            elif self.transport_strategy == "SMTP" and server.has_extn("starttls"):
                # Kestra: without demand for it, encryption is better than none, whoever the server is.
                server.starttls(context=_unchecked())
            self._log_in(server)
            refused = server.send_message(message, to_addrs=to)
            # It has the mail, however it says goodbye.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            return refused

    def _server(self, host: str, port: int, seconds: float) -> smtplib.SMTP:
        if self.transport_strategy == "SMTPS":
            return smtplib.SMTP_SSL(host, port, timeout=seconds, context=self._tls(host))
        return smtplib.SMTP(host, port, timeout=seconds)

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self.transport_strategy == "SMTP_OAUTH2":
            said = self._bearer()
            server.ehlo_or_helo_if_needed()
            server.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")
        elif self.username is not None:
            server.login(self.username, self.password or "")

    def _bearer(self) -> str:
        token = self.access_token or self.password
        if not token:
            raise TaskFailed("SMTP_OAUTH2 needs `accessToken` or `password`")
        return f"user={self.username or ''}\x01auth=Bearer {token}\x01\x01"

    def _tls(self, host: str) -> ssl.SSLContext:
        if self.trusted_hosts:
            if host not in self.trusted_hosts:
                raise TaskFailed(f"{host} is not among `trustedHosts`")
            return _unchecked()
        context = ssl.create_default_context()
        context.check_hostname = self.verify_server_identity
        return context

    def _hidden(self, words: str) -> str:
        """Without what a server may repeat of a login."""
        for secret in filter(None, (self.password, self.access_token)):
            login = f"\0{self.username or ''}\0{secret}"
            bearer = f"user={self.username or ''}\x01auth=Bearer {secret}\x01\x01"
            for word in (*(b64encode(said.encode()).decode() for said in (login, bearer, secret)), secret):
                words = words.replace(word, "******")
        return words


def addresses(line: str | None) -> list[Address]:
    """The addresses in a line, with `;`, `,` or the end of a line between them; fails the task where one is none."""
    parts = [part.strip() for part in (line or "").replace("\n", ";").split(";")]
    try:
        return [Address(name, addr_spec=spec) for name, spec in getaddresses([part for part in parts if part])]
    except (MessageError, ValueError, IndexError) as error:
        raise TaskFailed(f"`{line}` is no list of mail addresses: {error}") from None


def files(ctx: RunContext, given: list[Mapping[str, str]] | str | None) -> Iterator[tuple[str, str, bytes]]:
    """The name, type and content of stored files."""
    for file in _listed(given):
        if not isinstance(file, Mapping) or not file.get("uri") or not file.get("name"):
            raise TaskFailed("An attachment needs `uri` and `name`")
        kind = str(file.get("contentType") or ANY_TYPE)
        with opened(ctx, str(file["uri"])) as content:
            yield str(file["name"]), kind if kind.count("/") == 1 else ANY_TYPE, content.read()


def _listed(given: object) -> list[object]:
    # Kestra: the list may be JSON, and even the JSON of its JSON.
    while isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except ValueError:
            raise TaskFailed("attachments: the text is no JSON") from None
    return given if isinstance(given, list) else []


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _stop(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        server.sock.shutdown(socket.SHUT_RDWR)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(
            f"{to}: {code} {words.decode(errors='replace')}" for to, (code, words) in error.recipients.items()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if isinstance(error, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        return f"{error}: the server speaks no TLS at first; `transportStrategy: SMTP_TLS` may be meant"
    return str(error) or type(error).__name__
