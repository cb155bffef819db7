"""Types of one's own, both ways: a wheel with an entry point, and a file in a folder of plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from acceptance.page import ask
from acceptance.processes import KAPELL

CLASS = '''\
from kapell.sdk import Output, RunContext, RunnableTask, Templated, prop
{imports}

class Counted(Output, frozen=True, kw_only=True):
    """How many words there are."""

    words: int


class CountWords(RunnableTask[Counted]):
    """Count the words of a text."""

    text: Templated[str] = prop("The text; words are parted by white space.")

    def run(self, ctx: RunContext) -> Counted:
        """Count them."""
        return Counted(words=len({split}))
'''
FLOW = """\
id: count
namespace: company.team
tasks:
  - {id: count, type: com.acme.CountWords, text: "one {{ 1 + 1 }} three"}
  - {id: tell, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.count.words }} words"}
"""
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme-text"
version = "1.0"

[project.entry-points."kapell.plugins"]
"com.acme.CountWords" = "acme_text:CountWords"
"com.acme.Gone" = "acme_text:Gone"
"com.acme.Text" = "acme_text:__name__"

[tool.hatch.build.targets.wheel]
only-include = ["acme_text.py"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "count.yaml").write_text(FLOW)
    return tmp_path


@pytest.fixture
def plugins(folder: Path) -> Path:
    """A folder with a type, what it shares with others, and files that are broken."""
    acme = folder / "plugins" / "com" / "acme"
    acme.mkdir(parents=True)
    (acme / "count_words.py").write_text(CLASS.format(imports="from ._text import words", split="words(self.text)"))
    (acme / "_text.py").write_text("def words(text: str) -> list[str]:\n    return text.split()\n")
    (acme / "broken.py").write_text("import nothing_like_it\n")
    (acme / "quits.py").write_text("raise SystemExit(3)\n")
    (acme / "elsewhere.py").write_text(
        "from ._base import *\nfrom .count_words import CountWords as Base\n\n\nclass Other(Base): ...\n"
    )
    (acme / "_base.py").write_text("")
    return folder / "plugins"


def wheel(folder: Path) -> Path:
    """The site folder into which the wheel of a package with the class was installed."""
    project, site = folder / "project", folder / "site"
    project.mkdir()
    (project / "pyproject.toml").write_text(PROJECT)
    (project / "acme_text.py").write_text(CLASS.format(imports="", split="self.text.split()"))
    python = [sys.executable, "-m"]
    subprocess.run([*python, "hatchling", "build", "-t", "wheel"], cwd=project, check=True, capture_output=True)
    [built] = (project / "dist").glob("*.whl")
    install = [KAPELL.parent / "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--target", site, built]
    subprocess.run(install, check=True, capture_output=True, env={**os.environ, "UV_PYTHON": sys.executable})
    return site


def test_a_wheel_brings_its_types_by_entry_points(folder: Path) -> None:
    site = str(wheel(folder))
    printed = ask("kapell run count.yaml; echo exit $?", folder, PYTHONPATH=site)
    assert "tell: 3 words" in printed
    assert printed.endswith("exit 0")
    listed = ask("kapell plugins list com.acme", folder, PYTHONPATH=site).splitlines()
    assert "task      com.acme.CountWords  Count the words of a text." in listed
    assert sum(line.startswith("left out: the plugin acme_text:") for line in listed) == 2
    (folder / "gone.yaml").write_text(FLOW.replace("com.acme.CountWords", "com.acme.Gone"))
    told = ask("kapell check gone.yaml; echo exit $?", folder, PYTHONPATH=site)
    assert "acme_text:Gone of the package acme-text is broken: AttributeError" in told
    assert told.endswith("exit 1")


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_file_in_a_folder_is_a_type_by_its_path(folder: Path, plugins: Path, by: str) -> None:
    option, variables = ("--plugins plugins", {}) if by == "option" else ("", {"KAPELL_PLUGINS": "plugins"})
    printed = ask(f"kapell run count.yaml {option}; echo exit $?", folder, **variables)
    assert "tell: 3 words" in printed
    assert printed.endswith("exit 0")
    assert ask(f"kapell check count.yaml {option}", folder, **variables) == "1 flow checked: nothing to mend"
    page = ask(f"kapell plugins doc CountWords {option}", folder, **variables)
    assert page.startswith("# CountWords\n\n`com.acme.CountWords`, a task\n")


def test_a_broken_file_is_named_and_breaks_nothing_else(folder: Path, plugins: Path) -> None:
    listed = ask("kapell plugins list com.acme --plugins plugins", folder).splitlines()
    broken = {line.partition("com/acme/")[2] for line in listed if line.startswith("left out")}
    assert broken == {
        "broken.py is broken: ModuleNotFoundError: No module named 'nothing_like_it'",
        "quits.py is broken: SystemExit: 3",
        "elsewhere.py is broken: the type Other has to be in other.py",
    }
    assert "task      com.acme.CountWords  Count the words of a text." in listed
    (folder / "broken.yaml").write_text(FLOW.replace("CountWords", "Broken").replace("id: count\nn", "id: broken\nn"))
    told = ask("kapell check count.yaml broken.yaml --plugins plugins; echo exit $?", folder).splitlines()
    assert [line for line in told if " error " in line] == [
        f"broken.yaml:4:23 error broken-type tasks[count].type: com.acme.Broken can't be loaded: the plugin "
        f"{plugins.resolve()}/com/acme/broken.py is broken: ModuleNotFoundError: No module named 'nothing_like_it'"
    ]
    assert told[-1] == "exit 1"


def test_a_file_without_the_type_that_its_name_promises_is_named(folder: Path, plugins: Path) -> None:
    (folder / "count.yaml").write_text(FLOW.replace("CountWords", "Elsewhere"))
    told = ask("kapell run count.yaml --plugins plugins; echo exit $?", folder)
    assert "com/acme/elsewhere.py is broken: it has no type of the name Elsewhere" in told
    assert told.endswith("exit 2")


def test_a_folder_of_the_environment_that_is_missing_is_told(folder: Path) -> None:
    told = ask("kapell run count.yaml", folder, KAPELL_PLUGINS="nowhere")
    assert "KAPELL_PLUGINS names nowhere, and there is no such folder" in told
    assert "Invalid type: com.acme.CountWords" in told


def test_folders_are_added_from_python(folder: Path, plugins: Path) -> None:
    (folder / "sample.py").write_text(
        "import kapell\n"
        "kapell.add_plugins('plugins')\n"
        "print(kapell.run('count.yaml').task_outputs('count'))\n"
        "try:\n    kapell.add_plugins('nowhere')\nexcept kapell.KapellError as error:\n    print(error)\n"
    )
    assert ask("python sample.py", folder).splitlines() == ["{'words': 3}", "nowhere: no such folder of plugins"]
