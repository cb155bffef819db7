"""Packages of npm for JavaScript's script tasks, installed once for all tasks that name them."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from kapell.plugins.scripts._install import install
from kapell.plugins.scripts._programs import find
from kapell.plugins.scripts._script import ExecTask
from kapell.plugins.scripts._shared import key_of, shared, with_version
from kapell.plugins.scripts._venv import texts
from kapell.plugins.scripts._work import Work
from kapell.sdk import Templated, prop

MODULES = "node_modules"
SETTINGS = ("NPM_CONFIG_", "BUN_CONFIG_")
INSTALLS = re.compile(
    r"\b(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+)*(?:i|install|ci|add|up|update|upgrade|rm|remove|un|uninstall|link|prune)\b"
    r"|^\s*yarn\s*$",
    re.MULTILINE,
)
QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--install-links", "--loglevel=error")
FAILURE = "The packages could not be installed:"


class PackageTask(ExecTask):
    """Runs JavaScript, with the packages that it asks for."""

    dependencies: Templated[list[str]] = prop(
        "Packages that are needed, as npm writes them (`lodash@4`). They are installed once for all tasks that name "
        "the same ones.",
        default=(),
    )
    dependency_cache_enabled: Templated[bool] = prop(
        "Whether the installed packages are shared; if false, each attempt installs anew.", default=True
    )

    runtime: ClassVar[str] = "node"
    """The program that the packages are for."""
    installer: ClassVar[tuple[str, ...]] = ("npm", "install", *QUIET)
    """What installs packages into the folder that it is started in; their names come last."""

    def set_up(self, work: Work) -> None:
        """Install what is needed."""
        super().set_up(work)
        wanted = [text for text in self.dependencies if text.strip()]
        if wanted:
            work.modules = self._installed(work, wanted) / MODULES
            self._lend(work, work.modules)

    def _installed(self, work: Work, wanted: Sequence[str]) -> Path:
        if self.dependency_cache_enabled and not any(map(_is_brought, wanted)):
            program = with_version(find(self.runtime, work.env))
            key = key_of(program, wanted, work.env, SETTINGS)
            return shared(work, self.runtime, key, lambda folder: self._make(work, folder, wanted), MODULES)
        folder = Path(tempfile.mkdtemp(prefix=".packages-", dir=work.folder))
        work.take(folder)
        self._make(work, folder, wanted)
        return folder

    def _make(self, work: Work, folder: Path, wanted: Sequence[str]) -> None:
        program, *arguments = self.installer
        command = (find(program, work.env), *arguments, *(_from(work.folder, each) for each in wanted))
        # With a package.json of its own: npm would look for one in the folders around, and write into that.
        (folder / MODULES).mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        install(work.ctx, folder, work.env, FAILURE, *command)

    def _lend(self, work: Work, modules: Path) -> None:
        """Have `import` find them, which looks beside the script alone; but let no installer write into them."""
        place = work.folder / MODULES
        if not os.path.lexists(place) and not uses_npm(self.sources()):
            place.symlink_to(modules)
            work.take(place)

    def prepared(self, env: dict[str, str], work: Work) -> dict[str, str]:
        """With the packages for `require`, and their programs in PATH."""
        env = super().prepared(env, work)
        if work.modules is None:
            return env
        path = f"{work.modules / '.bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
        return {
            **env,
            "NODE_PATH": os.pathsep.join(filter(None, (str(work.modules), env.get("NODE_PATH")))),
            "PATH": path,
        }


def uses_npm(sources: Iterable[object]) -> bool:
    """Whether what is written in a flow installs packages with npm or one of its like."""
    return any(INSTALLS.search(text) for text in texts(sources))


def _is_brought(package: str) -> bool:
    """Whether it lies in the working folder: it may be another one the next time."""
    return package.removeprefix("file:").startswith(("./", "../"))


def _from(folder: Path, package: str) -> str:
    return f"file:{folder / package.removeprefix('file:')}" if _is_brought(package) else package
