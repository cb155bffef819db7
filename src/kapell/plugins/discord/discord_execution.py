"""`io.kestra.plugin.discord.DiscordExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import Story, Telling, present
from kapell.sdk import Example, Part, Templated, prop


class Embed(Part):
    """A box in a message."""

    title: Templated[str] | None = prop("Its title.", default=None)
    website_url: Templated[str] | None = prop("Where a click on the title leads.", default=None)
    description: Templated[str] | None = prop("Its text.", default=None)
    thumbnail: Templated[str] | None = prop("The address of a small picture.", default=None)
    author_name: Templated[str] | None = prop("Who says it.", default=None)
    color: list[int] | None = prop("Its color as red, green and blue, each from 0 to 255.", default=None)
    footer: Templated[str] | None = prop("A text below.", default=None)

    def parts(self, avatar_url: str | None) -> dict[str, object]:
        """As Discord wants it."""
        author = present(name=self.author_name, url=self.website_url, icon_url=avatar_url)
        red, green, blue = [*(self.color or ()), 0, 0, 0][:3]
        return present(
            title=self.title,
            url=self.website_url,
            description=self.description,
            thumbnail={"url": self.thumbnail} if self.thumbnail else None,
            author=author if self.author_name else None,
            color=(red << 16) + (green << 8) + blue if self.color else None,
            footer={"text": self.footer} if self.footer else None,
        )


class DiscordExecution(Telling):
    """Send a message about an execution to Discord: which flow, in what state, how long it took, where to see it."""

    service = "Discord"

    content: Templated[str] | None = prop("The text above the box that tells of the execution.", default=None)
    username: Templated[str] | None = prop("Who sends it, instead of the webhook's name.", default=None)
    avatar_url: Templated[str] | None = prop("A picture of who sends it.", default=None)
    embed_list: list[Embed] | None = prop(
        "More boxes; what the first of them says goes into the one that tells of the execution.", default=None
    )

    aliases = ("io.kestra.plugin.notifications.discord.DiscordExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'url: "{{ secret(\'DISCORD_WEBHOOK\') }}"\nexecutionId: "{{ trigger.executionId }}"\nusername: kapell',
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """A text, and a box of what is known."""
        fields = [{"name": title, "value": value, "inline": True} for title, value in story.fields.items()]
        told = present(title=story.sentence, url=story.link, color=int(story.color, 16), fields=fields)
        first, *others = [embed.parts(self.avatar_url) for embed in self.embed_list or ()] or [{}]
        return present(
            username=self.username,
            avatar_url=self.avatar_url,
            content=story.own or self.content or story.words,
            embeds=[{**told, **first}, *others],
        )
