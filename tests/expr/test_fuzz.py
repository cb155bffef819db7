"""Random templates: whatever they are, they render or fail with a RenderError, and soon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expr.rendering import env
from kapell.errors import RenderError
from kapell.expr import Limits, Mode, meta, render
from kapell.expr.registry import FILTERS, FUNCTIONS, TESTS, load
from kapell.expr.tokens import BINARY

load()

VARIABLES = {
    "a": 1,
    "b": "text é😀",
    "c": [3, "x", None, 2.5, [1]],
    "d": {"k": {"l": [1, {"m": "n"}]}, "": 0},
    "e": None,
    "f": -0.5,
    "g": True,
    "h": 2**70,
    "day": "2024-02-29T23:59:59.123Z",
}
SLOW = {"isPublicHoliday", "randomPort"}
LIMITS = Limits(steps=20_000, output_chars=100_000, seconds=2, passes=5, depth=20)

names = st.sampled_from([*VARIABLES, "missing", "loop", "d.k", "d.k.l[1].m", "c[0]", "b.length", "e.x"])
texts = st.sampled_from(
    ["", "a", "k", "[a-z]+", "yyyy-MM-dd", "DAYS", "UTC", ".b", '{"x": [1]}', "(", "#,##0.00", "%", "é", "1"]
)
literals = st.one_of(
    st.integers(-3, 40).map(str),
    st.sampled_from(["2.5", "0.0", "true", "null", "9223372036854775807", "[]", "{}"]),
    texts.map(lambda text: "'" + text.replace("'", "\\'") + "'"),
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    operators = st.sampled_from([o for o in BINARY if o not in ("|", "is", "is not")])
    filters = st.sampled_from(sorted(FILTERS))
    functions = st.sampled_from([*sorted(set(FUNCTIONS) - SLOW), "nope", "m", "block"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(" ".join),
        st.builds("{} | {}".format, inner, filters),
        st.builds("{} | {}({})".format, inner, filters, arguments),
        st.builds("{}({})".format, functions, arguments),
        st.builds("({}) is {}".format, inner, st.sampled_from(sorted(TESTS))),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}}}".format, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("-({})".format, inner),
    )


expressions = st.recursive(st.one_of(names, literals), grown, max_leaves=8)
pieces = st.one_of(
    st.builds("{{{{ {} }}}}".format, expressions),
    st.builds("{{% set a = {} %}}".format, expressions),
    st.builds("{{% if {} %}}x{{% else %}}y{{% endif %}}".format, expressions),
    st.builds("{{% for a in {} %}}{{{{ a }}}}{{{{ loop.index }}}}{{% endfor %}}".format, expressions),
    st.builds("{{% macro m(x) %}}{{{{ {} }}}}{{% endmacro %}}".format, expressions),
    st.builds("{{% filter {} %}}abc{{% endfilter %}}".format, st.sampled_from(sorted(FILTERS))),
    st.builds("{{% block b %}}{{{{ {} }}}}{{% endblock %}}".format, expressions),
)
marks = st.text(alphabet="{}%#'\"|()[]-~?:=., \nabi0\\é", max_size=40)
noise = st.lists(
    st.one_of(marks, st.sampled_from(["{{", "}}", "{%", "%}", "if", "endif", "for", "in", "is", "??", "raw"]))
)
patience = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


names_of_python = st.sampled_from(
    [
        *("__class__", "__dict__", "__globals__", "__init__", "__subclasses__", "mro", "gi_frame", "real", "items"),
        *("append", "encode", "format", "layers", "variables", "local", "names", "_context", "getClass", "class"),
    ]
)
holders = st.sampled_from(
    [
        *VARIABLES,
        *("(d | keys)", "(d | values)", "('a,b' | split(','))", "(b | first)", "m()", "fetchContext()", "range(1, 2)"),
        *("('1.5' | number)", "('1' | number('BIGDECIMAL'))", "yaml('a: 1')", "fromIon('{a: 1}')"),
    ]
)
ways_in = st.one_of(
    st.builds("{{{{ {}.{} }}}}".format, holders, names_of_python),
    st.builds("{{{{ {}['{}'] }}}}".format, holders, names_of_python),
    st.builds("{{{{ {}.{}() }}}}".format, holders, names_of_python),
    st.builds("{{{{ {}.{}(1) }}}}".format, holders, names_of_python),
)
patterns = st.text(alphabet="ab()[]{}*+?|\\^$.dwspPQEkxu<>=!&-,0123:é", max_size=25)
programs = st.text(alphabet='.[]|k l(),:"{}?=019', max_size=25)


def plain(value: object) -> bool:
    """Whether a value and all in it are Python's own plain types."""
    if isinstance(value, dict):
        return type(value) is dict and all(map(plain, [*value, *value.values()]))
    if isinstance(value, (list, tuple)):
        return type(value) in (list, tuple) and all(map(plain, value))
    return type(value) in (str, int, float, bool, type(None))


def failure(run: Callable[[], object]) -> RenderError | None:
    try:
        run()
    except RenderError as error:
        return error
    return None


def survives(template: str) -> None:
    limited = replace(env(), limits=LIMITS)
    modes: tuple[Mode, ...] = ("text", "typed", "recursive")
    for mode in modes:
        error = failure(lambda mode=mode: render(template, VARIABLES, limited, mode))
        assert error is None or str(error).startswith(error.message or "no message")
    error = failure(lambda: meta(template))
    assert error is None or error.syntax


@patience
@given(st.lists(pieces, min_size=1, max_size=4).map("".join))
def test_a_template_of_the_grammar_renders_or_says_why_not(template: str) -> None:
    survives(template)


@patience
@given(noise.map("".join))
def test_any_text_renders_or_says_why_not(template: str) -> None:
    survives(template)


@patience
@given(ways_in)
def test_no_name_leads_to_an_object_of_python(template: str) -> None:
    template = "{% macro m() %}x{% endmacro %}" + template
    survives(template)
    given_back: list[object] = []
    failure(lambda: given_back.append(render(template, VARIABLES, replace(env(), limits=LIMITS), "typed")))
    assert all(map(plain, given_back))


@patience
@given(expressions.map("{{{{ {} }}}}".format))
def test_what_a_typed_rendering_gives_is_plain(template: str) -> None:
    given_back: list[object] = []
    failure(lambda: given_back.append(render(template, VARIABLES, replace(env(), limits=LIMITS), "typed")))
    assert all(map(plain, given_back))


@patience
@given(patterns, st.sampled_from(["regexMatch", "regexExtract", "split"]))
def test_any_pattern_is_used_or_refused(pattern: str, name: str) -> None:
    survives(f"{{{{ b | {name}('{pattern}') }}}}")


@patience
@given(programs)
def test_any_jq_program_runs_or_is_refused(program: str) -> None:
    survives(f"{{{{ d | jq('{program}') }}}}")
