"""The pages of the guide are followed from top to bottom: their commands print what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

import kapell
from acceptance.page import ROOT, ask, blocks, commands, steady

PAGES = sorted((ROOT / "docs/guide").glob("*.md"))
every_page = pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])


def flows(page: str) -> dict[str, str]:
    """The flows of a page by their id."""
    texts = [block.text for block in blocks(page) if block.kind == "yaml" and block.text.startswith("id: ")]
    return {text.partition("\n")[0].removeprefix("id: "): text for text in texts}


@every_page
def test_the_commands_of_a_page_print_what_it_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # a folder that holds the page's flows and no other ones
    (tmp_path / "examples").mkdir()
    for id, flow in flows(text).items():
        (tmp_path / f"{id}.yaml").write_text(flow, encoding="utf-8")
    typed = list(commands(text))
    assert typed
    for command in typed:
        assert (command.typed, steady(ask(command.typed, tmp_path))) == (command.typed, steady(command.printed))


@every_page
def test_the_flows_of_a_page_can_be_saved(page: Path) -> None:
    for source in flows(page.read_text(encoding="utf-8")).values():
        assert [str(problem) for problem in kapell.check(source) if problem.severity == "error"] == []
