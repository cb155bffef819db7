"""The command line, one file for each command; bodies are imported when their command is run: a start is quick."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kapell.assembly.collector import tune
from kapell.cli.words import CHECK, COMPLETION, EXPLAIN, FLOW, PLUGINS, RENDER, RUN

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Commands: TypeAlias = _SubParsersAction[ArgumentParser]

NO_READER = 141
"""As a shell has it for a command that SIGPIPE ended."""
USAGE = 2
INTERRUPTED = 130
INTERNAL = 70


def main(arguments: Sequence[str] | None = None) -> None:
    """The `kapell` command; ends the process with the command's exit status."""
    tune()
    # Whoever has closed a stream wants nothing of it.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            # A character that a terminal does not know is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    given = parser().parse_args(arguments)
    sys.exit(_status(given.command, given))


def _status(command: Callable[[Namespace], int], given: Namespace) -> int:
    """Do it; the exit status, whatever happens."""
    try:
        _use_plugins(getattr(given, "plugins", []))
        status = command(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has gone (`| head`); without this Python complains once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:
        from traceback import print_exc

        print_exc()
        return INTERNAL
    return status


def _use_plugins(folders: Sequence[Path]) -> None:
    if folders:
        from kapell.sdk.registry import add_folder

        for folder in folders:
            add_folder(folder)


def parser() -> ArgumentParser:
    """All commands with their options."""
    top = ArgumentParser(
        prog="kapell",
        description="Workflow orchestration that speaks Kestra: run a flow, check it, all without a server.",
        epilog="kapell COMMAND --help tells what a command does.",
    )
    top.add_argument("--version", action="version", version=_version())
    commands = _commands(top)
    _add_run(_command(commands, "run", "run a flow", RUN))
    _add_check(_command(commands, "check", "find what is wrong with flows", CHECK))
    _add_explain(_command(commands, "explain", "what executions wait for", EXPLAIN))
    _add_plugins(_command(commands, "plugins", "what types there are", PLUGINS))
    _add_render(_command(commands, "render", "render an expression", RENDER))
    _add_flow(_command(commands, "flow", "look at a flow", FLOW))
    _add_completion(_command(commands, "completion", "completion for a shell", COMPLETION))
    return top


def _commands(parser: ArgumentParser) -> Commands:
    """Place for commands; who names none is told what there is."""

    def tell(_given: Namespace) -> int:
        parser.print_help(sys.stderr)
        return USAGE

    parser.set_defaults(command=tell)
    return parser.add_subparsers(metavar="COMMAND")


def _command(commands: Commands, name: str, help: str, told: str) -> ArgumentParser:
    return commands.add_parser(name, help=help, description=told, formatter_class=RawDescriptionHelpFormatter)


def _add_run(run: ArgumentParser) -> None:
    run.add_argument("file", type=Path, metavar="FILE", help="the flow's YAML file; - reads standard input")
    run.add_argument(
        "-i",
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="inputs",
        help="an input (repeat it); NAME=@PATH is the content of a file, for one of type FILE",
    )
    run.add_argument("--inputs-file", type=Path, metavar="FILE", help="a YAML or JSON file with inputs by name")
    run.add_argument(
        "-l", "--label", action="append", default=[], metavar="KEY=VALUE", dest="labels", help="a label (repeat it)"
    )
    run.add_argument(
        "--trigger",
        type=Path,
        metavar="FILE",
        help="a YAML or JSON file with what a trigger has seen: its variables, or {id, type, variables}",
    )
    run.add_argument("--env-file", type=Path, metavar="FILE", help="lines NAME=VALUE for secrets (SECRET_…) and envs")
    run.add_argument("--flows", type=Path, metavar="DIR", help="a folder of flows that this one may call")
    run.add_argument("--files", type=Path, metavar="DIR", help="a folder with the files of the flow's namespace")
    _add_plugin_folder(run)
    run.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        help="keep executions in this folder; an execution that has not ended goes on",
    )
    run.add_argument("--new", action="store_true", help="with --state-dir: start anew whatever has not ended")
    manner = run.add_mutually_exclusive_group()
    manner.add_argument(
        "--json", action="store_true", help="print the execution as one JSON document; all else to standard error"
    )
    manner.add_argument(
        "--watch", action="store_true", help="run again whenever the flow, or another file named here, changes"
    )
    run.set_defaults(command=_run)


def _folder(path: str) -> Path:
    if os.path.isdir(path):
        return Path(path)
    raise ArgumentTypeError(f"{path}: no such folder")


def _add_plugin_folder(command: ArgumentParser) -> None:
    command.add_argument(
        "--plugins",
        type=_folder,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder of plugin files (repeat it); KAPELL_PLUGINS names such folders, too",
    )


def _add_check(check: ArgumentParser) -> None:
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="YAML files, or folders of them")
    check.add_argument("--strict", action="store_true", help="exit 1 on warnings, too")
    check.add_argument("--json", action="store_true", help="print all problems as one JSON document")
    _add_plugin_folder(check)
    check.set_defaults(command=_check)


