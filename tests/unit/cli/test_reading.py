"""Files and texts that the command line names."""

from __future__ import annotations

from pathlib import Path

import pytest

from kapell.cli.reading import BadArgument, env_of, pairs, values_of, yaml_files


def file(folder: Path, text: str, name: str = "file.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_values_are_what_they_would_be_in_a_flow(tmp_path: Path) -> None:
    text = "day: 2024-03-15\ntime: 10:30\nyes: no\nnone: null\nempty:\nlist: [1, 1.5, '2']\n"
    assert values_of(file(tmp_path, text), "inputs") == {
        "day": "2024-03-15",
        "time": "10:30",
        "yes": False,
        "empty": "",
        "list": [1, 1.5, "2"],
    }


def test_json_keeps_its_nulls_and_may_have_tabs(tmp_path: Path) -> None:
    assert values_of(file(tmp_path, '{\n\t"a": null}', "file.json"), "inputs") == {"a": None}


def test_no_file_and_an_empty_one_hold_nothing(tmp_path: Path) -> None:
    assert values_of(None, "inputs") == values_of(file(tmp_path, " \n"), "inputs") == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "- 1", "a.yaml: inputs are a map by name"),
        ("a.yaml", "a: 1\na: 2", "a.yaml:2:1: "),
        ("a.yaml", "a: [", "a.yaml:2:1: "),
        ("a.json", "{", "a.json: not JSON: "),
        ("a.json", "[]", "a.json: inputs are a map by name"),
    ],
)
def test_what_is_no_map_of_values_is_named_with_its_place(name: str, text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadArgument) as caught:
        values_of(file(tmp_path, text, name), "inputs")
    assert str(caught.value).startswith(f"{tmp_path}/{said}")


def test_lines_of_an_environment_may_be_exported_quoted_or_remarks(tmp_path: Path) -> None:
    text = "# all\nexport A=1\n\nB = 'two words'\nC=\"x=y\"\nD=\n"
    assert env_of(file(tmp_path, text)) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}
    with pytest.raises(BadArgument, match=r"file.yaml:2: write it as NAME=VALUE"):
        env_of(file(tmp_path, "A=1\nB\n"))


def test_a_pair_is_parted_at_its_first_equals_sign() -> None:
    assert pairs(["a=b=c", "d="], "-i") == [("a", "b=c"), ("d", "")]
    for wrong in ("a", "=b"):
        with pytest.raises(BadArgument, match=f"-i {wrong}: write it as NAME=VALUE"):
            pairs([wrong], "-i")


def test_yaml_files_are_found_at_any_depth_but_not_in_hidden_folders(tmp_path: Path) -> None:
    for name in ("b.yml", "a/c.yaml", ".git/d.yaml", "e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        file(tmp_path, "x: 1", name)
    assert [path.relative_to(tmp_path).as_posix() for path in yaml_files(tmp_path)] == ["a/c.yaml", "b.yml"]
