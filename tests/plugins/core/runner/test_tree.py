import os

from kapell.plugins.core.runner._tree import MARK, Living, marked, read_ps, tree

ALIVE = [
    Living(1, 0, 1, 1, b""),
    Living(10, 1, 10, 10, f"A=1\0{MARK}=abc".encode()),
    Living(11, 10, 10, 10, b"cleared"),
    Living(12, 1, 12, 12, f"{MARK}=abc\0B=2".encode()),
    Living(13, 12, 13, 13, b"child of a daemon, environment cleared"),
    Living(20, 1, 20, 20, f"{MARK}=other".encode()),
    Living(21, 20, 20, 20, b""),
]


def test_a_tree_is_its_session_its_descendants_and_all_that_bear_its_mark() -> None:
    assert tree(ALIVE, 10, "abc") == {10, 11, 12, 13}


def test_a_daemon_is_found_when_its_first_process_has_gone() -> None:
    assert tree([process for process in ALIVE if process.pid not in (10, 11)], 10, "abc") == {12, 13}


def test_what_a_command_runs_in_its_turn_belongs_to_both() -> None:
    inner = marked(marked({"A": "1"}, "abc"), "inner")
    assert inner == {"A": "1", MARK: "abc:inner"}
    nested = Living(30, 1, 30, 30, f"A=1\0{MARK}={inner[MARK]}\0B=2".encode())
    assert 30 in tree([*ALIVE, nested], 10, "abc")
    assert tree([*ALIVE, nested], 0, "inner") == {30}


def test_what_bsd_ps_prints_is_read_without_zombies() -> None:
    output = b"   10     1    10 Ss   sh -c x PATH=/bin PROCESS_TREE_ID=abc\n   11    10    10 Z    (sh)\nodd\n"
    assert [(process.pid, process.parent, process.group) for process in read_ps(output)] == [(10, 1, 10)]


def test_without_a_leader_the_mark_alone_counts_and_never_just_its_beginning() -> None:
    outside = Living(2, 0, 0, 0, b"")
    assert tree([*ALIVE, outside], 0, "abc") == {10, 11, 12, 13}
    assert tree([*ALIVE, outside], 0, "ab") == tree([*ALIVE, outside], 0, "") == set()


def test_the_first_process_and_the_worker_itself_are_of_no_tree() -> None:
    mine = Living(os.getpid(), 10, 10, 10, f"{MARK}=abc".encode())
    assert tree([*ALIVE, mine], 1, "") == set()
    assert os.getpid() not in tree([*ALIVE, mine], 10, "abc")
