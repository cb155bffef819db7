from kapell.sdk.catalogue import ALIASES, former_names
from kapell.sdk.registry import built, find
from scripts.reference import built_in


def test_the_types_that_are_built_are_found_without_importing_them_all() -> None:
    assert set(built()) == {name for name, _ in built_in()}
    assert list(built()) == sorted(built())
    assert all(find(name).__name__ == name.rpartition(".")[2] for name in built())


def test_former_names_lead_back_to_the_type() -> None:
    assert "io.kestra.core.tasks.log.Log" in former_names("io.kestra.plugin.core.log.Log")
    assert all(ALIASES.get(old, "") == name for name in built() for old in former_names(name))
    assert former_names("io.kestra.plugin.core.log.Lgo") == ()
