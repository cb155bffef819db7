"""The command line, one file for each command; bodies are imported when their command is run: a start is quick."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from pathlib import Path

RUN = """\
Run a flow to its end, here and now, and show what it does.

  kapell run flow.yaml -i name=Ada -i count=3
  kapell run flow.yaml --inputs-file inputs.yaml --json > execution.json
  kapell run flow.yaml --state-dir state     the same again goes on after a crash

Exit status: 0 SUCCESS or WARNING, 1 FAILED, 2 invalid flow or input, 3 CANCELLED, 70 trouble of kapell's own,
130 KILLED. Ctrl-C ends the execution and everything it has started.
"""
CHECK = """\
Find what is wrong with flows, without running them.

  kapell check flow.yaml
  kapell check flows/ --strict

Each problem is one line: file:line:column severity code path: message (remedy).
Exit status: 0 nothing to mend, 1 errors (with --strict warnings, too), 2 nothing to check.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The `kapell` command; ends the process with the command's exit status."""
    given = parser().parse_args(arguments)
    command: Callable[[Namespace], int] = given.command
    sys.exit(command(given))


def parser() -> ArgumentParser:
    """All commands with their options."""
    top = ArgumentParser(
        prog="kapell",
        description="Workflow orchestration that speaks Kestra: run a flow, check it, all without a server.",
        epilog="kapell COMMAND --help tells what a command does.",
    )
    top.add_argument("--version", action="version", version=_version())
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_run(
        commands.add_parser("run", help="run a flow", description=RUN, formatter_class=RawDescriptionHelpFormatter)
    )
    _add_check(
        commands.add_parser(
            "check",
            help="find what is wrong with flows",
            description=CHECK,
            formatter_class=RawDescriptionHelpFormatter,
        )
    )
    return top


def _add_run(run: ArgumentParser) -> None:
    run.add_argument("file", type=Path, metavar="FILE", help="the flow's YAML file")
    run.add_argument(
        "-i", "--input", action="append", default=[], metavar="NAME=VALUE", dest="inputs", help="an input (repeat it)"
    )
    run.add_argument("--inputs-file", type=Path, metavar="FILE", help="a YAML or JSON file with inputs by name")
    run.add_argument(
        "-l", "--label", action="append", default=[], metavar="KEY=VALUE", dest="labels", help="a label (repeat it)"
    )
    run.add_argument(
        "--state-dir",
        type=Path,
        metavar="DIR",
        help="keep executions in this folder; an execution that has not ended goes on",
    )
    run.add_argument("--new", action="store_true", help="with --state-dir: start anew whatever has not ended")
    run.add_argument(
        "--json", action="store_true", help="print the execution as one JSON document; all else to standard error"
    )
    run.set_defaults(command=_run)


def _add_check(check: ArgumentParser) -> None:
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="YAML files, or folders of them")
    check.add_argument("--strict", action="store_true", help="exit 1 on warnings, too")
    check.add_argument("--json", action="store_true", help="print all problems as one JSON document")
    check.set_defaults(command=_check)


def _run(given: Namespace) -> int:
    from kapell.cli.run import Request, run_file

    return run_file(
        Request(
            file=given.file,
            inputs=given.inputs,
            inputs_file=given.inputs_file,
            labels=given.labels,
            state_dir=given.state_dir,
            new=given.new,
            json=given.json,
        )
    )


def _check(given: Namespace) -> int:
    from kapell.cli.check import check_paths

    return check_paths(given.paths, given.strict, given.json)


def _version() -> str:
    from kapell import __version__

    return f"kapell {__version__}"
