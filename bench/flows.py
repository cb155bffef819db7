"""The flows that are measured."""

from __future__ import annotations

NAMESPACE = "bench"
FIB = "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nprint(fib(10))"
LOG = "io.kestra.plugin.core.log.Log"
OUTPUT = "io.kestra.plugin.core.output.OutputValues"
RETURN = "io.kestra.plugin.core.debug.Return"
PARALLEL = "io.kestra.plugin.core.flow.Parallel"
EACH = "io.kestra.plugin.core.flow.ForEach"
LOOP = "io.kestra.plugin.core.flow.Loop"
SUBFLOW = "io.kestra.plugin.core.flow.Subflow"
PAUSE = "io.kestra.plugin.core.flow.Pause"
PYTHON = "io.kestra.plugin.scripts.python.Script"
PROCESS = "io.kestra.plugin.core.runner.Process"


def flow(id: str, *tasks: str) -> str:
    """The text of a flow of tasks that are each written in one line."""
    return f"id: {id}\nnamespace: {NAMESPACE}\ntasks:\n" + "".join(f"  - {task}\n" for task in tasks)


def log(id: str, message: str = "Hello") -> str:
    return f"{{id: {id}, type: {LOG}, message: {message!r}}}"


TWO = flow(
    "two",
    f"{{id: output, type: {OUTPUT}, values: {{some: \"{{{{ 'value' }}}}\"}}}}",
    log("log", "Hello {{ outputs.output.values.some }}"),
)

THREE = flow(
    "three",
    f"{{id: output, type: {OUTPUT}, values: {{some: value}}}}",
    f'{{id: return, type: {RETURN}, format: "{{{{ outputs.output.values.some }}}}"}}',
    log("log", "Hello {{ outputs.return.value }}"),
)


def sequence(count: int) -> str:
    return flow(f"seq{count}", *(log(f"log-{number}") for number in range(count)))


def parallel(count: int) -> str:
    lines = "".join(f"      - {log(f'log-{number}')}\n" for number in range(count))
    return flow(f"par{count}", f"id: all\n    type: {PARALLEL}\n    tasks:\n{lines}")


def for_each(count: int) -> str:
    values = f"'{{{{ range(1, {count}) }}}}'"
    return flow(
        f"each{count}", f"{{id: all, type: {EACH}, values: {values}, concurrencyLimit: 0, tasks: [{log('log')}]}}"
    )


def loop(count: int) -> str:
    values = f"'{{{{ range(1, {count}) }}}}'"
    return flow(
        f"loop{count}", f"{{id: all, type: {LOOP}, values: {values}, concurrencyLimit: 0, tasks: [{log('log')}]}}"
    )


def nested(depth: int) -> list[str]:
    """Flows that call one another, the innermost first; the last one is to be run."""
    called = [flow("nested0", log("log"))]
    for level in range(1, depth + 1):
        call = f"{{id: call, type: {SUBFLOW}, namespace: {NAMESPACE}, flowId: nested{level - 1}}}"
        called.append(flow(f"nested{level}", call))
    return called


def scripts(count: int) -> str:
    """Kestra's comparison: so many Python scripts in a row, each computing fib(10) the slow way."""
    tasks = [
        f"{{id: py-{number}, type: {PYTHON}, taskRunner: {{type: {PROCESS}}}, script: {FIB!r}}}".replace("'", '"')
        for number in range(count)
    ]
    return flow(f"py{count}", *tasks)


def of_lines(count: int) -> str:
    """A flow of about so many lines with inputs, variables and references, as people write them."""
    head = (
        "id: long\nnamespace: bench\ninputs:\n  - id: name\n    type: STRING\nvariables:\n  greeting: Hello\ntasks:\n"
    )
    task = (
        "  - id: step-{n}\n    type: " + RETURN + "\n    description: Step {n}\n    timeout: PT1M\n"
        "    format: \"{{{{ vars.greeting }}}} {{{{ inputs.name }}}} {{{{ outputs['step-{m}'].value ?? 0 }}}}\"\n"
    )
    tasks = "".join(task.format(n=n, m=n - 1) for n in range(1, (count - 8) // 5))
    return f'{head}  - id: step-0\n    type: {RETURN}\n    format: "0"\n{tasks}'
