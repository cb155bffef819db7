-- A statement with VALUES is run for many rows at once: its group of values is repeated.

-- name: epochs
SELECT json_group_object(shard, epoch) FROM shards

-- name: known
SELECT json_group_object(id, json_array(version, shard)) FROM executions
WHERE id IN (SELECT value FROM json_each(?))

-- name: insert_executions
INSERT INTO executions
  (id, tenant, root_id, shard, namespace, flow_id, state, kind, parent_id, version, created, ended, ended_at, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: update_executions
UPDATE executions
SET state = new.column2, version = new.column3, ended = new.column4, ended_at = new.column5, body = new.column6
FROM (VALUES (?, ?, ?, ?, ?, ?)) AS new
WHERE id = new.column1

-- name: put_task_runs
INSERT INTO task_runs (execution_id, number, id, state, body)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (execution_id, number) DO UPDATE SET state = excluded.state, body = excluded.body WHERE id = excluded.id

-- name: remove_task_runs
DELETE FROM task_runs WHERE (execution_id, id) IN (VALUES (?, ?))

-- name: put_outputs
INSERT INTO outputs (task_run_id, body)
VALUES (?, ?)
ON CONFLICT (task_run_id) DO UPDATE SET body = excluded.body

-- name: remove_outputs
DELETE FROM outputs WHERE task_run_id IN (VALUES (?))

-- name: remove_outputs_of
DELETE FROM outputs WHERE task_run_id IN (
  SELECT id FROM task_runs WHERE execution_id IN (SELECT value FROM json_each(?))
)

-- name: insert_journal
INSERT INTO journal (execution_id, version, body) VALUES (?, ?, ?)

-- name: put_timers
INSERT INTO timers (execution_id, id, shard, due, body)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (execution_id, id) DO UPDATE SET due = excluded.due, body = excluded.body

-- name: remove_timers
DELETE FROM timers WHERE (execution_id, id) IN (VALUES (?, ?))

-- name: put_jobs
INSERT INTO jobs (execution_id, id, body)
VALUES (?, ?, ?)
ON CONFLICT (execution_id, id) DO UPDATE SET body = excluded.body

-- name: remove_jobs
DELETE FROM jobs WHERE (execution_id, id) IN (VALUES (?, ?))

-- name: insert_inbox
INSERT INTO inbox (position, event_id, execution_id, shard, body)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (event_id) DO NOTHING

-- name: absorb
DELETE FROM inbox WHERE event_id IN (VALUES (?))

-- name: last_position
SELECT seq FROM sqlite_sequence WHERE name = 'inbox'

-- name: inbox
SELECT body, shard FROM inbox ORDER BY position

-- name: idempotency
SELECT digest, execution_id FROM idempotency WHERE tenant = ? AND key = ?

-- name: insert_idempotency
INSERT INTO idempotency (tenant, key, digest, execution_id) VALUES (?, ?, ?, ?)

-- name: get
SELECT body FROM executions WHERE id = ?

-- name: task_runs
SELECT body FROM task_runs WHERE execution_id = ? ORDER BY number

-- name: open_task_runs
SELECT body FROM task_runs WHERE execution_id = ? AND state NOT IN ('SUCCESS', 'SKIPPED') ORDER BY number

-- name: timers_of
SELECT body FROM timers WHERE execution_id = ? ORDER BY due, id

-- name: inbox_of
SELECT body FROM inbox WHERE execution_id = ? ORDER BY position

-- name: open_children
SELECT body FROM executions
WHERE parent_id = ? AND (ended = 0 OR id IN (SELECT execution_id FROM inbox))
ORDER BY id

-- name: jobs
SELECT body FROM jobs WHERE execution_id = ? ORDER BY id

-- name: outputs
SELECT task_run_id, body FROM outputs WHERE task_run_id IN (SELECT value FROM json_each(?))

-- name: journal
SELECT body FROM journal WHERE execution_id = ? ORDER BY version

-- name: unfinished
SELECT id FROM executions
WHERE ended = 0 AND shard IN (SELECT value FROM json_each(?)) AND id > ?
ORDER BY id LIMIT ?

-- name: trailing
SELECT DISTINCT executions.id FROM jobs CROSS JOIN executions ON executions.id = jobs.execution_id
WHERE executions.ended = 1 AND executions.shard IN (SELECT value FROM json_each(?))
ORDER BY executions.id

-- name: timers
SELECT body FROM timers
WHERE shard IN (SELECT value FROM json_each(?)) AND due <= ?
ORDER BY due, execution_id, id LIMIT ?

-- name: next_due
SELECT min(first) FROM (
  SELECT (SELECT min(due) FROM timers WHERE timers.shard = mine.value) AS first FROM json_each(?) AS mine
)

-- name: with_loops
WITH RECURSIVE gone (id) AS (
  SELECT id FROM executions WHERE id = ?
  UNION ALL
  SELECT executions.id FROM gone JOIN executions ON executions.parent_id = gone.id AND executions.kind = 'LOOP'
)
SELECT id FROM gone

-- name: tree
WITH RECURSIVE found (id) AS (
  SELECT value FROM json_each(?1)
  UNION
  SELECT executions.id FROM found JOIN executions ON executions.parent_id = found.id
  WHERE ?2 = 0 OR executions.kind = 'LOOP'
)
SELECT body FROM executions WHERE id IN (SELECT id FROM found) ORDER BY id

-- name: with_loops_of
WITH RECURSIVE found (first, id) AS (
  SELECT value, value FROM json_each(?)
  UNION
  SELECT found.first, executions.id
  FROM found JOIN executions ON executions.parent_id = found.id AND executions.kind = 'LOOP'
)
SELECT found.first, found.id, executions.ended
  AND found.id NOT IN (SELECT execution_id FROM inbox)
  AND NOT EXISTS (
    SELECT 1 FROM task_runs WHERE task_runs.execution_id = found.id AND task_runs.state NOT IN (
      'SUCCESS', 'WARNING', 'FAILED', 'KILLED', 'CANCELLED', 'RETRIED', 'SKIPPED'
    )
  )
FROM found JOIN executions ON executions.id = found.id
