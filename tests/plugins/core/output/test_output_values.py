from attempts import attempt

TYPE = "io.kestra.plugin.core.output.OutputValues"


def test_literals_keep_their_type_and_expressions_become_text() -> None:
    ran = attempt(TYPE, {"values": {"count": 2, "text": "{{ 1 + 1 }}", "list": [1, "{{ [1, 2] }}"]}})
    assert ran.result.outputs == {"values": {"count": 2, "text": "2", "list": [1, "[1,2]"]}}
