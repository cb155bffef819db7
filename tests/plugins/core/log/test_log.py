from attempts import LOG, attempt
from kapell.model.state import State


def test_a_message_is_rendered_and_logged_at_info() -> None:
    ran = attempt(LOG, {"message": "Hello {{ inputs.name }}"}, variables={"inputs": {"name": "World"}})
    assert ran.said == [("INFO", "Hello World")]
    assert ran.result.state is State.SUCCESS
    assert ran.result.outputs is None


def test_several_messages_are_lines_of_the_level_asked_for() -> None:
    ran = attempt(LOG, {"message": ["one", "{{ 1 + 1 }}"], "level": "{{ 'WARN' }}"})
    assert ran.said == [("WARN", "one"), ("WARN", "2")]
    assert [line.number for line in ran.lines] == [1, 2]


def test_an_unknown_level_fails_the_task() -> None:
    ran = attempt(LOG, {"message": "hello", "level": "LOUD"})
    assert ran.result.state is State.FAILED
    assert ran.said == [("ERROR", "level: `LOUD` is none of TRACE, DEBUG, INFO, WARN, ERROR")]


def test_a_map_is_no_message() -> None:
    ran = attempt(LOG, {"message": {"a": 1}})
    assert ran.result.state is State.FAILED
