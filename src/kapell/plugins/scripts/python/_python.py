"""What Python's script tasks share: their properties, the environment, the real binary, the module `kestra`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from kapell.plugins.scripts._environment import real_python
from kapell.plugins.scripts._programs import missing
from kapell.plugins.scripts._script import ExecTask
from kapell.plugins.scripts._venv import own_venv, shared_venv, uses_pip
from kapell.plugins.scripts._work import Work
from kapell.sdk import Templated, prop

ADDITIONS: Mapping[str, str] = {
    "PYTHONUNBUFFERED": "true",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_REQUIRE_VIRTUALENV": "1",
}
SHIM = Path(__file__).parent / "_shim"


class PythonTask(ExecTask):
    """Runs Python, with the packages that it asks for."""

    dependencies: Templated[list[str]] = prop(
        "Packages that are needed, as pip writes them (`pandas>=2`). They are installed once for all tasks that name "
        "the same ones, into an environment of their own.",
        default=(),
    )
    python_version: Templated[str] | None = prop(
        "Version of Python, such as `3.12`; by default that of the worker's machine.", default=None
    )
    dependency_cache_enabled: Templated[bool] = prop(
        "Whether the environment is shared; if false, each attempt installs anew.", default=True
    )
    package_manager: Templated[Literal["PIP", "UV"]] = prop(
        "Accepted for flows that name one: uv installs the packages in either case.", default="UV"
    )

    uv_auto_install_enabled: Templated[bool] = prop("Accepted, and without effect: uv comes with kapell.", default=True)
    uv_installer_version: Templated[str] | None = prop(
        "Accepted, and without effect: uv comes with kapell.", default=None
    )
    uv_installer_sha256: Templated[str] | None = prop(
        "Accepted, and without effect: uv comes with kapell.", default=None, key="uvInstallerSha256"
    )

    additions = ADDITIONS

    def set_up(self, work: Work) -> None:
        """Make the virtual environment, if one is needed."""
        wanted = [text for text in self.dependencies if text.strip()]
        python = self.python_version or python_of(work.env)
        if uses_pip(self.sources()) or (wanted and not self.dependency_cache_enabled):
            work.venv = own_venv(work, python, wanted)
        elif wanted or self.python_version:
            work.venv = shared_venv(work, python, wanted)

    def prepared(self, env: dict[str, str], work: Work) -> dict[str, str]:
        """With `python` and `python3` in PATH, and `kestra` to import."""
        path = os.pathsep.join(filter(None, (str(SHIM), env.get("PYTHONPATH"))))
        env = {**super().prepared(env, work), "PYTHONPATH": path}
        return env if work.venv is not None else with_python(env, work)


def binary(work: Work) -> str:
    """The Python that scripts run with; fails the task where there is none."""
    return str(work.venv / "bin/python") if work.venv is not None else python_of(work.env)


def python_of(env: Mapping[str, str]) -> str:
    """The Python of an environment's PATH; fails the task where there is none."""
    found = real_python(env)
    if found is None:
        raise missing("python3")
    return found


def with_python(env: dict[str, str], work: Work) -> dict[str, str]:
    """`env` with a PATH in which both `python` and `python3` are that Python."""
    found = Path(python_of(work.env))
    folders = env.get("PATH", os.defpath).split(os.pathsep)
    if str(found.parent) not in folders:
        folders.insert(0, str(found.parent))
    if not (found.parent / "python").exists():
        folders.insert(0, str(work.alias("python", found)))
    return {**env, "PATH": os.pathsep.join(folders)}
