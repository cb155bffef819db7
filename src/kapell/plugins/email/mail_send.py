"""`io.kestra.plugin.email.MailSend`."""

from __future__ import annotations

from kapell.plugins.email._mail import Mailing
from kapell.sdk import Example, RunContext, RunnableTask, Void


class MailSend(Mailing, RunnableTask[Void]):
    """Send a mail."""

    aliases = ("io.kestra.plugin.notifications.mail.MailSend",)
    examples = (
        Example(
            "With a stored file",
            "host: mail.example.com\nport: 465\nusername: \"{{ secret('MAIL_USER') }}\"\n"
            "password: \"{{ secret('MAIL_PASSWORD') }}\"\nfrom: flows@example.com\nto: ann@example.com;bo@example.com\n"
            'subject: "Report of {{ flow.id }}"\nhtmlTextContent: <b>Look inside.</b>\nattachments:\n'
            '  - name: report.csv\n    uri: "{{ outputs.report.uri }}"\n    contentType: text/csv',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Send it."""
        self.mail(ctx, self.html_text_content, self.plain_text_content)
        return Void()
