"""Where the programs come from that scripts need, for who does not have one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from kapell.sdk import TaskFailed

HOMES = {
    "bun": "Bun, https://bun.sh",
    "deno": "Deno, https://deno.com",
    "dotnet": ".NET, https://dotnet.microsoft.com",
    "dotnet-script": "`dotnet tool install -g dotnet-script`",
    "go": "Go, https://go.dev",
    "groovy": "Groovy, https://groovy.apache.org",
    "jbang": "JBang, https://www.jbang.dev",
    "julia": "Julia, https://julialang.org",
    "lua": "Lua, https://www.lua.org",
    "node": "Node.js, https://nodejs.org",
    "npm": "Node.js, https://nodejs.org",
    "perl": "Perl, https://www.perl.org",
    "php": "PHP, https://www.php.net",
    "pwsh": "PowerShell, https://learn.microsoft.com/powershell",
    "python3": "Python, https://www.python.org",
    "Rscript": "R, https://www.r-project.org",
    "ruby": "Ruby, https://www.ruby-lang.org",
}


def missing(program: str) -> TaskFailed:
    """The failure of who needs a program that is not there; with where it comes from, if that is known."""
    sentence = f"`{program}` is not installed where the worker runs"
    return TaskFailed(f"{sentence}: it comes with {HOMES[program]}" if program in HOMES else sentence)


def find(program: str, env: Mapping[str, str]) -> str:
    """Where a program is that an environment's PATH leads to; fails the task where there is none."""
    path = shutil.which(program, path=env.get("PATH", os.defpath))
    if path is None:
        raise missing(program)
    return path
