"""Everything is told at least once: the second time changes nothing. And any order of events comes to an end."""

from __future__ import annotations

import random

import pytest

from engine.play import Play
from kapell.engine import Tree, fold
from kapell.model import codec
from kapell.model.messages import JournalRow
from kapell.model.state import State


def random_history(seed: int, name: str, kill: bool = False) -> Play:
    """Attempts end in any order, some fail, events come twice, timers fire in between."""
    chance = random.Random(seed)
    play = Play(name).start()
    kill_at = chance.randrange(12) if kill else -1
    told = [play.created]
    for turn in range(200):
        if turn == kill_at:
            play.kill()
        if not play.jobs and not play.timers:
            break
        if play.jobs and chance.random() < 0.8:
            job = chance.choice(play.jobs)
            if chance.random() < 0.5:
                play.begin(job.task_id)
            state = State.FAILED if chance.random() < 0.25 else State.SUCCESS
            told.append(play.finish(job.task_id, state, value=turn))
        elif play.timers:
            timer = min(play.timers.values(), key=lambda timer: timer.due)
            play.after(max(timer.due - play.clock.now(), timer.due - timer.due))
        if chance.random() < 0.3:
            assert not play.tell(chance.choice(told)).changed
    return play


@pytest.mark.parametrize("name", ["nested.yaml", "retried.yaml"])
@pytest.mark.parametrize("seed", range(60))
def test_every_order_of_events_ends_in_a_terminal_state(name: str, seed: int) -> None:
    play = random_history(seed, name, kill=seed % 3 == 0)
    assert play.tree.execution.state.ended, play.runs
    assert all(run.state.ended for run in play.tree.runs.values())


@pytest.mark.parametrize("seed", range(20))
def test_the_journal_folded_gives_the_execution_after_each_of_its_steps(seed: int) -> None:
    play = random_history(seed, "nested.yaml", kill=seed % 2 == 0)
    tree = Tree(play.journal[0].execution)
    stored = [codec.decode(codec.encode(row), JournalRow) for row in play.journal]
    for count, made in enumerate((made for made in play.steps if made.changed), start=1):
        tree.absorb(made)
        folded = fold(stored[:count])
        assert folded is not None
        assert folded.execution == tree.execution
        assert list(folded.runs) == sorted(tree.runs.values(), key=lambda run: run.number)
        assert folded.outputs == tree.outputs


@pytest.mark.parametrize("seed", range(20))
def test_the_counts_of_a_tree_that_grew_are_those_of_one_that_was_loaded(seed: int) -> None:
    play = random_history(seed, "nested.yaml")
    loaded = Tree(play.tree.execution, sorted(play.tree.runs.values(), key=lambda run: run.number))
    assert loaded.by_task == play.tree.by_task

    def counts(tree: Tree) -> dict[object, object]:
        return {
            group: (tally.created, tally.ended, {state: count for state, count in tally.states.items() if count})
            for group, tally in tree.tallies.items()
        }

    assert counts(loaded) == counts(play.tree)


def test_a_step_leaves_the_tree_as_it_was() -> None:
    play = Play("nested.yaml")
    before = (play.tree.execution, dict(play.tree.runs))
    from kapell.engine import step

    step(play.tree, play.created, play.flow, now=play.clock.now(), render=play.render)
    assert (play.tree.execution, play.tree.runs) == before


def test_the_same_event_gives_the_same_step() -> None:
    from kapell.engine import step

    play = Play("nested.yaml")
    first, second = (
        step(play.tree, play.created, play.flow, now=play.clock.now(), render=play.render) for _ in range(2)
    )
    assert first == second
