"""Messages to an incoming webhook, here a small server of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from attempts import Ran, attempt
from kapell.clock import ManualClock
from kapell.model.state import State
from plugins.webhook import Webhook, serving

TYPE = "io.kestra.plugin.slack.notifications."


class Slack(Webhook):
    refusal = b"invalid_payload"

    @property
    def url(self) -> str:
        return f"{super().url}/services/T0/B0/x"

    @property
    def posted(self) -> list[tuple[dict[str, str], object]]:
        return [(headers, json.loads(text)) for _, headers, text in self.received]


@pytest.fixture
def slack() -> Iterator[Slack]:
    with serving(Slack()) as server:
        yield server


def send(slack: Slack, type: str = "SlackIncomingWebhook", variables: object = None, **properties: object) -> Ran:
    given = {"url": slack.url, **properties}
    return attempt(
        TYPE + type, given, variables=variables or {}, clock=ManualClock(datetime(2026, 1, 2, 4, tzinfo=UTC))
    )


def test_a_text_is_sent_whatever_is_in_it(slack: Slack) -> None:
    text = 'He said "{{ inputs.x }}"\nand \\ left: é'
    assert send(slack, message_text=text, variables={"inputs": {"x": "no"}}).result.state is State.SUCCESS
    headers, message = slack.posted[0]
    assert message == {"text": 'He said "no"\nand \\ left: é'}
    assert headers["Content-Type"] == "application/json; charset=UTF-8"


def test_a_payload_is_sent_as_it_is(slack: Slack) -> None:
    send(slack, payload='{"blocks": [{"type": "divider"}], "text": "a\nb"}')
    send(slack, payload={"text": "a map"}, message_text="wins")
    assert [message for _, message in slack.posted] == [
        {"blocks": [{"type": "divider"}], "text": "a\nb"},
        {"text": "wins"},
    ]


def test_headers_may_be_added(slack: Slack) -> None:
    send(slack, message_text="x", options={"headers": {"X-Team": "data"}, "readTimeout": "PT5S"})
    assert slack.posted[0][0]["X-Team"] == "data"


def test_what_can_be_no_message_is_told_before_it_is_sent(slack: Slack) -> None:
    assert (send(slack, payload='{"text": "a "quote""}').result.error or "").startswith("payload: it is no JSON: ")
    assert send(slack, payload="[1]").result.error == "payload: it must be a map"
    assert send(slack).result.error == "Either `payload` or `messageText` must be given"
    assert slack.posted == []


def test_an_answer_that_is_no_success_fails_the_task(slack: Slack) -> None:
    slack.status = 400
    error = send(slack, message_text="x").result.error or ""
    assert error.startswith("Slack webhook request failed with status 400: ")
    assert "invalid_payload" in error


EXECUTION = {"execution": {"id": "e", "state": "RUNNING", "startDate": datetime(2026, 1, 2, 3, 58, 30, tzinfo=UTC)}}


def test_the_present_execution_is_told(slack: Slack) -> None:
    ran = send(
        slack,
        "SlackExecution",
        variables={**EXECUTION, "kestra": {"url": "http://k/"}},
        execution_id="{{ execution.id }}",
        custom_message="Look:",
        custom_fields={"Team": "data", "Rows": 12},
        channel="#alerts",
        icon_emoji=":wave:",
    )
    assert ran.result.error is None
    message = slack.posted[0][1]
    link = "http://k/ui/main/executions/company.team/hello/e"
    assert message["text"] == f"Look:\n*Execution of <{link}|company.team.hello>* is *running*"
    assert {field["title"]: field["value"] for field in message["attachments"][0]["fields"]} == {
        "Namespace": "company.team",
        "Flow": "hello",
        "Execution": "e",
        "Status": "RUNNING",
        "Started": "2026-01-02T03:58:30+00:00",
        "Duration": "90.0 s",
        "Team": "data",
        "Rows": "12",
    }
    assert (message["channel"], message["icon_emoji"]) == ("#alerts", ":wave:")


def test_the_execution_that_a_flow_trigger_names_is_told(slack: Slack) -> None:
    trigger = {
        "executionId": "other",
        "namespace": "prod",
        "flowId": "load",
        "state": "FAILED",
        "startDate": "2026-01-02T03:00:00Z",
        "endDate": "2026-01-02T03:00:05Z",
        "firstFailedTaskId": "copy",
    }
    send(slack, "SlackExecution", variables={**EXECUTION, "trigger": trigger}, execution_id="{{ trigger.executionId }}")
    message = slack.posted[0][1]
    assert message["text"] == "*Execution of prod.load* is *failed*"
    fields = {field["title"]: field["value"] for field in message["attachments"][0]["fields"]}
    assert (fields["Failed task"], fields["Duration"]) == ("copy", "5.0 s")
    assert message["attachments"][0]["color"] == "#d0021b"


def test_of_any_other_execution_its_id_is_told(slack: Slack) -> None:
    send(slack, "SlackExecution", variables=EXECUTION, execution_id="unknown", message_text="Mine")
    assert slack.posted[0][1]["text"] == "Mine"
    assert [field["value"] for field in slack.posted[0][1]["attachments"][0]["fields"]] == ["unknown"]
