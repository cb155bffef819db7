"""`io.kestra.plugin.git.Clone`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from kapell.sdk import Command, Example, Output, RunContext, RunnableTask, TaskFailed, Templated, default_runner, prop
from kapell.sdk.folder import relative
from kapell.sdk.kv import plain_text

PROCESS = "io.kestra.plugin.core.runner.Process"
ANSWER = '#!/bin/sh\ncase "$1" in [Uu]sername*) printf %s "$GIT_USERNAME";; *) printf %s "$GIT_PASSWORD";; esac\n'
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "no_proxy")
COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
SETTINGS = {
    "advice.detachedHead": "false",
    "credential.helper": "",
    "protocol.allow": "never",
    **{f"protocol.{name}.allow": "always" for name in ("https", "http", "ssh", "git")},
    # Of the worker's own disk only what the flow itself names, no submodule of it.
    "protocol.file.allow": "user",
}


class CloneOutput(Output, frozen=True, kw_only=True):
    """The folder of the working tree."""

    directory: str


class Clone(RunnableTask[CloneOutput]):
    """Clone a Git repository into the working folder, with the `git` of the worker's machine.

    Within a WorkingDirectory, the tasks that follow see it. What lies in the folder already stays there.
    """

    url: Templated[str] = prop("The address of the repository.")
    directory: Templated[str] | None = prop("A folder in the working folder; else that itself.", default=None)
    branch: Templated[str] | None = prop("The branch to check out; else the repository's own.", default=None)
    tag: Templated[str] | None = prop("The tag to check out instead of a branch.", default=None)
    commit: Templated[str] | None = prop("The commit to check out instead of a branch or tag.", default=None)
    depth: Templated[int] = prop("How many commits of history to fetch, where no tag or commit is named.", default=1)
    clone_all_branches: Templated[bool] = prop("Whether to fetch all branches, not that one alone.", default=True)
    no_tags: Templated[bool] = prop("Whether to fetch no tags.", default=False)
    clone_submodules: Templated[bool] = prop("Whether to clone submodules, too.", default=False)
    username: Templated[str] | None = prop("Who asks, over HTTP.", default=None)
    password: Templated[str] | None = prop("The password or token, over HTTP.", default=None)
    private_key: Templated[str] | None = prop("The private key, over SSH, as PEM.", default=None)
    passphrase: Templated[str] | None = prop("The passphrase of that key.", default=None)
    trusted_ca_pem_path: Templated[str] | None = prop("A file of certificates to trust.", default=None)
    git_config: Templated[Mapping[str, object]] | None = prop("Settings of Git for this clone.", default=None)

    examples = (
        Example("A public repository", "url: https://github.com/kestra-io/blueprints\nbranch: main"),
        Example(
            "A private one, over SSH",
            "url: git@github.com:company/flows.git\ndirectory: flows\nprivateKey: \"{{ secret('SSH_PRIVATE_KEY') }}\"",
        ),
        Example(
            "With a token",
            "url: https://github.com/company/flows\nusername: git\npassword: \"{{ secret('GITHUB_TOKEN') }}\"",
        ),
    )

    def run(self, ctx: RunContext) -> CloneOutput:
        """Clone beside the folder, which need not be empty, and move what came into it."""
        folder = ctx.working_dir / relative(self.directory, "directory") if self.directory else ctx.working_dir
        with TemporaryDirectory(dir=ctx.working_dir, prefix=".kapell-") as name:
            aside = Path(name)
            self._clone(Git(ctx, aside, self._environment(aside)))
            moved_into(folder, aside / "tree")
        return CloneOutput(directory=str(folder))

    def _clone(self, git: Git) -> None:
        if self.commit is not None and not COMMIT.fullmatch(self.commit):
            raise TaskFailed(f"commit: `{self.commit}` is no hash of a commit")
        whole = self.commit is not None or self.tag is not None
        options = [
            *(["--branch", self.tag or self.branch or ""] if self.commit is None and (self.tag or self.branch) else []),
            *([] if whole or self.depth < 1 else ["--depth", str(self.depth)]),
            "--no-single-branch" if self.clone_all_branches else "--single-branch",
            *(["--no-tags"] if self.no_tags else []),
            *(["--recurse-submodules"] if self.clone_submodules else []),
        ]
        git(git.folder, "clone", "--quiet", *options, "--", self.url, "tree")
        if self.commit is not None:
            git(git.folder / "tree", "checkout", "--quiet", "--detach", self.commit)

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

    def __init__(self, ctx: RunContext, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self._ctx = ctx
        self._env = env

    def __call__(self, folder: Path, *arguments: str) -> None:
        """Run one in a folder."""
        said: list[str] = []
        command = Command(arguments=("git", *arguments), folder=folder, env=self._env)
        code = default_runner(PROCESS).run(command, self._ctx, lambda line, _is_error: said.append(line))
        if code:
            raise TaskFailed(f"git {arguments[0]} failed with exit code {code}: {without_login(chr(10).join(said))}")
        for line in said:
            self._ctx.log("DEBUG", without_login(line))


def without_login(text: str) -> str:
    """The text without what stands between `//` and `@` in an address."""
    return re.sub(r"//[^/\s]+@", "//******@", text)


def moved_into(folder: Path, tree: Path) -> None:
    """Move all that is in a tree into a folder; a file that has the name of one there replaces it."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in tree.iterdir():
        place = folder / entry.name
        if entry.is_dir() and not entry.is_symlink() and place.is_dir() and entry.name != ".git":
            moved_into(place, entry)
        elif entry.name == ".git" and place.exists():
            raise TaskFailed(f"There is a repository in `{folder.name}` already: name another `directory`")
        else:
            entry.replace(place)
