"""Mails, handed to a small server of our own."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.clock import ManualClock
from tables import put

TYPE = "io.kestra.plugin.email."


class Server(socketserver.ThreadingTCPServer):
    """Keeps logins, recipients and mails; refuses `refused` recipients, and every login where `closed`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.closed = False
        self.refused: set[str] = set()
        self.logins: list[str] = []
        self.recipients: list[str] = []
        self.mails: list[EmailMessage] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            self.answer(line, line.partition(" ")[0].upper())

    def answer(self, line: str, verb: str) -> None:
        if verb == "EHLO":
            self.say("250-here\r\n250 AUTH PLAIN")
        elif verb == "AUTH":
            self.server.logins.append(b64decode(line.split()[-1]).decode())
            self.say(f"535 no: {line}" if self.server.closed else "235 ok")
        elif verb == "RCPT":
            address = line.partition("<")[2].rstrip(">")
            self.server.recipients.append(address)
            self.say("550 nobody here" if address in self.server.refused else "250 ok")
        elif verb == "DATA":
            self.say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            self.server.mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
            self.say("250 ok")
        else:
            self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(server: Server, type: str = "MailSend", files: LocalFiles | None = None, **properties: object) -> Ran:
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "transport_strategy": "SMTP",
        "sender": "me@x.org",
        "to": "a@x.org",
    }
    trigger = {"executionId": "other", "namespace": "prod", "flowId": "load", "state": "FAILED"}
    return attempt(
        TYPE + type,
        {**given, **properties},
        variables={"trigger": trigger},
        files=files,
        clock=ManualClock(datetime(2026, 1, 2, 4, tzinfo=UTC)),
    )


def test_a_mail_goes_to_all_who_shall_get_it(server: Server) -> None:
    to = {"to": "Ann <a@x.org>; b@x.org\n", "cc": "c@x.org,d@x.org", "bcc": "e@x.org"}
    ran = send(server, **to, subject="Ünder\nway", html_text_content="<b>é</b>", username="me", password="pa55")
    assert ran.result.error is None
    assert server.recipients == ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"]
    assert server.logins == ["\0me\0pa55"]
    (mail,) = server.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == ("me@x.org", "Ann <a@x.org>, b@x.org", "Ünder way")
    assert (mail["Cc"], mail["Bcc"], mail["Date"].datetime.year) == ("c@x.org, d@x.org", None, 2026)
    plain, html = mail.iter_parts()
    assert plain.get_content().strip() == "Please view this email in a modern email client"
    assert html.get_content().strip() == "<b>é</b>"


def test_stored_files_are_attached_and_shown(server: Server, tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    report = {"name": "r.csv", "uri": put(files, "a,b\n"), "contentType": "text/csv"}
    image = [{"name": "logo", "uri": put(files, b"\x89PNG", "logo"), "contentType": "image/png"}]
    html = {"html_text_content": "<img src=cid:logo>", "embedded_images": image}
    assert send(server, files=files, attachments=[report], **html).result.error is None
    kinds = [part.get_content_type() for part in server.mails[0].walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "image/png", "text/csv"]
    (attached,) = server.mails[0].iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("r.csv", "a,b\n")
    assert [part["Content-ID"] for part in server.mails[0].walk() if part["Content-ID"]] == ["<logo>"]
    send(server, files=files, attachments=f'[{{"name": "r", "uri": "{report["uri"]}"}}]')
    (attached,) = server.mails[1].iter_attachments()
    assert attached.get_content_type() == "application/octet-stream"


def test_a_password_is_in_no_error_though_the_server_repeats_it(server: Server) -> None:
    server.closed = True
    error = send(server, username="me", password="pa55").result.error or ""
    assert error == f"Mail by 127.0.0.1:{server.port} failed: 535 no: AUTH PLAIN ******"


def test_refused_recipients_are_told(server: Server) -> None:
    server.refused = {"b@x.org"}
    ran = send(server, to="a@x.org;b@x.org")
    assert ("WARN", "b@x.org was refused: 550 nobody here") in ran.said
    error = send(server, to="b@x.org").result.error or ""
    assert error.endswith("failed: b@x.org: 550 nobody here")


def test_what_can_be_no_mail_is_told(server: Server) -> None:
    assert send(server, host=None).result.error == "`host`, `from` and `to` must be given"
    assert "is no list of mail addresses" in (send(server, to="a b c@").result.error or "")
    assert send(server, attachments=[{"name": "x"}]).result.error == "An attachment needs `uri` and `name`"
    error = send(server, transport_strategy="SMTPS", trusted_hosts=["other"]).result.error
    assert error == "127.0.0.1 is not among `trustedHosts`"
    assert "STARTTLS" in (send(server, transport_strategy="SMTP_TLS").result.error or "")
    assert server.mails == []


def test_a_mail_tells_of_an_execution(server: Server) -> None:
    ran = send(server, "MailExecution", execution_id="{{ trigger.executionId }}", custom_message="<Look>")
    assert ran.result.error is None
    plain, html = (part.get_content().replace("\r", "") for part in server.mails[0].iter_parts())
    assert server.mails[0]["Subject"] == "Execution of prod.load is failed"
    assert plain.startswith("<Look>\nExecution of prod.load is failed\nNamespace: prod\n")
    assert "<p>&lt;Look&gt;</p>" in html
    assert "<th align=left>Status</th><td>FAILED</td>" in html
