-- name: insert_logs
INSERT OR IGNORE INTO logs (execution_id, task_run_id, attempt, number, at, level, body)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: insert_metrics
INSERT INTO metrics (execution_id, body) VALUES (?, ?)

-- name: logs
SELECT body FROM logs
WHERE execution_id = ?1 AND (?2 IS NULL OR task_run_id = ?2) AND level >= ?3
ORDER BY at, task_run_id, attempt, number, rowid
LIMIT ?4

-- name: metrics
SELECT body FROM metrics WHERE execution_id = ? ORDER BY rowid

-- name: remove_logs
DELETE FROM logs WHERE rowid IN (
  SELECT rowid FROM logs WHERE execution_id IN (SELECT value FROM json_each(?)) LIMIT ?
)

-- name: remove_metrics
DELETE FROM metrics WHERE rowid IN (
  SELECT rowid FROM metrics WHERE execution_id IN (SELECT value FROM json_each(?)) LIMIT ?
)

-- name: executions_of_logs
SELECT DISTINCT execution_id FROM logs WHERE execution_id > ? AND execution_id < ? ORDER BY execution_id LIMIT ?

-- name: executions_of_metrics
SELECT DISTINCT execution_id FROM metrics WHERE execution_id > ? AND execution_id < ? ORDER BY execution_id LIMIT ?

-- name: purge_logs
DELETE FROM logs WHERE rowid IN (
  SELECT rowid FROM (
    SELECT logs.rowid, at, level,
      CAST(body AS TEXT) ->> 'flow_id' AS flow_id,
      CAST(body AS TEXT) ->> 'namespace' AS namespace
    FROM json_each(?1) AS mine CROSS JOIN logs ON logs.execution_id = mine.value
  )
  WHERE (?6 IS NULL OR at >= ?6) AND (?7 IS NULL OR at <= ?7)
    AND (?5 IS NULL OR level IN (SELECT value FROM json_each(?5)))
    AND (?4 IS NULL OR flow_id = ?4)
    AND (?3 IS NULL OR namespace = ?3 OR (?4 IS NULL AND substr(namespace, 1, length(?3) + 1) = ?3 || '.'))
  LIMIT ?2
)

-- name: purge_metrics
DELETE FROM metrics WHERE rowid IN (
  SELECT rowid FROM (
    SELECT metrics.rowid,
      round(unixepoch(CAST(metrics.body AS TEXT) ->> 'at', 'subsec') * 1000000) AS at,
      coalesce(CAST(metrics.body AS TEXT) ->> 'flow_id', executions.flow_id) AS flow_id,
      coalesce(CAST(metrics.body AS TEXT) ->> 'namespace', executions.namespace) AS namespace
    FROM json_each(?1) AS mine
    CROSS JOIN metrics ON metrics.execution_id = mine.value
    LEFT JOIN executions ON executions.id = metrics.execution_id
  )
  WHERE (?6 IS NULL OR at >= ?6) AND (?7 IS NULL OR at <= ?7)
    AND ?5 IS NULL
    AND (?4 IS NULL OR flow_id = ?4)
    AND (?3 IS NULL OR namespace = ?3 OR (?4 IS NULL AND substr(namespace, 1, length(?3) + 1) = ?3 || '.'))
  LIMIT ?2
)
