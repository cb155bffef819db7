"""The page about plugins is followed by its letter: its class, its entry point, its flow."""

from pathlib import Path

import pytest

from acceptance.page import ROOT, ask, blocks

PAGE = (ROOT / "docs/why/plugins.md").read_text()


def only(kind: str) -> str:
    (block,) = [block for block in blocks(PAGE) if block.kind == kind]
    return block.text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "count.yaml").write_text(only("yaml"))
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Path:
    """What `pip install` leaves of a package with the page's class and entry point."""
    site = folder / "site"
    facts = site / "acme_text-1.0.dist-info"
    facts.mkdir(parents=True)
    (site / "acme_text.py").write_text(only("python"))
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-text\nVersion: 1.0\n")
    title, entry = only("toml").splitlines()
    assert title == '[project.entry-points."kapell.plugins"]'
    (facts / "entry_points.txt").write_text(f"[kapell.plugins]\n{entry.replace(chr(34), '')}\n")
    return site


def test_the_flow_of_the_page_runs_with_the_class_of_the_page(folder: Path, site: Path) -> None:
    printed = ask("kapell run count.yaml; echo exit $?", folder, PYTHONPATH=str(site))
    assert "count: counting 11 characters" in printed
    assert "tell: 3 words" in printed
    assert printed.endswith("exit 0")


def test_what_the_class_declares_is_what_the_checker_asks_for(folder: Path, site: Path) -> None:
    flow = folder / "count.yaml"
    flow.write_text(flow.read_text().replace("    text: one {{ 1 + 1 }} three\n", ""))
    printed = ask("kapell check count.yaml", folder, PYTHONPATH=str(site))
    assert "count.yaml:4:5 error missing tasks[count].text: must not be null" in printed


def test_without_the_package_the_type_is_unknown(folder: Path) -> None:
    printed = ask("kapell check count.yaml; echo exit $?", folder)
    assert "error unknown-type tasks[count].type: Invalid type: com.acme.text.CountWords" in printed
    assert printed.endswith("exit 1")
