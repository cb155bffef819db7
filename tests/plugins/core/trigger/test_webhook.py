"""The webhook."""

from __future__ import annotations

import pytest

from kapell.model.flow import Trigger
from kapell.plugins.core.trigger.webhook import Webhook


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"key": "a", "response_content_type": "text/plain"}, []),
        ({"key": "a" * 257}, [("key", "size must be between 0 and 256")]),
        (
            {"key": "a", "response_content_type": "text/html"},
            [("", "invalid webhook: responseContentType must be either 'application/json' or 'text/plain'")],
        ),
        (
            {"key": "a", "conditions": [{"type": "io.kestra.core.models.conditions.types.MultipleCondition"}]},
            [("", "invalid webhook: conditions of type MultipleCondition are not supported")],
        ),
    ],
)
def test_the_checker_hears_what_does_not_fit(given: dict[str, object], problems: list[tuple[str, str]]) -> None:
    assert list(Webhook.check(Trigger(id="t", type="", properties=given))) == problems
