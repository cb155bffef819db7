"""XML both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from plugins.serdes.conversion import at, convert

TEXT = """<?xml version="1.0"?>
<catalog>
  <book id="1"><title>Ada &amp; Co</title><price>12.5</price><author>A</author><author>B</author></book>
  <book id="2"><title lang="fr">Zoë</title><sold>true</sold><code>007</code><none/></book>
</catalog>"""
BOOKS = [
    {"id": 1, "title": "Ada & Co", "price": 12.5, "author": ["A", "B"]},
    {"id": 2, "title": {"lang": "fr", "content": "Zoë"}, "sold": True, "code": "007", "none": ""},
]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def test_a_file_is_one_row_without_a_query(files: LocalFiles) -> None:
    made = convert(files, "xml.XmlToIon", TEXT)
    assert made.rows == [{"catalog": {"book": BOOKS}}]
    assert made.ran.result.outputs == {"uri": made.uri, "size": 1}


def test_a_query_leads_to_the_rows(files: LocalFiles) -> None:
    assert convert(files, "xml.XmlToIon", TEXT, query="/catalog/book").rows == BOOKS
    assert convert(files, "xml.XmlToIon", TEXT, query="/catalog/book/1/sold").rows == [True]
    assert convert(files, "xml.XmlToIon", TEXT, query="/nowhere/at/all").rows == [None]


def test_an_element_may_be_a_list_though_it_comes_once(files: LocalFiles) -> None:
    made = convert(files, "xml.XmlToIon", "<a><b>1</b></a>", parser_configuration={"forceList": ["b"]})
    assert made.rows == [{"a": {"b": [1]}}]


def test_the_charset_is_that_of_the_property(files: LocalFiles) -> None:
    made = convert(files, "xml.XmlToIon", "<a>Zoë</a>".encode("iso-8859-1"), charset="ISO-8859-1")
    assert made.rows == [{"a": "Zoë"}]


@pytest.mark.parametrize("text", ["<a>\n<b>\n</a>", "<a>\n\n", "<a>\n</a>\n<b/>"])
def test_what_is_no_xml_names_its_line(files: LocalFiles, text: str) -> None:
    assert convert(files, "xml.XmlToIon", text).error.startswith("Line 3: this is no XML: ")


def test_entities_are_not_defined_and_elements_not_nested_without_end(files: LocalFiles) -> None:
    text = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert convert(files, "xml.XmlToIon", text).error == "The file defines entities, which is refused"
    assert convert(files, "xml.XmlToIon", "<a>" * 2000).error.startswith("Elements are nested more than")


def test_rows_become_items(files: LocalFiles) -> None:
    rows = [
        {"id": 1, "a b": "x < y & z", "tags": ["p", "q"], "in": {"deep": True}, "none": None},
        {"at": datetime(2026, 1, 2, 3, tzinfo=UTC)},
    ]
    made = convert(files, "xml.IonToXml", rows, root_name="all", time_zone_id="Europe/Paris")
    assert made.text == (
        "<?xml version='1.0' encoding='UTF-8'?>\n<all>\n"
        "  <item>\n    <id>1</id>\n    <a_b>x &lt; y &amp; z</a_b>\n    <tags>p</tags>\n    <tags>q</tags>\n"
        "    <in>\n      <deep>true</deep>\n    </in>\n    <none/>\n  </item>\n"
        "  <item>\n    <at>2026-01-02T04:00:00+01:00</at>\n  </item>\n</all>\n"
    )
    assert at(files, "xml.XmlToIon", made.uri, query="/all/item/0/tags").rows == ["p", "q"]
