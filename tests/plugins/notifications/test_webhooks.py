"""Messages to the services behind incoming webhooks, all of them here one small server of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from attempts import Ran, attempt
from kapell.clock import ManualClock
from kapell.model.state import State
from plugins.webhook import Webhook, serving

ALERTS = [
    "discord.DiscordIncomingWebhook",
    "googleworkspace.chat.GoogleChatIncomingWebhook",
    "meta.whatsapp.WhatsAppIncomingWebhook",
    "microsoft365.teams.TeamsIncomingWebhook",
    "opsgenie.OpsgenieAlert",
    "pagerduty.PagerDutyAlert",
    "tencent.qq.QQIncomingWebhook",
    "zenduty.ZendutyAlert",
    "zulip.ZulipIncomingWebhook",
]
TRIGGER = {
    "executionId": "other",
    "namespace": "prod",
    "flowId": "load",
    "state": "FAILED",
    "startDate": "2026-01-02T03:00:00Z",
    "endDate": "2026-01-02T03:00:05Z",
}
SENTENCE = "Execution of prod.load is failed"
LINK = "http://k/ui/main/executions/prod/load/other"
FIELDS = {
    "Namespace": "prod",
    "Flow": "load",
    "Execution": "other",
    "Status": "FAILED",
    "Started": "2026-01-02T03:00:00+00:00",
    "Duration": "5.0 s",
}
TEXT = "\n".join([SENTENCE, *(f"{title}: {value}" for title, value in FIELDS.items()), LINK])


class Service(Webhook):
    @property
    def message(self) -> dict:
        return json.loads(self.received[-1][2])


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Service()) as server:
        yield server


def send(type: str, **properties: object) -> Ran:
    return attempt(
        f"io.kestra.plugin.{type}",
        properties,
        variables={"trigger": TRIGGER, "execution": {"id": "e"}, "kestra": {"url": "http://k"}},
        clock=ManualClock(datetime(2026, 1, 2, 4, tzinfo=UTC)),
    )


def tell(type: str, **properties: object) -> None:
    ran = send(type, execution_id="{{ trigger.executionId }}", **properties)
    assert ran.result.error is None


@pytest.mark.parametrize("type", ALERTS)
def test_a_payload_is_posted_as_it_is(service: Service, type: str) -> None:
    assert send(type, url=service.url, payload='{"text": "{{ trigger.flowId }}"}').result.state is State.SUCCESS
    assert service.message == {"text": "load"}


@pytest.mark.parametrize("type", ALERTS)
def test_a_refused_or_missing_payload_fails_the_task(service: Service, type: str) -> None:
    service.status = 400
    assert "request failed with status 400: " in (send(type, url=service.url, payload="{}").result.error or "")
    assert send(type, url=service.url).result.error == "`payload` must be given"


def test_discord_is_told_in_a_box(service: Service) -> None:
    embeds = [{"title": "Mine", "color": [1, 2, 3], "authorName": "Ann", "footer": "x"}, {"description": "more"}]
    tell("discord.DiscordExecution", url=service.url, custom_message="Look", username="bot", embed_list=embeds)
    first, second = service.message["embeds"]
    assert (service.message["content"], service.message["username"]) == ("Look", "bot")
    assert (first["title"], first["color"], first["url"], first["author"]) == ("Mine", 0x010203, LINK, {"name": "Ann"})
    assert {field["name"]: field["value"] for field in first["fields"]} == FIELDS
    assert second == {"description": "more"}


def test_teams_is_told_by_a_card(service: Service) -> None:
    tell("microsoft365.teams.TeamsExecution", url=service.url, activity_subtitle="Now")
    (section,) = service.message["sections"]
    assert (section["activityTitle"], section["activitySubtitle"]) == (SENTENCE, "Now")
    assert {fact["name"]: fact["value"] for fact in section["facts"]} == FIELDS
    assert service.message["potentialAction"][0]["targets"][0]["uri"] == LINK
    assert service.message["themeColor"] == "0076D7"


def test_chats_are_told_in_a_text(service: Service) -> None:
    marked = f"*Execution of <{LINK}|prod.load>* is *failed*"
    tell("zulip.ZulipExecution", url=service.url, channel="alerts")
    assert (service.message["text"], service.message["channel"]) == (marked, "alerts")
    tell("googleworkspace.chat.GoogleChatExecution", url=service.url, custom_fields={"Team": "data"})
    assert service.message["text"].startswith(f"{marked}\nNamespace: prod\n")
    assert service.message["text"].endswith("\nTeam: data")
    tell("meta.whatsapp.WhatsAppExecution", url=service.url, profile_name="Ann", whats_app_ids=["1"], sender="2")
    assert service.message["contacts"] == [{"profile": {"name": "Ann"}, "wa_id": "1"}]
    assert service.message["messages"] == [{"from": "2", "type": "text", "text": {"body": TEXT}}]


def test_a_payload_that_is_no_json_is_the_text(service: Service) -> None:
    tell("meta.whatsapp.WhatsAppExecution", url=service.url, payload="Flow {{ trigger.flowId }} failed")
    assert service.message["messages"][0]["text"] == {"body": "Flow load failed"}
    broken = send("meta.whatsapp.WhatsAppExecution", url=service.url, payload='{"a": "b"c"}')
    assert (broken.result.error or "").startswith("payload: it is no JSON: ")


def test_qq_is_told_one_by_one_with_the_token(service: Service) -> None:
    tell("tencent.qq.QQExecution", url=service.url, token="t0k", recipient_ids=["1", "2"])
    assert [json.loads(body)["To_Account"] for _, _, body in service.received] == ["1", "2"]
    assert service.received[0][1]["Authorization"] == "Bearer t0k"
    assert service.message["MsgBody"][0]["MsgContent"] == {"Text": TEXT}
    tell("tencent.qq.QQExecution", url=service.url, payload='{"To_Account": ["3"], "MsgBody": []}')
    assert (service.message["To_Account"], service.message["MsgBody"]) == (["3"], [])
    error = send("tencent.qq.QQExecution", url=service.url).result.error
    assert error == "Either `recipientIds` or `To_Account` in `payload` must be given"


def test_line_is_told_for_all_or_for_some(service: Service) -> None:
    tell("line.LineExecution", url=service.url, channel_access_token="t0k")
    assert service.message == {"messages": [{"type": "text", "text": TEXT}]}
    assert service.received[0][1]["Authorization"] == "Bearer t0k"
    tell("line.LineExecution", url=service.url, channel_access_token="t0k", recipient_ids=["U1"], text_body="Hi")
    assert service.message == {"to": "U1", "messages": [{"type": "text", "text": "Hi"}]}


def test_telegram_gets_a_text_or_its_own_json(service: Service) -> None:
    bot = {"token": "1:x", "channel": "7", "endpoint_override": service.url}
    assert send("telegram.TelegramSend", **bot, payload="He said {", parse_mode="MARKDOWNV2").result.error is None
    assert service.received[0][0] == "/bot1:x/sendMessage"
    assert service.message == {"chat_id": "7", "parse_mode": "MarkdownV2", "text": "He said {"}
    send("telegram.TelegramSend", **bot, payload='{"text": "Hi", "disable_notification": true}')
    assert service.message == {"chat_id": "7", "text": "Hi", "disable_notification": True}
    tell("telegram.TelegramExecution", **bot)
    assert service.message == {"chat_id": "7", "text": TEXT}


def test_telegram_s_token_is_in_no_error(service: Service) -> None:
    given = {"token": "1:x", "channel": "7", "payload": "Hi"}
    service.status = 403
    assert "403" in (send("telegram.TelegramSend", **given, endpoint_override=service.url).result.error or "")
    error = send("telegram.TelegramSend", **given, endpoint_override="ftp://x").result.error or ""
    assert "bot******" in error
    assert "1:x" not in error


def test_alerts_about_an_execution_tell_how_bad_it_is(service: Service) -> None:
    tell("pagerduty.PagerDutyExecution", url=service.url, routing_key="r", deduplication_key="d")
    assert service.message == {
        "routing_key": "r",
        "dedup_key": "d",
        "event_action": "trigger",
        "payload": {"summary": SENTENCE, "source": "prod.load", "severity": "error", "custom_details": FIELDS},
        "links": [{"href": LINK, "text": "The execution"}],
    }
    tell("zenduty.ZendutyExecution", url=service.url, entity_id="e")
    assert (service.message["alert_type"], service.message["message"]) == ("error", SENTENCE)
    assert service.message["urls"] == [{"link_url": LINK, "link_text": "The execution"}]
    tell("zenduty.ZendutyExecution", url=service.url, alert_type="RESOLVED")
    assert service.message["alert_type"] == "resolved"


def test_opsgenie_is_told_who_shall_care(service: Service) -> None:
    tell(
        "opsgenie.OpsgenieExecution",
        url=service.url,
        title="m" * 200,
        responders={"id": "team"},
        authorization_token="key",
        tags=["a"],
    )
    assert service.received[0][1]["Authorization"] == "GenieKey key"
    assert service.message["message"] == "m" * 130
    assert service.message["responders"] == [{"id": "id", "type": "team"}]
    assert (service.message["tags"], service.message["details"]) == (["a"], FIELDS)
    assert "visibleTo" not in service.message


def test_sentry_gets_an_envelope_at_the_place_that_the_dsn_means(service: Service) -> None:
    dsn = service.url.replace("//", "//key@") + "/42"
    tell("sentry.SentryExecution", dsn=dsn, level="WARNING", transaction="/t", extra={"Team": "data"})
    path, _, body = service.received[0]
    assert path == "/api/42/envelope/?sentry_version=7&sentry_client=kapell&sentry_key=key"
    head, item, event = map(json.loads, body.splitlines())
    assert (head["event_id"], head["dsn"]) == (event["event_id"], dsn)
    assert item["length"] == len(body.splitlines()[2].encode())
    assert (event["level"], event["transaction"], event["message"]) == ("warning", "/t", {"message": SENTENCE})
    assert event["extra"] == {**FIELDS, "Link": LINK, "Team": "data"}


def test_a_sentry_alert_tells_of_this_execution_unless_it_has_an_event(service: Service) -> None:
    dsn = service.url.replace("//", "//key@") + "/42"
    send("sentry.SentryAlert", dsn=dsn, endpoint_type="STORE")
    assert service.received[0][0].startswith("/api/42/store/?")
    assert (service.message["message"], service.message["level"]) == ({"message": "Execution e failed"}, "error")
    send("sentry.SentryAlert", dsn=dsn, endpoint_type="STORE", payload='{"level": "info"}')
    assert set(service.message) == {"event_id", "timestamp", "level"}
