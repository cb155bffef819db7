"""Queue: a job is held by one worker at a time, and lost by one that does not beat."""

from __future__ import annotations

import asyncio

from factories import MINUTE, NOW, SECOND, cancel_task, execution, run_task, task_run
from kapell.model.task_run import TaskRun
from kapell.ports.queue import Queue
from kapell.ports.store import Store

EXECUTION = execution()
RUNS = [task_run(EXECUTION, f"t{number}", number=number) for number in range(4)]


async def offer(queue: Queue, *runs: TaskRun, group: str = "") -> None:
    await queue.offer([run_task(run, group=group) for run in runs])


async def claim(queue: Queue, worker: str = "one", most: int = 9, group: str = "", now: object = NOW) -> list[str]:
    """Ids of tasks that a worker gets at once; [] where it would have to wait."""
    waiting = asyncio.ensure_future(queue.claim(worker, group, most, now, MINUTE))
    for _ in range(3):
        await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return []
    return [got.task.job.task_id for got in await waiting]


async def test_jobs_are_claimed_once_the_oldest_first(store: Store) -> None:
    await offer(store.queue, *RUNS)
    assert await claim(store.queue, most=3) == ["t0", "t1", "t2"]
    assert await claim(store.queue, "two") == ["t3"]
    assert await claim(store.queue) == []


async def test_a_claim_tells_its_holder_and_until_when(store: Store) -> None:
    await offer(store.queue, RUNS[0])
    [got] = await store.queue.claim("one", "", 1, NOW, MINUTE)
    assert (got.task, got.worker_id, got.until) == (run_task(RUNS[0]), "one", NOW + MINUTE)


async def test_a_claim_waits_until_there_is_a_job(store: Store) -> None:
    waiting = asyncio.create_task(store.queue.claim("one", "", 1, NOW, MINUTE))
    await asyncio.sleep(0)
    await offer(store.queue, RUNS[0])
    assert [got.task.job.task_id for got in await waiting] == ["t0"]


async def test_two_that_wait_get_a_job_each(store: Store) -> None:
    waiting = [asyncio.create_task(store.queue.claim("one", "", 1, NOW, MINUTE)) for _ in range(2)]
    await asyncio.sleep(0)
    await offer(store.queue, *RUNS[:2])
    claims = await asyncio.gather(*waiting)
    assert sorted(got.task.job.task_id for mine in claims for got in mine) == ["t0", "t1"]


async def test_a_job_offered_again_while_it_waits_or_is_held_is_left_out(store: Store) -> None:
    await offer(store.queue, RUNS[0])
    await offer(store.queue, RUNS[0])
    assert await claim(store.queue) == ["t0"]
    await offer(store.queue, RUNS[0])
    assert await claim(store.queue, "two") == []


async def test_a_worker_gets_jobs_of_its_group_only(store: Store) -> None:
    await offer(store.queue, RUNS[0], group="gpu")
    assert await claim(store.queue) == []
    assert await claim(store.queue, group="gpu") == ["t0"]


async def test_a_job_whose_worker_does_not_beat_goes_to_another(store: Store) -> None:
    await offer(store.queue, RUNS[0])
    await claim(store.queue)
    assert await claim(store.queue, "two", now=NOW + MINUTE - SECOND) == []
    assert await claim(store.queue, "two", now=NOW + MINUTE) == ["t0"]
    assert await store.queue.beat("one", NOW + MINUTE, MINUTE) == [run_task(RUNS[0]).job.id]
    assert await store.queue.beat("two", NOW + MINUTE, MINUTE) == []


async def test_who_waits_gets_a_job_that_another_has_lost(store: Store) -> None:
    await offer(store.queue, RUNS[0])
    await claim(store.queue)
    waiting = asyncio.create_task(store.queue.claim("two", "", 1, NOW, MINUTE))
    await asyncio.sleep(0)
    await store.queue.beat("three", NOW + 2 * MINUTE, MINUTE)
    assert [got.task.job.task_id for got in await waiting] == ["t0"]


