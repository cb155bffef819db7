"""The command line, one file for each command; bodies are imported when their command is run: a start is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="kapell",
    help="Workflow orchestration that speaks Kestra: run a flow, check it, all without a server.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Workflow orchestration that speaks Kestra: run a flow, check it, all without a server."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"kapell {version_of('kapell')}")
        raise typer.Exit


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="The flow's YAML file.", show_default=False)],
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="An input; may be given several times."),
    ] = None,
    inputs_file: Annotated[
        Path | None, typer.Option("--inputs-file", metavar="FILE", help="A YAML or JSON file with inputs by name.")
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="A label; may be given several times."),
    ] = None,
    state_dir: Annotated[
        Path | None,
        typer.Option(
            "--state-dir",
            metavar="DIR",
            help="Keep executions in this folder. After a crash the same command goes on where it was.",
        ),
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="With --state-dir: start anew although an execution has not ended.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the execution as one JSON document; all else goes to standard error.")
    ] = False,
) -> None:
    """Run a flow to its end, here and now, and show what it does.

    Exit status: 0 SUCCESS or WARNING, 1 FAILED, 2 invalid flow or input, 3 CANCELLED, 130 KILLED. Ctrl-C ends the
    execution and everything it started.
    """
    from kapell.cli.run import run_file

    raise typer.Exit(run_file(file, inputs or [], inputs_file, labels or [], state_dir, new, json))


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="YAML files, or folders of them.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on warnings, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print all problems as one JSON document.")] = False,
) -> None:
    """Find what is wrong with flows, without running them.

    Each problem is a line `file:line:column severity code path: message (remedy)`. Exit status: 0 nothing to mend,
    1 errors, 2 nothing to check.
    """
    from kapell.cli.check import check_paths

    raise typer.Exit(check_paths(paths, strict, json))


def main() -> None:
    """The `kapell` command."""
    app()
