from scripts.check_sizes import problems


def test_a_file_of_600_lines_passes_and_one_more_fails() -> None:
    assert problems("src/a.py", "x = 1\n" * 600)[0] == []
    assert problems("src/a.py", "x = 1\n" * 601)[0] == ["src/a.py:1: 601 lines; 600 is the most, split it by idea"]


def test_a_file_over_400_lines_is_only_warned_of() -> None:
    errors, warnings = problems("src/a.py", "x = 1\n" * 401)
    assert errors == []
    assert warnings == ["src/a.py:1: warning: 401 lines; think of splitting from 400"]


def test_a_function_of_61_lines_fails_at_its_place_even_as_a_method() -> None:
    body = "        x = 1\n"
    source = "class A:\n    def fits(self):\n" + body * 59 + "    async def long(self):\n" + body * 60
    assert problems("src/a.py", source)[0] == ["src/a.py:62: long has 61 lines; 60 is the most"]


def test_a_module_that_could_hold_anything_fails() -> None:
    assert "a name for anything" in problems("src/kapell/utils.py", "")[0][0]
    assert "a name for anything" in problems("src/kapell/common/clock.py", "")[0][0]
    assert problems("src/kapell/database.py", "")[0] == []


def test_a_file_that_can_not_be_parsed_is_left_to_the_linter() -> None:
    assert problems("src/a.py", "def broken(:\n") == ([], [])