async def test_beating_holds_all_that_a_worker_has(store: Store) -> None:
    await offer(store.queue, *RUNS)
    await claim(store.queue)
    assert await store.queue.beat("one", NOW + MINUTE - SECOND, MINUTE) == []
    assert await claim(store.queue, "two", now=NOW + MINUTE + SECOND) == []


async def test_a_job_handed_out_after_a_long_wait_is_held_from_then(store: Store) -> None:
    waiting = asyncio.create_task(store.queue.claim("one", "", 1, NOW, MINUTE))
    await asyncio.sleep(0)
    await offer(store.queue, RUNS[0])
    await waiting
    assert await claim(store.queue, "two", now=NOW + 60 * MINUTE) == []
    assert await claim(store.queue, "two", now=NOW + 61 * MINUTE) == ["t0"]


async def test_a_job_that_is_done_is_forgotten(store: Store) -> None:
    await offer(store.queue, *RUNS[:2])
    await claim(store.queue)
    await store.queue.done("one", [run_task(RUNS[0]).job.id])
    assert await claim(store.queue, "two", now=NOW + MINUTE) == ["t1"]


async def test_done_by_one_that_has_lost_it_leaves_the_job_with_its_holder(store: Store) -> None:
    await offer(store.queue, RUNS[0])
    await claim(store.queue)
    await claim(store.queue, "two", now=NOW + MINUTE)
    await store.queue.done("one", [run_task(RUNS[0]).job.id])
    assert await store.queue.beat("two", NOW + MINUTE, MINUTE) == []
    assert await claim(store.queue, "three", now=NOW + 2 * MINUTE) == ["t0"]


async def test_what_is_given_back_is_the_oldest_again(store: Store) -> None:
    await offer(store.queue, *RUNS)
    await claim(store.queue, most=2)
    await store.queue.give_back("one", [run_task(run).job.id for run in reversed(RUNS[:2])])
    assert await claim(store.queue, "two") == ["t0", "t1", "t2", "t3"]
    assert await store.queue.beat("one", NOW, MINUTE) == []


async def test_a_job_that_waits_is_taken_out_when_cancelled(store: Store) -> None:
    await offer(store.queue, *RUNS[:2])
    assert await store.queue.cancel([cancel_task(RUNS[0])]) == [cancel_task(RUNS[0])]
    assert await claim(store.queue) == ["t1"]


async def test_the_holder_is_told_to_stop(store: Store) -> None:
    await offer(store.queue, *RUNS[:2])
    await claim(store.queue, "one", most=1)
    await claim(store.queue, "two", most=1)
    waiting = [asyncio.create_task(store.queue.cancelled(worker)) for worker in ("one", "two")]
    assert await store.queue.cancel([cancel_task(RUNS[1]), cancel_task(RUNS[3])]) == []
    assert await waiting[1] == cancel_task(RUNS[1])
    assert not waiting[0].done()
    waiting[0].cancel()


async def test_a_worker_that_gives_up_waiting_takes_no_job_along(store: Store) -> None:
    assert await claim(store.queue, "one") == []
    await offer(store.queue, RUNS[0])
    assert await claim(store.queue, "two") == ["t0"]


async def test_the_queue_tells_who_holds_a_job(store: Store) -> None:
    await offer(store.queue, *RUNS[:3])
    await claim(store.queue, "one", most=1)
    await claim(store.queue, "two", most=1)
    ids = [run_task(run).job.id for run in RUNS]
    assert await store.queue.holders(ids) == {ids[0]: "one", ids[1]: "two", ids[2]: None}


async def test_nobody_holds_a_job_that_is_done_or_lost(store: Store) -> None:
    await offer(store.queue, *RUNS[:2])
    await claim(store.queue, "one")
    first, second = (run_task(run).job.id for run in RUNS[:2])
    await store.queue.done("one", [first])
    assert await store.queue.holders([first, second]) == {second: "one"}
    await store.queue.beat("two", NOW + 2 * MINUTE, MINUTE)
    assert await store.queue.holders([first, second]) == {second: None}
