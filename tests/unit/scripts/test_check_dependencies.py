from scripts.check_dependencies import problems, undeclared

LOCK = "pyyaml==6.0.3 \\\n    --hash=sha256:aa\n    # via kapell\n"


def test_a_lock_that_fits_passes_whatever_way_the_name_is_written() -> None:
    assert problems(["PyYAML>=6.0"], LOCK) == []


def test_a_dependency_that_is_missing_or_out_of_range_is_named() -> None:
    assert "typer" in problems(["typer>=0.15"], LOCK)[0]
    assert "pyyaml>=7" in problems(["pyyaml>=7"], LOCK)[0]


def test_a_pin_without_a_hash_fails() -> None:
    assert problems([], LOCK + "typer==1.0\n    # via kapell\n") == ["requirements.lock:4: no hash"]


def test_a_host_in_the_lock_fails() -> None:
    assert "names a host" in problems([], "--index-url https://example.org/simple\n" + LOCK)[0]


def test_an_import_of_what_no_user_would_have_fails_even_inside_a_function() -> None:
    source = "import os\nimport yaml\n\n\ndef late():\n    from numpy.linalg import norm\n    from kapell import ids\n"
    owners = {"yaml": ["PyYAML"], "numpy": ["numpy"]}
    assert list(undeclared("src/a.py", source, ["pyyaml>=6"], owners, {"kapell"})) == [
        "src/a.py:6: imports numpy, which is no dependency in pyproject.toml"
    ]
    assert list(undeclared("src/a.py", source, ["pyyaml>=6", "numpy"], owners, {"kapell"})) == []


def test_an_import_for_the_type_checker_alone_is_nothing_to_install() -> None:
    source = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import numpy\nelse:\n    import pandas\n"
    assert [line.split(" imports ")[0] for line in undeclared("src/a.py", source, [], {}, set())] == ["src/a.py:6:"]
