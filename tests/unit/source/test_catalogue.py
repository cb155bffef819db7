"""The names of types: all that Kestra has, and those that it has renamed."""

from __future__ import annotations

import re

import pytest

from kapell.errors import TypeNotBuilt, UnknownType
from kapell.sdk.catalogue import known_types, near
from kapell.sdk.registry import canonical, find


def test_every_name_is_a_class_in_a_folder() -> None:
    assert len(known_types()) > 1000
    assert all(re.fullmatch(r"io\.kestra\.plugin(\.\w+)+\.[A-Z]\w*", name) for name in known_types())


@pytest.mark.parametrize(
    ("old", "present"),
    [
        ("io.kestra.core.tasks.flows.Flow", "io.kestra.plugin.core.flow.Subflow"),
        ("io.kestra.plugin.core.flow.WaitFor", "io.kestra.plugin.core.flow.LoopUntil"),
        ("io.kestra.plugin.fs.http.Trigger", "io.kestra.plugin.core.http.Trigger"),
        ("io.kestra.plugin.core.condition.WeekendCondition", "io.kestra.plugin.core.condition.Weekend"),
        ("io.kestra.core.models.triggers.types.Schedule", "io.kestra.plugin.core.trigger.Schedule"),
        ("io.kestra.plugin.core.condition.VariableCondition", "io.kestra.plugin.core.condition.Expression"),
        ("io.kestra.plugin.langchain4j.ChatCompletion", "io.kestra.plugin.ai.completion.ChatCompletion"),
        ("io.kestra.plugin.kubernetes.PodCreate", "io.kestra.plugin.kubernetes.core.PodCreate"),
        ("io.kestra.plugin.nats.Produce", "io.kestra.plugin.nats.core.Produce"),
        ("io.kestra.plugin.redis.TriggerList", "io.kestra.plugin.redis.list.Trigger"),
        ("io.kestra.plugin.notifications.mail.MailSend", "io.kestra.plugin.email.MailSend"),
    ],
)
def test_a_type_is_known_by_its_old_name(old: str, present: str) -> None:
    assert canonical(old) == present
    assert present in known_types()
    assert old not in known_types()


def test_a_type_of_kestra_that_is_missing_is_not_an_unknown_one() -> None:
    with pytest.raises(TypeNotBuilt):
        find("io.kestra.plugin.beam.RunPipeline")
    with pytest.raises(UnknownType):
        find("io.kestra.plugin.beam.RunPipelines")


def test_the_nearest_name_has_the_folder_or_the_class_right() -> None:
    assert near("io.kestra.plugin.core.flow.Paralel") == ("io.kestra.plugin.core.flow.Parallel",)
    assert near("io.kestra.plugin.core.flows.Parallel") == ("io.kestra.plugin.core.flow.Parallel",)
    assert near("nothing.like.it") == ()
