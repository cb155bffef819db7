"""The languages that are a few lines each: played by an interpreter that tells how it was called."""

from __future__ import annotations

from pathlib import Path

import pytest

from attempts import attempt
from kapell.plugins.scripts._programs import HOMES

PROGRAMS = {
    "bun": "bun run .script.ts",
    "deno": "deno run .script.ts",
    "dotnet": "dotnet-script kestra_script.csx",
    "go": "go run kestra_script.go",
    "groovy": "groovy kestra_script.groovy",
    "jbang": "jbang --quiet kestra_script.java",
    "julia": "julia .script.jl",
    "lua": "lua .script.lua",
    "node": "node .script.js",
    "perl": "perl .script.pl",
    "php": "php .script.php",
    "r": "Rscript .script.R",
    "ruby": "ruby .script.rb",
}
FAKE = '#!/bin/sh\necho "$(basename "$0") $*" | sed "s|$PWD/||"\nfor file; do :; done\ncat "$file"\n'


def script(language: str) -> str:
    return f"io.kestra.plugin.scripts.{language}.Script"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def play(folder: Path, program: str) -> None:
    (folder / program).write_text(FAKE)
    (folder / program).chmod(0o755)


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_script_is_run_by_its_interpreter(language: str, fake: Path) -> None:
    play(fake, PROGRAMS[language].split()[0])
    ran = attempt(script(language), {"script": "{{ 6 * 7 }}"})
    assert ran.said == [("INFO", PROGRAMS[language]), ("INFO", "42")]


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_missing_interpreter_is_named(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    program = PROGRAMS[language].split()[0]
    error = f"`{program}` is not installed where the worker runs: it comes with {HOMES[program]}"
    assert attempt(script(language), {"script": "x"}).result.error == error


def test_jbang_knows_the_language_by_the_extension(fake: Path) -> None:
    play(fake, "jbang")
    ran = attempt(script("jbang"), {"script": "x", "language": ".kt", "quiet": False})
    assert ran.said[0] == ("INFO", "jbang kestra_script.kt")


def test_powershell_is_given_its_commands_and_stops_at_an_error(fake: Path) -> None:
    (fake / "pwsh").write_text('#!/bin/sh\necho "$1 $2 $3"; echo "$4" | sed "s|$PWD/||"\n')
    (fake / "pwsh").chmod(0o755)
    start = [("INFO", "-NoProfile -NonInteractive -Command"), ("INFO", "$ErrorActionPreference = 'Stop'")]
    commands = attempt("io.kestra.plugin.scripts.powershell.Commands", {"commands": ["Write-Output 1"]})
    assert commands.said == [*start, ("INFO", "Write-Output 1")]
    assert attempt(script("powershell"), {"script": "x"}).said == [*start, ("INFO", ".script.ps1")]