def _add_explain(explain: ArgumentParser) -> None:
    explain.add_argument("id", nargs="?", metavar="EXECUTION_ID", help="the execution; without it, all that live")
    explain.add_argument(
        "--state-dir", type=Path, required=True, metavar="DIR", help="the folder that `kapell run` keeps them in"
    )
    explain.add_argument("--json", action="store_true", help="print one JSON document")
    explain.set_defaults(command=_explain)


def _add_plugins(plugins: ArgumentParser) -> None:
    commands = _commands(plugins)
    listed = _command(commands, "list", "list types", PLUGINS)
    listed.add_argument("pattern", nargs="?", default="", metavar="PATTERN", help="words in a type's name or title")
    listed.add_argument("--json", action="store_true", help="print them as one JSON document")
    _add_plugin_folder(listed)
    listed.set_defaults(command=_plugins_list)
    page = _command(commands, "doc", "the page of a type", PLUGINS)
    page.add_argument("type", metavar="TYPE", help="its name, or an unmistakable end of it")
    _add_plugin_folder(page)
    page.set_defaults(command=_plugins_doc)
    schema = _command(commands, "schema", "JSON schema of a type, or of flows", PLUGINS)
    schema.add_argument("type", nargs="?", metavar="TYPE", help="its name; without one, the schema of flows")
    _add_plugin_folder(schema)
    schema.set_defaults(command=_plugins_schema)


def _add_render(render: ArgumentParser) -> None:
    render.add_argument("template", metavar="TEMPLATE", help="the text; - reads it from standard input")
    render.add_argument(
        "-v",
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="variables",
        help="a variable (repeat it)",
    )
    render.add_argument("--vars-file", type=Path, metavar="FILE", help="a YAML or JSON file with variables by name")
    render.add_argument("--typed", action="store_true", help="print the value as JSON")
    render.set_defaults(command=_render)


def _add_flow(flow: ArgumentParser) -> None:
    commands = _commands(flow)
    graph = _command(commands, "graph", "what comes after what", FLOW)
    graph.add_argument("file", type=Path, metavar="FILE", help="the flow's YAML file; - reads standard input")
    manner = graph.add_mutually_exclusive_group()
    manner.add_argument(
        "--mermaid", action="store_const", dest="manner", const="mermaid", help="as a Mermaid flowchart"
    )
    manner.add_argument(
        "--json", action="store_const", dest="manner", const="json", help="as nodes, edges and clusters"
    )
    _add_plugin_folder(graph)
    graph.set_defaults(command=_flow_graph, manner="text")
    diff = _command(commands, "diff", "what changed between two flows", FLOW)
    diff.add_argument("before", type=Path, metavar="BEFORE", help="a flow's YAML file; - reads standard input")
    diff.add_argument("after", type=Path, metavar="AFTER", help="the other one")
    diff.add_argument("--json", action="store_true", help="print the changes as one JSON document")
    diff.set_defaults(command=_flow_diff)


def _add_completion(completion: ArgumentParser) -> None:
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
    completion.set_defaults(command=_completion)


def _run(given: Namespace) -> int:
    from kapell.cli.request import Request
    from kapell.cli.run import run_file

    request = Request(
        file=given.file,
        inputs=given.inputs,
        inputs_file=given.inputs_file,
        labels=given.labels,
        trigger=given.trigger,
        flows=given.flows,
        files=given.files,
        env_file=given.env_file,
        state_dir=given.state_dir,
        new=given.new,
        json=given.json,
    )
    if given.watch:
        from kapell.cli.watch import watch

        return watch(request)
    return run_file(request).status


def _check(given: Namespace) -> int:
    from kapell.cli.check import check_paths

    return check_paths(given.paths, given.strict, given.json)


def _explain(given: Namespace) -> int:
    from kapell.cli.explain import explain_executions

    return explain_executions(given.state_dir, given.id, given.json)


def _plugins_list(given: Namespace) -> int:
    from kapell.cli.plugins import list_types

    return list_types(given.pattern, given.json)


def _plugins_doc(given: Namespace) -> int:
    from kapell.cli.plugins import show_doc

    return show_doc(given.type)


def _plugins_schema(given: Namespace) -> int:
    from kapell.cli.plugins import show_schema

    return show_schema(given.type)


def _render(given: Namespace) -> int:
    from kapell.cli.render import render_template

    return render_template(given.template, given.variables, given.vars_file, given.typed)


def _flow_graph(given: Namespace) -> int:
    from kapell.cli.flow import show_graph

    return show_graph(given.file, given.manner)


def _flow_diff(given: Namespace) -> int:
    from kapell.cli.flow import show_diff

    return show_diff(given.before, given.after, given.json)


def _completion(given: Namespace) -> int:
    from kapell.cli.completion import script

    print(script(given.shell, parser()), end="")
    return 0


def _version() -> str:
    from kapell import __version__

    return f"kapell {__version__}"
