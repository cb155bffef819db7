"""What the tasks on Git repositories share: who asks, and running the `git` of the worker's machine."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from kapell.sdk import Command, RunContext, TaskFailed, Templated, default_runner, prop
from kapell.sdk.kv import plain_text
from kapell.sdk.login import without_login
from kapell.sdk.prop import Properties

PROCESS = "io.kestra.plugin.core.runner.Process"
ANSWER = '#!/bin/sh\ncase "$1" in [Uu]sername*) printf %s "$GIT_USERNAME";; *) printf %s "$GIT_PASSWORD";; esac\n'
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "no_proxy")
SETTINGS = {
    "advice.detachedHead": "false",
    "credential.helper": "",
    "protocol.allow": "never",
    **{f"protocol.{name}.allow": "always" for name in ("https", "http", "ssh", "git")},
    # Of the worker's own disk only what the flow itself names, no submodule of it.
    "protocol.file.allow": "user",
}


class Cloning(Properties):
    """Clones a Git repository."""

    url: Templated[str] = prop("The address of the repository.")
    clone_submodules: Templated[bool] = prop("Whether to clone submodules, too.", default=False)
    username: Templated[str] | None = prop("Who asks, over HTTP.", default=None)
    password: Templated[str] | None = prop("The password or token, over HTTP.", default=None)
    private_key: Templated[str] | None = prop("The private key, over SSH, as PEM.", default=None)
    passphrase: Templated[str] | None = prop("The passphrase of that key.", default=None)
    trusted_ca_pem_path: Templated[str] | None = prop("A file of certificates to trust.", default=None)
    git_config: Templated[Mapping[str, object]] | None = prop("Settings of Git for this clone.", default=None)

    def cloned(self, ctx: RunContext, aside: Path, options: Sequence[str]) -> Git:
        """Clone into the folder `tree` of a folder; what runs further commands there."""
        git = Git(ctx, self._environment(aside))
        submodules = ["--recurse-submodules"] if self.clone_submodules else []
        for line in git(aside, "clone", "--quiet", *options, *submodules, "--", self.url, "tree"):
            ctx.log("DEBUG", without_login(line))
        return git

    def _environment(self, aside: Path) -> dict[str, str]:
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        answer = aside / "answer.sh"
        answer.write_text(ANSWER)
        answer.chmod(0o700)
        env |= {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": str(answer),
            "SSH_ASKPASS": str(answer),
            "SSH_ASKPASS_REQUIRE": "force",
            "GIT_USERNAME": self.username or "git",
            "GIT_PASSWORD": self.password or self.passphrase or "",
            "GIT_SSH_COMMAND": self._ssh(aside),
        }
        if self.trusted_ca_pem_path:
            env["GIT_SSL_CAINFO"] = self.trusted_ca_pem_path
        settings = {**SETTINGS, **(self.git_config or {})}
        env["GIT_CONFIG_COUNT"] = str(len(settings))
        for number, (name, value) in enumerate(settings.items()):
            env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": plain_text(value)}
        return env

    def _ssh(self, aside: Path) -> str:
        options = ["-o", "StrictHostKeyChecking=accept-new", "-o", f"UserKnownHostsFile={aside / 'known_hosts'}"]
        if self.private_key:
            key = aside / "key"
            key.touch(0o600)
            key.write_text(f"{self.private_key.strip()}\n")
            options += ["-i", str(key), "-o", "IdentitiesOnly=yes"]
        return shlex.join(["ssh", *options])


class Git:
    """Runs Git's commands; one that fails fails the task with what it said."""

    def __init__(self, ctx: RunContext, env: Mapping[str, str]) -> None:
        self._ctx = ctx
        self._env = env

    def __call__(self, folder: Path, *arguments: str) -> list[str]:
        """Run one in a folder; the lines that it said."""
        said: list[str] = []
        command = Command(arguments=("git", *arguments), folder=folder, env=self._env)
        code = default_runner(PROCESS).run(command, self._ctx, lambda line, _is_error: said.append(line))
        if code:
            raise TaskFailed(f"git {arguments[0]} failed with exit code {code}: {without_login(chr(10).join(said))}")
        return said
