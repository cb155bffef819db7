"""`io.kestra.plugin.meta.whatsapp.WhatsAppExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import Story, Telling, present
from kapell.sdk import Example, Templated, prop


class WhatsAppExecution(Telling):
    """Send a message about an execution to WhatsApp: which flow, in what state, how long it took, where to see it."""

    service = "WhatsApp"

    profile_name: Templated[str] | None = prop("The name of the contacts in `whatsAppIds`.", default=None)
    whats_app_ids: Templated[list[str]] | None = prop("The ids of the contacts.", default=None)
    sender: Templated[str] | None = prop("The sender's id: a phone number.", default=None, key="from")
    message_id: Templated[str] | None = prop("The message's id.", default=None)
    text_body: Templated[str] | None = prop("The text, instead of the one that is made here.", default=None)
    recipient_id: Templated[str] | None = prop("The recipient's id.", default=None)

    aliases = ("io.kestra.plugin.notifications.whatsapp.WhatsAppExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            "url: \"{{ secret('WHATSAPP_WEBHOOK') }}\"\nprofileName: Ann\nfrom: '380999999999'\n"
            "whatsAppIds: ['380888888888']\nexecutionId: \"{{ trigger.executionId }}\"",
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """One text to the contacts."""
        name = {"name": self.profile_name or ""}
        contacts = [{"profile": name, "wa_id": id} for id in self.whats_app_ids or ()]
        text = {"body": self.text_body or story.text}
        message = present(id=self.message_id, type="text", text=text) | present(**{"from": self.sender})
        return present(contacts=contacts or None, messages=[message], recipient_id=self.recipient_id)
