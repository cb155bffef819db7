from attempts import RETURN, attempt


def test_it_gives_the_rendered_text_back() -> None:
    ran = attempt(RETURN, {"format": "{{ 1 + 1 }}"})
    assert ran.result.outputs == {"value": "2"}
    assert [(metric.name, metric.value) for metric in ran.metrics] == [("length", 1)]


def test_an_empty_text_is_an_output_and_no_text_is_none() -> None:
    assert attempt(RETURN, {"format": ""}).result.outputs == {"value": ""}
    assert attempt(RETURN, {}).result.outputs is None
