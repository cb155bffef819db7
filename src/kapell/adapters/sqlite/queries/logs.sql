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
