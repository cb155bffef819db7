"""`io.kestra.plugin.email.MailExecution`."""

from __future__ import annotations

from html import escape

from kapell.plugins.email._mail import Mailing
from kapell.plugins.notifications._story import About, Story
from kapell.sdk import Example, RunContext, RunnableTask, Void


class MailExecution(Mailing, About, RunnableTask[Void]):
    """Send a mail about an execution: which flow, in what state, how long it took, where to see it.

    Texts that are given replace those that are made here.
    """

    aliases = ("io.kestra.plugin.notifications.mail.MailExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            "host: mail.example.com\nusername: \"{{ secret('MAIL_USER') }}\"\n"
            "password: \"{{ secret('MAIL_PASSWORD') }}\"\nfrom: flows@example.com\nto: ann@example.com\n"
            'subject: "{{ trigger.flowId }} failed"\nexecutionId: "{{ trigger.executionId }}"',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Gather what is known and send it."""
        story = self.story(ctx)
        self.subject = self.subject or story.sentence
        self.mail(ctx, self.html_text_content or page(story), self.plain_text_content or story.text)
        return Void()


def page(story: Story) -> str:
    """The story in HTML."""
    words = f"<p>{escape(story.words)}</p>" if story.words else ""
    head = escape(story.sentence)
    title = f'<a href="{escape(story.link)}">{head}</a>' if story.link else head
    rows = "".join(f"<tr><th align=left>{escape(t)}</th><td>{escape(v)}</td></tr>" for t, v in story.fields.items())
    return f"{words}<h3>{title}</h3><table>{rows}</table>"
