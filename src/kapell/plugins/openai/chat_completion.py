"""`io.kestra.plugin.openai.ChatCompletion`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from msgspec import field

from kapell.sdk import Example, Output, Part, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.http import Body, Call, HttpRefused, perform
from kapell.sdk.http.options import options_from

ADDRESS = "https://api.openai.com/v1"
LARGEST_ANSWER = 64_000_000


class ChatMessage(Part):
    """One thing that was said."""

    role: Templated[str] = prop("Who says it: `system`, `user`, `assistant` …")
    content: Templated[str] | None = prop("What is said.", default=None)
    name: Templated[str] | None = prop("The speaker's name.", default=None)


class ChatCompletionOutput(Output, frozen=True, kw_only=True):
    """What the model answered."""

    id: str | None = None
    kind: str | None = field(name="object", default=None)
    model: str | None = None
    choices: list[object] | None = None
    usage: Mapping[str, object] | None = None


class ChatCompletion(RunnableTask[ChatCompletionOutput]):
    """Ask a model of OpenAI to go on with a conversation."""

    api_key: Templated[str] = prop("The key of the API: a secret.")
    organization_id: Templated[str] | None = prop("The organisation that is charged.", default=None)
    client_timeout: Templated[int] = prop("Seconds to wait for the answer.", default=10)
    model: Templated[str] = prop("The model's id, such as `gpt-4o`.")
    messages: list[ChatMessage] | None = prop("The conversation so far.", default=None)
    prompt: Templated[str] | None = prop("What the user says next, in place of or after `messages`.", default=None)
    temperature: Templated[float] = prop("How free the answer is, from 0 to 2.", default=1.0)
    top_p: Templated[float] | None = prop("The share of probable words to choose from.", default=None)
    n: Templated[int] | None = prop("How many answers to give.", default=None)
    stop: Templated[list[str]] | None = prop("Texts at which an answer stops.", default=None)
    max_tokens: Templated[int] | None = prop("How long an answer may be.", default=None)
    presence_penalty: Templated[float] | None = prop("How much new subjects are preferred.", default=None)
    frequency_penalty: Templated[float] | None = prop("How much repetition is avoided.", default=None)
    logit_bias: Templated[Mapping[str, int]] | None = prop("Tokens to prefer or to avoid.", default=None)
    user: Templated[str] | None = prop("Who asks, for OpenAI's own watch.", default=None)
    functions: Templated[list[Mapping[str, object]]] | None = prop("Functions that the model may call.", default=None)
    function_call: Templated[str] | None = prop("Which function it calls: `auto`, or its name.", default=None)
    json_response_schema: Templated[str] | None = prop("JSON schema that the answer keeps to.", default=None)

    examples = (
        Example(
            "Ask", "apiKey: \"{{ secret('OPENAI_API_KEY') }}\"\nmodel: gpt-4o\nprompt: What is data orchestration?"
        ),
    )

    def run(self, ctx: RunContext) -> ChatCompletionOutput:
        """Ask, and give the answer as it comes."""
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        if self.organization_id:
            headers["OpenAI-Organization"] = self.organization_id
        options = options_from({"timeout": {"readIdleTimeout": f"PT{self.client_timeout}S"}})
        address = os.environ.get("OPENAI_BASE_URL", ADDRESS).rstrip("/")
        body = Body.of("application/json", json.dumps(self.question()).encode())
        try:
            with perform(Call(f"{address}/chat/completions", "POST", headers, body), options) as answer:
                ctx.on_cancel(answer.stop)
                told: object = json.loads(answer.read(LARGEST_ANSWER))
        except HttpRefused as error:
            raise TaskFailed(f"OpenAI refused the request with status {error.status}: {error}") from None
        except ValueError:
            raise TaskFailed("OpenAI's answer is not JSON") from None
        if not isinstance(told, dict):
            raise TaskFailed("OpenAI's answer is not a map")
        return ChatCompletionOutput(
            id=told.get("id"),
            kind=told.get("object"),
            model=told.get("model"),
            choices=told.get("choices"),
            usage=told.get("usage"),
        )

    def question(self) -> dict[str, object]:
        """The request's body."""
        said = [
            {key: value for key, value in (("role", one.role), ("content", one.content), ("name", one.name)) if value}
            for one in self.messages or ()
        ]
        if self.prompt:
            said.append({"role": "user", "content": self.prompt})
        if not said:
            raise TaskFailed("Either `prompt` or `messages` must be given")
        names = ("model", "temperature", "top_p", "n", "stop", "max_tokens", "presence_penalty", "frequency_penalty")
        given = {name: getattr(self, name) for name in (*names, "logit_bias", "user", "functions")}
        asked = {"messages": said, **{name: value for name, value in given.items() if value is not None}}
        if self.function_call is not None:
            asked["function_call"] = "auto" if self.function_call == "auto" else {"name": self.function_call}
        if self.json_response_schema is not None:
            schema = json.loads(self.json_response_schema)
            asked["response_format"] = {"type": "json_schema", "json_schema": schema}
        return asked
